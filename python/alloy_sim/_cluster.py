"""A study on a Dask cluster: shares as tasks, blocks as bytes, and results on the client."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Sequence, Union, cast

from . import _program, _run, _share
from ._errors import VersionError
from ._result import Result
from ._scenario import Scenario
from ._store import Store

if TYPE_CHECKING:
    from distributed import Client, Future

#: Tasks per thread. The last ones are short, so that no worker waits long, and a lost one costs little.
_TASKS_PER_THREAD = 4

#: How often a task that fails is tried again. A task whose worker dies is tried again by Dask itself.
_RETRIES = 2


def simulate(
    client: Client,
    scenario: Scenario,
    options: Sequence[str],
    out: Union[str, "os.PathLike[str]", None],
    shards: Optional[int],
    progress: bool,
) -> Result:
    """Computes the shares that are missing, round by round, and makes the results of them."""
    messages = _program.call(["check", "--color=never", *_checked(options), "-"], scenario.text, scenario.folder)
    _run.warn(messages.messages)
    _check_versions(client)
    study = _share.Study(scenario.text, scenario.files(options), tuple(options), _program.build())
    folder = _run.Folder(out)
    store = Store(folder.path, study.digest(), shards or _shards(client))
    round = store.round()
    while True:
        _compute(client, study, store, round, progress)
        name = _merge(store, folder.path)
        if name is not None:
            break
        round += 1
    store.delete()
    return Result(folder.path / name, folder)


def _checked(options: Sequence[str]) -> list[str]:
    """The options that `check` takes: a scenario is right or wrong whatever its draws and seed."""
    return [option for option in options if option.startswith(("--set=", "--case="))]


def _shards(client: Client) -> int:
    threads = cast("dict[str, int]", client.nthreads())
    return _TASKS_PER_THREAD * max(1, sum(threads.values()))


def _check_versions(client: Client) -> None:
    """Refuses a cluster with a worker that has no program, or not the version of this package."""
    wanted = _program.build()

    # Within a function it goes to the workers by value, so that a worker without the package can say so.
    def build() -> str:
        from alloy_sim import _program

        return _program.build()

    found = cast("dict[str, Any]", client.run(build, on_error="return"))
    wrong = [f"{worker}: {answer}" for worker, answer in sorted(found.items()) if answer != wanted]
    if wrong:
        raise VersionError(f"each worker needs {wanted}:\n" + "\n".join(wrong))


def _compute(client: Client, study: _share.Study, store: Store, round: int, progress: bool) -> None:
    """Computes the shares that lack a round. Each is kept as it comes, so that a killed client loses little."""
    from distributed import as_completed

    numbers: dict[Any, int] = {}
    for number in store.missing(round):
        key = f"alloy-sim-share-{number}-of-{store.total}-round-{round}-{study.digest()}"
        arguments = (study, number, store.total, store.blocks(number))
        numbers[client.submit(_share.compute, *arguments, key=key, retries=_RETRIES)] = number
    if progress and numbers:
        _show_progress(list(numbers))
    try:
        for future in as_completed(numbers):
            store.save(numbers[future], round, future.result())
            # The worker can forget what the client has. Nothing is computed twice if the worker dies later.
            future.release()
    except BaseException:
        client.cancel(list(numbers))
        raise


def _show_progress(futures: list[Future[Any]]) -> None:
    """Shows the bar of Dask: a widget in a notebook, a line in a terminal."""
    from distributed import progress
    from distributed.utils import is_kernel

    if is_kernel():
        from IPython.display import display

        display(progress(futures, notebook=True))
    else:
        # There the bar waits for the end, and the client has to receive shares meanwhile.
        threading.Thread(target=progress, args=(futures,), kwargs={"notebook": False}, daemon=True).start()


def _merge(store: Store, out: Path) -> Optional[str]:
    """Makes the results and gives their folder's name; None if the draws are to go on for another round."""
    shares = [store.path(number) for number in store.rounds]
    name = next(shares[0].glob(".*.blocks")).name[1 : -len(".blocks")]
    before = _identity(out / name)
    _program.call(["merge", "--color=never", f"--out={out}", *shares])
    return name if _identity(out / name) != before else None


def _identity(folder: Path) -> Optional[tuple[int, int]]:
    """What tells new results from those that were there before."""
    try:
        status = (folder / "manifest.json").stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns

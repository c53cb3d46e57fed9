"""One scenario on this machine."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
import weakref
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Union

from . import _program, _scenario
from ._errors import ScenarioWarning
from ._result import Result


def run(
    scenario: _scenario.Source,
    *,
    set: Optional[Mapping[str, Any]] = None,
    draws: Union[int, str, None] = None,
    seed: Optional[int] = None,
    case: Union[str, Sequence[str], None] = None,
    out: Union[str, "os.PathLike[str]", None] = None,
) -> Result:
    """Simulates a scenario with all cores of this machine.

    scenario: the path of a file, or text with several lines, or a dict with the keys of a file.
    set: values by path, as if the file stated them: `{"fleet.metrics.replicas": 5}`.
    draws: draws per case, or `"until settled"`. Without it the file decides, as for the seed.
    case: the names of the cases to take. Without it all are taken.
    out: the folder that gets a folder of the scenario's name. A repeated call goes on where an
        interrupted one ended. Without it results stand in a folder for the moment, which goes when the
        result goes.
    """
    given = _scenario.read(scenario)
    arguments = _scenario.options(set, case, draws, seed)
    # The program names the file in its messages, so it gets a path where there is one.
    if isinstance(scenario, Mapping) or (isinstance(scenario, str) and "\n" in scenario):
        return simulate("-", arguments, out, given)
    return simulate(os.fspath(scenario), arguments, out, None)


def simulate(
    file: str,
    arguments: Sequence[str],
    out: Union[str, "os.PathLike[str]", None],
    given: Optional[_scenario.Scenario],
) -> Result:
    """Calls the program on a file, or on a scenario that it reads from its standard input."""
    folder = Folder(out)
    # Blocks that an interrupted call left in the folder are those that this call would compute.
    command = ["run", "--color=never", "--format=json", "--resume", f"--out={folder.path}", *arguments, "--", file]
    if given is None:
        answer = _program.call(command)
    else:
        answer = _program.call(command, given.text, given.folder)
    warn(answer.messages)
    name = json.loads(answer.output)["answers"][0]["scenario"]
    return Result(folder.path / name, folder)


class Folder:
    """The folder for results. One that nobody named is deleted when nothing refers to this any more."""

    def __init__(self, out: Union[str, "os.PathLike[str]", None]) -> None:
        if out is not None:
            self.path = Path(out).absolute()
        else:
            self.path = Path(tempfile.mkdtemp(prefix="alloy-sim-"))
            weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def warn(messages: str) -> None:
    """Warns the caller of the package of what the program said beside its answer."""
    if messages.strip():
        warnings.warn(messages.strip(), ScenarioWarning, stacklevel=4)

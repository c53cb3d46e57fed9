"""The program: where it is, its version, and one call of it."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import NamedTuple, Optional, Sequence, Union

from . import _errors

#: Exit codes of a call that has an answer: goals hold, are open, or fail.
_ANSWERS = (0, 5, 99)


class Answer(NamedTuple):
    """What a call of the program gave."""

    exit_code: int
    output: str
    messages: str


def package_version() -> str:
    """The version of the installed package."""
    return importlib.metadata.version("alloy-sim")


def call(
    arguments: Sequence[Union[str, Path]], text: Optional[bytes] = None, folder: Optional[Path] = None
) -> Answer:
    """Calls the program with `text` as its standard input, in `folder`.

    A call that is interrupted ends the program first.
    """
    process = subprocess.Popen(
        [checked(), *arguments],
        stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    try:
        output, messages = process.communicate(text)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    answer = Answer(process.returncode, _text(output), _text(messages))
    if answer.exit_code not in _ANSWERS:
        raise _errors.of_exit(answer.exit_code, answer.messages)
    return answer


@functools.lru_cache(maxsize=None)
def checked() -> Path:
    """The path of the program, whose version is the one of the package."""
    path = _find()
    told = _version(path)
    if told.split()[1:2] != [package_version()]:
        raise _errors.VersionError(
            f"{path} is {told or 'another program'} and the package {package_version()}: "
            "install the wheel again, with `pip install --force-reinstall alloy-sim`"
        )
    return path


def build() -> str:
    """What the program says of its version. Shares of one study come from one build."""
    return _version(checked())


def _find() -> Path:
    """The program beside this Python, else of the user, else on the path."""
    name = "alloy-sim" + (sysconfig.get_config_var("EXE") or "")
    for folder in (sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")):
        path = Path(folder, name)
        if path.is_file():
            return path
    found = shutil.which(name)
    if found is None:
        raise _errors.MachineError("the program alloy-sim is not installed: pip install alloy-sim")
    return Path(found)


def _version(path: Path) -> str:
    done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return _text(done.stdout).strip()


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace")

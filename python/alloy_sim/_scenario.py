"""A scenario as the caller gives it, and the arguments that change it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Union

from . import _toml

#: A path of a file, or the text of one, or its tables and values.
Source = Union[str, "os.PathLike[str]", Mapping[str, Any]]

_SINGLE_SWEEP = re.compile(rb"^([ \t]*)\[[ \t]*sweep[ \t]*\]", re.MULTILINE)
_TEXTS = re.compile(r""""(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")


@dataclass(frozen=True)
class Scenario:
    """The bytes of a scenario, and the folder from which it names other files."""

    text: bytes
    folder: Path

    def with_sweep(self, values: Mapping[str, Any]) -> Scenario:
        """The scenario with one more sweep. The sweeps and variants it has stay."""
        if not values:
            raise ValueError("a sweep needs at least one path with its values")
        # `[sweep]` is short for the only `[[sweep]]`.
        text = _SINGLE_SWEEP.sub(rb"\1[[sweep]]", self.text)
        sweep = _toml.document({"sweep": [dict(values)]})
        return Scenario(text.rstrip(b"\n") + b"\n" + sweep.encode(), self.folder)

    def files(self, options: Sequence[str]) -> dict[str, bytes]:
        """The files beside the scenario that its texts or the options name: measured values, presets.

        An absolute path is left out: it means the same on every machine.
        """
        found: dict[str, bytes] = {}
        for text in [self.text.decode("utf-8", "replace"), *options]:
            for quoted in _TEXTS.findall(text):
                name = _unquoted(quoted)
                path = self.folder / name
                if name and "\0" not in name and not os.path.isabs(name) and _is_file(path):
                    found[name] = path.read_bytes()
        return found


def read(source: Source) -> Scenario:
    """Reads a scenario. Text with more than one line is a scenario itself, and other text is a path."""
    if isinstance(source, Mapping):
        return Scenario(_toml.document(source).encode(), Path.cwd())
    if isinstance(source, str) and "\n" in source:
        return Scenario(source.encode(), Path.cwd())
    path = Path(source)
    return Scenario(path.read_bytes(), path.absolute().parent)


def options(
    set: Optional[Mapping[str, Any]],
    case: Union[str, Sequence[str], None],
    draws: Union[int, str, None],
    seed: Optional[int],
) -> list[str]:
    """The arguments of the program for what differs from the file."""
    cases = [case] if isinstance(case, str) else list(case or [])
    arguments = [f"--set={path}={_toml.value(item)}" for path, item in (set or {}).items()]
    arguments += [f"--case={name}" for name in cases]
    if draws is not None:
        arguments.append(f"--draws={str(draws).replace(' ', '-')}")
    if seed is not None:
        arguments.append(f"--seed={seed}")
    return arguments


def _unquoted(quoted: str) -> str:
    """The text of a TOML string on one line."""
    if quoted.startswith("'"):
        return quoted[1:-1]
    try:
        return str(json.loads(quoted))
    except ValueError:
        # An escape that JSON does not know. A path that needs one is left to the program.
        return ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # A long sentence is no name of a file.
        return False

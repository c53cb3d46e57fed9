"""Values of Python as TOML, as a scenario file states them."""

from __future__ import annotations

import json
import math
import os
from typing import Any, Mapping


def value(item: Any) -> str:
    """One value on one line. Arrays and numbers of NumPy and pandas are values too."""
    if hasattr(item, "tolist"):
        item = item.tolist()
    if isinstance(item, os.PathLike):
        item = os.fspath(item)
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str):
        # JSON escapes what TOML wants escaped, but for one control character.
        return json.dumps(item, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(item, int):
        return str(item)
    if isinstance(item, float) and math.isfinite(item):
        return repr(item)
    if isinstance(item, Mapping):
        return "{ " + ", ".join(f"{key(name)} = {value(of)}" for name, of in item.items()) + " }"
    if isinstance(item, (list, tuple, range)):
        return "[" + ", ".join(map(value, item)) + "]"
    raise TypeError(f"a scenario has no value like {item!r}: use text, numbers, truth values, lists and dicts")


def key(name: Any) -> str:
    """A key in quotes, so that a path with dots is one key."""
    if not isinstance(name, str):
        raise TypeError(f"a key of a scenario is text, not {name!r}")
    return value(name)


def document(scenario: Mapping[str, Any]) -> str:
    """A whole scenario: values of the root, then a section for each table."""
    root, sections = [], []
    for name, item in scenario.items():
        if isinstance(item, Mapping):
            sections.append(f"[{key(name)}]\n{_lines(item)}")
        elif isinstance(item, (list, tuple)) and item and all(isinstance(part, Mapping) for part in item):
            sections += [f"[[{key(name)}]]\n{_lines(part)}" for part in item]
        else:
            root.append(f"{key(name)} = {value(item)}\n")
    return "".join(root + sections)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{key(name)} = {value(item)}\n" for name, item in table.items())

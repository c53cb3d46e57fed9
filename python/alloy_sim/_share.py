"""One share of a study, as a worker computes it."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

from . import _program
from ._errors import VersionError

#: Files by their path below the folder of results: `.NAME.blocks/…`.
Blocks = Mapping[str, bytes]


@dataclass(frozen=True)
class Study:
    """Everything that a worker needs to know of a study."""

    text: bytes
    files: Mapping[str, bytes]
    options: tuple[str, ...]
    build: str

    def digest(self) -> str:
        """A name for the study that differs if anything about it differs."""
        files = [(name, hashlib.sha256(self.files[name]).hexdigest()) for name in sorted(self.files)]
        text = hashlib.sha256(self.text).hexdigest()
        described = json.dumps([text, files, self.options, self.build])
        return hashlib.sha256(described.encode()).hexdigest()[:16]


def compute(study: Study, number: int, total: int, known: Blocks) -> Blocks:
    """Computes a share, beginning with the blocks that are known of it, and gives all its blocks."""
    from distributed import get_worker

    if _program.build() != study.build:
        raise VersionError(f"the worker has {_program.build()} and the client {study.build}")
    # Dask empties this folder if the worker is killed.
    scratch = get_worker().local_directory
    with tempfile.TemporaryDirectory(prefix="alloy-sim-", dir=scratch) as folder:
        out = Path(folder, "out")
        out.mkdir()
        write(out, known)
        home = Path(folder, *["in"] * (1 + _ups(study.files)))
        home.mkdir(parents=True)
        write(home, study.files)
        command = ["run", "--color=never", f"--shard={number}/{total}", "--threads=1", f"--out={out}"]
        _program.call([*command, *study.options, "-"], study.text, home)
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _ups(names: Mapping[str, bytes]) -> int:
    """How many folders upwards the names lead, so that none leaves the folder of the worker."""
    return max((os.path.normpath(name).split(os.sep).count("..") for name in names), default=0)

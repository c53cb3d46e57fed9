"""The shares that the client has received, so that a repeated sweep does not compute them again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from . import _share

_NAME = re.compile(r"(\d+)-of-(\d+)-round-(\d+)")


class Store:
    """A hidden folder beside the results, with a folder for each finished share.

    A share has the blocks of all rounds up to the one in its name. Only `draws = "until settled"` has more
    rounds than one.
    """

    def __init__(self, out: Path, digest: str, shards: int) -> None:
        self.folder = out / f".alloy-sim-{digest}"
        self.folder.mkdir(parents=True, exist_ok=True)
        found = [_NAME.fullmatch(path.name) for path in self.folder.iterdir()]
        names = [tuple(map(int, match.groups())) for match in found if match]
        #: The number of shares: the one that the interrupted sweep had, if there is one.
        self.total = names[0][1] if names else shards
        #: The round up to which each share is finished.
        self.rounds = dict.fromkeys(range(1, self.total + 1), 0)
        for number, _, round in names:
            self.rounds[number] = max(self.rounds[number], round)

    def round(self) -> int:
        """The round that is to be finished."""
        return max(1, *self.rounds.values())

    def missing(self, round: int) -> list[int]:
        """The shares that lack a round."""
        return [number for number, done in self.rounds.items() if done < round]

    def path(self, number: int) -> Path:
        """The folder of a share."""
        return self._path(number, self.rounds[number])

    def blocks(self, number: int) -> _share.Blocks:
        """The blocks of a share; none if no round of it is finished."""
        folder = self.path(number)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    def save(self, number: int, round: int, blocks: _share.Blocks) -> None:
        """Keeps a share. Its folder has its name when it is whole."""
        before = self.path(number)
        part = self.folder / f"{number}.part"
        shutil.rmtree(part, ignore_errors=True)
        _share.write(part, blocks)
        part.rename(self._path(number, round))
        self.rounds[number] = round
        shutil.rmtree(before, ignore_errors=True)

    def delete(self) -> None:
        """Deletes all shares: the results hold what they say."""
        shutil.rmtree(self.folder)

    def _path(self, number: int, round: int) -> Path:
        return self.folder / f"{number}-of-{self.total}-round-{round}"

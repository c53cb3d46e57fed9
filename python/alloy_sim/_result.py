"""What a scenario gave: its tables, its verdict and its page."""

from __future__ import annotations

import csv
import functools
import html
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _tables

if TYPE_CHECKING:
    import pandas

_VERDICTS = {"holds": "SAFE", "unsettled": "UNSETTLED", "fails": "UNSAFE"}
_EXITS = {"holds": 0, "unsettled": 5, "fails": 99}


class Result:
    """A folder of results. Tables are read when they are first asked for."""

    def __init__(self, folder: Path, kept: object = None) -> None:
        #: The folder with everything that the program wrote; `docs/output.md` describes it.
        self.folder = folder
        # Whatever must live as long as the results.
        self._kept = kept

    @functools.cached_property
    def manifest(self) -> dict[str, Any]:
        """What was asked and how it was answered: seed, draws, cases, version, hashes."""
        text = (self.folder / "manifest.json").read_text(encoding="utf-8")
        manifest: dict[str, Any] = json.loads(text)
        return manifest

    @functools.cached_property
    def summary(self) -> pandas.DataFrame:
        """Statistics over the draws: a row per case, scope, metric and statistic."""
        return self._table("summary")

    @functools.cached_property
    def draws(self) -> pandas.DataFrame:
        """A row per case and draw. Draws with the same number share their luck over the cases."""
        return self._table("draws")

    @functools.cached_property
    def timeseries(self) -> pandas.DataFrame:
        """Percentiles over the draws: a row per case, scope, track and point in time."""
        return self._table("timeseries")

    @functools.cached_property
    def events(self) -> pandas.DataFrame:
        """The first failures of every draw, and all events of the worst draw of each case."""
        return self._table("events")

    @functools.cached_property
    def goals(self) -> pandas.DataFrame:
        """A row per goal or expectation and case, with its verdict."""
        return self._table("goals")

    @functools.cached_property
    def inputs(self) -> pandas.DataFrame:
        """Every quantity with its law, its percentiles and its source."""
        return self._table("inputs")

    @functools.cached_property
    def cases(self) -> pandas.DataFrame:
        """A row per case, with a column for each path in which cases differ."""
        return self._table("cases")

    @property
    def verdict(self) -> Optional[str]:
        """SAFE, UNSETTLED or UNSAFE; None if no goal decides."""
        gravest = self._gravest("goal")
        return None if gravest is None else _VERDICTS[gravest]

    @property
    def exit_code(self) -> int:
        """The exit code of `alloy-sim run`: 0, or 5 for an open goal or expectation, or 99 for one that fails."""
        gravest = [self._gravest("goal"), self._gravest("expectation")]
        return max(_EXITS[verdict] for verdict in gravest + ["holds"] if verdict is not None)

    def show(self) -> None:
        """Shows the page of the result in a notebook."""
        try:
            from IPython.display import display
        except ImportError as error:
            page = self.folder / "index.html"
            raise ImportError(f"show() needs a notebook; a browser opens {page}", name="IPython") from error
        display(self)

    def _repr_html_(self) -> str:
        """The page in a frame of its own, for notebooks."""
        page = html.escape((self.folder / "index.html").read_text(encoding="utf-8"))
        return (
            '<iframe sandbox="allow-scripts" style="width: 100%; height: 800px; border: 0" '
            f'srcdoc="{page}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<alloy_sim.Result {self.manifest['scenario']}: {self.verdict or 'no goals'}, {self.folder}>"

    def _table(self, name: str) -> pandas.DataFrame:
        return _tables.read(self.folder / f"{name}.csv")

    def _gravest(self, kind: str) -> Optional[str]:
        """The gravest verdict of the rows that decide, of goals or of expectations."""
        with open(self.folder / "goals.csv", encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            verdicts = [row["verdict"] for row in rows if row["kind"] == kind and row["gates"] == "true"]
        return max(verdicts, key=lambda verdict: _EXITS[verdict], default=None)


def read(folder: Union[str, "os.PathLike[str]"]) -> Result:
    """Reads results that `alloy-sim run` or `alloy-sim merge` wrote: the folder that has the scenario's name."""
    result = Result(Path(folder).absolute())
    if result.manifest.get("program") != "alloy-sim":
        raise ValueError(f"{folder} holds no results of alloy-sim")
    return result

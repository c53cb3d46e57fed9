"""Tables of a result, and its page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas
import pytest

import alloy_sim
from alloy_sim import _tables


@pytest.fixture(scope="module")
def result() -> alloy_sim.Result:
    """Two cases, one of which fails in some draws."""
    from conftest import FLEET, GOAL

    limits = {"fleet.metrics.resources.memory.limit": ["3GiB"]}
    return alloy_sim.sweep(FLEET + GOAL, limits, draws=40)


def test_text_counts_numbers_and_dates_have_their_dtypes(result: alloy_sim.Result) -> None:
    kinds = {
        "summary": {"case": "string", "value": "float64", "ci_low": "float64", "n": "Int64"},
        "draws": {
            "case": "string",
            "draw": "int64",
            "fleet.metrics.memory_peak_bytes": "float64",
            "fleet.metrics.cut_off": "boolean",
            "fleet.metrics.oom_first_seconds": "float64",
            "unknown.fleet.metrics.label_bytes": "float64",
        },
        "timeseries": {"track": "string", "seconds": "float64", "p50": "float64"},
        "events": {"draw": "Int64", "member": "Int64", "event": "string", "value": "float64"},
        "goals": {"gates": "bool", "verdict": "string", "more_draws": "Int64", "limit": "float64"},
        "inputs": {"path": "string", "law": "string", "p95": "float64"},
        "cases": {"variant": "string", "requested_memory_bytes": "float64", "requested_volumes": "Int64"},
    }
    for name, wanted in kinds.items():
        table: pandas.DataFrame = getattr(result, name)
        assert {column: str(table[column].dtype) for column in wanted} == wanted, name
    for table in [result.timeseries, result.events]:
        assert table["date"].dtype.kind == "M"
        assert table["date"].min() >= pandas.Timestamp("2026-12-01")


def test_tables_say_what_the_program_found(result: alloy_sim.Result) -> None:
    assert list(result.cases["case"]) == ["base", "memory.limit=3GiB"]
    assert result.draws.groupby("case")["draw"].count().to_dict() == {"base": 40, "memory.limit=3GiB": 40}
    killed = result.draws.set_index("case")["fleet.metrics.oom_first_seconds"].notna().groupby("case").mean()
    rows: Any = result.summary.query("metric == 'oom' and statistic == 'probability'").set_index("case")["value"]
    assert killed.to_dict() == rows.to_dict()
    assert 0 < killed["memory.limit=3GiB"]
    assert result.summary is result.summary


def test_a_text_that_begins_like_a_formula_is_itself(tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text(
        "case,variant,needs_p95_bytes,a.path,b.path,c.path\n'-1 zone,'plain,-1,'@b,7,true\nbase,NA,,,8,\n"
    )
    table = _tables.read(cases)
    assert list(table["case"]) == ["-1 zone", "base"]
    assert list(table["variant"]) == ["'plain", "NA"]
    assert table["needs_p95_bytes"][0] == -1
    assert table["a.path"][0] == "@b" and pandas.isna(table["a.path"][1])
    assert table["b.path"].dtype == "int64"
    assert table["c.path"][0] is True and pandas.isna(table["c.path"][1])


def test_the_page_is_shown_in_a_frame(result: alloy_sim.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    result.show()
    assert shown == [result]
    frame = result._repr_html_()
    assert frame.startswith("<iframe ") and frame.endswith("</iframe>")
    # The page is an attribute: no quote of it ends the attribute.
    assert frame.count('"') == 6
    assert "&lt;html" in frame
    assert "tested" in repr(result) and "UNSETTLED" in repr(result)


def test_what_is_missing_is_named(result: alloy_sim.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'alloy-sim\[pandas\]'"):
        alloy_sim.read(result.folder).summary
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(ImportError, match="index.html"):
        result.show()

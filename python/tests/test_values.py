"""Values of Python become TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest

from alloy_sim import _scenario, _toml


@pytest.mark.parametrize(
    ("item", "written"),
    [
        (True, "true"),
        (5, "5"),
        (0.5, "0.5"),
        (1e30, "1e+30"),
        ("16GiB", '"16GiB"'),
        ('a "b" \\ \n ü \x7f', '"a \\"b\\" \\\\ \\n ü \\u007F"'),
        (Path("a/b.csv"), '"a/b.csv"'),
        ([1, "2", [3.5]], '[1, "2", [3.5]]'),
        (range(3), "[0, 1, 2]"),
        ({"p5": "1%", "a.b": 2}, '{ "p5" = "1%", "a.b" = 2 }'),
        (numpy.int64(4), "4"),
        (numpy.bool_(False), "false"),
        (numpy.linspace(0, 1, 3), "[0.0, 0.5, 1.0]"),
        (pandas.Series([1, 2]), "[1, 2]"),
    ],
)
def test_a_value_is_written_as_in_a_file(item: Any, written: str) -> None:
    assert _toml.value(item) == written


@pytest.mark.parametrize("item", [None, float("nan"), float("inf"), {1: 2}, object()])
def test_what_a_scenario_cannot_hold_is_refused(item: Any) -> None:
    with pytest.raises(TypeError):
        _toml.value(item)


def test_options_quote_values_and_not_paths() -> None:
    given = _scenario.options({"fleet.metrics.replicas": 5}, "base", "until settled", 7)
    assert given == ["--set=fleet.metrics.replicas=5", "--case=base", "--draws=until-settled", "--seed=7"]
    assert _scenario.options(None, ["a", "b"], 100, None) == ["--case=a", "--case=b", "--draws=100"]


def test_a_sweep_is_one_more_section(fleet: str) -> None:
    swept = _scenario.read(fleet + '[sweep] # old\n"a.b" = [1]').with_sweep({"c.d": [1, "x"]})
    assert swept.text.decode().endswith('[[sweep]] # old\n"a.b" = [1]\n[["sweep"]]\n"c.d" = [1, "x"]\n')
    with pytest.raises(ValueError, match="at least one path"):
        swept.with_sweep({})


def test_files_that_a_scenario_names_are_found(tmp_path: Path) -> None:
    home = tmp_path / "scenarios"
    home.mkdir()
    for name in ["one.csv", "two.csv", "three.toml", "unnamed.csv"]:
        (home / name).write_text(name)
    (tmp_path / "above.csv").write_text("above")
    path = home / "scenario.toml"
    path.write_text('measured = "one.csv" # it\'s one\nx = \'../above.csv\'\ny = ["no.csv", "\\u0074wo.csv"]\n')
    scenario = _scenario.read(path)
    found = scenario.files(['--set=preset="three.toml"', f'--set=x="{home}/unnamed.csv"'])
    assert {name: content.decode() for name, content in found.items()} == {
        "one.csv": "one.csv",
        "../above.csv": "above",
        "two.csv": "two.csv",
        "three.toml": "three.toml",
    }

"""A sweep on this machine."""

from __future__ import annotations

from pathlib import Path

import alloy_sim


def test_a_sweep_has_a_case_for_each_combination(fleet: str) -> None:
    values = {"fleet.metrics.replicas": range(4, 6), "fleet.metrics.resources.memory.limit": ["8GiB", "12GiB"]}
    cases = alloy_sim.sweep(fleet, values, draws=5).cases
    assert len(cases) == 5
    points = set(zip(cases["fleet.metrics.replicas"], cases["fleet.metrics.resources.memory.limit"]))
    assert points == {(3, "16GiB"), (4, "8GiB"), (4, "12GiB"), (5, "8GiB"), (5, "12GiB")}


def test_a_sweep_adds_to_what_the_file_varies(fleet: str, tmp_path: Path) -> None:
    path = tmp_path / "tested.toml"
    path.write_text(fleet + '[sweep]\n"fleet.metrics.replicas" = [2, 5]')
    values = {"fleet.metrics.replicas": [5, 8]}
    result = alloy_sim.sweep(path, values, draws=5, set={"fleet.metrics.volume": True})
    assert result.manifest["cases"] == ["base", "replicas=2", "replicas=5", "replicas=8"]


def test_a_sweep_reads_files_beside_the_scenario(fleet: str, tmp_path: Path) -> None:
    (tmp_path / "series.csv").write_text("series\n100\n2000\n")
    path = tmp_path / "tested.toml"
    path.write_text(fleet.replace("series_per_pod = { p5 = 200, p95 = 4000 }", 'measured = "series.csv"'))
    result = alloy_sim.sweep(path, {"fleet.metrics.replicas": [5]}, draws=5)
    assert result.manifest["cases"] == ["base", "replicas=5"]

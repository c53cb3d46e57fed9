"""One scenario on this machine."""

from __future__ import annotations

import gc
import importlib.resources
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

import alloy_sim
from alloy_sim import _program
from conftest import contents


@pytest.mark.parametrize(
    ("limit", "draws", "verdict", "code"),
    [("2GiB", 20, "UNSAFE", 99), ("16GiB", 20, "UNSETTLED", 5), ("48GiB", 400, "SAFE", 0)],
)
def test_verdict_and_exit_code_are_those_of_the_program(
    gated: str, tmp_path: Path, limit: str, draws: int, verdict: str, code: int
) -> None:
    set = {"fleet.metrics.resources.memory.limit": limit}
    result = alloy_sim.run(gated, set=set, draws=draws, out=tmp_path / "package")
    assert (result.verdict, result.exit_code) == (verdict, code)
    assert result.folder == tmp_path / "package" / "tested"
    arguments = ["run", "-", f"--out={tmp_path / 'program'}", f"--draws={draws}"]
    setting = f'--set=fleet.metrics.resources.memory.limit="{limit}"'
    assert _program.call([*arguments, setting], gated.encode()).exit_code == code
    assert contents(result.folder) == contents(tmp_path / "program" / "tested")


def test_a_scenario_is_a_path_a_text_or_a_dict(gated: str, tmp_path: Path) -> None:
    path = tmp_path / "tested.toml"
    path.write_text(gated)
    assert alloy_sim.run(path, draws=10).manifest["cases"] == ["base"]
    assert alloy_sim.run(str(path), draws=10).manifest["seed"] == 1
    assert alloy_sim.run(gated, draws=10, seed=3).manifest["seed"] == 3
    told: dict[str, Any] = {
        "format": 1,
        "meta": {"name": "told"},
        "experiment": {"horizon": "1d", "draws": 5},
        "cluster": [{"name": "a", "pool": [{"name": "b", "nodes": 3, "node": {"cpu": 4, "memory": "8GiB"}}]}],
        "workload": [{"name": "w", "runs_on": ["a.b"], "pods": 10, "series_per_pod": 100}],
        "fleet": [{"name": "f", "topology": "centralized", "replicas": 1, "collects": {"metrics": ["w"]}}],
    }
    result = alloy_sim.run(told)
    assert result.manifest["draws"] == 5
    assert (result.verdict, result.exit_code) == (None, 0)


def test_cases_are_chosen(gated: str) -> None:
    swept = gated + '[sweep]\n"fleet.metrics.replicas" = [2, 5]\n'
    assert alloy_sim.run(swept, draws=10, case="replicas=5").manifest["cases"] == ["replicas=5"]
    assert alloy_sim.run(swept, draws=10, case=["base", "replicas=2"]).manifest["cases"] == ["base", "replicas=2"]


def test_results_for_the_moment_go_with_the_result(fleet: str) -> None:
    result = alloy_sim.run(fleet, draws=5)
    folder = result.folder
    assert (folder / "index.html").is_file()
    del result
    gc.collect()
    assert not folder.exists()


def test_a_run_goes_on_where_an_interrupted_one_ended(fleet: str, tmp_path: Path) -> None:
    arguments = [str(_program.checked()), "run", "-", f"--out={tmp_path / 'out'}", "--draws=400", "--quiet"]
    subprocess.run([*arguments, "--keep-blocks"], input=fleet.encode(), check=True)
    blocks = tmp_path / "out" / ".tested.blocks"
    # What a run leaves that is killed: some blocks, and no results.
    shutil.rmtree(tmp_path / "out" / "tested")
    for block in sorted(blocks.glob("*.block"))[::2]:
        block.unlink()
    assert list(blocks.glob("*.block"))
    with warnings.catch_warnings():
        # Who starts anew is told of the blocks.
        warnings.simplefilter("error", alloy_sim.ScenarioWarning)
        result = alloy_sim.run(fleet, draws=400, out=tmp_path / "out")
    assert not blocks.exists()
    whole = alloy_sim.run(fleet, draws=400)
    assert contents(result.folder) == contents(whole.folder)


def test_results_that_the_program_wrote_are_read(fleet: str, tmp_path: Path) -> None:
    alloy_sim.run(fleet, draws=5, out=tmp_path)
    assert alloy_sim.read(tmp_path / "tested").manifest["draws"] == 5
    with pytest.raises(FileNotFoundError):
        alloy_sim.read(tmp_path)


def test_a_wrong_scenario_is_an_error_in_the_words_of_the_program(fleet: str) -> None:
    with pytest.raises(alloy_sim.ScenarioError, match="unknown key `repicas`") as raised:
        alloy_sim.run(fleet, set={"fleet.metrics.repicas": 5}, draws=5)
    assert raised.value.exit_code == 3


def test_a_wrong_argument_and_a_failing_machine_are_errors(fleet: str, tmp_path: Path) -> None:
    with pytest.raises(alloy_sim.ArgumentError, match="--draws"):
        alloy_sim.run(fleet, draws=0)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(alloy_sim.MachineError, match="file"):
        alloy_sim.run(fleet, draws=5, out=tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        alloy_sim.run(tmp_path / "missing.toml")


def test_warnings_are_warnings(gated: str) -> None:
    with pytest.warns(alloy_sim.ScenarioWarning, match="cannot settle goal") as warned:
        alloy_sim.run(gated, draws=5)
    assert warned[0].filename == __file__


def test_a_program_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch, fleet: str) -> None:
    _program.checked.cache_clear()
    monkeypatch.setattr(_program, "package_version", lambda: "9.9.9")
    with pytest.raises(alloy_sim.VersionError, match=f"is alloy-sim {alloy_sim.__version__}.* and the package 9.9.9"):
        alloy_sim.run(fleet, draws=5)
    _program.checked.cache_clear()


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda *_: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    _program.checked.cache_clear()
    with pytest.raises(alloy_sim.MachineError, match="pip install alloy-sim"):
        _program.checked()
    _program.checked.cache_clear()


def test_the_package_is_typed() -> None:
    assert importlib.resources.files("alloy_sim").joinpath("py.typed").is_file()

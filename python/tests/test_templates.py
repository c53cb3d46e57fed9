"""The templates for Kubernetes and Slurm compute shares that make the result of one machine."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

import alloy_sim
from conftest import contents

TEMPLATES = Path(__file__).parents[2] / "docs" / "scale-out"
SHARES = 16
DRAWS = 64


@pytest.fixture
def scenario(fleet: str, tmp_path: Path) -> Path:
    """A scenario whose draws are few and short."""
    path = tmp_path / "scenario" / "platform.toml"
    path.parent.mkdir()
    text = fleet.replace('horizon = "90d"', f'horizon = "9d"\ndraws = {DRAWS}').replace("start = 900", "start = 90")
    path.write_text(text)
    return path


def environment(**added: object) -> dict[str, str]:
    """The environment of a command that finds the program of this wheel first."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    return {**os.environ, "PATH": path, **{name: str(value) for name, value in added.items()}}


def container(template: str) -> dict[str, Any]:
    """The only container of a Job."""
    job: dict[str, Any] = yaml.safe_load((TEMPLATES / template).read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    (only,) = job["spec"]["template"]["spec"]["containers"]
    assert only["command"] == ["sh", "-c"]
    return {**only, "spec": job["spec"]}


def is_one_machine(folder: Path, scenario: Path, out: Path) -> bool:
    """Whether a folder has the bytes of the scenario on this machine."""
    serial = alloy_sim.run(scenario, out=out)
    return contents(folder) == contents(serial.folder)


def test_the_array_computes_every_share(scenario: Path, tmp_path: Path) -> None:
    script = TEMPLATES / "array.sbatch"
    subprocess.run(["bash", "-n", script], check=True)
    assert f"\n#SBATCH --array=0-{SHARES - 1}\n" in script.read_text()
    shares = tmp_path / "shares"
    for index in range(SHARES):
        added = environment(SCENARIO=scenario, FOLDER=shares, SLURM_ARRAY_TASK_ID=index)
        subprocess.run(["bash", script], check=True, env=added)
    out = tmp_path / "merged"
    merged = subprocess.run(["alloy-sim", "merge", *shares.iterdir(), f"--out={out}"], env=environment())
    assert merged.returncode == 0
    assert is_one_machine(out / "tested", scenario, tmp_path / "serial")


def test_the_array_names_what_it_needs(tmp_path: Path) -> None:
    told = subprocess.run(["bash", TEMPLATES / "array.sbatch"], capture_output=True, text=True, env=environment())
    assert told.returncode != 0
    assert "SCENARIO: the scenario file" in told.stderr


def test_the_job_computes_every_share(scenario: Path, tmp_path: Path) -> None:
    share, merge = container("indexed-job.yaml"), container("merge-job.yaml")
    assert share["spec"]["completionMode"] == "Indexed"
    assert share["spec"]["completions"] == SHARES
    assert share["env"] == [{"name": "SHARES", "value": str(SHARES)}]
    mounts = {mount["name"]: mount["mountPath"] for mount in share["volumeMounts"]}
    assert mounts == {"scenario": "/scenario", "shares": "/shares"}

    def here(command: str) -> str:
        return command.replace("/scenario/", f"{scenario.parent}/").replace("/shares/", f"{tmp_path}/shares/")

    for index in range(SHARES):
        added = environment(SHARES=SHARES, JOB_COMPLETION_INDEX=index)
        subprocess.run(["sh", "-c", here(share["args"][0])], check=True, env=added)
    subprocess.run(["sh", "-c", here(merge["args"][0])], check=True, env=environment())
    assert is_one_machine(tmp_path / "shares" / "output" / "tested", scenario, tmp_path / "serial")

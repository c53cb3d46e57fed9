"""A sweep on a Dask cluster of two processes gives the bytes of the same sweep on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from distributed import Client, LocalCluster

import alloy_sim
from alloy_sim import _program
from conftest import contents

VALUES = {"fleet.metrics.replicas": [3, 4, 5]}

#: A share takes some tenths of a second, so that a kill meets a sweep that is far from its end.
DRAWS = 240


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client of two worker processes with one thread each. A killed one is started again."""
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, Client(cluster) as client:
        yield client


def saved(out: Path) -> set[str]:
    """The shares that a client has kept in a folder for results."""
    return {path.name for path in out.glob(".alloy-sim-*/*-of-*")}


def wait_until(holds: Callable[[], Any]) -> None:
    """Waits for what is about to happen, and fails if it does not within a minute."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_worker_is_killed_in_the_middle(client: Client, gated: str, tmp_path: Path) -> None:
    serial = alloy_sim.sweep(gated, VALUES, draws=DRAWS, out=tmp_path / "serial")
    before = client.run(os.getpid)
    left: list[int] = []

    def kill() -> None:
        wait_until(lambda: saved(tmp_path / "swept"))
        os.kill(next(iter(before.values())), signal.SIGKILL)
        left.append(8 - len(saved(tmp_path / "swept")))

    killer = threading.Thread(target=kill)
    killer.start()
    swept = alloy_sim.sweep(gated, VALUES, draws=DRAWS, out=tmp_path / "swept", client=client)
    killer.join()
    assert left[0] >= 4
    assert contents(swept.folder) == contents(serial.folder)
    assert os.listdir(tmp_path / "swept") == ["tested"]
    client.wait_for_workers(2)
    assert set(client.run(os.getpid).values()) != set(before.values())


CLIENT = """
import sys
from distributed import Client
import alloy_sim
scheduler, scenario, draws, out = sys.argv[1:]
with Client(scheduler) as client:
    alloy_sim.sweep(scenario, {"fleet.metrics.replicas": [3, 4, 5]}, draws=int(draws), out=out, client=client)
"""


def test_a_client_is_killed_and_goes_on(
    client: Client, gated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tested.toml"
    path.write_text(gated)
    out = tmp_path / "swept"
    scheduler = client.scheduler_info()["address"]
    arguments = [sys.executable, "-c", CLIENT, scheduler, str(path), str(DRAWS), str(out)]
    killed = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(saved(out)) >= 2)
    killed.kill()
    killed.wait()
    kept = len(saved(out))
    assert 2 <= kept < 8

    submitted: list[str] = []
    submit = Client.submit

    def recorded(self: Client, *given: Any, **named: Any) -> Any:
        submitted.append(named["key"])
        return submit(self, *given, **named)

    monkeypatch.setattr(Client, "submit", recorded)
    # Another number of shards makes no difference: the shares that are kept decide.
    swept = alloy_sim.sweep(path, VALUES, draws=DRAWS, out=out, client=client, shards=5)
    assert len(submitted) == 8 - kept
    serial = alloy_sim.sweep(path, VALUES, draws=DRAWS, out=tmp_path / "serial")
    assert contents(swept.folder) == contents(serial.folder)


def test_files_go_along_and_draws_go_on_until_settled(client: Client, gated: str, tmp_path: Path) -> None:
    home = tmp_path / "scenarios"
    home.mkdir()
    (tmp_path / "series.csv").write_text("series\n200\n1000\n4000\n")
    path = home / "tested.toml"
    text = gated.replace("series_per_pod = { p5 = 200, p95 = 4000 }", 'measured = "../series.csv"')
    # The goal needs more draws than the 512 of two rounds, even if none of them fails.
    text = text.replace('"90d"', '"9d"').replace("start = 900", "start = 90").replace("< 1%", "< 0.5%")
    path.write_text(text)
    named: dict[str, Any] = {"draws": "until settled", "seed": 2}
    serial = alloy_sim.sweep(path, {"fleet.metrics.replicas": [4]}, out=tmp_path / "serial", **named)
    swept = alloy_sim.sweep(path, {"fleet.metrics.replicas": [4]}, client=client, shards=3, **named)
    assert serial.manifest["draws"] > 512
    assert contents(swept.folder) == contents(serial.folder)


def test_a_task_that_fails_is_tried_again(client: Client, fleet: str, tmp_path: Path) -> None:
    # Within the test, these go to the workers by value.
    def break_once() -> None:
        from alloy_sim import _program

        call = _program.call

        def broken(*given: Any, **named: Any) -> Any:
            _program.call = call
            raise OSError("a disk that fails once")

        _program.call = broken

    client.run(break_once)
    values = {"fleet.metrics.replicas": [4]}
    swept = alloy_sim.sweep(fleet, values, draws=20, client=client, shards=4)
    serial = alloy_sim.sweep(fleet, values, draws=20)
    assert contents(swept.folder) == contents(serial.folder)


def test_a_worker_of_another_version_is_named(client: Client, fleet: str) -> None:
    def pretend(version: str) -> None:
        from alloy_sim import _program

        _program.build = lambda: version

    client.wait_for_workers(2)
    old, new = sorted(client.run(os.getpid))
    try:
        client.run(pretend, "alloy-sim 0.0.1", workers=[old])
        with pytest.raises(alloy_sim.VersionError, match=f"{old}: alloy-sim 0.0.1") as raised:
            alloy_sim.sweep(fleet, {"fleet.metrics.replicas": [4]}, client=client)
        assert new not in str(raised.value)
    finally:
        client.run(pretend, _program.build(), workers=[old])


def test_a_wrong_scenario_meets_no_worker(client: Client, fleet: str, tmp_path: Path) -> None:
    with pytest.raises(alloy_sim.ScenarioError, match="unknown key `repicas`"):
        alloy_sim.sweep(fleet, {"fleet.metrics.repicas": [4]}, client=client, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_is_shown(client: Client, fleet: str, capfd: pytest.CaptureFixture[str]) -> None:
    alloy_sim.sweep(fleet, {"fleet.metrics.replicas": [4]}, draws=50, client=client, progress=True)
    wait_until(lambda: "Completed" in capfd.readouterr().out)

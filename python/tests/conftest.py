"""What the tests share: a small scenario, and results that are compared to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

#: A fleet that simulates about two hundred draws a second on one thread.
FLEET = """\
format = 1
[meta]
name = "tested"
[experiment]
horizon = "90d"
start_date = "2026-12-01"
[[cluster]]
name = "prod"
[[cluster.pool]]
name = "general"
nodes = 40
node = { cpu = 16, memory = "64GiB" }
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = 900, growth_per_30d = { p5 = "1%", p95 = "4%" } }
series_per_pod = { p5 = 200, p95 = 4000 }
rollouts = { per_day = 4, share = "5%" }
[[fleet]]
name = "metrics"
topology = "centralized"
replicas = 3
volume = false
collects = { metrics = ["apps"] }
sends_to = ["backend"]
resources = { memory = { request = "2GiB", limit = "16GiB" }, cpu = { request = 1 } }
[[endpoint]]
name = "backend"
signal = "metrics"
"""

GOAL = """\
[[goal]]
name = "no OOM"
require = "probability(any oom in fleet.metrics) < 1%"
"""


@pytest.fixture
def fleet() -> str:
    """The text of a scenario with one case and without a goal."""
    return FLEET


@pytest.fixture
def gated() -> str:
    """The same with a goal."""
    return FLEET + GOAL


def contents(folder: Path) -> dict[str, Any]:
    """Every file of a result by name: its bytes, and of the manifest all but the environment."""
    found: dict[str, Any] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            found[str(path.relative_to(folder))] = path.read_bytes()
    manifest = json.loads(found["manifest.json"])
    assert manifest.pop("environment")
    found["manifest.json"] = manifest
    return found

"""Capacity simulation for fleets of Grafana Alloy collectors, in Python.

The package starts the program `alloy-sim` of its own wheel and reads its results:

>>> import alloy_sim
>>> result = alloy_sim.run("fleet.toml", set={"fleet.metrics.replicas": 5}, draws=200)
>>> result.verdict, result.summary
>>> alloy_sim.sweep("fleet.toml", {"fleet.metrics.replicas": [3, 5, 8]}).cases
"""

from ._errors import (
    AlloySimError,
    ArgumentError,
    BlocksError,
    MachineError,
    ScenarioError,
    ScenarioWarning,
    VersionError,
)
from ._program import package_version
from ._result import Result, read
from ._run import run
from ._sweep import sweep

__version__ = package_version()

__all__ = [
    "AlloySimError",
    "ArgumentError",
    "BlocksError",
    "MachineError",
    "Result",
    "ScenarioError",
    "ScenarioWarning",
    "VersionError",
    "__version__",
    "read",
    "run",
    "sweep",
]

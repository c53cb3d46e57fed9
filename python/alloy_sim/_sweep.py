"""Many values at some paths, as the cases of one study: on this machine, or on a Dask cluster."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Union

from . import _run, _scenario
from ._result import Result

if TYPE_CHECKING:
    from distributed import Client


def sweep(
    scenario: _scenario.Source,
    values: Mapping[str, Any],
    *,
    client: Optional[Client] = None,
    set: Optional[Mapping[str, Any]] = None,
    draws: Union[int, str, None] = None,
    seed: Optional[int] = None,
    case: Union[str, Sequence[str], None] = None,
    out: Union[str, "os.PathLike[str]", None] = None,
    shards: Optional[int] = None,
    progress: bool = False,
) -> Result:
    """Simulates a case for each combination of the values, in addition to the cases of the scenario.

    values: a list of values for each path: `{"fleet.metrics.replicas": [3, 5, 8]}`.
    client: a `distributed.Client`. Its workers need this package in this version, and no shared disk. The
        result has the same bytes as without a client.
    shards: the number of tasks, with a client. By default four per thread of the workers.
    progress: shows the bar of `distributed.progress`, with a client.

    The other parameters are those of `run`.
    """
    study = _scenario.read(scenario).with_sweep(values)
    arguments = _scenario.options(set, case, draws, seed)
    if client is None:
        return _run.simulate("-", arguments, out, study)
    from . import _cluster

    return _cluster.simulate(client, study, arguments, out, shards, progress)

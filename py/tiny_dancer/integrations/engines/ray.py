"""Ray: shards as tasks, on a cluster that is there or on the cores of this machine."""

import os
from collections.abc import Iterator

import ray

from .batch import RouteBatch
from .run import Result
from .shard import Shard, score_shard

RETRIES = 5
"""Of a shard whose worker dies; what it had written is not there."""


def score_on_ray(shards: list[Shard], route: RouteBatch) -> Iterator[Result]:
    """The engine of Ray: the cluster of `RAY_ADDRESS`, else the cores of this machine.

    Source and target must be the same folders on every node. Exceptions of a shard are its result.
    """
    _connect()
    task = ray.remote(num_cpus=1, max_retries=RETRIES)(score_shard)
    shared = ray.put(route)
    running = {task.remote(shard, shared): shard for shard in shards}
    while running:
        (done,), _ = ray.wait(list(running), num_returns=1)
        shard = running.pop(done)
        try:
            yield shard, ray.get(done)
        except ray.exceptions.RayTaskError as error:
            yield shard, error.cause
        except ray.exceptions.RayError as error:
            yield shard, error


def _connect() -> None:
    if ray.is_initialized():
        return
    options = {"log_to_driver": False, "include_dashboard": False, "logging_level": "error"}
    if "RAY_ADDRESS" in os.environ:
        ray.init(log_to_driver=False, logging_level="error")
    else:  # loopback: Ray would listen on an address that others reach
        ray.init(_node_ip_address="127.0.0.1", **options)

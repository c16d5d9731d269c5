"""Ray: two raylets decide for a million prompts, whatever is killed in the middle."""

import os
import signal
import time
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
import ray
from engines.work import (
    find_shards,
    finish,
    keep_result,
    prompts,
    read_folder,
    start_score,
    write_folder,
)
from ray.cluster_utils import Cluster

from tiny_dancer.integrations.engines import CountBatch, RouteBatch, Tally
from tiny_dancer.integrations.engines.run import open_run, score_here
from tiny_dancer.integrations.engines.shard import Done, UnreadableFileError, score_shard

N = int(os.environ.get("TINY_DANCER_ENGINE_ROWS", 1_000_000))


@pytest.fixture(scope="module")
def cluster():
    """Two raylets of one core each."""
    cluster = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "node_ip_address": "127.0.0.1", "include_dashboard": False},
    )
    cluster.add_node(num_cpus=1, node_ip_address="127.0.0.1")
    cluster.wait_for_nodes()
    yield cluster
    cluster.shutdown()


@pytest.fixture(scope="module")
def single(tmp_path_factory) -> tuple[Path, dict[int, bytes]]:
    """The prompts, and what one process says to them."""
    folder = tmp_path_factory.mktemp("single")
    write_folder(folder / "in", N)
    _, seconds = finish(start_score("local", folder / "in", folder / "out"))
    keep_result(
        "one process", {"rows": N, "seconds": round(seconds, 1), "a_second": round(N / seconds)}
    )
    rows = read_folder(folder / "out")
    assert len(rows) == N
    return folder, rows


def start(cluster, folder: Path, name: str):
    return start_score("ray", folder / "in", folder / name, RAY_ADDRESS=cluster.address)


def wait_for_shards(folder: Path, n: int) -> None:
    """Until so many shards are there."""
    while len(find_shards(folder)) < n:
        time.sleep(0.1)


def test_two_raylets_give_the_bytes_of_one_process(cluster, single):
    folder, rows = single
    shown, seconds = finish(start(cluster, folder, "ray"))
    assert read_folder(folder / "ray") == rows
    inside = float(shown.rsplit(" rows in ", 1)[1].split(" s;")[0])
    keep_result(
        "ray, two raylets of one core",
        {
            "rows": N,
            "seconds": round(seconds, 1),
            "a_second_and_core": round(N / seconds / 2),
            "start_and_end_s": round(seconds - inside, 1),
        },
    )


def test_a_killed_worker_costs_its_shard_alone(cluster, single):
    folder, rows = single
    process = start(cluster, folder, "worker")
    wait_for_shards(folder / "worker", 2)
    workers = find_workers()
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    finish(process)
    assert read_folder(folder / "worker") == rows


def test_after_a_killed_driver_only_what_is_missing_is_read(cluster, single):
    folder, rows = single
    process = start(cluster, folder, "driver")
    wait_for_shards(folder / "driver", 3)
    process.kill()
    process.communicate()
    wait_until_idle()
    done = find_shards(folder / "driver")
    shown, _ = finish(start(cluster, folder, "driver"))
    assert f"{len(done):,} of " in shown.splitlines()[0]
    assert read_folder(folder / "driver") == rows
    found = find_shards(folder / "driver")
    assert done.items() <= found.items(), "a shard was read again"
    keep_result("ray, driver killed", {"shards": len(found), "done_before": len(done)})


def test_ray_data_takes_the_class(cluster):
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        texts = list(prompts(5_000))
        data = ray.data.from_items([{"prompt": text} for text in texts])
        decided = data.map_batches(
            RouteBatch, compute=ray.data.ActorPoolStrategy(size=1), batch_size=500
        )
        rows = sorted(decided.take_all(), key=lambda row: texts.index(row["prompt"]))
        one = RouteBatch()({"prompt": texts})
        assert [row["td_score"] for row in rows] == one["td_score"]
        assert [row["td_model"] for row in rows] == one["td_model"]
        count = CountBatch()
        parts = decided.map_batches(lambda batch: {"tally": [count(batch)]}).take_all()
        assert sum((part["tally"] for part in parts), Tally()) == count(one)
    finally:
        ray.shutdown()


@pytest.mark.parametrize("kind", ["pandas", "pyarrow"])
def test_frames_and_tables_keep_their_kind(kind):
    table = pyarrow.table({"prompt": ["hi", None, "Prove the theorem."], "id": [1, 2, 3]})
    batch = table if kind == "pyarrow" else table.to_pandas()
    decided = RouteBatch()(batch)
    assert type(decided) is type(batch)
    if kind == "pyarrow":
        assert decided.column_names[:2] == ["prompt", "id"]
        rows = decided.to_pylist()
        assert rows[1]["td_score"] is None
    else:
        rows = decided.to_dict("records")
    assert [isinstance(row["td_error"], str) for row in rows] == [False, True, False]
    assert [row["td_model"] for row in rows] == RouteBatch()(
        {"prompt": ["hi", None, "Prove the theorem."]}
    )["td_model"]


def test_other_columns_of_a_table_stay_as_they_are():
    kept = [pyarrow.field("prompt", "string", nullable=False, metadata={"a": "b"})]
    kept += [pyarrow.field("x", "int64"), pyarrow.field("x", "int8")]  # two of one name
    columns = [
        pyarrow.array([value], one.type) for value, one in zip(("hi", 1, 2), kept, strict=True)
    ]
    schema = pyarrow.schema(kept, metadata={"of": "the table"})
    for batch in (pyarrow.table(columns, schema), pyarrow.record_batch(columns, schema)):
        decided = RouteBatch()(batch)
        assert pyarrow.schema(list(decided.schema)[:3]).equals(pyarrow.schema(kept), True)
        assert decided.schema.metadata == {b"of": b"the table"}
        assert [decided.column(at).to_pylist() for at in range(3)] == [["hi"], [1], [2]]


def test_damaged_parquet_fails_its_shard_and_no_other(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.parquet").write_bytes(b"PAR1 damaged PAR1")
    pyarrow.parquet.write_table(pyarrow.table({"prompt": ["hi"]}), tmp_path / "in" / "b.parquet")
    route = RouteBatch()
    run = open_run(tmp_path / "in", tmp_path / "out", route)
    (_, failed), (_, done) = score_here(run.left, route)
    assert "a.parquet: " in str(failed) and done == Done(1, 0)


def test_parquet_that_cannot_be_opened_says_why(tmp_path):
    (tmp_path / "in").mkdir()
    file, route = tmp_path / "in" / "a.parquet", RouteBatch()
    pyarrow.parquet.write_table(pyarrow.table({"prompt": ["hi"]}), file)
    run = open_run(tmp_path / "in", tmp_path / "out", route)
    file.unlink()
    with pytest.raises(UnreadableFileError, match="No such file or directory"):
        score_shard(run.left[0], route)


def find_workers() -> list[int]:
    """Processes that decide for a shard right now."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"ray::score_shard" in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def wait_until_idle() -> None:
    """Until Ray has ended the tasks of a driver that is gone."""
    while find_workers():
        time.sleep(0.1)

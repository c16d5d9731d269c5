"""Spark: a column of prompts gives what one process gives, a killed worker included."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from engines.work import keep_result, prompts
from pyspark.ml.functions import predict_batch_udf
from pyspark.sql import SparkSession

from tiny_dancer.integrations.engines import RouteBatch, make_predict_fn
from tiny_dancer.integrations.engines.columns import COLUMNS
from tiny_dancer.integrations.engines.spark import make_return_type

N = int(os.environ.get("TINY_DANCER_ENGINE_ROWS", 100_000))
PARTITIONS = 16


@pytest.fixture(scope="module")
def spark():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    yield session
    session.stop()


def decide(spark, texts: list[str]) -> dict[str, list]:
    udf = predict_batch_udf(make_predict_fn, return_type=make_return_type(), batch_size=1_000)
    frame = spark.createDataFrame(list(enumerate(texts)), "id long, prompt string").repartition(
        PARTITIONS
    )
    rows = frame.select("id", udf("prompt").alias("td")).select("id", "td.*").collect()
    rows.sort(key=lambda row: row["id"])
    return {name: [row[name] for row in rows] for name in COLUMNS}


def compare(decided: dict[str, list], texts: list[str]) -> None:
    one = RouteBatch()({"prompt": texts})
    for name in COLUMNS:
        assert decided[name] == one[name], name


def find_workers() -> list[int]:
    """Python processes in which Spark decides; the daemon they come from is left alone."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text().rsplit(")", 1)[1].split()[1]
            above = Path(f"/proc/{parent}/cmdline").read_bytes()
        except OSError:
            continue
        if b"pyspark.daemon" in above:
            found.append(int(path.parent.name))
    return found


def is_in_the_middle(spark) -> bool:
    """Whether some of the partitions are decided and others are not."""
    tracker = spark.sparkContext.statusTracker()
    stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    return any(s and s.numTasks == PARTITIONS and 2 < s.numCompletedTasks < 12 for s in stages)


def test_a_column_gives_the_rows_of_one_process(spark):
    texts = list(prompts(N))
    began = time.monotonic()
    decided = decide(spark, texts)
    seconds = time.monotonic() - began
    compare(decided, texts)
    keep_result(
        "spark, local[2]", {"rows": N, "seconds": round(seconds, 1), "a_second": round(N / seconds)}
    )


def test_a_killed_worker_changes_nothing(spark):
    texts = list(prompts(N))
    killed = []

    def kill() -> None:
        while not is_in_the_middle(spark):
            time.sleep(0.05)
        killed.append(find_workers()[0])
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    decided = decide(spark, texts)
    assert killed, "the work was done before a worker could be killed"
    compare(decided, texts)

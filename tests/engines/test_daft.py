"""Daft: a column of prompts gives what one process gives."""

import os
import time

import daft
from engines.work import keep_result, prompts

from tiny_dancer.integrations.engines import RouteBatch
from tiny_dancer.integrations.engines.columns import COLUMNS
from tiny_dancer.integrations.engines.daft import RouteColumn

N = int(os.environ.get("TINY_DANCER_ENGINE_ROWS", 100_000))


def test_a_column_gives_the_rows_of_one_process():
    texts = [*prompts(N), None, ""]
    one = RouteBatch()({"prompt": texts})
    frame = daft.from_pydict({"id": list(range(len(texts))), "prompt": texts})
    began = time.monotonic()
    decided = frame.select("id", RouteColumn().route(frame["prompt"])).sort("id").to_pydict()
    seconds = time.monotonic() - began
    assert {name: decided[name] for name in COLUMNS} == {name: one[name] for name in COLUMNS}
    keep_result("daft", {"rows": N, "seconds": round(seconds, 1), "a_second": round(N / seconds)})

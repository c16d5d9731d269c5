"""What history adds to a decision, both in one run: paced and back to back.

usage: python tests/bench/history_cost.py [PAIRS]

Each prompt is routed twice in a row, once with history and once without, in random order: the
second of the two is the faster, whichever it is.
"""

import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus.make_corpus import corpus
from random_bundle import random_bundle

from tiny_dancer import Router
from tiny_dancer.config import BreakerConfig
from tiny_dancer.history import HistoryConfig, SQLiteStore
from tiny_dancer.history.recorder import Recorder

PER_SECOND = 1_000


def main(pairs: int) -> None:
    router = Router(model=random_bundle(7, m=2, h=32, v=8000))
    prompts = [row["prompt"] for row in corpus() if 20 < len(row["prompt"]) < 600]
    coded = {prompt: prompt.encode("utf-8", "surrogatepass") for prompt in prompts}
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "history.db")
        recorder = Recorder(store, HistoryConfig(), BreakerConfig(), time.time)
        recorder.start()

        def with_history(prompt: str) -> None:
            response = router.route(prompt)
            if recorder.is_troubled:
                recorder.healthy(("light", "powerful"))
            recorder.decided(response, coded[prompt])

        def measured(call, prompt: str, pace: float) -> float:
            if pace:
                time.sleep(pace)
            start = time.perf_counter()
            call(prompt)
            return (time.perf_counter() - start) * 1e6

        for name, pace in (("back to back", 0.0), (f"{PER_SECOND} a second", 1 / PER_SECOND)):
            for ours in (router.route, with_history):
                off, on = [], []
                for n in range(pairs):
                    prompt = prompts[n % len(prompts)]
                    turns = [(ours, on), (router.route, off)]
                    draw.shuffle(turns)
                    for call, times in turns:
                        times.append(measured(call, prompt, pace))
                what = "history" if ours is with_history else "the same twice"
                ratio = median(on) / median(off)
                print(
                    f"{name}: {median(off):.1f} us, {what} {median(on):.1f} us, ratio {ratio:.3f}"
                )
        recorder.close()
        print(f"dropped: {recorder.metrics().dropped}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)

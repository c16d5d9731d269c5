"""The golden corpus: the decision on every prompt of the corpus, the same bytes on every host.

`./build.sh golden` renews golden.jsonl after the bundle or a rule has changed. A line is `id`, a
tab, and the decision as compact JSON with sorted keys, without the two fields that differ from
call to call.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from corpus.make_corpus import corpus

from tiny_dancer import Router

GOLDEN = Path(__file__).parent / "golden.jsonl"
VARYING = ("decision_id", "inference_time_us")


def golden_lines(router: Router) -> Iterator[str]:
    """One line a prompt, in the order of the corpus."""
    for row in corpus():
        decision = router.route(row["prompt"]).to_dict()
        for name in VARYING:
            del decision[name]
        yield f"{row['id']}\t{json.dumps(decision, sort_keys=True, separators=(',', ':'))}"


if __name__ == "__main__":
    GOLDEN.write_text("".join(f"{line}\n" for line in golden_lines(Router())), encoding="ascii")

"""The golden corpus: the decision on every prompt of the corpus, the same bytes on every host.

`./build.sh golden` renews golden.jsonl after the bundle or a rule has changed. A line is `id`, a
tab, and the decision as compact JSON with sorted keys, without the two fields that differ from
call to call. The command prints which fields changed on how many lines, so that a rule meant to
change one field is seen to have changed no other.
"""

import json
from collections import Counter
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


def changed_fields(before: list[str], after: list[str]) -> Counter[str]:
    """Number of lines on which each field differs; a line that came or went counts as `line`."""
    old, new = (dict(line.split("\t") for line in lines) for lines in (before, after))
    found = Counter({"line": len(old.keys() ^ new.keys())})
    for name in old.keys() & new.keys():
        a, b = json.loads(old[name]), json.loads(new[name])
        found.update(field for field in a.keys() | b.keys() if a.get(field) != b.get(field))
    return +found


if __name__ == "__main__":
    known = GOLDEN.read_text(encoding="ascii").splitlines()
    lines = list(golden_lines(Router()))
    GOLDEN.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    for field, count in sorted(changed_fields(known, lines).items()):
        print(f"{field}: changed on {count:,} of {len(lines):,} lines")

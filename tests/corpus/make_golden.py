"""The golden corpus: the decision on every prompt of the corpus, the same bytes on every host.

`./build.sh golden` renews golden.jsonl after the bundle or a rule has changed. A line is `id`, a
tab, and the decision as compact JSON with sorted keys, without the two fields that differ from
call to call: every prompt under the default policy, every tenth once more under a classic gate.
The command prints which fields changed on how many lines and which decisions did, so that a rule
meant to change one field is seen to have changed no other.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.make_corpus import corpus

from tiny_dancer import Router, RouterConfig
from tiny_dancer.hosts import package_data
from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.model import read_bundle

GOLDEN = Path(__file__).parent / "golden.jsonl"
CHECKED = Path(package_data.__file__).parents[1] / "data" / "default.sha256"
VARYING = ("decision_id", "inference_time_us")
GATE = RouterConfig(confidence_threshold=0.7, max_uncertainty=0.08)
"""Some prompts pass it, some miss the one bound and some the other."""


def golden_lines(**options: Any) -> Iterator[str]:
    """One line a prompt under the default policy, then those under the gate.

    Args:
        options: what to make the routers with.
    """
    yield from _lines(Router(**options), corpus(), "")
    yield from _lines(Router(GATE, **options), corpus()[::10], "gate-")


def _lines(router: Router, rows: list[dict[str, str]], mark: str) -> Iterator[str]:
    for row in rows:
        decision = router.route(row["prompt"]).to_dict()
        for name in VARYING:
            del decision[name]
        plain = json.dumps(decision, sort_keys=True, separators=(",", ":"))
        yield f"{mark}{row['id']}\t{plain}"


def print_changes(before: list[str], after: list[str]) -> None:
    """Print on how many lines each field changed, and every line whose model did."""
    old, new = (dict(line.split("\t") for line in lines) for lines in (before, after))
    fields = Counter({"line": len(old.keys() ^ new.keys())})
    for name in sorted(old.keys() & new.keys()):
        a, b = json.loads(old[name]), json.loads(new[name])
        fields.update(field for field in a.keys() | b.keys() if a.get(field) != b.get(field))
        if a["model"] != b["model"]:
            print(f"{name}: {a['model']} ({a['reason']}) -> {b['model']} ({b['reason']})")
    for field, count in sorted((+fields).items()):
        print(f"{field}: changed on {count:,} of {len(new):,} lines")


if __name__ == "__main__":
    # Who asks for new golden decisions takes the shipped bundle as it is: checked here in full.
    CHECKED.write_text(read_bundle(default_bundle() or b"").bundle_hash + "\n", encoding="ascii")
    known = GOLDEN.read_text(encoding="ascii").splitlines()
    lines = list(golden_lines())
    GOLDEN.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    print_changes(known, lines)

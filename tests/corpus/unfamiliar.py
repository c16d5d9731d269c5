"""How often the shipped bundle finds the corpus unfamiliar, by language: docs/unfamiliar.md.

PYTHONPATH=tests python tests/corpus/unfamiliar.py
"""

from collections import Counter
from pathlib import Path

from corpus.make_corpus import prompts

from tiny_dancer import Reason, Router

PAGE = Path(__file__).parents[2] / "docs/unfamiliar.md"
HEAD = """# Unfamiliar input

A prompt whose tokens are together too rare in the training text (the bound lies in the bundle, as
`config.unfamiliar`) is sent to the powerful model with the reason `unfamiliar_input`. How often the
shipped bundle does so on the hand-written prompts of `tests/corpus`, empty ones aside; made by
`PYTHONPATH=tests python tests/corpus/unfamiliar.py`. Languages in Latin script that share words
with English get through at times.

| language | script | prompts | unfamiliar |
| --- | --- | ---: | ---: |
"""


def main() -> None:
    """Write the page."""
    router, seen, hit = Router(), Counter(), Counter()
    for row in prompts():
        reason = router.route(row["prompt"]).reason
        if reason != Reason.EMPTY_PROMPT:
            key = row["lang"], row["script"]
            seen[key] += 1
            hit[key] += reason == Reason.UNFAMILIAR_INPUT
    rows = [f"| {a} | {b} | {n} | {hit[a, b]} |" for (a, b), n in sorted(seen.items())]
    PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Write the long pasted requests of the everyday corpus: logs, tables, code, settings, letters.

    .venv/bin/python tools/everyday_pasted.py

writes data/everyday/LANGUAGE.pasted.tsv from data/everyday/pasted, the same bytes at every run.
Each pasted text comes twice: with a question that its reader answers at a glance, and with one that
takes an expert. Texts of one number share a family across the languages.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tiny_dancer.train.everyday_corpus import COLUMNS, CORPUS_FOLDER, LANGUAGES

SOURCES = CORPUS_FOLDER / "pasted"
LOG_LINES = (6, 12, 20, 28, 40, 56)
TABLE_ROWS = (4, 6, 9, 12, 18, 24)
SETTINGS = LETTERS = 3

Phrases = dict[str, list[str]]

_ROUTINE = (
    ("gateway", "INFO", "GET /orders/{n} 200 in {ms} ms"),
    ("gateway", "INFO", "GET /health 200 in 1 ms"),
    ("orders", "INFO", "order {n} placed, {k} items"),
    ("stock", "INFO", "reserved {k} units of article {n}"),
    ("mail", "INFO", "confirmation for order {n} queued"),
    ("orders", "DEBUG", "cache hit for customer {n}"),
    ("stock", "DEBUG", "lease renewed, {ms} ms left"),
)
_FAULTS = (
    (
        ("stock", "WARN", "pool: 0 of 20 connections free, {k} callers wait"),
        ("orders", "WARN", "stock.reserve took {ms}00 ms"),
        ("orders", "ERROR", "stock.reserve: deadline of 2000 ms exceeded, attempt {k}"),
        ("gateway", "ERROR", "POST /orders 504 in 2001 ms"),
        ("stock", "INFO", "transaction {n} committed after {ms}00 ms"),
        ("mail", "WARN", "order {n} confirmed twice"),
    ),
    (
        ("stock", "WARN", "clock is {ms} ms ahead of peer stock-2"),
        ("stock", "WARN", "lease of shard {k} taken over by stock-2"),
        ("stock", "ERROR", "write to shard {k} refused: epoch {n} is not the newest"),
        ("orders", "ERROR", "reservation {n} lost, it was acknowledged before"),
        ("gateway", "WARN", "retry {k} of POST /orders"),
        ("orders", "INFO", "order {n} placed, 0 items"),
    ),
    (
        ("mail", "WARN", "TLS: certificate of smtp-relay expires today"),
        ("mail", "ERROR", "handshake failed, message {n} back to the queue"),
        ("mail", "WARN", "queue holds {n} messages, limit 10000"),
        ("orders", "WARN", "publish blocked for {ms}00 ms"),
        ("orders", "ERROR", "worker {k} killed: heap above 512 MB"),
        ("gateway", "ERROR", "POST /orders 503, no worker ready"),
    ),
)


def read_phrases() -> dict[str, Phrases]:
    """Return language → name → texts."""
    found: dict[str, Phrases] = defaultdict(lambda: defaultdict(list))
    for line in (SOURCES / "phrases.tsv").read_text("utf-8").splitlines()[1:]:
        language, name, text = line.split("\t")
        found[language][name].append(text.replace("\\n", "\n"))
    return found


def write_log(draw: random.Random, lines: int, fault: int) -> str:
    """Return a log of routine lines among which a fault unfolds in its order."""
    steps = sorted(draw.sample(range(1, lines), min(len(_FAULTS[fault]), lines - 1)))
    at = dict(zip(steps, _FAULTS[fault], strict=False))
    now, text = draw.randrange(3_600_000, 80_000_000), []
    for k in range(lines):
        service, level, message = at.get(k) or draw.choice(_ROUTINE)
        now += draw.choice((7, 60, 400, 1200, 2500, 5000)) + draw.randrange(90)
        second, thousandth = divmod(now, 1000)
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.{thousandth:03}"
        values = {"n": draw.randrange(1000, 9999), "k": draw.randrange(2, 9)}
        message = message.format(ms=draw.randrange(4, 90), **values)
        text.append(f"{clock} {level:<5} {service}: {message}")
    return "\n".join(text)


def write_table(draw: random.Random, rows: int, phrases: Phrases, marked: bool) -> str:
    """Return a table of monthly sales, as CSV or marked up."""
    head = phrases["columns"][0].split(",")
    regions = phrases["regions"][0].split(",")
    body = []
    for k in range(rows):
        price = draw.randrange(900, 2400)
        month = f"2024-{k // 2 % 12 + 1:02}"
        units = 120 + 40 * (k // 2 % 4) + draw.randrange(30)
        cost = price * draw.randrange(55, 92) // 100
        cells = [month, regions[k % 2 + 2 * draw.randrange(2)], str(units)]
        body.append([*cells, f"{price / 100:.2f}", f"{cost / 100:.2f}"])
    if not marked:
        return "\n".join(",".join(line) for line in [head, *body])
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_settings(draw: random.Random) -> str:
    """Return the settings of a message broker and its consumers."""
    host = f"mq-{draw.choice('abcdef')}{draw.randrange(2, 9)}.internal"
    services = draw.sample(("billing", "search", "mail", "stock", "audit"), draw.randrange(2, 5))
    consumers = "".join(
        f"  - name: {service}\n    prefetch: {draw.choice((1, 50, 500))}\n"
        f"    acknowledge: {draw.choice(('on_receive', 'after_commit', 'batch'))}\n"
        f"    waits_for: {draw.choice(['broker', *(s for s in services if s != service)])}\n"
        for service in services
    )
    return (
        f"broker:\n  host: {host}\n  port: {draw.randrange(5000, 9999)}\n"
        f"  replicas: {draw.choice((2, 3))}\n  quorum: {draw.choice((1, 2))}\n"
        f"  flush: {draw.choice(('every_message', 'every_second', 'never'))}\n"
        f"  full_queue: {draw.choice(('block', 'drop_oldest'))}\nconsumers:\n{consumers}"
    ).rstrip()


def write_letter(draw: random.Random, number: int, phrases: Phrases) -> str:
    """Return a landlord's letter in the language of the phrases."""
    street, month, name, sender = (
        part.split("|")[number] for part in phrases["places"][0].split(";")
    )
    factor = int(phrases["factor"][0])  # from euros to the letter's currency
    old = draw.randrange(540, 980)
    amounts = {"old": old, "new": old + draw.randrange(25, 90)}
    amounts |= {"extra": draw.randrange(60, 310), "small": draw.choice((75, 100, 120))}
    return phrases["letter"][0].format(
        street=street,
        month=month,
        name=name,
        sender=sender,
        **{name: factor * amount for name, amount in amounts.items()},
    )


def write_texts(language: str, phrases: Phrases) -> Iterator[tuple[str, int, str]]:
    """Yield what is pasted: its sort, number and text."""
    code = (SOURCES / "code.txt").read_text("utf-8").split("%%\n")
    for k, lines in enumerate(LOG_LINES):
        yield "log", k, write_log(random.Random(f"log {k} {language}"), lines, k % len(_FAULTS))
    for k, rows in enumerate(TABLE_ROWS):
        draw = random.Random(f"table {k} {language}")
        yield "table", k, write_table(draw, rows, phrases, k % 2 == 1)
    for k, text in enumerate(code):
        yield "code", k, text.rstrip()
    for k in range(SETTINGS):
        yield "config", k, write_settings(random.Random(f"config {k} {language}"))
    for k in range(LETTERS):
        yield "document", k, write_letter(random.Random(f"letter {k}"), k, phrases)


_SORTS = {  # topic, kind when easy, kind when hard
    "log": ("technology", "log", "log"),
    "table": ("data", "table", "table"),
    "code": ("code", "explain", "code_hard"),
    "config": ("technology", "extraction", "architecture"),
    "document": ("home", "document", "document"),
}


def write_file(language: str, phrases: Phrases) -> str:
    """Return the text of the language's file."""
    lines: list[Sequence[str]] = [COLUMNS]
    for sort, k, pasted in write_texts(language, phrases):
        topic, *kinds = _SORTS[sort]
        for light, kind in zip("10", kinds, strict=True):
            asked = phrases[f"{sort}_{'easy' if light == '1' else 'hard'}"]
            parts = (asked[k % len(asked)], pasted)
            text = "\n\n".join(parts if k % 3 else reversed(parts))
            text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
            lines.append((f"pasted-{sort}-{k + 1}", topic, kind, light, text))
    return "".join("\t".join(line) + "\n" for line in lines)


def main() -> None:
    """Write every language's file."""
    phrases = read_phrases()
    for language in LANGUAGES:
        path = CORPUS_FOLDER / f"{language}.pasted.tsv"
        path.write_text(write_file(language, phrases[language]), "utf-8")


if __name__ == "__main__":
    main()

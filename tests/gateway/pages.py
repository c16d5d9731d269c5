"""The tables of docs/gateway.md, from the results files:  python tests/gateway/pages.py"""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/gateway.md"
RESULTS = ROOT / "docs/results"


def faults(rows: list[dict[str, Any]]) -> str:
    """What a client got, by fault: whole and streamed, with a model to fall back to and without."""
    lines = [
        "| the light upstream | `auto`, whole | `auto`, streamed | `light`, whole | "
        "`light`, streamed | breaker | in history |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for fault in dict.fromkeys(row["fault"] for row in rows):
        some = {(r["fallback"], r["stream"]): r for r in rows if r["fault"] == fault}
        cells = [
            _got(some.get((fallback, stream)))
            for fallback in (True, False)
            for stream in (False, True)
        ]
        states = " / ".join(sorted({row["breaker"] for row in some.values()}))
        kept = f"{sum(row['in_history'] for row in some.values())} of {len(some)}"
        lines.append(f"| {fault} | {' | '.join(cells)} | {states} | {kept} |")
    return "\n".join(lines)


def servers(rows: list[dict[str, Any]]) -> str:
    """What clients got of servers that nobody here wrote, by server and way it answers."""
    lines = [
        "| the light upstream | it answers | `auto`, whole | `auto`, streamed | `light`, whole | "
        "`light`, streamed | breaker | in history |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for server, version, play in dict.fromkeys(
        (row["server"], row["version"], row["play"]) for row in rows
    ):
        some = [row for row in rows if (row["server"], row["play"]) == (server, play)]
        cells = []
        for fallback in (True, False):
            for stream in (False, True):
                of_form = [
                    row for row in some if (row["fallback"], row["stream"]) == (fallback, stream)
                ]
                got = {row["client"]: _shape(row) for row in of_form}
                same = len(set(got.values())) == 1
                cells.append(
                    next(iter(got.values()))
                    if same
                    else ", ".join(f"{what} ({client})" for client, what in got.items())
                )
        states = " / ".join(sorted({row["breaker"] for row in some}))
        kept = f"{sum(row['in_history'] for row in some)} of {len(some)}"
        lines.append(f"| {server} {version} | {play} | {' | '.join(cells)} | {states} | {kept} |")
    return "\n".join(lines)


def _shape(row: dict[str, Any]) -> str:
    """What a client got, without how far a stream had come when it broke."""
    if row["error"] is None:
        return f"answer of {row['served_by']}"
    if row["status"] == 200:
        return f"a part, then {row['error']}"
    return f"{row['status']} {row['error']}"


def _got(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["error"] is None:
        return f"answer of {row['served_by']}"
    wait = f", Retry-After {row['retry_after']}" if row["retry_after"] else ""
    if row["status"] == 200:
        return f"“{row['text']}”, then {row['error']}"
    return f"{row['status']} {row['error']}{wait}"


def overhead(result: dict[str, Any]) -> str:
    """Quantiles and rates by way and number of connections."""
    lines = ["| connections | way | p50, ms | p99, ms | requests a second |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for connections in next(iter(result["ways"].values())):
        for way, rows in result["ways"].items():
            row = rows[connections]
            lines.append(
                f"| {connections} | {way} | {row['p50_ms']:.2f} | {row['p99_ms']:.2f} "
                f"| {row['requests_per_s']:.0f} |"
            )
    machine = result["machine"]
    lines.append("")
    lines.append(
        f"{machine['cpus']} cores that others use too (load {machine['load_before']:.1f} before), "
        f"Python {machine['python']}, {result['rounds']} rounds."
    )
    return "\n".join(lines)


def load(result: dict[str, Any]) -> str:
    """What became of requests by number of connections, before and now."""
    lines = [
        "| connections | commit | requests | failed | a second | p50, ms | p99, ms | memory, MB "
        "| descriptors |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for level, (connections, _) in result["connections_and_requests_each"].items():
        name = f"{connections} streams" if level == "streams" else f"{connections:,}"
        for tree in (result["before"], result["now"]):
            row = tree["levels"][level]
            failed = ", ".join(f"{n:,} × {what}" for what, n in row["failed"].items()) or "none"
            times = [f"{row[key]:,.1f}" if key in row else "" for key in ("p50_ms", "p99_ms")]
            lines.append(
                f"| {name} | {tree['commit']} | {row['requests']:,} | {failed} "
                f"| {row['requests_per_s']:.0f} | {' | '.join(times)} "
                f"| {row['memory_mb']:.0f} | {row['descriptors']:,} |"
            )
    machine = result["machine"]
    lines.append("")
    lines.append(
        f"{machine['cores']} cores that others use too (load {machine['load']:.1f} before), "
        f"Python {machine['python']}, {result['rounds']} rounds; a soft limit of "
        f"{result['soft_limit_of_descriptors']:,} descriptors at the start."
    )
    return "\n".join(lines)


def tables() -> dict[str, str]:
    """Text by the name that stands in the page's markers."""
    return {
        "faults": faults(json.loads((RESULTS / "gateway-faults.json").read_text())),
        "servers": servers(json.loads((RESULTS / "gateway-servers.json").read_text())),
        "load": load(json.loads((RESULTS / "gateway-load.json").read_text())),
        "overhead": overhead(json.loads((RESULTS / "gateway-overhead.json").read_text())),
    }


def filled(page: str) -> str:
    """The page with its tables as the results files say."""
    for name, text in tables().items():
        marks = f"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        page = re.sub(marks, lambda m, t=text: f"{m[1]}\n{t}\n\n{m[2]}", page, flags=re.S)
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")

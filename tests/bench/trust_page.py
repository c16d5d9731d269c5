"""The section of docs/performance.md about certified policies, by bench-trust.json."""

from typing import Any

from markdown import machine, table

HOSTS = {"cpython": "CPython", "pyodide": "Pyodide in Node"}


def trust(found: dict[str, Any]) -> str:
    """The section."""
    rows = [
        [
            name,
            *(f"{s:.2f} s" for s in found[host]["calibrate_s"].values()),
            f"{found[host]['learn_s']:.2f} s",
            f"{found[host]['decision_us']['default']:.1f} µs",
            f"{found[host]['decision_us']['certified']:.1f} µs",
            f"{found[host]['decision_us']['ratio']:.3f}",
        ]
        for host, name in HOSTS.items()
    ]
    measures = (m.replace("_", " ") for m in found["cpython"]["calibrate_s"])
    head = ["", *measures, "learn", "default policy", "certified policy", "ratio"]
    return (
        "## Certified policies\n\n"
        f"Processor time to certify a policy on {found['outcomes']:,} outcomes, by target; to "
        f"fit the heads anew to {found['learned']:,} stored outcomes; and of one decision, by the "
        "default and by a certified policy in turn. "
        f"{machine(found['machine'])}\n\n{table(head, rows)}\n"
    )

"""Route three prompts and print the decisions as a table: `./build.sh demo`."""

from rich import box
from rich.console import Console
from rich.table import Table

from tiny_dancer import Router

PROMPTS = {
    "easy": "What is the capital of France?",
    "hard": "Prove that every bounded sequence has a convergent subsequence.",
    "code": "Write a Python function that merges overlapping intervals.",
}


def main() -> None:
    """Print one row a prompt."""
    router = Router()
    for prompt in PROMPTS.values():
        router.route(prompt)  # the engine compiles the kernel in its first calls
    table = Table(title="Which model should answer?", box=box.SIMPLE_HEAD)
    for name in ("", "prompt", "model", "confidence", "uncertainty", "reason"):
        table.add_column(name, no_wrap=name != "prompt")
    table.add_column("µs", justify="right")
    for kind, prompt in PROMPTS.items():
        r = router.route(prompt)
        assert r.interval is not None  # the shipped bundle gives one for every prompt
        low, high = r.interval
        table.add_row(
            kind,
            prompt,
            f"[{'green' if r.use_lightweight else 'yellow'}]{r.model}",
            f"{r.confidence:.2f} [dim]({low:.2f} to {high:.2f})[/dim]",
            f"{r.uncertainty:.2f}",
            r.reason,
            "" if r.inference_time_us is None else f"{r.inference_time_us:.0f}",
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()

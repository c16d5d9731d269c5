"""What `import` writes of each software's log is what `report`, `adapt` and `calibrate` read."""

import json
import random
import subprocess
import sys

import pytest
from log_samples import MAKERS
from patience import WORK_S
from random_bundle import random_bundle

WORDS = "what is the of and to in for proof theorem capital".split()


def run(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", "from tiny_dancer.cli import main; main()", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=WORK_S,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("format_", MAKERS)
def test_pairs_of_a_log_are_reported_adapted_to_and_calibrated_by(tmp_path, format_):
    (tmp_path / "b.safetensors").write_bytes(random_bundle(3, v=400))
    draw = random.Random(0)
    with (tmp_path / "log.jsonl").open("w") as file:
        for n in range(300):
            prompt = " ".join([*draw.choices(WORDS, k=6), str(n)])
            light = float("theorem" not in prompt)
            calls = (("light", light), ("powerful", 1.0))
            for at, (model, mark) in enumerate(calls):
                rows = MAKERS[format_](2 * n + at, prompt, model, mark)
                file.writelines(f"{json.dumps(row)}\n" for row in rows)
    run(tmp_path, "import", format_, "log.jsonl", "--labels", "--out", "labels.csv")
    run(tmp_path, "import", format_, "log.jsonl", "--out", "calls.csv")
    assert len((tmp_path / "labels.csv").read_text().splitlines()) == 301

    for table in ("labels.csv", "calls.csv"):
        options = ("--bundle", "b.safetensors", "--json")
        report = json.loads(run(tmp_path, "report", table, *options).stdout)
        assert report["pairs"]["n"] == 300, table
    adapt = ("adapt", "b.safetensors", "labels.csv", "--out", "b2.safetensors", "--json")
    adapted = json.loads(run(tmp_path, *adapt).stdout)
    assert adapted["kept"] and adapted["new"]["log_loss"] < adapted["old"]["log_loss"]
    calibrate = ("calibrate", "labels.csv", "--quality", "0.5", "--bundle", "b.safetensors")
    run(tmp_path, *calibrate, "--out", "policy.json")
    assert (tmp_path / "policy.json").exists()

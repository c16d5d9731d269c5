"""What wrangler says of the laid out Worker: size of the upload, cost of its start."""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from edge.workerd import ROOT, WORKER

LIMITS = {"upload_mib": 64, "upload_gzip_paid_mib": 10, "startup_cpu_ms": 1000}
"""As Cloudflare documents them: uncompressed on every plan; by gzip where the older rule holds."""


def upload(worker: Path = WORKER) -> dict[str, float]:
    """Sizes in KiB by `wrangler deploy --dry-run`, of a laid out Worker."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "wrangler.jsonc"
        settings = (ROOT / "worker/wrangler.jsonc").read_text()
        config.write_text(settings.replace("../build/worker", str(worker)))
        said = _wrangler(
            "deploy", "--dry-run", "--outdir", f"{folder}/out", "--config", str(config)
        )
    found = re.search(r"Total Upload: ([\d.]+) KiB / gzip: ([\d.]+) KiB", said)
    assert found, said[-2000:]
    return {"upload_kib": float(found[1]), "upload_gzip_kib": float(found[2])}


def startup() -> dict[str, float]:
    """Milliseconds by `wrangler check startup`: of the start's window, and active in it."""
    with tempfile.TemporaryDirectory() as folder:
        said = _wrangler("check", "startup", "--outfile", f"{folder}/startup.cpuprofile")
    names = {"startup_window_ms": "Profile window", "startup_active_ms": "Active"}
    found = {key: re.search(rf"{name}: ([\d.]+) ms", said) for key, name in names.items()}
    return {key: float(one[1]) for key, one in found.items() if one}


def _wrangler(*arguments: str) -> str:
    program = ROOT / "node_modules/.bin/wrangler"
    quiet: dict[str, Any] = {"WRANGLER_SEND_METRICS": "false", "CI": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [program, *arguments],
        cwd=ROOT / "worker",
        env={**os.environ, **quiet, "PATH": f"{Path(program).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return done.stdout

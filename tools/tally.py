"""Sum up JUnit reports: `tally.py REPORT=STATUS ...` prints `N passed, N failed, N skipped`.

STATUS is what the runner exited with. A runner that failed without naming a test counts as one
failure. The exit code is 1 on any failure and when no test passed.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree


def tally(report: Path, status: int) -> tuple[int, int, int]:
    """Return how many tests of one report passed, failed and were skipped."""
    cases = list(ElementTree.parse(report).iter("testcase")) if report.is_file() else []
    outcomes = [{child.tag for child in case} for case in cases]
    skipped = sum("skipped" in tags for tags in outcomes)
    failed = sum("skipped" not in tags and bool(tags & {"failure", "error"}) for tags in outcomes)
    return len(cases) - failed - skipped, failed or int(status != 0), skipped


def main(arguments: list[str]) -> int:
    """Print the line for all reports and return the exit code."""
    passed = failed = skipped = 0
    for argument in arguments:
        report, _, status = argument.rpartition("=")
        counts = tally(Path(report), int(status))
        passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

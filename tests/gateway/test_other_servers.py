"""What the table of servers that nobody here wrote says holds together."""

import json

from gateway.other_servers import FILES, RESULTS, SERVERS

ROWS = json.loads(RESULTS.read_text())


def test_every_server_and_way_was_asked_by_both_clients_in_every_form():
    expected = {(server.name, play.name) for server in SERVERS for play in server.plays}
    assert {(row["server"], row["play"]) for row in ROWS} == expected
    forms = {(r["server"], r["play"], r["stream"], r["fallback"], r["client"]) for r in ROWS}
    assert len(forms) == len(ROWS) == 8 * len(expected)


def test_every_request_is_in_the_history_and_no_answer_is_a_server_error_of_ours():
    assert all(row["in_history"] == 1 for row in ROWS)
    assert not [row for row in ROWS if row["status"] == 500]


def test_who_may_fall_back_gets_an_answer_whenever_the_fault_is_not_its_own():
    broken = [row for row in ROWS if row["fallback"] and row["error"]]
    assert {row["play"] for row in broken if not row["stream"]} <= {"status 400", "status 422"}
    assert all(row["status"] == 200 or row["status"] in (400, 422) for row in broken)


def test_every_environment_is_locked_with_hashes_and_names_no_address():
    for server in SERVERS:
        lock = FILES / f"{server.name}.txt"
        text = (lock if lock.exists() else FILES / "package-lock.json").read_text()
        assert "sha256:" in text or "sha512-" in text
        assert "://" not in text.replace("https://github.com", "")

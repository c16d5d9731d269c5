"""docs/gateway.md and the results files."""

from gateway.pages import PAGE, filled


def test_the_pages_tables_are_those_of_the_results_files():
    page = PAGE.read_text("utf-8")
    assert filled(page) == page

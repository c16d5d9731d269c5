"""An evaluation as JUnit XML, which every CI shows as tests."""

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .requirement import Check


def write_junit(checks: Sequence[Check], facts: dict[str, Any]) -> bytes:
    """A test suite with a test for each requirement.

    Args:
        checks: the requirements, and what was found.
        facts: of the evaluation.
    """
    failed = sum(not check.is_met for check in checks)
    suite = Element(
        "testsuite", name="tiny-dancer eval", tests=str(len(checks)), failures=str(failed)
    )
    properties = SubElement(suite, "properties")
    for name, value in (
        ("bundle", facts["bundle"]),
        ("labels", facts["labels"]["sha256"]),
        ("rows", facts["labels"]["rows"]),
        ("prices", facts["prices_from"]),
    ):
        SubElement(properties, "property", name=name, value=str(value))
    for check in checks:
        case = SubElement(
            suite, "testcase", classname="tiny-dancer.eval", name=str(check.requirement)
        )
        if not check.is_met:
            SubElement(case, "failure", message=str(check)).text = check.what
    indent(suite)
    return tostring(suite, encoding="utf-8", xml_declaration=True) + b"\n"

"""Telling what a user wrote from what a coding tool put into the same message. Pure."""

import re
from typing import Final

_NAMES: Final = (
    "system-reminder",
    "system_reminder",
    "environment_context",
    "environment_details",
    "user_instructions",
    "INSTRUCTIONS",
    "permissions instructions",
    "collaboration_mode",
    "skills_instructions",
    "plugins_instructions",
    "apps_instructions",
    "subagent_notification",
    "turn_aborted",
    "model_switch",
    "local-command-caveat",
    "local-command-stdout",
    "local-command-stderr",
    "bash-stdout",
    "bash-stderr",
    "ide_opened_file",
    "ide_selection",
    "ide_diagnostics",
    "new-diagnostics",
    "task-notification",
)
"""Names of the elements that coding tools wrap in what they add to a user's message."""

_OPENING: Final = re.compile(
    r"(?:# AGENTS\.md instructions[^\n]{0,400}\s{1,4})?"
    rf"<({'|'.join(map(re.escape, _NAMES))})(?:\s[^<>]{{0,200}})?>"
)


def strip_injected(text: str) -> str:
    """The text without the elements that coding tools add; the text itself where it has none.

    Each name is looked for as often as it is closed, so the time grows with the text alone.
    """
    if "<" not in text:
        return text
    kept: list[str] = []
    at, unclosed = 0, set[str]()
    for opening in _OPENING.finditer(text):
        name = opening[1]
        if opening.start() < at or name in unclosed:
            continue
        closing = f"</{name}>"
        end = text.find(closing, opening.end())
        if end < 0:
            unclosed.add(name)
            continue
        kept.append(text[at : opening.start()])
        at = end + len(closing)
    if not at:
        return text
    return "".join((*kept, text[at:])).strip()

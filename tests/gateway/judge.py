"""An upstream that grades: it marks an answer by the words in it."""

import json
import re
from typing import Any

from gateway.upstream import BEHAVIOURS, Reader, Upstream, Writer, send

USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


async def judge(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    """Marks 0.9 where "small-1" answered and 0.7 else, less 0.2 for the one shown second."""
    text = request[2]["messages"][-1]["content"]
    found = [re.search(f"<answer_{n}>\n(.*?)\n</answer_{n}>", text, re.S) for n in "ab"]
    marks = [0.9 if "small-1" in one[1] else 0.7 for one in found if one]
    said = json.dumps({"a": marks[0], "b": round(marks[1] - 0.2, 3)})
    return await answer(writer, up.name, f"Well.\n```json\n{said}\n```", USAGE)


async def judge_once(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    """The same for every other question; the others it fails."""
    asked = judge if len(up.calls) % 2 else BEHAVIOURS["500"]
    return await asked(up, request, reader, writer)


async def judge_unpriced(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    """Marks both as right, and says nothing of its tokens."""
    return await answer(writer, up.name, '{"a": 1, "b": 1}', {})


async def signed(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    """Says a long sentence that ends in the upstream's own name."""
    text = f"A sentence that is long enough not to be taken for a closed answer, by me: {up.name}"
    usage = {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14}
    return await answer(writer, up.name, text, usage)


async def blank(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    """Answers nothing, and takes money for it."""
    return await answer(writer, up.name, "", USAGE)


async def answer(writer: Writer, name: str, text: str, usage: dict[str, int]) -> bool:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    body = {"id": "c-1", "object": "chat.completion", "created": 1, "model": name, "usage": usage}
    choices = [{**choice, "finish_reason": "stop"}]
    return await send(writer, 200, json.dumps({**body, "choices": choices}).encode())


BEHAVIOURS |= {
    "judge": judge,
    "judge once": judge_once,
    "judge, unpriced": judge_unpriced,
    "signed": signed,
    "blank": blank,
}

"""Items of input, as messages of chat."""

import json
from collections.abc import Iterator
from typing import Any, Final

from ..shape import refuse, take_list, take_object, take_text
from .fields import ITEMS, OUTPUTS, PARTS, REASONING
from .tools import join_name

ROLES: Final = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",  # many chat servers' templates know no developer
}


def translate_items(
    given: Any, instructions: Any, dropped: dict[str, None]
) -> list[dict[str, Any]]:
    """The messages of the chat.

    Raises:
        ApiError: 400 that names what is malformed or has no place in a chat.
    """
    out: list[dict[str, Any]] = []
    if instructions:
        out.append({"role": "system", "content": take_text(instructions, "instructions")})
    if isinstance(given, str):
        return [*out, {"role": "user", "content": given}]
    shown: list[dict[str, Any]] = []  # images of results, behind the last result in a row
    for at, item in enumerate(take_list(given, "input")):
        where = f"input[{at}]"
        kind = take_object(item, where).get("type") or "message"
        if kind == "reasoning":
            dropped[REASONING] = None
            continue
        if kind == "item_reference":
            refuse(
                f"{where}.type", "a server keeps what it stands for: send the item, store: false"
            )
        fields = ITEMS.get("function_call_output" if kind in OUTPUTS else str(kind))
        if fields is None:
            refuse(f"{where}.type", f"{str(kind)[:60]} has nothing like it in chat")
        fields.check(item, where, dropped)
        if kind in OUTPUTS:
            out.append(_translate_output(item, where, dropped, shown))
            continue
        out += _take_shown(shown)
        if kind == "message":
            out.append(_translate_message(item, where, dropped))
        else:
            _add_call(out, _translate_call(item, kind, where))
    return out + _take_shown(shown)


def _take_shown(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    message = [{"role": "user", "content": shown[:]}] if shown else []
    shown.clear()
    return message


def _translate_message(
    item: dict[str, Any], where: str, dropped: dict[str, None]
) -> dict[str, Any]:
    role = item.get("role")
    if not isinstance(role, str) or role not in ROLES:
        refuse(f"{where}.role", f"one of {', '.join(ROLES)} is needed")
    parts = list(_translate_parts(item.get("content"), f"{where}.content", dropped))
    if role == "assistant" and any(part["type"] != "text" for part in parts):
        refuse(f"{where}.content", "an assistant's message has texts alone in chat")
    return {"role": ROLES[role], "content": _join(parts)}


def _translate_call(item: dict[str, Any], kind: str, where: str) -> dict[str, Any]:
    if kind == "custom_tool_call":
        given = take_text(item.get("input"), f"{where}.input")
        arguments = json.dumps({"input": given}, ensure_ascii=False)
    else:
        arguments = take_text(item.get("arguments"), f"{where}.arguments")
    name = join_name(item.get("namespace"), take_text(item.get("name"), f"{where}.name"))
    function = {"name": name, "arguments": arguments}
    call_id = take_text(item.get("call_id"), f"{where}.call_id")
    return {"id": call_id, "type": "function", "function": function}


def _add_call(out: list[dict[str, Any]], call: dict[str, Any]) -> None:
    """Put a call into the assistant's message before it: parallel ones stand in one."""
    if not out or out[-1]["role"] != "assistant":
        out.append({"role": "assistant", "content": None})
    out[-1].setdefault("tool_calls", []).append(call)


def _translate_output(
    item: dict[str, Any], where: str, dropped: dict[str, None], shown: list[dict[str, Any]]
) -> dict[str, Any]:
    parts = list(_translate_parts(item.get("output"), f"{where}.output", dropped))
    shown += [part for part in parts if part["type"] != "text"]
    call_id = take_text(item.get("call_id"), f"{where}.call_id")
    text = "\n".join(part["text"] for part in parts if part["type"] == "text")
    return {"role": "tool", "tool_call_id": call_id, "content": text}


def _translate_parts(
    content: Any, where: str, dropped: dict[str, None]
) -> Iterator[dict[str, Any]]:
    if isinstance(content, str):
        content = [{"type": "input_text", "text": content}]
    for at, part in enumerate(take_list(content, where)):
        place = f"{where}[{at}]"
        kind = take_object(part, place).get("type")
        fields = PARTS.get("input_text" if kind in ("output_text", "text") else str(kind))
        if fields is None:
            refuse(f"{place}.type", f"{str(kind)[:60]} has nothing like it in chat")
        fields.check(part, place, dropped)
        if kind == "refusal":
            yield {"type": "text", "text": take_text(part.get("refusal"), f"{place}.refusal")}
        elif kind == "input_image":
            image = {"url": take_text(part.get("image_url"), f"{place}.image_url")}
            if part.get("detail") is not None:
                image["detail"] = part["detail"]
            yield {"type": "image_url", "image_url": image}
        elif kind == "input_file":
            data = take_text(part.get("file_data"), f"{place}.file_data")
            name = part.get("filename") or "document.pdf"
            yield {"type": "file", "file": {"filename": name, "file_data": data}}
        else:
            yield {"type": "text", "text": take_text(part.get("text"), f"{place}.text")}


def _join(parts: list[dict[str, Any]]) -> Any:
    """One text where there are texts alone, which every chat server takes; else the parts."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts

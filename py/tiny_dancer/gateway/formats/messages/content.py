"""Messages and their blocks of content, as those of chat."""

from collections.abc import Iterator
from typing import Any, Final

from ...http.json_text import dump_compact
from ..shape import refuse, take_list, take_object, take_text
from .fields import BLOCKS, MESSAGE, THINKING, THOUGHTS

ROLES: Final = ("user", "assistant", "system")


def translate_messages(
    messages: Any, system: Any, dropped: dict[str, None]
) -> list[dict[str, Any]]:
    """The messages of the chat.

    Raises:
        ApiError: 400 that names what is malformed or has no place in a chat.
    """
    out: list[dict[str, Any]] = []
    if system:
        parts = list(_translate_parts(system, "system", dropped))
        out.append({"role": "system", "content": _join(parts)})
    for at, message in enumerate(take_list(messages, "messages")):
        where = f"messages[{at}]"
        MESSAGE.check(take_object(message, where), where, dropped)
        role, content = message.get("role"), message.get("content")
        if role not in ROLES:
            refuse(f"{where}.role", f"one of {', '.join(ROLES)} is needed")
        translate = _translate_answer if role == "assistant" else _translate_turn
        out += translate(role, content, f"{where}.content", dropped)
    return out


def _translate_answer(
    role: str, content: Any, where: str, dropped: dict[str, None]
) -> Iterator[dict[str, Any]]:
    """An assistant's message: its text, and its calls of tools."""
    texts, calls = [], []
    for block, place in _list_blocks(content, where, dropped):
        if block["type"] == "text":
            texts.append(take_text(block.get("text"), f"{place}.text"))
        elif block["type"] == "tool_use":
            given = block.get("input")
            arguments = dump_compact({} if given is None else given).decode()
            name = take_text(block.get("name"), f"{place}.name")
            call_id = take_text(block.get("id"), f"{place}.id")
            function = {"name": name, "arguments": arguments}
            calls.append({"id": call_id, "type": "function", "function": function})
        else:
            refuse(f"{place}.type", "an assistant's message has texts and calls of tools in chat")
    message: dict[str, Any] = {"role": role, "content": "\n".join(texts) if texts else None}
    if calls:
        message["tool_calls"] = calls
    if texts or calls:
        yield message


def _translate_turn(
    role: str, content: Any, where: str, dropped: dict[str, None]
) -> Iterator[dict[str, Any]]:
    """Results of tools, each a message of its own and first, then what else the user sends."""
    parts: list[dict[str, Any]] = []
    for block, place in _list_blocks(content, where, dropped):
        if block["type"] != "tool_result":
            parts += _translate_block(block, place)
            continue
        said = list(_translate_parts(block.get("content"), f"{place}.content", dropped))
        text = "\n".join(one["text"] for one in said if one["type"] == "text")
        yield {
            "role": "tool",
            "tool_call_id": take_text(block.get("tool_use_id"), f"{place}.tool_use_id"),
            "content": f"Error: {text}" if block.get("is_error") else text,
        }
        parts += [one for one in said if one["type"] != "text"]
    if parts:
        yield {"role": role, "content": _join(parts)}


def _translate_parts(content: Any, where: str, dropped: dict[str, None]) -> Iterator[Any]:
    for block, place in _list_blocks(content, where, dropped):
        yield from _translate_block(block, place)


def _list_blocks(
    content: Any, where: str, dropped: dict[str, None]
) -> Iterator[tuple[dict[str, Any], str]]:
    """The blocks that chat has something for, and where each stands."""
    if isinstance(content, str):
        content = [{"type": "text", "text": content}] if content else []
    for at, block in enumerate(take_list(content, where)):
        place = f"{where}[{at}]"
        kind = take_object(block, place).get("type")
        if kind in THOUGHTS:
            dropped[THINKING] = None
        elif not isinstance(kind, str) or kind not in BLOCKS:
            refuse(f"{place}.type", f"{str(kind)[:60]} has nothing like it in chat")
        else:
            BLOCKS[kind].check(_strip_citations(block), place, dropped)
            yield block, place


def _strip_citations(block: dict[str, Any]) -> dict[str, Any]:
    """Without the setting that asks for no citations."""
    off = block.get("citations") == {"enabled": False}
    return {n: one for n, one in block.items() if n != "citations"} if off else block


def _translate_block(block: dict[str, Any], where: str) -> Iterator[dict[str, Any]]:
    """The parts of chat that say what a text, an image or a document says."""
    if block["type"] == "text":
        yield {"type": "text", "text": take_text(block.get("text"), f"{where}.text")}
        return
    if block["type"] not in ("image", "document"):
        refuse(f"{where}.type", f"{block['type']} cannot stand here")
    source = take_object(block.get("source"), f"{where}.source")
    kind, place = source.get("type"), f"{where}.source"
    title = block.get("title")
    if kind == "base64":
        data = take_text(source.get("data"), f"{place}.data")
        url = f"data:{take_text(source.get('media_type'), f'{place}.media_type')};base64,{data}"
        if block["type"] == "image":
            yield {"type": "image_url", "image_url": {"url": url}}
        else:
            name = title if isinstance(title, str) and title else "document.pdf"
            yield {"type": "file", "file": {"filename": name, "file_data": url}}
    elif kind == "url" and block["type"] == "image":
        yield {"type": "image_url", "image_url": {"url": take_text(source.get("url"), place)}}
    elif kind in ("text", "content") and block["type"] == "document":
        head = [one for one in (title, block.get("context")) if isinstance(one, str) and one]
        if head:
            yield {"type": "text", "text": "\n".join(head)}
        if kind == "text":
            yield {"type": "text", "text": take_text(source.get("data"), f"{place}.data")}
        else:
            yield from _translate_parts(source.get("content"), f"{place}.content", {})
    else:
        refuse(f"{place}.type", f"{str(kind)[:60]} has nothing like it in chat")


def _join(parts: list[dict[str, Any]]) -> Any:
    """One text where there are texts alone, which every chat server takes; else the parts."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts

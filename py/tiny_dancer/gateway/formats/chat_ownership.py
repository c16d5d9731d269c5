"""Whose the tool calls, and what only its maker can read, of a chat are."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..http.json_text import dump_compact
from ..routing.mark import put_mark, restore_ids, split_mark, strip_marks
from ..routing.pin import Pin, find_pin
from ..upstream.call import WholeAnswer
from .shape import list_objects, list_texts

SEALS: Final = ("signature", "data")
"""Fields of `reasoning_details`, as OpenRouter has them, that their maker alone can read."""

LONGEST_ID: Final = 40
"""Characters of a call's id that OpenAI's chat takes."""

LEFT_OUT: Final = "reasoning_details"


def find_chat_pin(body: Mapping[str, Any], tail: int) -> Pin | None:
    """What ties a chat to an upstream.

    Args:
        body: of the request.
        tail: how many messages there are from the user's last turn on.
    """
    messages = list_objects(body.get("messages"))
    loop = messages[-tail:]
    return find_pin(
        state=[one for message in messages for one in _list_kept(message)],
        thinking=[holder[seal] for message in loop for holder, seal in _list_seals(message)],
        calls=list_texts(*(one.get("id") for message in loop for one in _list_calls(message))),
        results=list_texts(*(message.get("tool_call_id") for message in loop)),
        is_running=any(_is_of_tools(one) for one in loop),
    )


def leave_own_chat(
    body: Mapping[str, Any], mark: str, tail: int
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The request as an upstream gets it, and the names of what was left out.

    Every id goes to its maker as it was given. What another signed or encrypted is left out.

    Args:
        body: of the request.
        mark: the upstream's.
        tail: how many messages there are from the user's last turn on.
    """
    messages, is_less = body.get("messages"), False
    if not isinstance(messages, list):
        return dict(body), ()
    kept: list[Any] = []
    for message in messages:
        if isinstance(message, dict):
            message, is_foreign = _drop_foreign(_restore_ids(message, mark), mark)
            is_less = is_less or is_foreign
        kept.append(message)
    return {**body, "messages": kept}, (LEFT_OUT,) if is_less else ()


def mark_chat_answer(answer: WholeAnswer, mark: str) -> bytes:
    """The body of a chat's answer; byte for byte the upstream's where it makes no tool call."""
    return dump_compact(answer.value) if mark_chat(answer.value, mark) else answer.body


def mark_chat(value: Mapping[str, Any], mark: str) -> bool:
    """Put the mark on what a client echoes of an answer or a piece of one; False for nothing."""
    is_marked = False
    for choice in list_objects(value.get("choices")):
        for message in (choice.get("message"), choice.get("delta")):
            if isinstance(message, dict):
                holders: list[tuple[Any, str]] = [(call, "id") for call in _list_calls(message)]
                holders += [(message.get("audio"), "id"), *_list_seals(message)]
                for holder, name in holders:
                    is_marked = put_mark(holder, name, mark) or is_marked
    return is_marked


def mark_translated(value: dict[str, Any], mark: str, place: int) -> None:
    """Put the mark also on an answer's own id, and ids on calls that came without one.

    The ids of what the answer, or a piece of it, is translated to end as these do.

    Args:
        value: the answer, or a piece of it.
        mark: of the upstream.
        place: of the answer in its conversation, so that its calls do not share an id with those
            of another place.
    """
    if isinstance(value.get("id"), str):
        value["id"] += mark
    for choice in list_objects(value.get("choices")):
        for message in (choice.get("message"), choice.get("delta")):
            calls = _list_calls(message) if isinstance(message, dict) else []
            for at, call in enumerate(calls):
                function = call.get("function")
                if not call.get("id") and isinstance(function, dict) and function.get("name"):
                    index = call.get("index")
                    call["id"] = f"call_{place}_{index if isinstance(index, int) else at}"
    mark_chat(value, mark)


def _is_of_tools(message: Mapping[str, Any]) -> bool:
    """True for calls of tools and for results, also those of functions, which have no ids."""
    is_call = bool(_list_calls(message) or message.get("function_call"))
    return is_call or message.get("role") in ("tool", "function")


def _list_calls(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    calls = message.get("tool_calls")
    return list_objects(calls) if calls else []


def _list_kept(message: Mapping[str, Any]) -> Iterator[str]:
    """Ids of what a server keeps: a spoken answer, files."""
    audio = message.get("audio")
    yield from list_texts(audio.get("id")) if isinstance(audio, dict) else ()
    for part in list_objects(message.get("content")):
        file = part.get("file")
        yield from list_texts(file.get("file_id")) if isinstance(file, dict) else ()


def _list_seals(message: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Objects and names of the texts that their maker alone can read."""
    if "reasoning_details" in message:
        for detail in list_objects(message["reasoning_details"]):
            yield from ((detail, seal) for seal in SEALS if list_texts(detail.get(seal)))
    for holder in (message, *_list_calls(message)):
        extra = holder.get("extra_content")  # as Google has it
        google = extra.get("google") if isinstance(extra, dict) else None
        if isinstance(google, dict) and list_texts(google.get("thought_signature")):
            yield google, "thought_signature"


def _restore_ids(message: dict[str, Any], mark: str) -> dict[str, Any]:
    message = restore_ids(message, mark, LONGEST_ID, "tool_call_id")
    if isinstance(message.get("tool_calls"), list):
        calls = [
            restore_ids(one, mark, LONGEST_ID, "id") if isinstance(one, dict) else one
            for one in message["tool_calls"]
        ]
        message = {**message, "tool_calls": calls}
    if isinstance(message.get("audio"), dict):
        message = {**message, "audio": strip_marks(message["audio"], "id")}
    return message


def _drop_foreign(message: dict[str, Any], mark: str) -> tuple[dict[str, Any], bool]:
    """The message with its maker's seals as they were given, and whether another's were dropped."""
    if not any(True for _ in _list_seals(message)):
        return message, False
    message, is_less = copy.deepcopy(message), False
    for holder, seal in list(_list_seals(message)):
        holder[seal], found = split_mark(holder[seal])
        if found is not None and found != mark:
            del holder[seal]
            is_less = True
    return message, is_less

"""What is asked about in requests of decision models: the state, and what it needs of a model."""

from collections.abc import Mapping
from typing import Any, Final

from ...decisions import State, read_state
from ..http.api_error import ApiError
from ..routing.conversation import BYTES_A_TOKEN, Conversation

MEDIA: Final = {"images": "vision", "assets": "vision", "videos": "vision", "audio": "audio"}
"""Fields beside a System One state, and what reading them takes."""


def read_decisions(body: Mapping[str, Any]) -> Conversation:
    """The conversation of an OpenAI Decisions request: one turn, from its `input`.

    Raises:
        ApiError: 400 where there is no input.
        InvalidInputError: it is nested too deeply.
    """
    given = body.get("input")
    if not isinstance(given, str) and not (isinstance(given, list) and given):
        raise ApiError(400, "input: a text or a list of items is needed.", param="input")
    return _to_conversation(read_state(given))


def read_system_one(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a System One request: one turn, from its `state`.

    Raises:
        ApiError: 400 where there is no state.
        InvalidInputError: it is nested too deeply.
    """
    if body.get("state") is None:
        raise ApiError(400, "state: a text or a value of JSON is needed.", param="state")
    state = read_state(body["state"])
    needs = {need for name, need in MEDIA.items() if body.get(name)}
    return _to_conversation(State(state.text, state.needs | needs))


def _to_conversation(state: State) -> Conversation:
    size = len(state.text.encode("utf-8", "surrogatepass"))
    return Conversation((state.text,), state.needs, size // BYTES_A_TOKEN)

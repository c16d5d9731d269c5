"""Scripted agents: the official clients, in a tool loop, over several gateways in turn.

Every second request is streamed. Results go back in another order than their calls came in, and a
request that fails is sent again, unchanged, as clients do.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import anthropic
import httpx
import openai
from gateway.running import KEY
from patience import PATIENCE_S

Object = dict[str, Any]

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}
FAILURES = (openai.APIStatusError, anthropic.APIStatusError)
REMINDER = "<system-reminder>\nThe user has not seen this.\n</system-reminder>"


class Agent:
    """What all have in common.

    Args:
        urls: of the gateways; each request goes to the next one.
        system: the system prompt.
        before: called before each request with how many there were in this turn.
        recover: called where one fails; then it is sent again.

    Attributes:
        failures: how many requests failed.
    """

    def __init__(
        self,
        urls: Sequence[str],
        system: str,
        before: Callable[[int], object] = lambda _: None,
        recover: Callable[[], object] = lambda: None,
    ) -> None:
        self.system, self.before, self.recover = system, before, recover
        self.failures = 0
        self.history: list[Any] = []
        self._clients = [self._open(url) for url in urls]
        self._next = itertools.cycle(self._clients)
        self._streams = itertools.cycle((False, True))

    def turn(self, text: str) -> None:
        """One user turn, to the end of its tool loop."""
        self.history.append(self._say(text))
        for n in itertools.count():
            self.before(n)
            try:
                calls = self._ask(next(self._next), next(self._streams))
            except FAILURES:
                self.failures += 1
                assert self.failures < 9
                self.recover()
                continue
            if not calls:
                return
            self.history += self._answer(list(reversed(calls)))

    def follow(self, urls: Sequence[str]) -> None:
        """Ask each gateway at the port where it listens now."""
        for client, url in zip(self._clients, urls, strict=True):
            client.base_url = client.base_url.copy_with(port=httpx.URL(url).port)

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _open(self, url: str) -> Any:
        return openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=PATIENCE_S)

    def _say(self, text: str) -> Object:
        return {"role": "user", "content": text}

    def _ask(self, client: Any, is_streamed: bool) -> list[str]:
        """Ids of the calls in the next answer, which is part of the history then."""
        raise NotImplementedError

    def _answer(self, calls: list[str]) -> Iterator[Object]:
        raise NotImplementedError


class ChatAgent(Agent):
    """Chat completions."""

    def _ask(self, client: Any, is_streamed: bool) -> list[str]:
        tool = {"type": "function", "function": {"name": "look", "parameters": SCHEMA}}
        messages = [{"role": "system", "content": self.system}, *self.history]
        ask = {"model": "auto", "messages": messages, "tools": [tool]}
        if is_streamed:
            with client.chat.completions.stream(**ask) as events:
                answer = events.get_final_completion()
        else:
            answer = client.chat.completions.create(**ask)
        message = answer.choices[0].message
        self.history.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
        for call in self.history[-1].get("tool_calls") or ():
            call["function"].pop("parsed_arguments", None)
        return [call.id for call in message.tool_calls or ()]

    def _answer(self, calls: list[str]) -> Iterator[Object]:
        for call in calls:
            yield {"role": "tool", "tool_call_id": call, "content": "It is there."}


class MessagesAgent(Agent):
    """Anthropic messages, with thinking, and with what its tool puts between the results."""

    def _open(self, url: str) -> Any:
        return anthropic.Anthropic(base_url=url, api_key=KEY, max_retries=0, timeout=PATIENCE_S)

    def _ask(self, client: Any, is_streamed: bool) -> list[str]:
        ask = {
            "model": "auto",
            "max_tokens": 2_000,
            "system": self.system,
            "messages": self.history,
            "tools": [{"name": "look", "input_schema": SCHEMA}],
            "thinking": {"type": "enabled", "budget_tokens": 1_024},
        }
        if is_streamed:
            with client.messages.stream(**ask) as events:
                answer = events.get_final_message()
        else:
            answer = client.messages.create(**ask)
        content = [block.model_dump(exclude_none=True) for block in answer.content]
        self.history.append({"role": "assistant", "content": content})
        return [block.id for block in answer.content if block.type == "tool_use"]

    def _answer(self, calls: list[str]) -> Iterator[Object]:
        results = [
            {"type": "tool_result", "tool_use_id": call, "content": "It is there."}
            for call in calls
        ]
        yield {"role": "user", "content": results}
        yield {"role": "user", "content": [{"type": "text", "text": REMINDER}]}


class ResponsesAgent(Agent):
    """OpenAI responses, not stored, with encrypted reasoning, behind a context of its tool's."""

    def _say(self, text: str) -> Object:
        return {"type": "message", "role": "user", "content": text}

    def _ask(self, client: Any, is_streamed: bool) -> list[str]:
        context = "<environment_context>\n  <cwd>/home/me</cwd>\n</environment_context>"
        ask = {
            "model": "auto",
            "instructions": self.system,
            "input": [self._say(context), *self.history],
            "tools": [{"type": "function", "name": "look", "parameters": SCHEMA, "strict": False}],
            "store": False,
            "include": ["reasoning.encrypted_content"],
        }
        if is_streamed:
            with client.responses.stream(**ask) as events:
                answer = events.get_final_response()
        else:
            answer = client.responses.create(**ask)
        items = [one.model_dump(exclude_none=True) for one in answer.output]
        for item in items:
            item.pop("parsed_arguments", None)
        self.history += items
        return [item["call_id"] for item in items if item["type"] == "function_call"]

    def _answer(self, calls: list[str]) -> Iterator[Object]:
        for call in calls:
            yield {"type": "function_call_output", "call_id": call, "output": "It is there."}


AGENTS = {"chat": ChatAgent, "messages": MessagesAgent, "responses": ResponsesAgent}

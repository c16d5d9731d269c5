"""Frameworks as clients of a gateway: python python_clients.py URL KEY MODEL; prints JSON.

Each asks for the weather with a tool, answers its calls, and gets the last word, whole or streamed,
by its own types. Runs in the environment of clients.txt.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any

URL, KEY, MODEL = sys.argv[1:4]
os.environ |= {
    "OPENAI_API_KEY": KEY,
    "OPENAI_BASE_URL": f"{URL}/v1",
    "ANTHROPIC_API_KEY": KEY,
    "ANTHROPIC_BASE_URL": URL,
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "DO_NOT_TRACK": "1",
}
EASY = "What is the capital of France?"
SEEN: list[str] = []


def weather(city: str) -> str:
    """Tell the weather.

    Args:
        city: its name.
    """
    SEEN.append(city)
    return "sunny"


def openai_agents(stream: bool) -> str:
    from agents import Agent, Runner, function_tool, set_default_openai_client
    from openai import AsyncOpenAI

    set_default_openai_client(AsyncOpenAI())  # each run has a loop of its own
    agent = Agent(name="a", model=MODEL, tools=[function_tool(weather)])
    if not stream:
        return str(Runner.run_sync(agent, EASY).final_output)

    async def run() -> str:
        result = Runner.run_streamed(agent, EASY)
        async for _ in result.stream_events():
            pass
        return str(result.final_output)

    return asyncio.run(run())


def pydantic_ai(model: Any, stream: bool) -> str:
    from pydantic_ai import Agent

    agent = Agent(model, tools=[weather])
    if not stream:
        return str(agent.run_sync(EASY).output)

    async def run() -> str:
        async with agent.run_stream_events(EASY) as events:
            told = [event async for event in events]
        return str(told[-1].result.output)

    return asyncio.run(run())


def pydantic_responses(stream: bool) -> str:
    from pydantic_ai.models.openai import OpenAIResponsesModel

    return pydantic_ai(OpenAIResponsesModel(MODEL), stream)


def pydantic_messages(stream: bool) -> str:
    from pydantic_ai.models.anthropic import AnthropicModel

    return pydantic_ai(AnthropicModel(MODEL), stream)


def pydantic_output(stream: bool) -> str:
    from pydantic import BaseModel
    from pydantic_ai import Agent, NativeOutput
    from pydantic_ai.models.openai import OpenAIResponsesModel

    class City(BaseModel):
        name: str

    agent = Agent(OpenAIResponsesModel(MODEL), output_type=NativeOutput(City))
    return agent.run_sync(EASY).output.name


def langchain(chat: Any, stream: bool) -> str:
    from langchain_core.messages import HumanMessage, ToolMessage

    bound, messages = chat.bind_tools([weather]), [HumanMessage(EASY)]
    for _ in range(2):
        if stream:
            answer = None
            for chunk in bound.stream(messages):
                answer = chunk if answer is None else answer + chunk
        else:
            answer = bound.invoke(messages)
        messages.append(answer)
        for call in answer.tool_calls:
            result = weather(**call["args"])
            messages.append(ToolMessage(result, tool_call_id=call["id"]))
    return answer.text if isinstance(answer.text, str) else answer.text()


def langchain_responses(stream: bool) -> str:
    from langchain_openai import ChatOpenAI

    return langchain(ChatOpenAI(model=MODEL, use_responses_api=True), stream)


def langchain_messages(stream: bool) -> str:
    from langchain_anthropic import ChatAnthropic

    chat = ChatAnthropic(model=MODEL, base_url=URL, api_key=KEY, max_tokens=4000)
    return langchain(chat, stream)


def litellm_messages(stream: bool) -> str:
    import litellm

    tools = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
    messages: list[Any] = [{"role": "user", "content": EASY}]
    for _ in range(2):
        answer = litellm.completion(
            model=f"anthropic/{MODEL}",
            api_base=URL,
            api_key=KEY,
            messages=messages,
            tools=tools,
            stream=stream,
        )
        if stream:
            answer = litellm.stream_chunk_builder(list(answer), messages=messages)
        message = answer.choices[0].message
        messages.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls or ():
            result = weather(**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    return str(message.content)


def litellm_responses(stream: bool) -> str:
    import litellm

    tools = [{"type": "function", "name": "weather", "parameters": SCHEMA}]
    items: list[Any] = [{"role": "user", "content": EASY}]
    for _ in range(2):
        answer = litellm.responses(
            model=f"openai/{MODEL}",
            api_base=f"{URL}/v1",
            api_key=KEY,
            input=items,
            tools=tools,
            stream=stream,
        )
        if stream:
            answer = list(answer)[-1].response
        for item in answer.output:
            item = item if isinstance(item, dict) else item.model_dump(exclude_none=True)
            items.append(item)
            if item["type"] == "function_call":
                result = weather(**json.loads(item["arguments"]))
                call = {"call_id": item["call_id"], "output": result}
                items.append({"type": "function_call_output", **call})
    return str(answer.output_text)


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def llm_chat(stream: bool) -> str:
    from llm.default_plugins.openai_models import Chat

    model = Chat(MODEL, api_base=f"{URL}/v1", can_stream=True, supports_tools=True)
    model.key = KEY
    return model.chain(EASY, tools=[weather], stream=stream).text().rpartition("see.")[2].strip()


def llm_messages(stream: bool) -> str:
    from llm_anthropic import ClaudeMessages

    model = ClaudeMessages(MODEL, base_url=URL)
    model.key = KEY
    return model.chain(EASY, tools=[weather], stream=stream).text().rpartition("see.")[2].strip()


CLIENTS: dict[tuple[str, str], Callable[[bool], str]] = {
    ("openai-agents", "responses"): openai_agents,
    ("pydantic-ai", "responses"): pydantic_responses,
    ("pydantic-ai", "messages"): pydantic_messages,
    ("pydantic-ai", "responses, typed output"): pydantic_output,
    ("langchain-openai", "responses"): langchain_responses,
    ("langchain-anthropic", "messages"): langchain_messages,
    ("litellm", "messages"): litellm_messages,
    ("litellm", "responses"): litellm_responses,
    ("llm", "chat"): llm_chat,
    ("llm-anthropic", "messages"): llm_messages,
}


def main() -> None:
    from importlib.metadata import version

    rows = []
    for (package, did), client in CLIENTS.items():
        for stream in (False, True):
            if stream and "typed" in did:
                continue
            SEEN.clear()
            try:
                said = client(stream)
                got = f"“{said}”" + (f", tool called for {' and '.join(SEEN)}" if SEEN else "")
            except Exception as error:
                got = f"{type(error).__name__}: {str(error)[:300]}"
            name = {"pydantic-ai": "pydantic-ai-slim"}.get(package, package)
            how = f"{did}, {'streamed' if stream else 'whole'}"
            rows.append({"client": f"{package} {version(name)}", "did": how, "got": got})
    print(json.dumps(rows, ensure_ascii=False))


if __name__ == "__main__":
    main()

"""Tools of a routed model: they reach a model through whatever stands around it."""

import pytest

pytest.importorskip("langchain_core")
pytest.importorskip("langchain_openai")

from conftest import EASY, HARD
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from tiny_dancer.integrations.langchain import routed_chat_model


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """Get weather for a given city."""
    return f"It's always sunny in {city}!"


def chat_of(up):
    return ChatOpenAI(model=up.name, base_url=up.url, api_key="k", max_retries=0)


def retry(model):
    return model.with_retry(stop_after_attempt=2, wait_exponential_jitter=False)


WAYS = {
    "retry": retry,
    "fallbacks": lambda model: model.with_fallbacks([model]),
    "retry of fallbacks": lambda model: retry(model.with_fallbacks([model])),
    "fallbacks of retries": lambda model: retry(model).with_fallbacks([retry(model)]),
    "retry of a binding": lambda model: retry(model.bind(user="u")),
    "binding of a retry": lambda model: retry(model).bind(user="u"),
}


@pytest.mark.parametrize("way", WAYS)
def test_tools_reach_the_models_inside(small, big, way):
    wrap = WAYS[way]
    chat = routed_chat_model(wrap(chat_of(small)), wrap(chat_of(big)))
    for prompt, up in ((EASY, small), (HARD, big)):
        (call,) = chat.bind_tools([get_weather]).invoke(prompt).tool_calls
        assert call["name"] == "get_weather"
        assert up.calls[0]["tools"] == [convert_to_openai_tool(get_weather)]
        assert up.calls[0].get("user") == ("u" if "binding" in way else None)
        assert chat.with_structured_output(Person).invoke(prompt) == Person(name=up.name, age=7)


@pytest.mark.parametrize(("way", "calls"), [("retry", 2), ("fallbacks of retries", 4)])
def test_a_model_with_tools_is_retried_as_often_as_without(small, big, way, calls):
    small.status = 503
    chat = routed_chat_model(WAYS[way](chat_of(small)), chat_of(big)).bind_tools([get_weather])
    with pytest.raises(Exception, match="small is down"):
        chat.invoke(EASY)
    assert len(small.calls) == calls

"""LangChain's own quickstart, its router middleware and its chat models, with ours put in."""

import pickle

import pytest

pytest.importorskip("langchain_core")
pytest.importorskip("langchain_openai")
agents = pytest.importorskip("langchain.agents")

from conftest import EASY, HARD
from corpus.make_corpus import corpus
from langchain.agents.middleware import ModelChoice, ModelRouterMiddleware
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.decisions import Choice, Noul, Score
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.load import dumps, loads
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from tiny_dancer import InvalidInputError, Router
from tiny_dancer.integrations.langchain import (
    RoutedChatModel,
    TinyDancerDecisionModel,
    routed_chat_model,
)

QUESTION = Choice(instructions="Which?", criteria={"light": None, "powerful": None})
TIER = Choice(instructions="Which?", criteria={"cheap": None, "dear": None})
TIERS = {"tier": {"labels": {"cheap": "light", "dear": "powerful"}}}


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """Get weather for a given city."""
    return f"It's always sunny in {city}!"


def chat_of(up, **options):
    return ChatOpenAI(model=up.name, base_url=up.url, api_key="k", max_retries=0, **options)


@pytest.fixture
def chat(small, big):
    return routed_chat_model(chat_of(small), chat_of(big))


def ask(state, **questions):
    return {"state": state, "questions": questions}


def test_a_choice_is_the_maximum_of_a_distribution_that_sums_to_one():
    model = TinyDancerDecisionModel()
    for prompt, expected in ((EASY, "light"), (HARD, "powerful")):
        response = model.invoke(ask(prompt, model_route=QUESTION))
        answer = response.choices["model_route"]
        assert answer.choice == expected == max(answer.probabilities, key=answer.probabilities.get)
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-9)
        assert answer.confidence == answer.probabilities[expected]
        assert response.request_id


def test_a_choice_is_what_the_router_decides_for_every_prompt_of_the_corpus():
    router, model = Router(), TinyDancerDecisionModel()
    prompts = [row["prompt"] for row in corpus()][:200]
    answers = model.batch([ask(prompt, q=QUESTION) for prompt in prompts])
    chosen = [answer.choices["q"].choice for answer in answers]
    assert chosen == [router.route(prompt).model for prompt in prompts]
    assert len(set(chosen)) == 2


@pytest.mark.parametrize(
    "state",
    [
        HumanMessage(HARD),
        [HumanMessage(EASY), AIMessage("Paris."), HumanMessage(HARD)],
        {"messages": [{"role": "user", "content": HARD}]},
        [HumanMessage([{"type": "text", "text": HARD}])],
    ],
)
def test_the_last_user_turn_is_what_is_decided_on(state):
    found = TinyDancerDecisionModel().invoke(ask(state, q=QUESTION))
    alone = TinyDancerDecisionModel().invoke(ask(HARD, q=QUESTION))
    assert found.choices["q"] == alone.choices["q"]


def test_a_picture_goes_to_the_powerful_model():
    picture = {"type": "image", "base64": "aGk=", "mime_type": "image/png"}
    state = HumanMessage([{"type": "text", "text": EASY}, picture])
    assert (
        TinyDancerDecisionModel().invoke(ask(state, q=QUESTION)).choices["q"].choice == "powerful"
    )


def test_what_the_config_maps_is_answered_and_all_else_refused_by_its_name():
    model = TinyDancerDecisionModel(questions={**TIERS, "enough": {"predicate": "light"}})
    found = model.invoke(ask(EASY, tier=TIER, enough=Noul(instructions="Is it enough?")))
    assert found.choices["tier"].choice == "cheap" and found.nouls["enough"].noul > 0.5
    for name, question in {
        "other": TIER,
        "urgent": Noul(instructions="Is it urgent?"),
        "anger": Score(instructions="How angry?", criteria=["calm", "angry"]),
    }.items():
        with pytest.raises(NotImplementedError, match=f"question '{name}'"):
            model.invoke(ask(EASY, **{name: question}))


def test_a_config_is_refused_where_it_is_made():
    with pytest.raises(ValueError, match=r"questions\.tier\.label: there are labels"):
        TinyDancerDecisionModel(questions={"tier": {"label": {}}})


async def test_awaited_and_in_batches_it_answers_the_same():
    model = TinyDancerDecisionModel()
    asked = [ask(EASY, q=QUESTION), ask(HARD, q=QUESTION)] * 5
    expected = [model.invoke(one).answers for one in asked]
    assert [one.answers for one in model.batch(asked)] == expected
    assert [one.answers for one in await model.abatch(asked)] == expected
    assert (await model.ainvoke(asked[0])).answers == expected[0]


@pytest.mark.parametrize("copy", ["pickle", "dump"])
def test_a_decision_model_outlives_pickle_and_dump(copy):
    model = TinyDancerDecisionModel(questions=TIERS)
    before = model.invoke(ask(HARD, tier=TIER)).answers
    if copy == "pickle":
        again = pickle.loads(pickle.dumps(model))
    else:
        again = loads(
            dumps(model),
            allowed_objects=[TinyDancerDecisionModel],
            valid_namespaces=["tiny_dancer"],
        )
    assert again == model and again.invoke(ask(HARD, tier=TIER)).answers == before


def test_a_router_of_ones_own_decides_and_is_not_pickled():
    router = Router()
    model = TinyDancerDecisionModel(router=router)
    model.invoke(ask(EASY, q=QUESTION))
    assert router.metrics().decisions == {("light", "below_threshold"): 1}
    with pytest.raises(InvalidInputError, match="cannot be pickled"):
        pickle.dumps(model)


@pytest.mark.filterwarnings("ignore:.*in beta")
async def test_langchains_router_middleware_runs_the_quickstart_agent(small, big):
    router = ModelRouterMiddleware(
        choices={
            "light": ModelChoice(model=chat_of(small), criteria="Simple tasks."),
            "powerful": ModelChoice(model=chat_of(big), criteria="Hard tasks."),
        },
        instructions="Choose the least costly model suited to the task.",
        classifier=TinyDancerDecisionModel(),
    )
    agent = agents.create_agent(
        chat_of(big), tools=[get_weather], system_prompt="Help.", middleware=[router]
    )
    for prompt, name in ((EASY, "small"), (HARD, "big")):
        state = {"messages": [{"role": "user", "content": prompt}]}
        for found in (agent.invoke(state), await agent.ainvoke(state)):
            assert found["messages"][-1].content == f"Hello from {name}"
            assert found["messages"][-2].content == f"It's always sunny in {name}!"
            assert found["model_route"].choice == {"small": "light", "big": "powerful"}[name]
    assert len(small.calls) == len(big.calls) == 4  # a tool call and an answer, twice


def test_the_quickstart_agent_runs_on_a_routed_model(chat, small, big):
    agent = agents.create_agent(chat, tools=[get_weather], system_prompt="Help.")
    found = agent.invoke({"messages": [{"role": "user", "content": EASY}]})["messages"]
    assert [message.type for message in found] == ["human", "ai", "tool", "ai"]
    assert found[-1].content == "Hello from small"
    assert len(small.calls) == 2 and not big.calls
    assert small.calls[0]["tools"] == [convert_to_openai_tool(get_weather)]


async def test_each_way_of_asking_reaches_the_model_that_is_needed(chat, small, big):
    for prompt, name, model in ((EASY, "small", "light"), (HARD, "big", "powerful")):
        streamed = None
        for chunk in chat.stream(prompt):
            streamed = chunk if streamed is None else streamed + chunk
        awaited = None
        async for chunk in chat.astream(prompt):
            awaited = chunk if awaited is None else awaited + chunk
        for answer in (chat.invoke(prompt), await chat.ainvoke(prompt), streamed, awaited):
            decision = answer.response_metadata["tiny_dancer"]
            assert (answer.content, decision["served_by"]) == (f"Hello from {name}", model)
            assert 0 < decision["confidence"] < 1 and 0 < decision["uncertainty"] <= 1
        assert chat.invoke(prompt).usage_metadata["total_tokens"] == 14
    answers = chat.batch([EASY, HARD] * 4)
    assert [answer.content for answer in answers] == ["Hello from small", "Hello from big"] * 4


def test_a_schema_is_filled_by_the_model_that_is_needed(chat, small, big):
    found = chat.with_structured_output(Person)
    assert found.invoke(EASY) == Person(name="small", age=7)
    assert found.invoke(HARD) == Person(name="big", age=7)
    assert len(small.calls) == len(big.calls) == 1
    assert "ls_structured_output_format" not in small.calls[0]


def test_what_fails_is_the_callers_and_fallbacks_work_as_ever(chat, small, big):
    small.status = 503
    with pytest.raises(Exception, match="small is down"):
        chat.invoke(EASY)
    assert chat.with_fallbacks([chat_of(big)]).invoke(EASY).content == "Hello from big"


@pytest.mark.parametrize("kind", ["fallbacks", "retry"])
async def test_fallbacks_and_retries_of_one_of_the_two_are_its_own(small, big, kind):
    light = chat_of(small)
    if kind == "fallbacks":
        small.status = 503
        spare = FakeMessagesListChatModel(responses=[AIMessage("Hello from small")])
        light = light.with_fallbacks([spare])
    else:
        light = light.with_retry(stop_after_attempt=2)
    chat = routed_chat_model(light, chat_of(big))
    counted = UsageMetadataCallbackHandler()
    told = [chat.invoke(EASY, {"callbacks": [counted]}, stop=["."]), await chat.ainvoke(EASY)]
    told.append(sum_chunks(list(chat.stream(EASY))))
    told.append(sum_chunks([chunk async for chunk in chat.astream(EASY)]))
    assert [one.content for one in told] == ["Hello from small"] * 4
    assert {one.response_metadata["tiny_dancer"]["served_by"] for one in told} == {"light"}
    assert sum(one["total_tokens"] for one in counted.usage_metadata.values()) in (0, 14)


def sum_chunks(chunks):
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return whole


async def test_the_rate_limiter_of_a_model_is_asked_before_it(small, big):
    limiter = Limiter()
    chat = routed_chat_model(chat_of(small, rate_limiter=limiter), chat_of(big))
    chat.invoke(EASY), await chat.ainvoke(EASY), list(chat.stream(EASY)), chat.invoke(HARD)
    assert [one async for one in chat.astream(EASY)] and limiter.asked == 4


class Limiter(BaseRateLimiter):
    asked = 0

    def acquire(self, *, blocking=True):
        self.asked += 1
        return True

    async def aacquire(self, *, blocking=True):
        return self.acquire()


def test_what_cannot_be_read_goes_to_the_powerful_model():
    light, powerful = (
        FakeMessagesListChatModel(responses=[AIMessage(name)]) for name in ("light", "powerful")
    )
    odd = HumanMessage([{"type": "text", "text": EASY}, {"type": "odd", "odd": b"bytes"}])
    assert routed_chat_model(light, powerful).invoke([odd]).content == "powerful"


def test_an_option_that_is_none_is_refused(small, big):
    with pytest.raises(TypeError, match="polcy"):
        routed_chat_model(chat_of(small), chat_of(big), polcy="strict.json")


def test_a_model_that_cannot_stream_is_streamed_whole():
    fake = FakeMessagesListChatModel(responses=[AIMessage("one two")])
    chunks = list(routed_chat_model(fake, fake).stream(EASY))
    assert "".join(chunk.content for chunk in chunks) == "one two"


def test_a_routed_model_outlives_dump_and_load(chat, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    again = loads(
        dumps(chat),
        allowed_objects=[RoutedChatModel, ChatOpenAI],
        valid_namespaces=["tiny_dancer"],
        secrets_from_env=True,
    )
    assert again.invoke(EASY).content == "Hello from small"
    assert again.invoke(HARD).content == "Hello from big"


def test_a_routed_model_outlives_pickle_where_its_models_do():
    light, powerful = (
        FakeMessagesListChatModel(responses=[AIMessage(name)]) for name in ("small", "big")
    )
    again = pickle.loads(pickle.dumps(routed_chat_model(light, powerful)))
    assert (again.invoke(EASY).content, again.invoke(HARD).content) == ("small", "big")

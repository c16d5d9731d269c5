"""LiteLLM asks for decisions, and LangChain's types read them: decide.py URL KEY; prints JSON."""

import json
import os
import sys
from urllib.request import Request, urlopen

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would ask the network for prices

import litellm
from langchain_core.decisions import Choice, ClassifierResponse, Noul

URL, KEY = sys.argv[1:3]
STATES = {
    "easy": "What is the capital of France?",
    "hard": "Prove that every bounded sequence has a convergent subsequence.",
}
QUESTIONS = {
    "model": Choice(instructions="Which?", criteria={"light": None, "powerful": None}),
    "tier": Choice(instructions="Which?", criteria={"cheap": None, "dear": None}),
    "enough": Noul(instructions="Is the small model enough?"),
    "urgent": Noul(instructions="Is it urgent?"),
}
LISTED = [
    {"type": "choice", "name": "model", "instructions": "Which?"}
    | {"choices": [{"value": "light"}, {"value": "powerful"}]},
    {"type": "choice", "name": "tier", "instructions": "Which?"}
    | {"choices": [{"value": "cheap"}, {"value": "dear"}]},
    {"type": "predicate", "name": "enough", "instructions": "Is the small model enough?"},
    {"type": "predicate", "name": "urgent", "instructions": "Is it urgent?"},
]
plain = {name: question.model_dump(exclude_none=True) for name, question in QUESTIONS.items()}
for name in ("model", "tier"):
    plain[name]["criteria"] = QUESTIONS[name].criteria


def ask_openai(state):
    """Through LiteLLM's Decisions API."""
    answers = litellm.decisions(
        model="openai/auto", input=state, questions=LISTED, api_base=f"{URL}/v1", api_key=KEY
    ).answers
    model, tier, enough, urgent = answers
    return [model.choice, tier.choice, enough.probability > 0.5, urgent.type]


def ask_system_one(state):
    """Through LiteLLM's System One API."""
    answers = litellm.systemone(
        model="typesafe/auto", state=state, questions=plain, api_base=URL, api_key=KEY
    ).answers
    return [
        answers["model"].choice,
        answers["tier"].choice,
        answers["enough"].noul > 0.5,
        "refusal" if "urgent" not in answers else answers["urgent"].type,
    ]


def read_with_langchain(state):
    """The answer of the gateway, by LangChain's own types."""
    body = json.dumps({"model": "auto", "state": state, "questions": plain}).encode()
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    with urlopen(Request(f"{URL}/v1/systemone", body, headers)) as answer:
        found = ClassifierResponse.model_validate_json(answer.read())
    return [
        found.choices["model"].choice,
        found.choices["tier"].choice,
        found.nouls["enough"].noul > 0.5,
        "refusal" if "urgent" not in found.answers else "answer",
    ]


WAYS = {
    "litellm.decisions": ask_openai,
    "litellm.systemone": ask_system_one,
    "langchain": read_with_langchain,
}
print(json.dumps({n: {k: ask(s) for k, s in STATES.items()} for n, ask in WAYS.items()}))

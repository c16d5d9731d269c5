"""Typed questions about a state, as decision models answer them."""

import json
from typing import Any

from tiny_dancer.decisions import read_question_configs, system_one
from tiny_dancer.decisions.figures import describe_figures
from tiny_dancer.integrations.conversation import answer_conversation

from .replies import encode
from .routers import get_router


def decide(number: int, state: str, questions: str, configs: str) -> str:
    """The answers by the questions' ids, what was refused and why, and the router's own figures."""

    def work() -> dict[str, Any]:
        asked = system_one.read_questions(json.loads(questions))
        known = read_question_configs(json.loads(configs))
        response, answers = answer_conversation(get_router(number), json.loads(state), asked, known)
        return {
            "answers": system_one.write_answers(asked, answers, {}),
            "refusals": system_one.write_warnings(asked, answers),
            "figures": {"model": response.model, **describe_figures(response)},
        }

    return encode(work)

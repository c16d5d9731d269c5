"""Decides for a conversation in anybody's shape; what every integration shares."""

import logging
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, TypeVar

from ..decisions import (
    Answer,
    Question,
    QuestionConfig,
    answer_questions,
    check_models,
    read_state,
)
from ..errors import InvalidInputError
from ..files.input import read_text
from ..policy import POWERFUL, Choice, Policy, decide
from ..policy.preference import resolve_name
from ..response import Reason, RoutingResponse
from ..router import Router

T = TypeVar("T")

_LOG: Final = logging.getLogger("tiny_dancer.integrations")


@cache
def open_router(bundle: str | None = None, policy: str | None = None) -> Router:
    """One for all of a process that name the same files.

    Args:
        bundle: its file; the shipped one where left out.
        policy: file of a certified policy; the bundle's own rule where left out.
    """
    rule = Policy.from_json(read_text(policy)) if policy is not None else None
    return Router(model=bundle, policy=rule)


def find_for(router: Router, model: str, named: Mapping[str, T]) -> T | None:
    """What was given for a model; that of the powerful one where nothing was, or None.

    Args:
        router: knows the bundle's own names.
        model: one of them.
        named: by `light`, `powerful` or the bundle's own names.
    """
    models = router.bundle.config.models if router.bundle is not None else (POWERFUL,)
    found = {resolve_name(name, models): value for name, value in named.items()}
    return found.get(model, found.get(models[-1]))


def decide_conversation(router: Router, value: Any) -> RoutingResponse:
    """The decision on a text, on messages or on parts, recorded; see `answer_conversation`."""
    return answer_conversation(router, value)[0]


def decide_any(router: Router, value: Any) -> RoutingResponse:
    """The same where all has to be answered: what cannot be read goes to the powerful model."""
    try:
        return decide_conversation(router, value)
    except InvalidInputError as error:
        _LOG.warning("a conversation that cannot be read goes to the powerful model: %s", error)
        return decide_conversation(router, [{"type": "file"}])


def answer_conversation(
    router: Router,
    value: Any,
    questions: Iterable[Question] = (),
    configs: Mapping[str, QuestionConfig] | None = None,
) -> tuple[RoutingResponse, list[Answer]]:
    """The decision on the last user turn, recorded, and what it answers to questions.

    What holds images, sounds or files goes to the powerful model, reason `capability`: the router
    read none of it.

    Args:
        router: decides.
        value: a text, messages with `role` and `content`, or any JSON; see `read_state`.
        questions: about it.
        configs: by a question's id what it means.

    Raises:
        InvalidInputError: the value is nested too deeply, or a config names no model.
    """
    state = read_state(value)
    scored = router.score(state.text, candidates=())
    configs = configs or {}
    check_models(configs, scored.models)
    healthy = [router.circuit_breaker_status(model) is not False for model in scored.models]
    choice = decide(scored, scored.rule, healthy)
    if state.needs and choice.model != scored.models[-1]:
        choice = Choice(scored.models[-1], Reason.CAPABILITY)
    answers = answer_questions(questions, configs, scored, choice)
    return router.record(scored, choice), answers

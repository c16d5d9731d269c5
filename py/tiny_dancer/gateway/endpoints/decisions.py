"""POST /v1/decisions and /v1/systemone: the router, asked as decision models are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...decisions import Answer, Question, answer_questions, openai, system_one
from ...decisions.figures import describe_figures
from ...policy import decide
from ...response import RoutingResponse
from ..formats.decisions import read_decisions, read_system_one
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response, json_response
from ..routing.choice import choose_by_capability, choose_by_mode
from ..routing.conversation import Conversation
from ..routing.headers import build_decision_headers
from ..routing.key_model import name_for_key
from ..routing.model_name import resolve_model
from ..routing.upstreams import AUTO

if TYPE_CHECKING:
    from ..gateway import Gateway


async def decide_questions(gateway: "Gateway", request: Request) -> Response:
    """Answer as the OpenAI Decisions API: a list of questions about `input`."""
    body = parse_body(request)
    conversation = read_decisions(body)
    questions = openai.read_questions(body.get("questions"))
    response, answers = _answer(gateway, request, body, questions, conversation)
    written = openai.write_answers(questions, answers, describe_figures(response))
    return _respond(body, response, {"answers": written, "usage": openai.write_usage()})


async def decide_system_one(gateway: "Gateway", request: Request) -> Response:
    """Answer as System One: questions by id about a `state`."""
    body = parse_body(request)
    conversation = read_system_one(body)
    questions = system_one.read_questions(body.get("questions"))
    response, answers = _answer(gateway, request, body, questions, conversation)
    return _respond(
        body,
        response,
        {
            "answers": system_one.write_answers(questions, answers, describe_figures(response)),
            "usage": system_one.write_usage(),
            "warnings": system_one.write_warnings(questions, answers),
        },
    )


def _answer(
    gateway: "Gateway",
    request: Request,
    body: Mapping[str, Any],
    questions: list[Question],
    conversation: Conversation,
) -> tuple[RoutingResponse, list[Answer]]:
    """One decision about the text, recorded, and what it answers to each question."""
    name = None if body.get("model") == "" else body.get("model")
    name = name_for_key(gateway.config.find_key(request.caller), name, gateway.upstreams)
    mode = gateway.config.find_mode(request.caller)
    model = resolve_model(name, gateway.upstreams, gateway.router.bundle, gateway.policies, mode)
    if model.upstream is not None:
        raise ApiError(400, "model: auto or auto:quality=x is needed.", param="model")
    router = gateway.router
    scored = router.score(conversation.texts[-1], candidates=(), policy=model.policy)
    healthy = [router.circuit_breaker_status(one) is not False for one in scored.models]
    choice = decide(scored, scored.rule, healthy)
    would = None
    if mode != "on":
        choice, would = choose_by_mode(choice, gateway.upstreams, conversation, mode)
    elif conversation.needs:
        choice = choose_by_capability(choice, gateway.upstreams, conversation)
    answers = answer_questions(questions, gateway.config.decisions, scored, choice)
    return router.record(scored, choice, request.caller, would), answers


def _respond(
    body: Mapping[str, Any], response: RoutingResponse, rest: Mapping[str, Any]
) -> Response:
    headers = build_decision_headers(response, response.model)
    return json_response({"model": body.get("model") or AUTO, **rest}, headers=headers)

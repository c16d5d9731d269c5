"""The same call as each software logs it; tests/integrations holds them to the vendors' types."""

import json
from typing import Any

STARTED = 1_793_527_200
"""2026-11-01T10:00:00Z."""

Rows = list[dict[str, Any]]


def make_litellm(n: int, prompt: str, model: str, mark: float | None) -> Rows:
    """A row of the table of spend logs."""
    empty = ("api_base", "user", "cache_key")
    unknown = (
        *("completionStartTime", "model_id", "model_group", "mcp_namespaced_tool_name"),
        *("agent_id", "team_id", "organization_id", "end_user", "requester_ip_address"),
        *("custom_llm_provider", "request_duration_ms", "litellm_call_id"),
    )
    return [
        {
            **{"request_id": f"call-{n}", "call_type": "acompletion", "api_key": "hash"},
            **{"spend": 0.25, "total_tokens": 30, "prompt_tokens": 10, "completion_tokens": 20},
            "startTime": "2026-11-01T10:00:00+00:00",
            "endTime": "2026-11-01T10:00:01.500000+00:00",
            "model": model,
            "metadata": json.dumps({} if mark is None else {"score": mark}),
            "messages": [{"role": "user", "content": prompt}],
            **{"proxy_server_request": "{}", "session_id": "s", "status": "success"},
            **{"response": "{}", "request_tags": "[]", "cache_hit": "False"},
            **dict.fromkeys(empty, ""),
            **dict.fromkeys(unknown),
        }
    ]


def make_langfuse(n: int, prompt: str, model: str, mark: float | None) -> Rows:
    """An observation as the API's second version gives it, and its score."""
    at = "2026-11-01T10:00:00.000Z"
    rows: Rows = [
        {
            **{"id": f"call-{n}", "traceId": f"trace-{n}", "projectId": "p", "type": "GENERATION"},
            **{"startTime": at, "endTime": "2026-11-01T10:00:01.500Z", "latency": 1.5},
            **{"model": model, "level": "DEFAULT", "sessionId": "s", "totalCost": 0.25},
            "usageDetails": {"input": 10, "output": 20, "total": 30},
            "input": [{"role": "user", "content": prompt}],
        }
    ]
    if mark is not None:
        rows.append(
            {
                **{"id": f"score-{n}", "traceId": f"trace-{n}", "observationId": f"call-{n}"},
                **{"name": "score", "dataType": "NUMERIC", "value": mark, "source": "API"},
                **dict.fromkeys(("timestamp", "createdAt", "updatedAt"), at),
                "environment": "default",
            }
        )
    return rows


def make_otel(n: int, prompt: str, model: str, mark: float | None) -> Rows:
    """A batch with one span, its evaluation as an event."""
    messages = [{"role": "user", "parts": [{"type": "text", "content": prompt}]}]
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": model,
        "gen_ai.response.model": f"{model}-2026-10-01",
        "gen_ai.conversation.id": "s",
        "gen_ai.usage.cost": 0.25,
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.input.messages": json.dumps(messages),
    }
    span: dict[str, Any] = {
        **{"traceId": f"{n:032x}", "spanId": f"{n:016x}", "name": f"chat {model}", "kind": 3},
        "startTimeUnixNano": f"{STARTED}000000000",
        "endTimeUnixNano": f"{STARTED + 1}500000000",
        "attributes": write_attributes(attributes),
        "status": {},
    }
    if mark is not None:
        evaluation = {"gen_ai.evaluation.name": "score", "gen_ai.evaluation.score.value": mark}
        event = {"name": "gen_ai.evaluation.result", "attributes": write_attributes(evaluation)}
        span["events"] = [{"timeUnixNano": f"{STARTED + 2}000000000", **event}]
    return [{"resourceSpans": [{"scopeSpans": [{"scope": {"name": "x"}, "spans": [span]}]}]}]


def write_attributes(values: dict[str, Any]) -> Rows:
    """Attributes as OTLP's JSON has them: whole numbers as texts."""
    kinds = {str: "stringValue", int: "intValue", float: "doubleValue"}
    return [
        {"key": key, "value": {kinds[type(v)]: str(v) if type(v) is int else v}}
        for key, v in values.items()
    ]


def make_openai(n: int, prompt: str, model: str, mark: float | None) -> Rows:
    """A stored completion, and the message that its own call gives."""
    message = {"role": "assistant", "content": "Paris.", "refusal": None}
    return [
        {
            **{"id": f"call-{n}", "object": "chat.completion", "created": STARTED, "model": model},
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
            "metadata": {"session": "s"} | ({} if mark is None else {"score": str(mark)}),
        },
        {"id": f"call-{n}-0", "role": "user", "content": prompt, "content_parts": None},
    ]


MAKERS = {
    "litellm": make_litellm,
    "langfuse": make_langfuse,
    "otel": make_otel,
    "openai": make_openai,
}

"""The table of the fields of a responses request."""

from typing import Final

from ..fields import Fields

_STATE: Final = "a server keeps that state"
_ASYNC: Final = "an answer in a chat ends at its calls of tools"
_BOOKS: Final = "for the vendor's own books"
_CACHE: Final = "a hint; chat servers keep their own caches"

_ECHOED: Final = dict.fromkeys(
    ("id", "status", "phase", "caller"), "nothing: of the vendor's store"
)

REQUEST: Final = Fields(
    "",
    translated={
        "model": "`model`",
        "input": "`messages`",
        "instructions": "the first message, of role `system`",
        "max_output_tokens": "`max_completion_tokens`",
        "parallel_tool_calls": "`parallel_tool_calls`",
        "stream": "`stream`",
        "temperature": "`temperature`",
        "top_p": "`top_p`",
        "text": "`response_format`",
        "tools": "`tools`",
        "tool_choice": "`tool_choice`",
        "store": "nothing: no answer is kept; named as dropped where true was asked for",
    },
    dropped={
        "client_metadata": _BOOKS,
        "image": "how images are compressed on the way",
        "include": "asks for more about an answer",
        "max_tool_calls": "bounds the vendor's own tools, which are refused",
        "metadata": f"{_BOOKS}; the answer repeats it",
        "prompt_cache_key": _CACHE,
        "prompt_cache_options": _CACHE,
        "prompt_cache_retention": _CACHE,
        "reasoning": "chat servers without it refuse it",
        "safety_identifier": _BOOKS,
        "service_tier": "a price list of the vendor",
        "stream_options": "pads events",
        "top_logprobs": "asks for more about an answer",
        "truncation": "a prompt that is too long is the chat server's to refuse",
        "user": _BOOKS,
    },
    refused={
        "previous_response_id": _STATE,
        "conversation": _STATE,
        "prompt": _STATE,
        "background": _STATE,
        "background_options": _STATE,
        "access_programs": "the vendor's own",
        "context_management": _STATE,
        "moderation": "the vendor's own",
    },
)
REASONING: Final = "reasoning"
"""Named as dropped where an effort was asked for, or earlier reasoning is left out."""

TEXT: Final = Fields(
    "text",
    translated={"format": "`response_format`"},
    dropped={"verbosity": "chat servers without it refuse it"},
)
FORMAT: Final = Fields(
    "text.format",
    translated={
        "type": "`text`, `json_object`, `json_schema`",
        "name": "`json_schema.name`",
        "description": "`json_schema.description`",
        "schema": "`json_schema.schema`",
        "strict": "`json_schema.strict`",
    },
)
TOOLS: Final = {
    "function": Fields(
        "tools[] of type function",
        translated={
            "type": "`function`",
            "name": "`function.name`",
            "description": "`function.description`",
            "parameters": "`function.parameters`",
            "strict": "`function.strict`",
        },
        dropped={
            "allowed_callers": "a model on a chat server calls tools directly",
            "defer_loading": "the tool is there from the start",
            "output_schema": "a hint",
        },
        refused={"async": _ASYNC},
    ),
    "namespace": Fields(
        "tools[] of type namespace",
        translated={
            "type": "its tools, each a function; their calls come back with the `namespace`",
            "name": "before their names, as `namespace__name`",
            "description": "before their descriptions",
            "tools": "`tools`",
        },
    ),
    "custom": Fields(
        "tools[] of type custom",
        translated={
            "type": "a function of one text, `input`; its calls come back as custom ones",
            "name": "`function.name`",
            "description": "`function.description`",
            "format": "a line of the description: the grammar is told, not enforced",
        },
        dropped={
            "allowed_callers": "a model on a chat server calls tools directly",
            "defer_loading": "the tool is there from the start",
        },
        refused={"async": _ASYNC},
    ),
}
TOOL_CHOICE: Final = Fields(
    "tool_choice",
    translated={"type": "`function`; of another type: refused", "name": "`function.name`"},
)
ITEMS: Final = {
    "message": Fields(
        "input[] of type message",
        translated={
            "type": "a message",
            "role": "`role`; `developer` becomes `system`",
            "content": "`content`",
        }
        | _ECHOED,
    ),
    "function_call": Fields(
        "input[] of type function_call",
        translated={
            "type": "`tool_calls[]` of an assistant's message",
            "call_id": "`id`",
            "name": "`function.name`",
            "namespace": "before the name, as `namespace__name`",
            "arguments": "`function.arguments`",
        }
        | _ECHOED,
    ),
    "custom_tool_call": Fields(
        "input[] of type custom_tool_call",
        translated={
            "type": "`tool_calls[]` of an assistant's message",
            "call_id": "`id`",
            "name": "`function.name`",
            "namespace": "before the name, as `namespace__name`",
            "input": "`function.arguments`",
        }
        | _ECHOED,
    ),
    "function_call_output": Fields(
        "input[] of type function_call_output",
        translated={
            "type": "a message of role `tool`",
            "call_id": "`tool_call_id`",
            "output": "`content`; images follow in a message of role `user`",
        }
        | _ECHOED,
    ),
}
OUTPUTS: Final = ("function_call_output", "custom_tool_call_output")
PARTS: Final = {
    "input_text": Fields(
        "content[] of type input_text, output_text, text",
        translated={"type": "`text`", "text": "`text`"},
        dropped={
            "annotations": "of an earlier answer",
            "logprobs": "of an earlier answer",
            "prompt_cache_breakpoint": _CACHE,
        },
    ),
    "refusal": Fields(
        "content[] of type refusal", translated={"type": "`text`", "refusal": "`text`"}
    ),
    "input_image": Fields(
        "content[] of type input_image",
        translated={
            "type": "`image_url`",
            "image_url": "`image_url.url`",
            "detail": "`image_url.detail`",
        },
        dropped={"prompt_cache_breakpoint": _CACHE},
        refused={"file_id": _STATE},
    ),
    "input_file": Fields(
        "content[] of type input_file",
        translated={
            "type": "`file`",
            "file_data": "`file.file_data`",
            "filename": "`file.filename`",
        },
        dropped={"detail": "a hint", "prompt_cache_breakpoint": _CACHE},
        refused={"file_id": _STATE, "file_url": "chat servers fetch no files"},
    ),
}
TABLE: Final = (
    REQUEST,
    TEXT,
    FORMAT,
    *ITEMS.values(),
    *PARTS.values(),
    *TOOLS.values(),
    TOOL_CHOICE,
)

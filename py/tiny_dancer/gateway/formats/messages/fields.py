"""The table of the fields of a messages request."""

from typing import Final

from ..fields import Fields

_CACHE: Final = "a hint; chat servers keep their own caches"

REQUEST: Final = Fields(
    "",
    translated={
        "model": "`model`",
        "messages": "`messages`",
        "system": "the first message, of role `system`",
        "max_tokens": "`max_completion_tokens`",
        "stop_sequences": "`stop`",
        "stream": "`stream`",
        "temperature": "`temperature`",
        "top_p": "`top_p`",
        "tools": "`tools`",
        "tool_choice": "`tool_choice`, `parallel_tool_calls`",
        "output_config": "`response_format`",
        "output_format": "`response_format`",
        "thinking": "nothing; what a server tells of its reasoning becomes `thinking`, unsigned",
    },
    dropped={
        "metadata": "for the vendor's own books",
        "cache_control": _CACHE,
        "context_management": "edits of earlier turns, which the client still has",
        "diagnostics": "asks for figures about a cache",
        "service_tier": "a price list of the vendor",
        "speed": "a price list of the vendor",
        "top_k": "trims what is sampled; chat has `top_p` alone",
        "user_profile_id": "for the vendor's own books",
        "betas": "of the vendor's API",
    },
    refused={
        "container": "a server keeps its state",
        "mcp_servers": "chat servers call no other servers",
        "inference_geo": "nobody else can promise the region",
        "fallbacks": "the gateway has its own",
    },
)
THINKING: Final = "thinking"
"""Named as dropped where a budget was asked for, or earlier thinking is left out."""

OUTPUT: Final = Fields(
    "output_config",
    translated={"format": "`response_format`"},
    dropped={"effort": "chat servers without it refuse it", "task_budget": "a hint"},
)
FORMAT: Final = Fields(
    "output_config.format",
    translated={"type": "`json_schema`", "schema": "`response_format.json_schema.schema`"},
)
MESSAGE: Final = Fields(
    "messages[]",
    translated={"role": "`role`: `user`, `assistant`, `system`", "content": "`content`"},
)
TOOL: Final = Fields(
    "tools[]",
    translated={
        "type": "`function`; of another type than `custom`: refused by its name",
        "name": "`function.name`",
        "description": "`function.description`",
        "input_schema": "`function.parameters`",
        "strict": "`function.strict`",
    },
    dropped={
        "cache_control": _CACHE,
        "allowed_callers": "a model on a chat server calls tools directly",
        "defer_loading": "the tool is there from the start",
        "eager_input_streaming": "arguments are streamed as they come",
        "input_examples": "a hint",
    },
)
TOOL_CHOICE: Final = Fields(
    "tool_choice",
    translated={
        "type": "`auto`, `required` for `any`, a function for `tool`, `none`",
        "name": "`function.name`",
        "disable_parallel_tool_use": "`parallel_tool_calls: false`",
    },
)
BLOCKS: Final = {
    "text": Fields(
        "content[] of type text",
        translated={"type": "", "text": "`text`"},
        dropped={"cache_control": _CACHE, "citations": "of an earlier answer"},
    ),
    "image": Fields(
        "content[] of type image",
        translated={"type": "`image_url`", "source": "`image_url.url`; of type `file`: refused"},
        dropped={"cache_control": _CACHE, "transformations": "chat servers scale as they do"},
    ),
    "document": Fields(
        "content[] of type document",
        translated={
            "type": "`file`, or `text` for a source of text",
            "source": "`file.file_data`, or `text`; of type `url` or `file`: refused",
            "title": "`file.filename`, or a line before the text",
            "context": "a line before the text; with a PDF it is left out",
        },
        dropped={"cache_control": _CACHE},
        refused={"citations": "chat servers cite nothing"},
    ),
    "tool_use": Fields(
        "content[] of type tool_use",
        translated={
            "type": "`tool_calls[]`",
            "id": "`id`",
            "name": "`function.name`",
            "input": "`function.arguments`",
        },
        dropped={"cache_control": _CACHE, "caller": "tells who called", "toolset_name": "a label"},
    ),
    "tool_result": Fields(
        "content[] of type tool_result",
        translated={
            "type": "a message of role `tool`",
            "tool_use_id": "`tool_call_id`",
            "content": "`content`; images follow in a message of role `user`",
            "is_error": "`Error: ` before the text",
        },
        dropped={"cache_control": _CACHE, "toolset_name": "a label"},
    ),
}
THOUGHTS: Final = ("thinking", "redacted_thinking")
"""Types of content that only the model that signed them can read: left out, named `thinking`."""

TABLE: Final = (REQUEST, OUTPUT, FORMAT, MESSAGE, *BLOCKS.values(), TOOL, TOOL_CHOICE)

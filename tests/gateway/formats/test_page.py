"""docs/formats.md, the table of fields, and the fields that the official clients can send."""

from typing import get_args

import openai.types.responses
import pytest
from gateway.formats.page import PAGE, filled

from tiny_dancer.gateway.formats.messages import fields as messages
from tiny_dancer.gateway.formats.responses import fields as responses

anthropic = pytest.importorskip("anthropic")


def test_the_pages_tables_are_those_of_the_code():
    page = PAGE.read_text("utf-8")
    assert filled(page) == page


@pytest.mark.parametrize("table", [messages.TABLE, responses.TABLE], ids=["messages", "responses"])
def test_each_field_has_one_fate(table):
    for one in table:
        names = [*one.translated, *one.dropped, *one.refused]
        assert len(names) == len(set(names)), one.path


@pytest.mark.parametrize(
    ("table", "kinds", "elsewhere"),
    [
        (
            messages.REQUEST,
            (
                anthropic.types.message_create_params.MessageCreateParamsBase,
                anthropic.types.message_create_params.MessageCreateParamsStreaming,
            ),
            {"workspace_id"},  # a header
        ),
        (messages.TOOL, (anthropic.types.ToolParam,), set()),
        (messages.OUTPUT, (anthropic.types.OutputConfigParam,), set()),
        (messages.MESSAGE, get_args(anthropic.types.MessageParam), set()),
        (messages.BLOCKS["text"], (anthropic.types.TextBlockParam,), set()),
        (messages.BLOCKS["image"], (anthropic.types.ImageBlockParam,), set()),
        (messages.BLOCKS["document"], (anthropic.types.DocumentBlockParam,), set()),
        (messages.BLOCKS["tool_use"], (anthropic.types.ToolUseBlockParam,), set()),
        (messages.BLOCKS["tool_result"], (anthropic.types.ToolResultBlockParam,), set()),
        (
            responses.REQUEST,
            (
                openai.types.responses.response_create_params.ResponseCreateParamsBase,
                openai.types.responses.response_create_params.ResponseCreateParamsStreaming,
            ),
            set(),
        ),
        (responses.TOOLS["function"], (openai.types.responses.FunctionToolParam,), set()),
        (responses.TOOLS["custom"], (openai.types.responses.CustomToolParam,), set()),
        (responses.TEXT, (openai.types.responses.ResponseTextConfigParam,), set()),
        (responses.PARTS["input_image"], (openai.types.responses.ResponseInputImageParam,), set()),
        (responses.PARTS["input_file"], (openai.types.responses.ResponseInputFileParam,), set()),
    ],
)
def test_every_field_that_the_official_client_knows_is_in_the_table(table, kinds, elsewhere):
    known = {name for kind in kinds for name in kind.__annotations__}
    listed = {*table.translated, *table.dropped, *table.refused}
    assert known - elsewhere - listed == set()

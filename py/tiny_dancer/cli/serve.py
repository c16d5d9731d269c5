"""`tiny-dancer serve`: an OpenAI-compatible gateway."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InvalidInputError
from .console import open_console

_PROMPT = "What is the capital of France?"
_TRY = """\
 is an OpenAI API before two models that only say who they are.
  curl -i http://{host}:{port}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{{"model": "auto", "messages": [{{"role": "user", "content": "{prompt}"}}]}}'
The headers x-tiny-dancer-* say what was decided; /v1/stats says what it saved. Ctrl+C ends it."""


def serve(
    config: Annotated[
        Path | None, typer.Option(help="Settings, TOML or JSON; docs/gateway.md lists them.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8787,
    workers: Annotated[int, typer.Option(help="Processes that serve.", min=1, max=64)] = 1,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve two small models of our own; needs no key.")
    ] = False,
) -> None:
    """Serve an OpenAI API that routes each request to the light or the powerful model."""
    if demo == (config is not None):
        raise typer.BadParameter("either --config FILE or --demo is needed")
    if demo and workers > 1:
        raise typer.BadParameter("--demo runs in one process")
    try:
        from ..gateway.server import server as serving
    except ModuleNotFoundError as error:
        raise InvalidInputError(
            f"{error.name} is missing; install the extra: pip install '.[serve]' in a clone"
        ) from None
    if config is None:
        from ..gateway.server.demo import DemoUpstreams

        with DemoUpstreams() as upstreams:
            console = open_console()
            console.print(f"http://{host}:{port}", style="bold", end="")
            console.print(_TRY.format(host=host, port=port, prompt=_PROMPT))
            serving.run(upstreams.config, host, port)
        return
    settings = serving.read_file(config)  # so that a bad file is told before any process starts
    serving.check(settings)
    if workers > 1 and settings.storage is None:
        raise InvalidInputError(
            "storage.path: several processes need a file to share breakers and outcomes"
        )
    if workers == 1:
        serving.run(settings, host, port)
        return
    os.environ[serving.CONFIG_VARIABLE] = str(config.resolve())
    serving.run_many(host, port, workers)

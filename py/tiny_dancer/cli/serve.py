"""`tiny-dancer serve`: an OpenAI-compatible gateway."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InvalidInputError
from .console import open_console

_PROMPT = "What is the capital of France?"
_TRY = """\
 is an OpenAI API before two models that only say who they are.
  curl -i {address}/v1/chat/completions -H 'content-type: application/json' \\
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
        from ..gateway.server import config_file, greeting, server
        from ..gateway.server import workers as processes
    except ModuleNotFoundError as error:
        raise InvalidInputError(
            f"{error.name} is missing; install the extra: pip install '.[serve]' in a clone"
        ) from None
    console = open_console()
    if config is None:
        from ..gateway.server.demo import DemoUpstreams

        with DemoUpstreams() as upstreams:
            listener = server.listen(host, port)
            address = greeting.format_address(listener, host)
            console.print(address, style="bold", end="")
            if warning := greeting.find_warning(upstreams.config, host):
                console.print(f"\n{warning}")
            console.print(_TRY.format(address=address, prompt=_PROMPT))
            server.run(upstreams.config, listener)
        return
    settings = config_file.read_file(config)  # a bad file is told before any process starts
    config_file.check_config(settings)
    if workers > 1 and settings.storage is None:
        raise InvalidInputError(
            "storage.path: several processes need a file to share breakers and outcomes"
        )
    listener = server.listen(host, port)
    console.print(greeting.describe(settings, greeting.format_address(listener, host)))
    if warning := greeting.find_warning(settings, host):
        console.print(warning)
    if workers == 1:
        server.run(settings, listener, partial(config_file.read_file, config))
        return
    serving = processes.Workers(config.resolve(), listener, workers, settings.limits.grace_s)
    if code := serving.run():
        raise typer.Exit(code)

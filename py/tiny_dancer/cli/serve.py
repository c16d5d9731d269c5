"""`tiny-dancer serve`: an OpenAI-compatible gateway."""

import signal
import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InvalidInputError
from ..files.output import check_output
from .console import open_console

if TYPE_CHECKING:
    from ..gateway.config.settings import GatewayConfig

_PROMPT = "What is the capital of France?"
_TRY = """\
 is an OpenAI API before two models that only say who they are.
  curl -i {address}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{{"model": "auto", "messages": [{{"role": "user", "content": "{prompt}"}}]}}'
The headers x-tiny-dancer-* say what was decided; /v1/stats says what it saved. Ctrl+C ends it."""


class Client(StrEnum):
    """Clients whose settings `--for` knows."""

    CLAUDE_CODE = "claude-code"
    CODEX = "codex"
    OPENAI = "openai"


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
    observe: Annotated[
        bool,
        typer.Option("--observe", help="With --demo: only observe, and compare both models."),
    ] = False,
    history: Annotated[
        Path | None, typer.Option(help="With --demo: file of the history, kept for later.")
    ] = None,
    client: Annotated[
        Client | None, typer.Option("--for", help="Say what to set for this client, and serve.")
    ] = None,
    init: Annotated[
        bool, typer.Option("--init", help="Write a config to begin with, and end.")
    ] = False,
    light: Annotated[
        str | None, typer.Option(help="With --init: PROVIDER:MODEL, such as ollama:llama3.2:3b.")
    ] = None,
    powerful: Annotated[
        str | None, typer.Option(help="With --init: PROVIDER:MODEL, such as openai:NAME.")
    ] = None,
) -> None:
    """Serve an OpenAI API that routes each request to the light or the powerful model."""
    if init:
        if demo or light is None or powerful is None:
            raise typer.BadParameter("--init needs --light PROVIDER:MODEL and --powerful too")
        _write_config(config or Path("gateway.toml"), light, powerful)
        return
    if light is not None or powerful is not None:
        raise typer.BadParameter("--light and --powerful go with --init")
    if (observe or history is not None) and not demo:
        raise typer.BadParameter(
            "--observe and --history go with --demo; a config has policy.mode and storage.path"
        )
    if demo == (config is not None):
        raise typer.BadParameter("exactly one of --config FILE and --demo is needed")
    if demo and workers > 1:
        raise typer.BadParameter("--demo runs in one process")
    try:
        from ..gateway.server import config_file, greeting, server
        from ..gateway.server import workers as processes
    except ModuleNotFoundError as error:
        raise InvalidInputError(
            f"{error.name} is missing; install the extra: pip install '.[serve]' in a clone"
        ) from None
    # Asked to stop, it ends well: uvicorn raises the signal again once it has stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    console = open_console()
    if config is None:
        from ..gateway.server.demo import DemoUpstreams

        if history is not None and not greeting.is_loopback(host):
            raise typer.BadParameter("--history has an admin's key that all know: loopback alone")
        file = str(history) if history is not None else None
        with DemoUpstreams(file, observes=observe) as upstreams:
            listener = server.listen(host, port)
            address = greeting.format_address(listener, host)
            console.print(address, style="bold", end="")
            if warning := greeting.find_warning(upstreams.config, host):
                console.print(f"\n{warning}")
            console.print(_TRY.format(address=address, prompt=_PROMPT))
            _tell_client(client, upstreams.config, address)
            server.run(upstreams.config, listener)
        return
    settings = config_file.read_file(config)  # a bad file is told before any process starts
    config_file.check_config(settings, config)
    if workers > 1 and settings.storage is None:
        raise InvalidInputError(
            "storage.path: several processes need a file to share breakers and outcomes"
        )
    listener = server.listen(host, port)
    address = greeting.format_address(listener, host)
    console.print(greeting.describe(settings, address))
    if warning := greeting.find_idle_shadow(settings):
        console.print(warning)
    if warning := greeting.find_warning(settings, host):
        console.print(warning)
    _tell_client(client, settings, address)
    if workers == 1:
        server.run(settings, listener, partial(config_file.read_file, config))
        return
    serving = processes.Workers(config.resolve(), listener, workers, settings.limits.grace_s)
    if code := serving.run():
        raise typer.Exit(code)


def _tell_client(client: "Client | None", config: "GatewayConfig", address: str) -> None:
    """Print what to set; as it stands, so that it can be copied."""
    if client is not None:
        from ..gateway.server.client_settings import describe_client

        print(describe_client(client, config, address), flush=True)


def _write_config(file: Path, light: str, powerful: str) -> None:
    from ..gateway.config.first_config import write_first_config

    text = write_first_config(light, powerful, str(file))
    check_output(file)
    try:
        with open(file, "x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise InvalidInputError(
            f"{file}: it is there already and stays; name another with --config"
        ) from None
    print(f"{file} is written; its first lines say what comes next.")

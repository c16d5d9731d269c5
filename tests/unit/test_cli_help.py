"""What the commands say of themselves."""

from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from tiny_dancer.cli.app import COMMANDS, app


def ask(*arguments):
    """What is printed where it succeeds, in one line without the frame."""
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return " ".join(done.output.replace("│", " ").split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_is_described(name):
    printed = ask(name, "--help")
    command = typer.main.get_command(app).get_command(None, name)
    for parameter in command.params:
        described = " ".join((parameter.help or "").split())
        assert described, parameter.name
        assert described in printed, parameter.name


def test_the_version_is_that_of_the_package():
    assert ask("--version") == f"tiny-dancer {version('tiny-dancer')}"

"""What users and developers read names everything that there is, and nothing that there is not."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bot
from bot.cli.arguments import _make, read_arguments
from bot.cli.commands import COMMANDS
from bot.model.finding import Tag
from bot.model.verdict import Verdict
from bot.request.options import OPTIONS
from bot.settings import Settings, variable
from bot.slack.asking.words import WORDS

if TYPE_CHECKING:
    from argparse import ArgumentParser

ROOT = Path(__file__).parent.parent
README = ROOT.joinpath("README.md").read_text("utf-8")
# Words in backticks, and the lines of shell blocks without their remarks.
NAMES = frozenset(re.findall(r"`([^`\n]+)`", README))
LINES = tuple(
    line.partition("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
)
CALLS = tuple(
    found[1]
    for line in LINES
    if (found := re.search(r"(?:^|[ /])relaycheck (.+?)(?: <.*)?$", line))
)
MODULES = sorted(
    path.stem
    for path in Path(bot.__file__).parent.iterdir()
    if not path.name.startswith(("_", "."))
    and (path.suffix == ".py" or path.joinpath("__init__.py").exists())
)


def commands() -> dict[str, ArgumentParser]:
    """Return the parser of each command."""
    return dict(_make()[1].choices)


@pytest.mark.parametrize("name", [variable(field) for field in Settings.model_fields])
def test_every_setting_is_in_the_readme(name: str) -> None:
    """A setting that nobody can read about is no setting."""
    assert name in NAMES


def test_the_readme_names_no_other_setting() -> None:
    """What the table of settings names can be set."""
    named = {name for name in NAMES if re.fullmatch(r"(RELAYCHECK|SLACK)_[A-Z_]+", name)}

    assert {variable(field) for field in Settings.model_fields} == named


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_slash_command_is_in_the_readme(word: str) -> None:
    """What can be typed in Slack can be read about."""
    assert any(re.match(rf"/relaycheck {word}\b", name) for name in NAMES)


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_of_a_check_is_in_the_readme(option: str) -> None:
    """Options have one name, in Slack and on the command line."""
    assert any(name.startswith(option) for name in NAMES)


@pytest.mark.parametrize("tag", Tag)
def test_every_tag_is_in_the_readme(tag: Tag) -> None:
    """Scripts match on tags, so each is named."""
    assert tag.value in NAMES


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_in_the_readme(verdict: Verdict) -> None:
    """Scripts match on verdicts, so each is named."""
    assert verdict.value in NAMES


def test_every_command_runs_and_is_shown() -> None:
    """A command has a parser, a function and a line in the README."""
    assert COMMANDS.keys() == commands().keys()
    assert COMMANDS.keys() == {call.split()[0] for call in CALLS}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_in_the_readme_is_understood(call: str) -> None:
    """A line that somebody copies from the README is accepted as it stands."""
    read_arguments(shlex.split(call))


@pytest.mark.parametrize(("command", "parser"), commands().items())
def test_every_option_of_a_command_is_explained(command: str, parser: ArgumentParser) -> None:
    """Each argument has a line of help, and none but --help is hidden from the help."""
    assert all(action.help for action in parser._actions)
    assert parser.description
    assert f"relaycheck {command}" in parser.format_usage()


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_on_the_map(module: str) -> None:
    """The map in ``bot/__init__.py`` has every room of the house."""
    assert re.search(rf"^``{module}``", bot.__doc__ or "", re.MULTILINE)


def test_the_map_has_no_other_room() -> None:
    """What is on the map is there."""
    assert sorted(re.findall(r"^``(\w+)``", bot.__doc__ or "", re.MULTILINE)) == MODULES


def test_the_map_is_in_the_order_of_the_layers() -> None:
    """Who imports stands above whom it imports, as the import contract has it."""
    configured = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))
    layers = configured["tool"]["importlinter"]["contracts"][0]["layers"]
    storey = {
        name: place for place, layer in enumerate(layers) for name in re.findall(r"\w+", layer)
    }
    on_the_map = re.findall(r"^``(\w+)``", bot.__doc__ or "", re.MULTILINE)

    assert sorted(on_the_map, key=storey.__getitem__) == on_the_map


def test_modules_are_as_short_as_contributing_says() -> None:
    """Most modules stay under 200 lines, none grows beyond 300."""
    lengths = sorted(
        len(path.read_text("utf-8").splitlines())
        for path in Path(bot.__file__).parent.rglob("*.py")
    )

    assert 300 >= lengths[-1]
    assert 200 > lengths[len(lengths) * 3 // 4]

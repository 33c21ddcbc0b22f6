"""Tests of the app manifest: Slack's schema, Slack's types, and what is asked for."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.sandbox.slack.methods import METHODS
from bot.slack.front.manifest import manifest, manifest_text
from tests.servers.requirements import require

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "tests/data/manifest.schema.json").read_text())
URL = "https://bot.example.com/slack/events"
# Used where an operator has granted them, and gone without elsewhere.
IF_GRANTED = {"channels:history", "usergroups:read"}
FORMS = [
    pytest.param(None, False, id="socket-mode"),
    pytest.param(URL, False, id="http"),
    pytest.param(None, True, id="socket-mode-workflow"),
    pytest.param(URL, True, id="http-workflow"),
]


async def type_errors(value: dict[str, Any]) -> str:
    """Return what TypeScript says of a manifest; nothing where it is well-typed."""
    require("npm", "npm")
    process = await asyncio.create_subprocess_exec(
        ROOT / "tests/tools/manifest_types/check.sh",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate(json.dumps(value).encode())
    return said.decode() if process.returncode else ""


def test_manifest_yml_is_the_manifest_for_socket_mode() -> None:
    """The file in the repository is what `relaycheck manifest` prints."""
    assert manifest_text() == (ROOT / "manifest.yml").read_text(encoding="utf-8")
    assert manifest() == yaml.safe_load(manifest_text())


@pytest.mark.parametrize(("url", "workflow"), FORMS)
def test_every_form_is_valid_by_slacks_schema(url: str | None, workflow: bool) -> None:
    """Every manifest that is printed passes Slack's own schema."""
    jsonschema.Draft7Validator(SCHEMA).validate(manifest(url, workflow=workflow))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("url", "workflow"), FORMS)
async def test_every_form_is_valid_by_slacks_types(url: str | None, workflow: bool) -> None:
    """Scopes and events are checked by Slack's TypeScript types, which the schema does not do."""
    assert "" == await type_errors(manifest(url, workflow=workflow))


@pytest.mark.timeout(300)
async def test_the_types_refuse_a_scope_that_does_not_exist() -> None:
    """The check by types can fail."""
    wrong = manifest()
    wrong["oauth_config"]["scopes"]["bot"].append("chat:shout")

    assert "chat:shout" in await type_errors(wrong)


def test_each_scope_is_needed_and_no_other() -> None:
    """What is asked for is what calls, command and events need by Slack's reference."""
    sources = [
        path.read_text("utf-8")
        for folder in ("deliver", "slack")
        for path in (ROOT / "bot" / folder).rglob("*.py")
    ]
    called = {
        f"{family}.{name}"
        for source in sources
        for family, name in re.findall(r"client\.([a-z]+)_(\w+)\(", source)
    }
    called |= {"files.getUploadURLExternal"} if "files.upload_v2" in called else set()
    needed = {METHODS[method].scope for method in called & METHODS.keys()} - {None}
    made = manifest()
    assert made["features"]["slash_commands"]
    assert "app_mention" in made["settings"]["event_subscriptions"]["bot_events"]

    asked = {*needed, "commands", "app_mentions:read"} - IF_GRANTED
    assert asked == set(made["oauth_config"]["scopes"]["bot"])


def test_socket_mode_holds_no_url() -> None:
    """In Socket Mode there is no address that Slack would have to verify."""
    assert "url" not in json.dumps(manifest())


def test_http_names_the_url_wherever_slack_delivers() -> None:
    """Over HTTP the command, interactions and events come to one address."""
    made = manifest(URL, workflow=True)

    assert made["settings"]["socket_mode_enabled"] is False
    assert {URL} == {command["url"] for command in made["features"]["slash_commands"]}
    assert URL == made["settings"]["interactivity"]["request_url"]
    assert URL == made["settings"]["event_subscriptions"]["request_url"]


@pytest.mark.parametrize("url", ["https://bot.example.com", "https://bot.example.com/"])
def test_a_url_without_a_path_gets_ours(url: str) -> None:
    """Who gives only the host means /slack/events on it."""
    assert URL == manifest(url)["settings"]["interactivity"]["request_url"]


@pytest.mark.parametrize("url", ["http://bot.example.com", "bot.example.com", "https://", ""])
def test_other_urls_are_refused(url: str) -> None:
    """Slack delivers to https:// addresses only."""
    with pytest.raises(ValueError, match="write one such as https"):
        manifest(url)


def test_the_workflow_step_needs_an_organisation_app() -> None:
    """The Workflow step is not in the default manifest; with it goes what Slack wants for it."""
    made = manifest(workflow=True)

    assert "functions" not in manifest()
    assert made["settings"]["org_deploy_enabled"] is True
    assert "remote" == made["settings"]["function_runtime"]
    assert "function_executed" in made["settings"]["event_subscriptions"]["bot_events"]
    assert 2 == made["_metadata"]["major_version"]


def test_making_one_manifest_does_not_change_the_next() -> None:
    """The data is copied for each manifest."""
    manifest(URL, workflow=True)

    assert manifest() == yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))

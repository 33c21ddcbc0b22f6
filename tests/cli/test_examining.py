"""``relaycheck doctor`` asks DNS and Slack, and prints what it found and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.cli.examining import run
from bot.cli.status import Status
from bot.sandbox.slack import StandIn
from bot.settings import load_settings
from bot.slack.front.manifest import manifest
from bot.slack.groups import SCOPE as GROUP_SCOPE
from bot.store import open_database

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.hosts import SampleHosts

SCOPES = frozenset(manifest()["oauth_config"]["scopes"]["bot"])
pytestmark = pytest.mark.usefixtures("environment")


def subjects(printed: str) -> dict[str, str]:
    """Return the state of each subject."""
    lines = [line for line in printed.splitlines() if not line.startswith(" ")]
    return {line.split()[1].rstrip(":"): line.split()[0] for line in lines}


@pytest.mark.parametrize("over_http", [False, True])
async def test_a_set_up_that_works(
    over_http: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DNS, mailboxes and tokens are asked about; notices alone are no fault."""
    async with StandIn(scopes=SCOPES) as slack:
        if over_http:
            slack.courier.request_url = "http://127.0.0.1:9/slack/events"
        for name, value in slack.environment().items():
            monkeypatch.setenv(name, value)

        assert Status.CLOSED is await run(load_settings())

    found = subjects(capsys.readouterr().out)
    assert "fault" not in found.values()
    assert "ok" == found["SLACK_BOT_TOKEN"] == found["RELAYCHECK_RCPT_TO"]
    assert ("SLACK_APP_TOKEN" in found) is not over_http


async def test_a_set_up_that_does_not_work(
    hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each fault has its line and its advice, and the status says so."""
    monkeypatch.setenv("RELAYCHECK_RCPT_TO", f"canary@null-mx.{hosts.suffix}")
    async with StandIn(scopes=frozenset({"commands"})) as slack:
        for name, value in slack.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-another")

        assert Status.UNKNOWN is await run(load_settings())

    out = capsys.readouterr().out
    found = subjects(out)
    assert ["fault"] * 3 == [
        found[name] for name in ("RELAYCHECK_RCPT_TO", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
    ]
    assert re.search(r"the token lacks [a-z:_, ]*chat:write", out)
    assert "publishes a null MX" in out


async def test_tokens_in_each_other_s_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mixed-up tokens are not shown to Slack."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")

    assert Status.UNKNOWN is await run(load_settings())
    assert "The tokens stand in each other's place" in capsys.readouterr().out


async def test_slack_cannot_be_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A network that fails is not called a bad token."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")

    assert Status.UNKNOWN is await run(load_settings())
    assert "Slack gave no usable answer: connection" in capsys.readouterr().out


async def test_without_a_token_slack_is_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """The command line can be well without it."""
    assert Status.CLOSED is await run(load_settings())

    found = subjects(capsys.readouterr().out)
    assert "ok" == found["RELAYCHECK_RCPT_TO"]
    assert "fault" not in found.values()


@pytest.mark.parametrize("granted", [False, True])
async def test_a_group_that_may_break_the_glass_needs_a_scope(
    granted: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever names a user group is told that Slack has to let its members be read."""
    async with StandIn(scopes=SCOPES | ({GROUP_SCOPE} if granted else set())) as slack:
        for name, value in slack.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("RELAYCHECK_BREAK_GLASS", "S0ONCALL")

        assert (Status.CLOSED if granted else Status.UNKNOWN) is await run(load_settings())

    assert (f"the token lacks {GROUP_SCOPE}" in capsys.readouterr().out) is not granted


async def test_a_pause_of_the_probes_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where reports are kept, whether probes pause has a line; where none are, it has none."""
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", f"sqlite:///{tmp_path}/kept.db")
    settings = load_settings()
    await run(settings)
    assert "RELAYCHECK_BREAKER" not in subjects(capsys.readouterr().out)

    async with open_database(settings.database_url.get_secret_value()):
        pass
    await run(settings)
    assert "ok" == subjects(capsys.readouterr().out)["RELAYCHECK_BREAKER"]

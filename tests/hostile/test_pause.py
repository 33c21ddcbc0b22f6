"""A server that calls us blocklisted, the running app, and the process after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack import StandIn
from tests.test_app import app, environment, finished

if TYPE_CHECKING:
    import pytest

    from bot.sandbox.hosts import SampleHosts


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says of a pause."""
    return [each for each in caplog.messages if "probes pause" in each]


async def test_a_pause_holds_in_the_next_process(
    hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log, status and the card say so, with its end; and after a restart as well."""
    async with StandIn(rate_limits=False) as slack:
        settings = environment(slack, hosts, over_http=False) | {"RELAYCHECK_BREAKER": "1/day"}
        async with app(settings, monkeypatch):
            await slack.slash_command("dana", "incident", f"blocks-us.{hosts.suffix}")
            await slack.until(lambda: finished(slack, "incident"))
        before = said(caplog)
        caplog.clear()
        async with app(settings, monkeypatch):
            ack = await slack.slash_command("dana", "payload-incidents", "status")
            await slack.slash_command("dana", "payload-incidents", f"closed.{hosts.suffix}")
            (card,) = await slack.until(lambda: finished(slack, "payload-incidents"))
            (reply,) = await slack.until(
                lambda: slack.channel("payload-incidents").replies(card.ts)
            )

    why = f"several (mx1.blocks-us.{hosts.suffix}) say that our own address is on a blocklist"
    assert [True] == [why in each for each in before]
    assert [True] == [why in each for each in said(caplog)]
    assert why in ack.body["text"]
    assert why in str(reply.blocks)

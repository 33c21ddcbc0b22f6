"""Checks as scripted progress, and the stage on which they are shown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.deliver import Destination, Pace, Story
from bot.model.domain_name import DomainName
from bot.model.exchange import TlsMode
from bot.model.report import (
    AddressReport,
    EndpointReport,
    Fcrdns,
    MailService,
    MxReport,
    Progress,
    Report,
    Vantage,
)
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.card import CardContext
from bot.sandbox.slack.response_url import Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bot.deliver import Slack
    from bot.sandbox.slack import Message, StandIn

ASKED_AT = datetime(2026, 11, 23, 12, 3, tzinfo=UTC)
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
LIKELY_OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
# Quick, so that the tests are; the rhythm is the same.
PACE = Pace(interval_s=0.02, calm_s=0.04, backoff_s=0.02, backoff_max_s=0.05, patience_s=1.0)


def host(number: int, judgement: Judgement | None = CLOSED, *, resolved: bool = True) -> MxReport:
    """Return one MX host with one address; judgement None: still being asked."""
    address = AddressReport(
        ip=f"192.0.2.{number}",
        fcrdns=Fcrdns.PASS,
        endpoints=(EndpointReport(port=25, tls=TlsMode.NONE, judgement=judgement),),
    )
    return MxReport(
        preference=10 * number,
        host=f"mx{number}.example.com",
        resolved=resolved,
        addresses=(address,) if resolved else (),
    )


def progress(*hosts: MxReport, finished: bool = False) -> Progress:
    """Return a check of example.com as it stands with these hosts."""
    judgements = [each.judgement for each in hosts if each.judgement]
    return Progress(
        Report(
            id="7F3A",
            domain=DomainName("example.com", "example.com"),
            started_at=ASKED_AT,
            vantage=Vantage(
                name="default",
                ehlo="probe.example.net",
                reverse_path="probe@example.net",
                forward_path="canary@example.net",
            ),
            duration_ms=800,
            mail_service=MailService.MX,
            judgement=min(judgements, key=lambda j: j.rank, default=None) if finished else None,
            mx=hosts,
            finished=finished,
        )
    )


async def script(steps: Iterable[Progress | Exception | asyncio.Event]) -> AsyncIterator[Progress]:
    """Play a check: yield each progress, wait for each event, raise each exception."""
    for step in steps:
        if isinstance(step, asyncio.Event):
            await step.wait()
        elif isinstance(step, Exception):
            raise step
        else:
            yield step
            await asyncio.sleep(0)


@dataclass(slots=True)
class Stage:
    """A stand-in of Slack, and the way out to it."""

    slack: StandIn
    out: Slack

    def destination(self, channel: str = "incident", *, private: bool = False) -> Destination:
        """Return where Dana asked, with a response_url that works."""
        where = self.slack.workspace.channel(channel).id
        return Destination(
            team="T0SANDBOX",
            channel=where,
            user="U0DANA",
            asked_at=ASKED_AT,
            response_url=self.slack.state.response_url(Place(where, "U0DANA")),
            private=private,
        )

    def parent(self, channel: str = "incident") -> Message:
        """Return the one message that stands in a channel."""
        (message,) = self.slack.channel(channel).parents
        return message

    def replies(self, channel: str = "incident") -> tuple[Message, ...]:
        """Return what stands in the thread of that message."""
        return self.slack.channel(channel).replies(self.parent(channel).ts)

    def calls(self, method: str) -> int:
        """Return how often a method was called."""
        return sum(call.method == method for call in self.slack.state.calls)


def story(**changes: object) -> Story:
    """Return a story that is about to begin."""
    fresh = Story(
        run_id="7F3A",
        shown="`example.com`",
        context=CardContext(requested_by="U0DANA", requested_at=ASKED_AT),
    )
    return replace(fresh, **changes)  # type: ignore[arg-type] # fields of Story

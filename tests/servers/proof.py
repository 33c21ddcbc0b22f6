"""Proves a remedy: opens a real server, follows the card, and sees what the server does then."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.report import Outcome
from tests.servers.advice import advice
from tests.servers.asking import SUFFIX, report_on
from tests.servers.hands import follow, undo
from tests.servers.mailing import OUTSIDE, send
from tests.servers.namespace import beside_a_cable
from tests.servers.products import PRODUCTS

if TYPE_CHECKING:
    from bot.model.report import Report
    from tests.servers.advice import Advice
    from tests.servers.mail_server import MailServer
    from tests.servers.namespace import Cable
    from tests.servers.setups import Setup


@dataclass(frozen=True, slots=True)
class Proof:
    """What was seen: verdicts as verdict/reason, and where mail arrived.

    ``through`` are the attempts that were accepted before. ``local`` is where a stranger's mail to
    a user of the server arrived after the remedy, ``submitted`` where mail to the outside did after
    a login; both are None where the setup never delivers anything. ``undone`` is the verdict after
    the way back; None where a check takes long, since it asks the other address forms too.
    """

    remedy: str
    through: tuple[str, ...]
    before: str
    after: str
    local: tuple[str, ...] | None
    submitted: tuple[str, ...] | None
    undone: str | None


def prove(setup: Setup) -> Proof:
    """Open a server as the setup says, close it as its card says, and undo that again."""

    async def scenario(cable: Cable) -> Proof:
        domain = f"{setup.name.replace('_', '-')}.{SUFFIX}"
        async with PRODUCTS[setup.product](domain, relay=setup.name, cable=cable) as server:
            before = await report_on(server)
            remedy = advice(before)
            await follow(server, remedy)
            after = await report_on(server)
            local = await _arrives(server, f"alice@{domain}")
            submitted = await _arrives(server, OUTSIDE, login=True)
            return Proof(
                remedy=remedy.id,
                through=_accepted(before),
                before=_verdict(before),
                after=_verdict(after),
                local=local,
                submitted=submitted,
                undone=None if setup.variants else await _undone(server, remedy),
            )

    return beside_a_cable(scenario)


async def _undone(server: MailServer, remedy: Advice) -> str:
    await undo(server, remedy)
    return _verdict(await report_on(server))


async def _arrives(
    server: MailServer, forward_path: str, *, login: bool = False
) -> tuple[str, ...] | None:
    """Send one message; return the forward-paths that it arrived for."""
    if not server.setup.delivers:
        return None
    token = f"after-{'login' if login else 'nothing'}"
    await asyncio.to_thread(send, server, forward_path, token, login=login)
    message = await server.sink.mailbox.arrival(token.encode(), within_s=15)
    return message.forward_paths


def _verdict(report: Report) -> str:
    assert report.judgement is not None
    return f"{report.judgement.verdict}/{report.judgement.reason}"


def _accepted(report: Report) -> tuple[str, ...]:
    """Return which attempts were accepted anywhere, without those that only calibrate."""
    attempts = (
        attempt
        for mx in report.mx
        for address in mx.addresses
        for endpoint in address.endpoints
        for attempt in endpoint.attempts
    )
    kinds = dict.fromkeys(a.kind for a in attempts if a.outcome is Outcome.ACCEPTED)
    return tuple(kind for kind in kinds if kind not in ("control", "any_domain"))

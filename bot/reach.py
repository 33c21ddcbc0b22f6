"""Whether mail servers can be reached from here, tried on the operator's own.

Many clouds block outgoing port 25 without a word, and then every host of every domain is silent.
The one server that may be tried without asking anybody is where the operator's own mailbox
(RELAYCHECK_RCPT_TO) takes its mail: connect, hear the greeting, QUIT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor import Diagnosis
from bot.model.domain_name import parse_domain_name
from bot.model.exchange import Stage, Trouble
from bot.posture.walk import Walk
from bot.relay.attempts import Plan
from bot.relay.dialogue import Connect, Send
from bot.settings import variable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.edges import World
    from bot.model.exchange import Exchange
    from bot.relay.dialogue import Step
    from bot.settings import Settings

MAX_ADDRESSES = 2


async def examine_reach(settings: Settings, world: World) -> AsyncIterator[Diagnosis]:
    """Try the first addresses of the operator's own mail host at each port that checks ask."""
    mailbox = world.vantage.forward_path
    domain = mailbox.rpartition("@")[2]
    subject = variable("ports")
    told = {"mailbox": mailbox, "ports": ", ".join(map(str, settings.ports))}
    if settings.rcpt_to is None or domain.startswith("["):
        yield Diagnosis(subject, "REACH_UNTRIED", told)
        return
    hosts = await _addresses(domain, world)
    if not hosts:
        yield Diagnosis(subject, "REACH_NOWHERE", told)
        return
    for port in settings.ports:
        for host, ip in hosts:
            plan = Plan(
                vantage=world.vantage,
                domain=parse_domain_name(domain),
                mx_host=host,
                ip=ip,
                port=port,
            )
            said = await world.converse(plan, _greet_and_leave, lambda _: None)
            yield Diagnosis(subject, *_reading(said, {**told, "ip": ip, "port": str(port)}))


async def _addresses(domain: str, world: World) -> list[tuple[str, str]]:
    walk = Walk(world.ask)
    routing = await walk.mail_service(parse_domain_name(domain))
    found = [
        (mx.host, ip)
        for mx in routing.hosts[:1]
        for ip in (await walk.host(mx.host)).addresses
        if world.forbidden(ip) is None
    ]
    return found[:MAX_ADDRESSES]


def _greet_and_leave(said: tuple[Exchange, ...]) -> Step | None:
    """Connect, hear the greeting, and say nothing but QUIT."""
    if not said:
        return Connect(implicit_tls=False)
    last = said[-1]
    return Send(("QUIT",)) if last.stage is Stage.GREETING and last.trouble is None else None


def _reading(said: tuple[Exchange, ...], told: dict[str, str]) -> tuple[str, dict[str, str]]:
    greeting = next((e.reply for e in said if e.stage is Stage.GREETING and e.reply), None)
    if greeting is not None:
        return "REACH_ANSWERED", {**told, "reply": greeting.wire()[0]}
    last = said[-1]
    if last.stage is Stage.CONNECT and last.trouble in (Trouble.TIMEOUT, Trouble.UNREACHABLE):
        return "REACH_BLOCKED", told
    trouble = last.trouble.value if last.trouble else "nothing"
    return "REACH_UNANSWERED", {**told, "trouble": trouble, "detail": last.detail or trouble}

"""The SMTP edge as a whole: every transcript over real sockets, octet for octet."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from bot.model.exchange import Exchange, Stage, TlsMode, Trouble
from bot.network.smtp import Limits, Target, converse
from bot.relay.dialogue import next_step
from tests.network.mail_host import authority, host, recorded, server_context
from tests.transcripts.reading import load, names

QUICK = Limits(greeting_s=0.4, command_s=0.4, rcpt_s=0.4, quit_s=0.4, tls_s=0.4, connect_s=0.4)
CA = authority()


def bare(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    """Exchanges without times, and without what a transcript does not tell."""
    return tuple(replace(e, at_ms=0, took_ms=0, detail="", certificate_error="") for e in exchanges)


def over_the_wire() -> list[str]:
    """The transcripts that a host can play: those that connect and break no framing."""
    return [
        name
        for name in names()
        if not any(
            e.trouble is Trouble.PROTOCOL_ERROR or (e.stage is Stage.CONNECT and e.trouble)
            for e in load(name).exchanges
        )
    ]


@pytest.mark.parametrize("name", over_the_wire())
async def test_transcript(name: str) -> None:
    """A host that plays a transcript is talked to as the transcript says, octet for octet."""
    read = load(name)
    waits = any(e.trouble is Trouble.TIMEOUT for e in read.exchanges)
    implicit = read.plan.tls is TlsMode.IMPLICIT
    plays_tls = implicit and not any(e.trouble for e in read.exchanges)
    context = server_context(CA)
    # With TLS from the first octet the socket shakes hands, and the script does not.
    played = tuple(e for e in read.exchanges if not (plays_tls and e.stage is Stage.TLS))
    async with host(recorded(played, context), context=context if plays_tls else None) as mx:
        said = await converse(
            Target("127.0.0.1", mx.port, read.plan.mx_host),
            partial(next_step, read.plan),
            limits=QUICK if waits else None,
        )

    assert bare(read.exchanges) == bare(said)


async def test_each_exchange_is_told() -> None:
    """Whoever listens hears of each exchange at once, in order, and the same is returned."""
    read = load("postfix-closed")
    heard: list[Exchange] = []
    async with host(recorded(read.exchanges, server_context(CA))) as mx:
        target = Target("127.0.0.1", mx.port, read.plan.mx_host)
        said = await converse(target, partial(next_step, read.plan), on_exchange=heard.append)

    assert tuple(heard) == said

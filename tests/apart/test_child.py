"""Tests of the child over its two pipes, in this process."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.apart.child import run
from bot.apart.frames import Fault, Kind, Look, Nothing, Opened, Talk, decode, encode
from bot.model.exchange import Exchange, Stage
from bot.model.question import Answer, QType, Question
from bot.relay.script import Questions
from tests.network.mail_host import Peer, authority, host, recorded, server_context
from tests.servers.stub_dns import reply, serve
from tests.transcripts.reading import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    import dns.message
    import pytest

    from bot.apart.frames import Value

READ = load("postfix-closed")
PLAN = replace(READ.plan, ip="127.0.0.1")


@dataclass(slots=True)
class Line:
    """The parent's ends of the two pipes."""

    out: int
    frames: asyncio.StreamReader
    child: asyncio.Task[None]

    def say(self, kind: Kind, call: int, value: Value | None = None) -> None:
        """Say a frame to the child."""
        os.write(self.out, encode(kind, call, value))

    async def hear(self) -> tuple[Kind, int, Value]:
        """Hear the next frame of the child."""
        return decode(await self.frames.readline())


@asynccontextmanager
async def line(resolver: str | None = "udp://127.0.0.1:9") -> AsyncIterator[Line]:
    """Run a child that is told a resolver; None: it is told nothing."""
    (child_in, out), (incoming, child_out) = os.pipe(), os.pipe()
    frames = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(frames), os.fdopen(incoming, "rb")
    )
    ends = Line(out, frames, asyncio.create_task(run(child_in, child_out)))
    try:
        if resolver is not None:
            ends.say(Kind.OPEN, 0, Opened(resolver, 30))
        yield ends
    finally:
        os.close(out)
        await ends.child
        transport.close()


async def test_it_asks_and_answers_pings_meanwhile() -> None:
    """Each answer has the number of its call; a call that is unknown is nobody's to cancel."""

    def answer(query: dns.message.Message, _transport: str) -> Iterable[bytes]:
        yield reply(query, "example.com. 60 A 192.0.2.1")

    async with serve(answer) as server, line(f"udp://{server.ip}:{server.port}") as ends:
        ends.say(Kind.CANCEL, 9)
        ends.say(Kind.PING, 0)
        ends.say(Kind.ASK, 7, Look(Question("example.com", QType.A), "A1"))
        first, second = await ends.hear(), await ends.hear()

    assert (Kind.PONG, 0, Nothing()) == first
    kind, call, value = second
    assert (Kind.ANSWER, 7) == (kind, call)
    assert isinstance(value, Answer)
    assert ("192.0.2.1",) == value.records


async def test_it_tells_each_exchange_at_once_and_the_end() -> None:
    """A conversation is a frame for each exchange, and one that it is over."""
    async with host(recorded(READ.exchanges, server_context(authority()))) as mx, line() as ends:
        ends.say(Kind.CONVERSE, 3, Talk(Questions(replace(PLAN, port=mx.port)), "A1"))
        heard = [await ends.hear() for _ in READ.exchanges]
        end = await ends.hear()

    said = [value for _, _, value in heard]
    assert [each.reply for each in READ.exchanges] == [
        each.reply for each in said if isinstance(each, Exchange)
    ]
    assert (Kind.END, 3, Nothing()) == end


async def test_what_is_cancelled_and_what_is_left_hangs_up() -> None:
    """One conversation is cancelled, the other under way when the parent goes."""
    closed: asyncio.Queue[int] = asyncio.Queue()

    async def greet(peer: Peer) -> None:
        await peer.say("220 mx.example.com ESMTP Postfix")
        await peer.stay()
        closed.put_nowait(peer.number)

    async with host(greet) as mx:
        async with line() as ends:
            wanted = Talk(Questions(replace(PLAN, port=mx.port)), "")
            for call in (1, 2):
                ends.say(Kind.CONVERSE, call, wanted)
                stages = [value for _, _, value in (await ends.hear(), await ends.hear())]
                assert [Stage.CONNECT, Stage.GREETING] == [
                    each.stage for each in stages if isinstance(each, Exchange)
                ]
            ends.say(Kind.CANCEL, 1)
            assert 0 == await closed.get()
        assert 1 == await closed.get()


async def test_a_fault_of_ours_ends_its_own_call_alone(caplog: pytest.LogCaptureFixture) -> None:
    """It is told and logged, and the child goes on."""
    broken = replace(PLAN, vantage=replace(PLAN.vantage, ehlo="a\r\nQUIT"))
    async with host(recorded(READ.exchanges, server_context(authority()))) as mx, line() as ends:
        ends.say(Kind.CONVERSE, 1, Talk(Questions(replace(broken, port=mx.port)), "A1"))
        frames = [await ends.hear() for _ in range(3)]
        ends.say(Kind.PING, 0)
        assert (Kind.PONG, 0, Nothing()) == await ends.hear()

    kind, call, value = frames[-1]
    assert (Kind.FAULT, 1) == (kind, call)
    assert isinstance(value, Fault)
    assert "ValueError" in value.why
    assert "a call failed" in caplog.text


async def test_a_parent_that_says_nothing_is_gone() -> None:
    """Then there is nothing to do."""
    async with line(None):
        pass

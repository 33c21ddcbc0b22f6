"""What comes from outside, octet by octet at random; `poe fuzz` tries each for much longer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import dns.message
from aiosmtplib.errors import SMTPServerDisconnected
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.model.exchange import Exchange, Reply
from bot.model.question import AnswerStatus, QType, Question
from bot.model.verdict import Verdict
from bot.network import dns_message
from bot.network.dns_message import MalformedReply
from bot.network.fence import Breach, FencedProtocol
from bot.network.limits import Limits, Target
from bot.network.smtp import converse
from bot.relay.dialogue import next_step
from bot.relay.transcript import TranscriptError, parse_transcript
from bot.relay.verdict import judge
from tests.fuzzing import examples
from tests.network.mail_host import NAME, Peer, host
from tests.servers.stub_dns import reply
from tests.transcripts.reading import plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.relay.dialogue import Step

_LINES = st.sampled_from(
    (
        *(b"220 mx\r\n", b"250 Ok\r\n", b"250-mx\r\n250 PIPELINING\r\n", b"250-STARTTLS\r\n"),
        *(
            b"550 5.7.1 Relay access denied\r\n",
            b"421 bye\r\n",
            b"354 go\r\n",
            b"554-no\r\n220 \r\n",
        ),
        *(b"2_5 \r\n", b"\r\n", b"\n", b"250", b"250 \x00\xff\x1b[2J\r\n", b"*" * 9000, b"-\r\n"),
    )
)
_CHUNKS = st.lists(_LINES | st.binary(max_size=20), max_size=8)
QUICK = Limits(
    greeting_s=0.2, command_s=0.2, rcpt_s=0.2, quit_s=0.2, tls_s=0.2, connect_s=0.2, connection_s=1
)


@given(_CHUNKS)
async def test_any_octets_are_replies_or_end_the_connection(chunks: list[bytes]) -> None:
    """Whatever a server writes, each command gets its one reply, or the connection has an end."""
    fence = FencedProtocol(kept=100, read=1000, total=5000)
    fence.connection_made(asyncio.Transport())
    fence.abort = lambda: None  # type: ignore[method-assign] # a transport that is none
    for chunk in chunks:
        fence.data_received(chunk)
    fence.connection_lost(None)

    with suppress(Breach, SMTPServerDisconnected):
        found = await fence.reply()
        assert 200 <= found.code < 600
        assert sum(map(len, found.lines)) <= 100
        "".join(found.lines).encode()


@settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(_CHUNKS.map(b"".join), max_size=16))
def test_any_server_is_talked_to_and_judged(answers: list[bytes]) -> None:
    """Over a real socket, whatever is said to whatever command, there is a verdict."""
    exchanges = asyncio.run(_talk(answers))
    report = judge(plan(), exchanges)

    assert report.judgement is not None
    if report.judgement.verdict in (Verdict.LIKELY_OPEN, Verdict.CLOSED):
        assert any(isinstance(exchange.reply, Reply) for exchange in exchanges)


async def _talk(answers: Sequence[bytes]) -> tuple[Exchange, ...]:
    async def behave(peer: Peer) -> None:
        for answer in answers:
            await peer.say(answer)
            if not await peer.reader.readline():
                return

    def script(said: tuple[Exchange, ...]) -> Step | None:
        assert len(said) < 100
        return next_step(plan(), said)

    async with host(behave) as mx:
        return await converse(Target("127.0.0.1", mx.port, NAME), script, limits=QUICK)


@settings(max_examples=examples(200))
@given(st.text() | st.lists(st.text(max_size=20)).map("\n".join))
def test_any_text_is_a_session_or_a_sentence(text: str) -> None:
    """Whatever is pasted, there are exchanges to judge, or one line that says why not."""
    exchanges, sentence = tuple[Exchange, ...](), ""
    try:
        exchanges = parse_transcript(text)
    except TranscriptError as error:
        sentence = str(error)

    assert sentence.isprintable()
    assert sentence or judge(plan(), exchanges).judgement is not None


def _answer() -> tuple[dns_message.Query, bytes]:
    query = dns_message.write(Question("example.com", QType.MX))
    lines = (
        *("example.com. 60 CNAME a.example.", "a.example. 60 CNAME b.example."),
        *(f"b.example. 60 MX {number} mx{number}.b.example." for number in range(6)),
    )
    return query, reply(dns.message.from_wire(query.wire), *lines)


@settings(max_examples=examples(200), suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=12))
def test_any_damage_to_an_answer_is_read_or_malformed(damage: list[tuple[int, int]]) -> None:
    """Whichever octets of an answer are turned, it is read within bounds, or malformed."""
    query, wire = _answer()
    damaged = bytearray(wire)
    for place, octet in damage:
        damaged[place % len(damaged)] = octet

    with suppress(MalformedReply):
        if query.is_answered_by(bytes(damaged)):
            found = dns_message.read(query, bytes(damaged))
            assert found.status in AnswerStatus
            assert all(record.isascii() for record in found.records)

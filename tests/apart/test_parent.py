"""Tests of a check's edges as calls to a real child: what it answers, and what its end costs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.apart import Apart, open_apart
from bot.apart.parent import TRIES
from bot.logs import about
from bot.model.exchange import Exchange, Stage, Trouble
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.network.smtp import Target, converse
from bot.relay.attempts import Transaction
from bot.relay.script import HandingOver, Questions
from tests.network.mail_host import Peer, authority, host, recorded, server_context
from tests.servers.stub_dns import reply, serve
from tests.transcripts.reading import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    import dns.message

READ = load("postfix-closed")
PLAY = recorded(READ.exchanges, server_context(authority()))
QUESTION = Question("example.com", QType.MX)
NOBODY = "udp://127.0.0.1:9"


def bare(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Exchanges without times, which differ from one time to the next."""
    return [replace(each, at_ms=0, took_ms=0) for each in exchanges]


def script(port: int) -> Questions:
    """Return what asks the host at a port of loopback."""
    return Questions(replace(READ.plan, ip="127.0.0.1", port=port))


@asynccontextmanager
async def talking(apart: Apart, port: int, heard: list[Exchange]) -> AsyncIterator[Talking]:
    """Hold a conversation beside the block."""
    wanted = script(port)
    yield asyncio.create_task(apart.converse(wanted.plan, wanted, heard.append))


Talking = asyncio.Task[tuple[Exchange, ...]]


async def kill(apart: Apart) -> None:
    """End the child that runs now, or the next, the hard way."""
    await apart.lifeline.up.wait()
    assert apart.lifeline.pid is not None
    os.kill(apart.lifeline.pid, signal.SIGKILL)


def environment_of(apart: Apart) -> str:
    """Return what the child inherited, by proc(5)."""
    return Path(f"/proc/{apart.lifeline.pid}/environ").read_text(encoding="utf-8")


async def until(heard: list[Exchange], stage: Stage, times: int = 1) -> None:
    """Wait until so many exchanges of a stage were heard."""
    while sum(each.stage is stage for each in heard) < times:  # noqa: ASYNC110 - a list tells nobody
        await asyncio.sleep(0.01)


async def test_a_child_asks_and_talks_as_this_process_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same answers and exchanges come back, from a process that knows no setting."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("RELAYCHECK_VERIFY_SECRET", "a secret of the operator")
    monkeypatch.setenv("PGPASSWORD", "another")

    def answer(query: dns.message.Message, _transport: str) -> Iterable[bytes]:
        yield reply(query, "example.com. 60 MX 10 mx.example.com.")

    heard: list[Exchange] = []
    async with (
        serve(answer) as name_server,
        open_apart(f"udp://{name_server.ip}:{name_server.port}") as apart,
        host(PLAY) as mx,
        host(PLAY) as other,
    ):
        answered = await apart.ask(QUESTION)
        wanted = script(mx.port)
        said = await apart.converse(wanted.plan, wanted, heard.append)
        here = await converse(
            Target("127.0.0.1", other.port, READ.plan.mx_host), Questions(READ.plan)
        )
        environment = environment_of(apart)

    assert ("10 mx.example.com",) == answered.records
    assert bare(here) == bare(said)
    assert list(said) == heard[: len(said)]
    assert "PATH=" in environment
    assert not any(word in environment for word in ("SLACK", "RELAYCHECK", "secret", "PGPASS"))


async def test_what_a_child_was_about_is_begun_anew_by_the_next() -> None:
    """A conversation is held again from its beginning, and a question asked again."""
    silent_once = iter([True])

    def answer(query: dns.message.Message, _transport: str) -> Iterable[bytes]:
        if next(silent_once, False):
            return
        yield reply(query, "example.com. 60 MX 10 mx.example.com.")

    async def slow_at_first(peer: Peer) -> None:
        if peer.number == 0:
            await peer.say("220 mx.example.com ESMTP Postfix")
            await peer.stay()
        else:
            await PLAY(replace(peer, number=0))

    heard: list[Exchange] = []
    async with (
        serve(answer) as name_server,
        open_apart(f"udp://{name_server.ip}:{name_server.port}") as apart,
        host(slow_at_first) as mx,
        talking(apart, mx.port, heard) as talk,
    ):
        await until(heard, Stage.GREETING)
        asking = asyncio.create_task(apart.ask(QUESTION))
        await asyncio.sleep(0)
        await kill(apart)
        said, answered = await talk, await asking

    assert bare(READ.exchanges)[0].stage is Stage.CONNECT
    assert [each.reply for each in READ.exchanges] == [each.reply for each in said]
    assert heard[-len(said) :] == list(said)
    assert len(heard) > len(said)
    assert AnswerStatus.RECORDS is answered.status


async def test_what_several_children_die_of_is_told_as_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends where it was, dropped, and with the reason; a question is not answered."""

    async def greet(peer: Peer) -> None:
        await peer.say("220 mx.example.com ESMTP Postfix")
        await peer.stay()

    heard: list[Exchange] = []
    async with (
        open_apart(NOBODY) as apart,
        host(greet) as mx,
        talking(apart, mx.port, heard) as talk,
    ):
        for number in range(TRIES):
            await until(heard, Stage.GREETING, number + 1)
            await kill(apart)
        said = await talk
        monkeypatch.setattr(sys, "executable", "/nonexistent")
        monkeypatch.setattr("bot.apart.parent.START_S", 0.1)
        unanswered = await apart.ask(QUESTION)

    assert (Stage.EHLO, Trouble.DROPPED) == (said[-1].stage, said[-1].trouble)
    assert "its log says why" in said[-1].detail
    assert 3 == len(said)
    assert (
        Answer(question=QUESTION, status=AnswerStatus.UNREACHABLE, detail=said[-1].detail)
        == unanswered
    )


async def test_a_child_hands_over_a_proof_message() -> None:
    """The message goes out line by line, as the rules word it."""
    lines = ("Subject: relay test", "", "No action is needed.")

    async def take(peer: Peer) -> None:
        await peer.say("220 mx.example.com ESMTP")
        answers = {"DATA": "354 Go ahead", "QUIT": "221 Bye"}
        while line := await peer.hear():
            await peer.say(answers.get(line, "250 Ok"))
            if line == "DATA":
                while await peer.hear() != ".":
                    pass
                await peer.say("250 2.0.0 Ok: queued")

    foreign = Transaction(kind="foreign", reverse_path="", forward_path="canary@example.org")
    async with open_apart(NOBODY) as apart, host(take) as mx:
        plan = script(mx.port).plan
        handing = HandingOver(plan, foreign, lines, tls=False)
        said = await apart.converse(plan, handing, lambda _: None)

    assert Stage.END_OF_DATA in [each.stage for each in said if each.reply and not each.trouble]
    (heard,) = mx.heard
    assert list(lines) == heard[heard.index("DATA") + 1 : heard.index(".")]


async def test_a_message_that_may_have_been_taken_is_not_handed_over_again() -> None:
    """The child died while a message was on its way: one such message is enough."""
    visits: list[int] = []

    async def greet(peer: Peer) -> None:
        visits.append(peer.number)
        await peer.say("220 mx.example.com ESMTP Postfix")
        await peer.stay()

    heard: list[Exchange] = []
    foreign = Transaction(kind="foreign", reverse_path="", forward_path="canary@example.org")
    async with open_apart(NOBODY) as apart, host(greet) as mx:
        plan = script(mx.port).plan
        handing = HandingOver(plan, foreign, ("Subject: relaycheck", ""), tls=False)
        sending = asyncio.create_task(apart.converse(plan, handing, heard.append))
        await until(heard, Stage.GREETING)
        await kill(apart)
        said = await sending

    assert [0] == visits
    assert (Stage.EHLO, Trouble.DROPPED) == (said[-1].stage, said[-1].trouble)


async def test_a_conversation_that_is_cancelled_hangs_up() -> None:
    """The mail host's connection is closed, whatever the child else does."""
    closed = asyncio.Event()

    async def greet(peer: Peer) -> None:
        await peer.say("220 mx.example.com ESMTP Postfix")
        await peer.stay()
        closed.set()

    heard: list[Exchange] = []
    async with (
        open_apart(NOBODY) as apart,
        host(greet) as mx,
        talking(apart, mx.port, heard) as talk,
    ):
        await until(heard, Stage.GREETING)
        talk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talk
        await closed.wait()


async def test_faults_are_told_to_whoever_called(capfd: pytest.CaptureFixture[str]) -> None:
    """Those of the child, with the check in its log; of who listens; of a script that is none."""

    def deaf(_exchange: Exchange) -> None:
        raise LookupError("deaf")

    async with open_apart(NOBODY) as apart, host(PLAY) as mx, host(PLAY) as polite:
        wanted = script(mx.port)
        with pytest.raises(LookupError, match="deaf"):
            await apart.converse(wanted.plan, wanted, deaf)
        with pytest.raises(TypeError, match="cannot be sent"):
            await apart.converse(wanted.plan, lambda _: None, lambda _: None)
        plan = replace(
            script(polite.port).plan, vantage=replace(READ.plan.vantage, ehlo="a\r\nQUIT")
        )
        with about("A1B2"), pytest.raises(RuntimeError, match="in the child: ValueError"):
            await apart.converse(plan, Questions(plan), lambda _: None)

    assert 'check=A1B2 message="a call failed"' in capfd.readouterr().err

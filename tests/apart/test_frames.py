"""Tests of the frames between parent and child: what is said comes across as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.apart.frames import (
    Fault,
    Kind,
    Look,
    Nothing,
    Opened,
    Talk,
    Value,
    decode,
    encode,
)
from bot.model.domain_name import DomainName
from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.report import Attempt, Outcome
from bot.relay.attempts import Opening, Reused, Transaction
from bot.relay.script import HandingOver, Questions
from tests import probe

QUESTION = Question("example.com", QType.MX)
FOREIGN = Attempt(
    kind="foreign",
    reverse_path="probe@probe.example.net",
    forward_path="canary@canary.example.org",
    outcome=Outcome.RELAY_DENIED,
    tls=False,
    stage=Stage.RCPT,
    reply=Reply(554, ("5.7.1 Relay access denied",)),
)
PLAN = replace(
    probe.PLAN,
    domain=DomainName("xn--bcher-kva.example", "bücher.example"),
    variants=True,
    reused=Reused((FOREIGN,), 60),
)
TRANSACTION = Transaction(
    kind="variant:server", reverse_path="", forward_path="a@b", opening=Opening.AS_SERVER, bare=True
)
EXCHANGE = Exchange(
    stage=Stage.RCPT,
    command="RCPT TO:<canary@canary.example.org>",
    reply=Reply(554, ("5.7.1 <!channel>\x00\u2028", "\N{BELL}é")),
    trouble=Trouble.DROPPED,
    detail="line\nbreak",
    tls=True,
    at_ms=5,
)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.OPEN, Opened("udp://192.0.2.53", 20)),
        (Kind.ASK, Look(QUESTION, "A1B2")),
        (Kind.CONVERSE, Talk(Questions(PLAN), "")),
        (
            Kind.CONVERSE,
            Talk(HandingOver(PLAN, TRANSACTION, ("Subject: a", "", "b"), tls=True), "x"),
        ),
        (Kind.CANCEL, Nothing()),
        (Kind.PING, Nothing()),
        (Kind.ANSWER, Answer(question=QUESTION, status=AnswerStatus.RECORDS, records=("0 ",))),
        (Kind.EXCHANGE, EXCHANGE),
        (Kind.END, Nothing()),
        (Kind.FAULT, Fault("ValueError()")),
        (Kind.PONG, Nothing()),
    ],
)
def test_a_frame_is_one_line_and_comes_back_equal(kind: Kind, value: Value) -> None:
    """Whatever a value holds, its frame ends with the only line feed in it."""
    line = encode(kind, 7, value)

    assert line.index(b"\n") == len(line) - 1
    assert (kind, 7, value) == decode(line)


def test_half_a_character_becomes_a_question_mark() -> None:
    """Octets that are no text never break the line to the parent."""
    said = Exchange(stage=Stage.GREETING, reply=Reply(220, ("caf\udce9",)))

    _, _, back = decode(encode(Kind.EXCHANGE, 1, said))
    assert Exchange(stage=Stage.GREETING, reply=Reply(220, ("caf?",))) == back


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"answer\n",
        b"answer 1\n",
        b"none 1 {}\n",
        b"answer x {}\n",
        b"answer 1 {}\n",
        b"\xff",
    ],
)
def test_what_is_no_frame_is_refused(line: bytes) -> None:
    """Kind, number and value are all checked."""
    with pytest.raises(ValueError, match=r".+"):
        decode(line)

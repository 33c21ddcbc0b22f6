"""What conversations prove: every transcript, every sequence of replies, and the report's parts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.report import Outcome, Timing
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.attempts import FOREIGN, VARIANT
from bot.relay.verdict import judge
from tests.fuzzing import examples
from tests.transcripts.reading import drive, load, names, plan


@pytest.mark.parametrize("name", names())
def test_transcript(name: str) -> None:
    """Every transcript proves what it says at its head."""
    recorded = load(name)

    report = judge(recorded.plan, recorded.exchanges)

    assert report.judgement is not None
    assert recorded.verdict == f"{report.judgement.verdict} {report.judgement.reason}"
    assert recorded.attempts == {
        a.kind: a.outcome.value
        for a in report.attempts
        if not a.kind.startswith(VARIANT) or a.outcome is Outcome.ACCEPTED
    }
    mta = report.mta
    version = f" {mta.version}" if mta and mta.version else ""
    assert recorded.mta == (f"{mta.product}{version} by {mta.confidence}" if mta else "")


REPLIES = st.sampled_from(
    [
        Reply(220),
        Reply(221),
        Reply(250, ("mx.example.com", "PIPELINING", "STARTTLS")),
        Reply(250, ("Ok",)),
        Reply(250, ("mx.example.com", "PIPELINING")),
        Reply(354),
        Reply(421),
        Reply(450),
        Reply(454, ("Relay access denied",)),
        Reply(500),
        Reply(503),
        Reply(530, ("Must issue a STARTTLS command first",)),
        Reply(550, ("no",)),
        Reply(550, ("Relay access denied",)),
        Reply(550, ("Invalid recipient",)),
        Reply(553, ("Sender address rejected",)),
        *(t for t in Trouble if t is not Trouble.TLS_FAILED),
    ]
)


@settings(max_examples=examples(300))
@given(data=st.data())
def test_a_verdict_needs_the_answer_to_its_own_question(data: st.DataObject) -> None:
    """No replies give closed or likely_open without an in-order reply to the proving attempt."""
    usual = {"": Reply(220), "EHLO": Reply(250, ("mx", "PIPELINING")), "RSET": Reply(250)}

    def answer(command: str) -> Reply | Trouble:
        likely = usual.get(command.partition(" ")[0])
        pool = st.one_of(st.just(likely), REPLIES) if likely else REPLIES
        return data.draw(pool, label=command)

    report = judge(plan(), drive(plan(), answer))

    assert report.judgement is not None
    if report.judgement.verdict in (Verdict.CLOSED, Verdict.LIKELY_OPEN):
        wanted = report.judgement.verdict is Verdict.LIKELY_OPEN
        assert any(is_positive == wanted for is_positive in _answers_to_strangers(report.exchanges))


def _answers_to_strangers(exchanges: tuple[Exchange, ...]) -> list[bool]:
    """Whether each answer to a stranger's question was positive; broken sessions left out.

    Deliberately another reading than the product's: line by line, with one pass.
    """
    sessions: list[list[Exchange]] = []
    for exchange in exchanges:
        if exchange.stage is Stage.CONNECT:
            sessions.append([])
        sessions[-1].append(exchange)
    answers = []
    for session in sessions:
        if any(e.trouble is Trouble.PROTOCOL_ERROR for e in session):
            continue
        for before, this in pairwise(session):
            to_stranger = this.command == "RCPT TO:<canary@outside.example>"
            if to_stranger and before.reply and before.reply.code == 250 and this.reply:
                answers.append(this.reply.code in (250, 251, 252))
            elif this.stage is Stage.MAIL and this.reply and this.reply.code >= 400:
                answers.append(False)
    return answers


def test_endpoint_report() -> None:
    """The report carries the port, how it was asked, and when each thing was known."""
    timed = (
        Exchange(stage=Stage.CONNECT, at_ms=0, took_ms=20),
        Exchange(stage=Stage.GREETING, reply=Reply(554, ("no",)), at_ms=20, took_ms=5),
        Exchange(stage=Stage.QUIT, command="QUIT", reply=Reply(221), at_ms=25, took_ms=6),
    )

    report = judge(plan(port=2525), timed)

    assert 2525 == report.port
    assert Timing(20, 25, 31) == report.timing
    assert [(FOREIGN, Stage.GREETING)] == [(a.kind, a.stage) for a in report.attempts]
    assert TlsMode.NONE is report.tls
    assert timed == report.exchanges


def test_tls_mode_is_that_of_the_question() -> None:
    """An endpoint that demanded STARTTLS is reported as such, an implicit one as it is."""
    demanded, implicit = load("postfix-tls-demanded-open"), load("implicit-tls-closed")

    assert TlsMode.STARTTLS is judge(demanded.plan, demanded.exchanges).tls
    assert TlsMode.IMPLICIT is judge(implicit.plan, implicit.exchanges).tls


def test_nothing_said() -> None:
    """Where nothing was said at all there is no timing, and no verdict but inconclusive."""
    report = judge(plan(), ())

    assert Judgement(Verdict.INCONCLUSIVE, Reason.DROPPED) == report.judgement
    assert report.timing is None
    assert () == report.attempts


@pytest.mark.parametrize("code", [550, 554, 421])
def test_what_the_control_was_told_is_no_answer_to_the_question(code: int) -> None:
    """A relay denial of the control proves nothing about a question that was never asked."""
    told = (
        Exchange(stage=Stage.CONNECT),
        Exchange(stage=Stage.GREETING, reply=Reply(220)),
        Exchange(stage=Stage.EHLO, command="EHLO probe.example.net", reply=Reply(250)),
        Exchange(
            stage=Stage.MAIL,
            command="MAIL FROM:<relaytest@probe.example.net>",
            reply=Reply(250),
        ),
        Exchange(
            stage=Stage.RCPT,
            command="RCPT TO:<postmaster@example.com>",
            reply=Reply(code, ("Relay access denied",)),
        ),
    )

    judgement = judge(plan(), told).judgement

    assert Judgement(Verdict.INCONCLUSIVE, Reason.DROPPED) == judgement


def test_cut_short_by_the_end_of_the_check() -> None:
    """A conversation that the check's own deadline cut is judged as timed out there."""
    said = load("postfix-closed").exchanges[:4]
    end = Exchange(stage=Stage.RCPT, trouble=Trouble.TIMEOUT)

    report = judge(plan(), (*said, end))

    assert Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT) == report.judgement

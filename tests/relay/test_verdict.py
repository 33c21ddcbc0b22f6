"""The contract's rules, each by itself, and against every transcript."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.report import Attempt, Outcome, Timing
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.attempts import FOREIGN
from bot.relay.verdict import (
    RULES,
    Evidence,
    accepted,
    judge,
    possible_bypass,
    refused_the_recipient,
    refused_to_relay,
    takes_no_mail,
    unanswered,
)
from tests.transcripts.reading import drive, load, names, plan

CODES = {
    Outcome.ACCEPTED: 250,
    Outcome.GREYLISTED: 450,
    Outcome.RATE_LIMITED: 450,
    Outcome.TEMPORARY_FAILURE: 451,
}
SILENT = (
    Outcome.UNREACHABLE,
    Outcome.TIMEOUT,
    Outcome.DROPPED,
    Outcome.PROTOCOL_ERROR,
    Outcome.TLS_FAILED,
)
LIKE_FOREIGN = object()


def made(outcome: object, *, code: int | None = None, stage: Stage = Stage.RCPT) -> Attempt | None:
    """An attempt that came out so; None where it was not made."""
    if outcome is None or isinstance(outcome, Attempt):
        return outcome
    reply = None if outcome in SILENT else Reply(code or CODES.get(Outcome(str(outcome)), 550))
    return Attempt(
        kind="any",
        reverse_path="",
        forward_path="",
        tls=False,
        stage=stage,
        reply=reply,
        outcome=Outcome(str(outcome)),
    )


def evidence(
    foreign: object,
    own_domain: object = LIKE_FOREIGN,
    null: object = LIKE_FOREIGN,
    *,
    control: object = Outcome.ACCEPTED,
    variants: tuple[Attempt, ...] = (),
    is_sink: bool = False,
) -> Evidence:
    """Evidence by outcomes or attempts; what is not said is as the foreign attempt."""
    return Evidence(
        control=made(control),
        foreign=made(foreign),
        own_domain=made(foreign if own_domain is LIKE_FOREIGN else own_domain),
        null=made(foreign if null is LIKE_FOREIGN else null),
        variants=variants,
        external_domain="outside.example",
        is_sink=is_sink,
    )


@pytest.mark.parametrize("name", names())
def test_transcript(name: str) -> None:
    """Every transcript proves what it says at its head."""
    recorded = load(name)

    report = judge(recorded.plan, recorded.exchanges)

    assert report.judgement is not None
    assert recorded.verdict == f"{report.judgement.verdict} {report.judgement.reason}"
    assert recorded.attempts == {a.kind: a.outcome.value for a in report.attempts}
    mta = report.mta
    version = f" {mta.version}" if mta and mta.version else ""
    assert recorded.mta == (f"{mta.product}{version} by {mta.confidence}" if mta else "")


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        (evidence(Outcome.ACCEPTED), Reason.FOREIGN_ACCEPTED),
        (evidence(Outcome.RELAY_DENIED, Outcome.ACCEPTED), Reason.OWN_DOMAIN_ACCEPTED),
        (
            evidence(Outcome.RELAY_DENIED, Outcome.RELAY_DENIED, Outcome.ACCEPTED),
            Reason.NULL_ACCEPTED,
        ),
        (evidence(Outcome.TIMEOUT, Outcome.ACCEPTED, Outcome.ACCEPTED), Reason.NULL_ACCEPTED),
    ],
)
def test_rule_3(given_: Evidence, reason: Reason) -> None:
    """Rule 3: any of the three accepted is likely open, a sink's acceptance is not."""
    assert Judgement(Verdict.LIKELY_OPEN, reason) == accepted(given_)
    sink = replace(given_, is_sink=True)
    assert Judgement(Verdict.INCONCLUSIVE, Reason.MAIL_SINK) == accepted(sink)


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.ACCEPTED}))
def test_rule_3_needs_an_acceptance(outcome: Outcome) -> None:
    """Rule 3 holds for nothing but an acceptance; the control's does not count."""
    assert accepted(evidence(outcome)) is None


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        (evidence(Outcome.RELAY_DENIED), Reason.RELAY_DENIED),
        (evidence(Outcome.AUTH_REQUIRED), Reason.AUTH_REQUIRED),
        (evidence(made(Outcome.RELAY_DENIED, code=454)), Reason.RELAY_DENIED),
        (evidence(Outcome.SENDER_REJECTED, Outcome.RELAY_DENIED), Reason.RELAY_DENIED),
        (
            evidence(Outcome.SENDER_UNUSABLE, Outcome.SENDER_REJECTED, Outcome.AUTH_REQUIRED),
            Reason.AUTH_REQUIRED,
        ),
        (
            evidence(made(Outcome.REJECTED, stage=Stage.MAIL), Outcome.RELAY_DENIED),
            Reason.RELAY_DENIED,
        ),
        (
            evidence(Outcome.RELAY_DENIED, Outcome.TIMEOUT, Outcome.CLIENT_BLOCKED),
            Reason.RELAY_DENIED,
        ),
    ],
)
def test_rule_5(given_: Evidence, reason: Reason) -> None:
    """Rule 5: refused in relay or log-in words, by proxy where our sender was refused."""
    assert Judgement(Verdict.CLOSED, reason) == refused_to_relay(given_)


@pytest.mark.parametrize(
    "given_",
    [
        evidence(Outcome.RELAY_DENIED, Outcome.GREYLISTED),
        evidence(Outcome.RELAY_DENIED, Outcome.RELAY_DENIED, Outcome.RATE_LIMITED),
        evidence(Outcome.SENDER_REJECTED, Outcome.RELAY_DENIED, Outcome.TEMPORARY_FAILURE),
        evidence(Outcome.RELAY_DENIED, null=made(Outcome.SENDER_REJECTED, code=450)),
        evidence(Outcome.SENDER_REJECTED, Outcome.REJECTED, None),
        evidence(Outcome.CLIENT_BLOCKED, Outcome.RELAY_DENIED),
        evidence(Outcome.REJECTED, Outcome.RELAY_DENIED),
        evidence(Outcome.RECIPIENT_REJECTED),
        evidence(None),
    ],
)
def test_rule_5_does_not_hold(given_: Evidence) -> None:
    """Rule 5 does not hold where one was deferred in other words, or the foreign one not asked."""
    assert refused_to_relay(given_) is None


@pytest.mark.parametrize(
    ("given_", "holds"),
    [
        (evidence(Outcome.RECIPIENT_REJECTED), True),
        (evidence(Outcome.RECIPIENT_REJECTED, control=Outcome.RECIPIENT_REJECTED), True),
        (evidence(Outcome.RECIPIENT_REJECTED, Outcome.SENDER_REJECTED), True),
        (evidence(Outcome.REJECTED), True),
        (evidence(Outcome.REJECTED, control=Outcome.REJECTED), False),
        (evidence(Outcome.REJECTED, control=None), False),
        (evidence(Outcome.RECIPIENT_REJECTED, Outcome.TIMEOUT), False),
        (evidence(Outcome.RECIPIENT_REJECTED, Outcome.GREYLISTED), False),
        (evidence(Outcome.CLIENT_BLOCKED), False),
        (evidence(Outcome.RECIPIENT_REJECTED, null=None), False),
    ],
)
def test_rule_6(given_: Evidence, holds: bool) -> None:
    """Rule 6: refused for good about the recipient, or without a why beside an accepted control."""
    closed = Judgement(Verdict.CLOSED, Reason.RECIPIENT_REJECTED)
    assert (closed if holds else None) == refused_the_recipient(given_)


def test_rule_7() -> None:
    """Rule 7: a host that says that it never accepts mail takes none."""
    no_mail = Judgement(Verdict.NO_MAIL, Reason.NEVER_ACCEPTS_MAIL)
    assert no_mail == takes_no_mail(evidence(Outcome.NEVER_ACCEPTS_MAIL))
    assert takes_no_mail(evidence(Outcome.CLIENT_BLOCKED)) is None


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        (evidence(Outcome.CLIENT_BLOCKED), Reason.CLIENT_BLOCKED),
        (evidence(Outcome.REJECTED, control=Outcome.REJECTED), Reason.CLIENT_BLOCKED),
        (evidence(Outcome.REJECTED, control=Outcome.RECIPIENT_REJECTED), Reason.CLIENT_BLOCKED),
        (evidence(Outcome.REJECTED, control=Outcome.GREYLISTED), Reason.GREYLISTED),
        (
            evidence(Outcome.RELAY_DENIED, Outcome.GREYLISTED, Outcome.RATE_LIMITED),
            Reason.GREYLISTED,
        ),
        (evidence(Outcome.TIMEOUT, Outcome.RATE_LIMITED), Reason.RATE_LIMITED),
        (evidence(Outcome.SENDER_UNUSABLE), Reason.SENDER_REJECTED),
        (evidence(Outcome.SENDER_UNUSABLE, Outcome.REJECTED), Reason.SENDER_UNUSABLE),
        (evidence(Outcome.RECIPIENT_UNUSABLE), Reason.RECIPIENT_UNUSABLE),
        (evidence(Outcome.TLS_REQUIRED), Reason.TLS_FAILED),
        (evidence(Outcome.TLS_FAILED, Outcome.TIMEOUT), Reason.TLS_FAILED),
        (evidence(Outcome.UNREACHABLE), Reason.UNREACHABLE),
        (evidence(Outcome.TIMEOUT, Outcome.DROPPED), Reason.TIMEOUT),
        (evidence(Outcome.DROPPED, Outcome.PROTOCOL_ERROR), Reason.DROPPED),
        (evidence(Outcome.PROTOCOL_ERROR, Outcome.TEMPORARY_FAILURE), Reason.PROTOCOL_ERROR),
        (evidence(Outcome.BAD_SEQUENCE), Reason.PROTOCOL_ERROR),
        (evidence(Outcome.TEMPORARY_FAILURE), Reason.TEMPORARY_FAILURE),
        (evidence(None), Reason.DROPPED),
    ],
)
def test_rule_8(given_: Evidence, reason: Reason) -> None:
    """Rule 8: the worst reason why a question has no answer."""
    assert Judgement(Verdict.INCONCLUSIVE, reason) == unanswered(given_)


def test_rules_stand_in_the_contracts_order() -> None:
    """The table is the contract's list, and its last line holds for everything."""
    expected = (
        accepted,
        possible_bypass,
        refused_to_relay,
        refused_the_recipient,
        takes_no_mail,
        unanswered,
    )
    assert expected == RULES


@given(outcomes=st.tuples(*[st.sampled_from([None, *Outcome])] * 4))
def test_silence_is_never_safety(outcomes: tuple[Outcome | None, ...]) -> None:
    """For all outcomes: no closed without a refusal, no likely_open without an acceptance."""
    foreign, own_domain, null, control = outcomes
    given_ = evidence(foreign, own_domain, null, control=control)

    judgement = next(found for rule in RULES if (found := rule(given_)) is not None)

    questions = {attempt.outcome for attempt in given_.questions if attempt}
    if judgement.verdict is Verdict.CLOSED:
        assert questions & {
            Outcome.RELAY_DENIED,
            Outcome.AUTH_REQUIRED,
            Outcome.RECIPIENT_REJECTED,
            Outcome.REJECTED,
        }
        assert Outcome.ACCEPTED not in questions
    if judgement.verdict is Verdict.LIKELY_OPEN:
        assert Outcome.ACCEPTED in questions


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


@settings(max_examples=300)
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
            elif this.stage in (Stage.MAIL, Stage.RCPT) and this.reply and this.reply.code >= 400:
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

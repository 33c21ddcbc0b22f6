"""The contract's rules, each by itself and in their order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.exchange import Reply, Stage
from bot.model.report import Attempt, Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.rules import (
    RULES,
    Evidence,
    accepted,
    delivered,
    ends_in,
    not_delivered,
    possible_bypass,
    refused_the_recipient,
    refused_to_relay,
    takes_no_mail,
    unanswered,
)

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
        delivered,
        not_delivered,
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


def variant(forward_path: str, outcome: Outcome = Outcome.ACCEPTED) -> tuple[Attempt, ...]:
    """A variant with this forward-path, that came out so."""
    attempt = made(outcome)
    assert attempt is not None
    return (replace(attempt, kind="variant:x", forward_path=forward_path),)


BYPASS = evidence(Outcome.RELAY_DENIED, variants=variant("u%outside.example@mx.example.com"))


def test_rule_3_of_variants() -> None:
    """A variant is relaying if its forward-path ends in our external domain, however spelt."""
    relayed = variant("@mx.example.com:u@Outside.Example.")
    given_ = evidence(Outcome.RELAY_DENIED, variants=relayed)

    assert Judgement(Verdict.LIKELY_OPEN, Reason.VARIANT_ACCEPTED) == accepted(given_)
    assert accepted(BYPASS) is None


def test_rule_4() -> None:
    """Rule 4: an accepted form that does not end in our external domain may be a bypass."""
    assert Judgement(Verdict.INCONCLUSIVE, Reason.POSSIBLE_BYPASS) == possible_bypass(BYPASS)
    refused = variant("u%outside.example", Outcome.RELAY_DENIED)
    assert possible_bypass(evidence(Outcome.RELAY_DENIED, variants=refused)) is None


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        ("canary@outside.example", True),
        ("canary@OUTSIDE.example.", True),
        ("@mx.example.com:canary@outside.example", True),
        ('"canary@outside.example"', False),
        ("canary@outside.example@", False),
        ("canary@sub.outside.example", False),
        ("canary%outside.example", False),
        ("outside.example!canary", False),
        ("canary@outside.example@mx.example.com", False),
    ],
)
def test_ends_in(path: str, ends: bool) -> None:
    """A forward-path ends in a domain if that stands behind its last at sign."""
    assert ends == ends_in(path, "outside.example")

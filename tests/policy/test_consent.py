"""Who may be asked from Slack: opt-out, verification, shared providers."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest

from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.verdict import Reason
from bot.policy.consent import AS_WANTED, SHARED, Consent, Place, Rule, is_below
from bot.settings import Named, ProbePolicy

TEAM = Consent(team="T0ONE", secret=b"0123456789abcdef")
VERIFIED = replace(TEAM, policy=ProbePolicy.VERIFIED)
PLACE = Place("example.com", "mx.example.com", "192.0.2.1")


def txt(**records: str) -> dict[Question, Answer]:
    """Return answers with TXT records, by the first label and the rest of their names."""
    answers = {}
    for name, text in records.items():
        question = Question(name, QType.TXT)
        answers[question] = Answer(question=question, status=AnswerStatus.RECORDS, records=(text,))
    return answers


def token(name: str, at: str = "", consent: Consent = TEAM) -> dict[Question, Answer]:
    """Return the answer that verifies a name."""
    return txt(**{f"_relaycheck.{at or name}": consent.token(name)})


@pytest.mark.parametrize("name", ["example.com", "mx.example.com"])
@pytest.mark.parametrize("more", [False, True])
def test_who_opts_out_is_not_asked(name: str, more: bool) -> None:
    """A TXT record at the domain or the host suffices, whatever is verified."""
    answers = txt(**{f"_relaycheck-optout.{name}": "please"}) | token("example.com")

    for consent in (TEAM, VERIFIED):
        ruling = consent.rule(PLACE, answers, more=more)
        assert Reason.OPTED_OUT is ruling.refused
        assert "asked not to be probed" in ruling.why


def test_a_wildcard_record_is_no_opt_out() -> None:
    """An SPF record that a wildcard brings speaks of something else; nor is silence a word."""
    spf = txt(**{"_relaycheck-optout.example.com": "v=spf1 -all"})
    question = Question("_relaycheck-optout.example.com", QType.TXT)
    unknown = {question: Answer(question=question, status=AnswerStatus.SERVFAIL)}

    assert AS_WANTED == TEAM.rule(PLACE, spf, more=False)
    assert AS_WANTED == TEAM.rule(PLACE, unknown, more=False)


@pytest.mark.parametrize(
    "named",
    [
        Named(domains=("example.com",)),
        Named(domains=("mx.example.com",)),
        Named(networks=(ipaddress.ip_network("192.0.2.0/24"),)),
    ],
)
def test_the_operators_list_of_opt_outs(named: Named) -> None:
    """A domain, a host or a network on it is not asked; others are."""
    consent = replace(TEAM, opted_out=named)

    assert Reason.OPTED_OUT is consent.rule(PLACE, {}, more=False).refused
    other = Place("example.org", "mx.example.org", "198.51.100.1")
    assert AS_WANTED == consent.rule(other, {}, more=False)


def test_off_asks_nobody() -> None:
    """With probing off nothing is asked of DNS for it, and no server is."""
    off = replace(TEAM, policy=ProbePolicy.OFF)

    assert () == off.questions("example.com", more=True)
    assert Reason.POLICY is off.rule(PLACE, {}, more=False).refused


def test_anyone_may_be_asked_plainly() -> None:
    """Without verification the relay question alone is asked, and it is said why."""
    assert AS_WANTED == TEAM.rule(PLACE, {}, more=False)

    ruling = TEAM.rule(PLACE, {}, more=True)
    assert (None, True) == (ruling.refused, ruling.plainly)
    assert "/relaycheck verify example.com" in ruling.why


@pytest.mark.parametrize("more", [False, True])
def test_a_host_inside_a_verified_domain(more: bool) -> None:
    """One token covers a domain and all hosts below it, for everything."""
    assert AS_WANTED == VERIFIED.rule(PLACE, token("example.com"), more=more)


def test_a_host_elsewhere_needs_its_own_token() -> None:
    """A verified domain may not point at somebody else's host."""
    place = Place("example.com", "mx.host.example", "192.0.2.1")

    ruling = VERIFIED.rule(place, token("example.com"), more=False)
    assert Reason.POLICY is ruling.refused
    assert "/relaycheck verify mx.host.example" in ruling.why
    both = token("example.com") | token("mx.host.example")
    assert AS_WANTED == VERIFIED.rule(place, both, more=False)


def test_a_domain_that_is_vouched_for_may_have_a_verified_host() -> None:
    """The operator's word for the domain and the host's own token go together."""
    consent = replace(VERIFIED, verified=Named(domains=("example.com",)))
    place = Place("example.com", "mx.host.example", "192.0.2.1")

    assert AS_WANTED == consent.rule(place, token("mx.host.example"), more=False)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        token("example.com", consent=replace(TEAM, team="T0TWO")),
        token("example.org", at="example.com"),
    ],
)
def test_a_token_is_of_one_workspace_and_one_name(answers: dict[Question, Answer]) -> None:
    """Another's token, or one for another name, verifies nothing."""
    assert Reason.POLICY is VERIFIED.rule(PLACE, answers, more=False).refused


def test_a_token_of_a_name_above_covers_it() -> None:
    """The names above are looked at, the nearest four, and never a top-level domain."""
    names = [question.qname for question in VERIFIED.proofs("a.b.c.d.example.com")]

    assert [
        "_relaycheck.a.b.c.d.example.com",
        "_relaycheck.b.c.d.example.com",
        "_relaycheck.c.d.example.com",
        "_relaycheck.d.example.com",
    ] == names
    assert ["_relaycheck.com"] == [each.qname for each in VERIFIED.proofs("com")]
    assert VERIFIED.is_verified("mx.sub.example.com", token("example.com"))


def test_the_operator_vouches() -> None:
    """What the operator names needs no token: a host, or its network, even a shared one."""
    network = Named(networks=(ipaddress.ip_network("192.0.2.0/24"),))
    assert AS_WANTED == replace(VERIFIED, verified=network).rule(PLACE, {}, more=True)

    domain = Named(domains=("google.com",))
    place = Place("example.com", "aspmx.l.google.com", "192.0.2.1")
    assert AS_WANTED == replace(VERIFIED, verified=domain).rule(place, {}, more=True)


def test_shared_providers_are_never_asked_under_verified() -> None:
    """No customer can consent for a provider; under ``anyone`` it is asked plainly."""
    place = Place("example.com", "aspmx.l.google.com", "192.0.2.1")
    answers = token("example.com") | token("google.com")

    ruling = VERIFIED.rule(place, answers, more=False)
    assert (Reason.POLICY, Rule.SHARED) == (ruling.refused, ruling.rule)
    assert "many share" in ruling.why
    assert AS_WANTED == TEAM.rule(place, {}, more=False)
    plain = TEAM.rule(place, answers, more=True)
    assert (True, Rule.SHARED) == (plain.plainly, plain.rule)
    assert "many share" in plain.why


@pytest.mark.parametrize("provider", SHARED)
def test_each_shared_provider_is_posture_only_under_verified(provider: str) -> None:
    """Whatever a customer verifies, and whoever breaks the glass."""
    place = Place("example.com", f"mx1.{provider}", "192.0.2.1")
    answers = token("example.com") | token(provider)

    for broken in (False, True):
        ruling = VERIFIED.rule(place, answers, more=False, glass_broken=broken)
        assert (Reason.POLICY, Rule.SHARED) == (ruling.refused, ruling.rule)


def test_broken_glass_stands_in_for_a_missing_verification() -> None:
    """Under ``verified`` for the plain question, under ``anyone`` for what is more than that."""
    assert AS_WANTED == VERIFIED.rule(PLACE, {}, more=False, glass_broken=True)
    assert AS_WANTED == VERIFIED.rule(PLACE, {}, more=True, glass_broken=True)
    assert AS_WANTED == TEAM.rule(PLACE, {}, more=True, glass_broken=True)


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize(
    ("consent", "answers", "rule"),
    [
        (TEAM, txt(**{"_relaycheck-optout.example.com": "no"}), Rule.OPT_OUT),
        (VERIFIED, txt(**{"_relaycheck-optout.mx.example.com": "no"}), Rule.OPT_OUT),
        (replace(VERIFIED, opted_out=Named(domains=("example.com",))), {}, Rule.OPT_OUT),
        (replace(TEAM, policy=ProbePolicy.OFF), {}, Rule.OFF),
    ],
)
def test_broken_glass_stands_in_for_nothing_else(
    consent: Consent, answers: dict[Question, Answer], rule: Rule, more: bool
) -> None:
    """Not for the consent of who opted out, and not for the operator who switched probing off."""
    ruling = consent.rule(PLACE, answers, more=more, glass_broken=True)

    assert ruling.refused is not None
    assert rule is ruling.rule


def test_without_a_secret_only_the_operator_vouches() -> None:
    """No token can be made, so none is looked for."""
    consent = replace(VERIFIED, secret=None)

    assert () == consent.proofs("example.com")
    assert Reason.POLICY is consent.rule(PLACE, token("example.com"), more=False).refused
    with pytest.raises(ValueError, match="RELAYCHECK_VERIFY_SECRET"):
        consent.token("example.com")


def test_what_dns_is_asked() -> None:
    """The opt-out always; tokens where they matter."""
    assert ["_relaycheck-optout.example.com"] == [
        each.qname for each in TEAM.questions("example.com", more=False)
    ]
    for questions in (
        TEAM.questions("example.com", more=True),
        VERIFIED.questions("example.com", more=False),
    ):
        assert ["_relaycheck-optout.example.com", "_relaycheck.example.com"] == [
            each.qname for each in questions
        ]


def test_the_data_of_shared_providers() -> None:
    """Each is a name in lower case, there once, and no other covers it."""
    assert sorted(set(SHARED)) == sorted(SHARED)
    assert not [a for a in SHARED for b in SHARED if a != b and is_below(a, b)]
    assert all(name == name.lower().strip(".") and "." in name for name in SHARED)

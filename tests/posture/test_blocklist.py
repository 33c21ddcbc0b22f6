"""Blocklists: what is asked, and what each answer means, one line a case."""

# ruff: noqa: E501 - a case is a line
from __future__ import annotations

import re

import pytest

from bot.model.finding import Finding, Tag
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.report import Listing, ListingStatus
from bot.posture.blocklist import (
    BUILT_IN,
    BY_NAME,
    Blocklist,
    Trust,
    choose,
    findings,
    judge,
    judge_trial,
    parse_blocklists,
    question,
    trial,
)

BY_ZONE = {one.zone: one for one in BUILT_IN}
ZEN = BY_ZONE["zen.spamhaus.org"]
DQS = BY_ZONE["zen.dq.spamhaus.net"]
OWN = parse_blocklists('[[list]]\nzone = "bl.example.org"')[0]
ASKED = Question("x.example", QType.A)


def answer(text: str) -> Answer:
    """Return an answer: codes with blanks between them, or the word of a status."""
    if text[0].isdigit():
        return Answer(question=ASKED, status=AnswerStatus.RECORDS, records=tuple(text.split()))
    return Answer(question=ASKED, status=AnswerStatus(text))


@pytest.mark.parametrize(
    ("ip", "key", "expected"),
    [
        ("192.0.2.99", "", "99.2.0.192.zen.spamhaus.org"),
        ("192.0.2.99", "abc", "99.2.0.192.abc.zen.spamhaus.org"),
        ("2001:db8:1:2:3:4:567:89ab", "", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.zen.spamhaus.org"),
    ],
)  # fmt: skip
def test_question(ip: str, key: str, expected: str) -> None:
    """Octets or nibbles are reversed before the zone, a key stands between (RFC 5782 §2)."""
    assert Question(expected, QType.A) == question(ZEN, ip, key)


def test_trial_entries() -> None:
    """The test entries are 127.0.0.2 and .1, mapped into IPv6 where there is no IPv4 (§5)."""
    v6 = BY_ZONE["bl.ipv6.spameatingmonkey.net"]

    assert ["2.0.0.127.bl.example.org", "1.0.0.127.bl.example.org"] == [q.qname for q in trial(OWN)]
    assert ["2.0.0.0.0.0.f.7.f.f.f.f.0", "1.0.0.0.0.0.f.7.f.f.f.f.0"] == [q.qname[:25] for q in trial(v6)]  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "free", "expected"),
    [
        ("127.0.0.2", "nxdomain", Trust.PASSED),
        ("127.0.0.2 127.0.0.10", "nodata", Trust.PASSED),
        ("nxdomain", "nxdomain", Trust.DEAD),
        ("nodata", "nxdomain", Trust.DEAD),
        ("127.0.0.2", "127.0.0.2", Trust.LISTS_ALL),
        ("203.0.113.9", "203.0.113.9", Trust.LISTS_ALL),
        ("203.0.113.9", "nxdomain", Trust.LISTS_ALL),
        ("127.255.255.254", "127.255.255.254", Trust.REFUSES),
        ("refused", "refused", Trust.REFUSES),
        ("127.0.0.2", "refused", Trust.REFUSES),
        ("servfail", "servfail", Trust.UNKNOWN),
        ("127.0.0.2", "timeout", Trust.UNKNOWN),
    ],
)
def test_trust(listed: str, free: str, expected: Trust) -> None:
    """A list is believed while it lists 127.0.0.2 and does not list 127.0.0.1 (RFC 5782 §5)."""
    trust, why = judge_trial(answer(listed), answer(free))

    assert expected is trust
    assert bool(why) == (trust is not Trust.PASSED)


@pytest.mark.parametrize(
    ("blocklist", "said", "status", "detail"),
    [
        (ZEN, "nxdomain", "clean", ""),
        (ZEN, "nodata", "clean", ""),
        (ZEN, "127.0.0.3", "listed", "CSS: spam seen from it, or a compromised sender"),
        (ZEN, "127.0.0.2 127.0.0.9", "listed", "SBL: spam source; DROP: hijacked network"),
        (ZEN, "127.0.0.30", "unknown", "127.0.0.30 has no meaning that the list documents"),
        (DQS, "127.0.0.30", "listed", "BCL: botnet controller"),
        (ZEN, "127.255.255.254", "unknown", "it does not answer public or unnamed resolvers"),
        (ZEN, "127.255.255.1", "unknown", "127.255.255.1 is no listing"),
        (ZEN, "203.0.113.9", "unknown", "203.0.113.9 is no listing"),
        (ZEN, "127.0.0.2 203.0.113.9", "unknown", "203.0.113.9 is no listing"),
        (ZEN, "refused", "unknown", "no answer: refused"),
        (ZEN, "servfail", "unknown", "no answer: servfail"),
        (ZEN, "timeout", "unknown", "no answer: timeout"),
        (BY_ZONE["dnsbl.dronebl.org"], "127.0.0.2", "clean", ""),
        (BY_ZONE["dnsbl.dronebl.org"], "127.0.0.2 127.0.0.9", "listed", "open HTTP proxy"),
        (OWN, "127.0.0.77", "listed", ""),
        (OWN, "127.255.255.255", "unknown", "127.255.255.255 is no listing"),
    ],
)
def test_listing(blocklist: Blocklist, said: str, status: str, detail: str) -> None:
    """Only a documented code is a listing, only NXDOMAIN or NODATA is clean."""
    found = judge(blocklist, answer(said), Trust.PASSED)

    assert (ListingStatus(status), detail) == (found.status, found.detail)


@pytest.mark.parametrize("trust", [trust for trust in Trust if trust is not Trust.PASSED])
@pytest.mark.parametrize("said", ["127.0.0.3", "nxdomain"])
def test_a_list_that_is_not_believed(trust: Trust, said: str) -> None:
    """Nothing that a list says counts while it fails its test, neither listed nor clean."""
    found = judge(ZEN, answer(said), trust, "why")

    assert (ListingStatus.UNKNOWN, "why") == (found.status, found.detail)


def test_a_refusal_keeps_its_own_words() -> None:
    """Of two reasons for not knowing, the list's own is shown."""
    found = judge(ZEN, answer("127.255.255.255"), Trust.REFUSES, "why")

    assert "too many queries from this resolver" == found.detail


def test_a_key_is_never_shown() -> None:
    """A list behind a key has the public list's name."""
    found = judge(DQS, answer("127.0.0.10 127.0.0.2"), Trust.PASSED)

    assert ("zen.spamhaus.org", ("127.0.0.2", "127.0.0.10")) == (found.list, found.codes)


def test_findings() -> None:
    """Each listing is a finding, with the list, its codes and their meaning."""
    listings = [
        Listing("a.example", ListingStatus.LISTED, ("127.0.0.2", "127.0.0.3"), "spam"),
        Listing("b.example", ListingStatus.CLEAN),
        Listing("c.example", ListingStatus.UNKNOWN, (), "refused"),
    ]

    args = {"ip": "192.0.2.1", "list": "a.example", "codes": "127.0.0.2, 127.0.0.3", "meaning": "spam"}  # fmt: skip
    assert (Finding(Tag.BLOCKLISTED, args),) == findings("192.0.2.1", listings)


def test_choice_by_keys() -> None:
    """A list with a key is asked where the key is known, and then its public twin is not."""
    without, with_key = (
        {one.zone for one in choose(BUILT_IN, keys)} for keys in ((), ("spamhaus_dqs",))
    )

    assert {ZEN.zone} == without - with_key
    assert {DQS.zone} == with_key - without
    assert "combined.mail.abusix.zone" not in with_key


def test_every_built_in_list_says_what_its_reader_needs() -> None:
    """Each list has its policy, where to look, where to ask for removal, and how long it lasts."""
    for one in BUILT_IN:
        assert all((one.policy, one.lookup, one.delisting, one.evidence, one.lasts)), one.zone
        assert one.lookup.startswith("https://")
        assert one.lookup.format(ip="192.0.2.1")
        assert not one.replaces or one.replaces in BY_ZONE
        assert all(re.fullmatch(r"127\.\d+\.\d+\.\d+", code) for code in one.codes)


def test_a_listing_leads_to_its_list() -> None:
    """What a listing calls its list finds the list, the public one where a key has a twin."""
    assert ZEN is BY_NAME["zen.spamhaus.org"]
    assert {one.shown for one in BUILT_IN} == set(BY_NAME)


@pytest.mark.parametrize("zone", ["dnsbl.sorbs.net", "ix.dnsbl.manitu.net", "cbl.abuseat.org", "bl.score.senderscore.com", "dnsbl-3.uceprotect.net"])  # fmt: skip
def test_dead_lists_are_not_built_in(zone: str) -> None:
    """Lists that are dead, closed or list neighbours are not asked."""
    assert zone not in BY_ZONE


def test_an_operators_file() -> None:
    """A zone is enough; everything else may be said."""
    lists = parse_blocklists(
        '[[list]]\nzone = "BL.Example.org."\n[[list]]\nzone = "v6.example.org"\n'
        'families = ["ipv6"]\ncodes = {"127.0.0.9" = "bad"}\nnot_listed = ["127.0.0.1"]'
    )

    assert ["bl.example.org", "v6.example.org"] == [one.zone for one in lists]
    assert [frozenset({4}), frozenset({6})] == [one.versions for one in lists]
    assert {"127.0.0.9": "bad"} == lists[1].codes


def test_the_parts_of_a_list_want_different_things() -> None:
    """The first code that is told apart decides; without one the list's own words hold."""
    (one,) = parse_blocklists(
        '[[list]]\nzone = "bl.example.org"\nevidence = "a word."\nlasts = "a day."\n'
        'by_code = { "127.0.0.3" = { evidence = "a name.", lasts = "a week." } }'
    )

    assert ("a name.", "a week.") == (
        one.removal(("127.0.0.2", "127.0.0.3")).evidence,
        one.removal(("127.0.0.3",)).lasts,
    )
    assert ("a word.", "a day.") == (one.removal(()).evidence, one.removal(("127.0.0.2",)).lasts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no list: write [[list]]"),
        ("list", "Expected '='"),
        ("[[list]]", "'' is no zone of a blocklist"),
        ('[[list]]\nzone = "http://x"', "'http://x' is no zone of a blocklist"),
        ('[[list]]\nzone = "a.example"\ncolour = "red"', "a.example cannot have colour = 'red'"),
        ('[[list]]\nzone = "a.example"\ncodes = "127.0.0.2"', "a.example cannot have codes = "),
        ('[[list]]\nzone = "a.example"\nfamilies = ["ipv5"]', "a.example has other families"),
        ('[[list]]\nzone = "a.example"\nfamilies = []', "a.example has other families"),
        (
            '[[list]]\nzone = "a.example"\nby_code = { "127.0.0.2" = { cost = "5" } }',
            "a.example has other things than evidence and lasts under by_code",
        ),
    ],
)
def test_a_file_that_cannot_be_read(text: str, said: str) -> None:
    """What is wrong with an operator's file is said, with the list's name."""
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_blocklists(text)

"""The walk: what it asks, how often, and when it stops."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.question import Answer, AnswerStatus, Question
from bot.model.report import Fcrdns, Listing, ListingStatus, MailService
from bot.posture.limits import Limits
from bot.posture.walk import Walk
from tests.fuzzing import examples
from tests.posture.zone import Zone, domain, question

IP = "203.0.113.7"
R = "7.113.0.203.in-addr.arpa"
EXAMPLE = Zone(
    {
        "example.com MX": ["10 a.example", "20 b.example"],
        "a.example A": IP,
        "b.example A": IP,
        f"{R} PTR": "a.example",
    }
)


async def test_a_question_is_asked_once() -> None:
    """However many hosts and addresses need an answer, it is asked for once."""
    zone = Zone(EXAMPLE.records)
    walk = Walk(zone.ask)
    await walk.mail_service(domain("example.com"))
    await asyncio.gather(*(walk.host(h) for h in ("a.example", "b.example", "a.example")))
    await asyncio.gather(walk.address(IP), walk.address(IP))

    assert len(set(zone.asked)) == len(zone.asked)
    assert zone.asked == [answer.question for answer in walk.answers]


async def test_questions_go_side_by_side() -> None:
    """A and AAAA are both under way before either is answered."""
    asked: list[Question] = []
    both = asyncio.Event()

    async def ask(question: Question) -> Answer:
        asked.append(question)
        if len(asked) == 2:
            both.set()
        await both.wait()
        return Answer(question=question, status=AnswerStatus.NODATA)

    await Walk(ask).host("a.example")

    assert {question("a.example A"), question("a.example AAAA")} == set(asked)


async def test_the_check_has_an_end() -> None:
    """A server that never answers costs the check its seconds, and then it is a time-out."""

    async def ask(_: Question) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    walk = Walk(ask, Limits(seconds=0.01))

    routing = await walk.mail_service(domain("example.com"))
    posture = await walk.address(IP)

    assert MailService.DNS_FAILED == routing.service
    assert Fcrdns.TEMPERROR == posture.fcrdns
    assert "the 0.01 s of DNS for one check were over" == routing.findings[0].args["detail"]


async def test_the_look_ups_have_an_end() -> None:
    """A check asks no more questions than its limit; what is beyond is not known, not absent."""
    zone = Zone(EXAMPLE.records)
    walk = Walk(zone.ask, Limits(lookups=1))
    await walk.mail_service(domain("example.com"))

    found = await walk.host("a.example")

    assert 1 == len(zone.asked)
    assert [AnswerStatus.NOT_ASKED] * 2 == [answer.status for answer in walk.answers[1:]]
    assert ["DNS_TIMEOUT"] * 2 == [finding.tag for finding in found.findings]


async def test_a_question_that_was_begun_is_asked_beside_the_others() -> None:
    """Who asks for it later waits for the same look-up."""
    zone = Zone(EXAMPLE.records)
    walk = Walk(zone.ask)
    walk.begin([question("b.example A")])
    await walk.host("a.example")

    assert "b.example" == zone.asked[0].qname
    assert (IP,) == (await walk.ask(question("b.example A"))).records
    assert 3 == len(zone.asked)


async def test_one_question_beyond_the_limit_is_not_known() -> None:
    """It is answered as not asked, and asked of nobody."""
    walk = Walk(EXAMPLE.ask, Limits(lookups=0))

    assert AnswerStatus.NOT_ASKED is (await walk.ask(question("a.example A"))).status


async def test_who_stops_waiting_does_not_stop_the_others() -> None:
    """A look-up that two wait for goes on when one of them is cancelled."""
    go = asyncio.Event()

    async def ask(question: Question) -> Answer:
        await go.wait()
        return Answer(question=question, status=AnswerStatus.NODATA)

    walk = Walk(ask)
    first = asyncio.create_task(walk.host("a.example"))
    second = asyncio.create_task(walk.host("a.example"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    go.set()

    assert first.cancelled()
    assert ["MX_UNRESOLVABLE"] == [finding.tag for finding in (await second).findings]


async def test_a_fault_of_ours_is_an_exception() -> None:
    """Only the world's misbehaviour is data: an error in ``ask`` reaches the caller."""

    async def ask(_: Question) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Walk(ask).mail_service(domain("example.com"))


async def test_blocklists_are_asked_apart() -> None:
    """An address's names do not wait for the blocklists; who asks no list gets none."""
    listing = Listing("bl.example", ListingStatus.CLEAN)
    go = asyncio.Event()

    async def ask_lists(ip: str) -> tuple[Listing, ...]:
        await go.wait()
        return (listing,) if ip == IP else ()

    walk = Walk(Zone(EXAMPLE.records).ask, ask_lists=ask_lists)
    asking = asyncio.create_task(walk.listings(IP))
    assert ("a.example",) == (await walk.address(IP)).ptr
    go.set()

    assert (listing,) == await asking
    assert () == await Walk(EXAMPLE.ask).listings(IP)


async def test_blocklists_that_take_too_long() -> None:
    """The check's seconds bound the blocklists as well."""

    async def never(_: str) -> tuple[Listing, ...]:
        await asyncio.Event().wait()
        raise AssertionError

    assert () == await Walk(EXAMPLE.ask, Limits(seconds=0.01), never).listings(IP)


NAMES = st.sampled_from(["example.com", "a.example", "b.example", R, "1.2.3.4", ""])
RECORDS = st.dictionaries(
    st.tuples(NAMES, st.sampled_from(["MX", "A", "AAAA", "PTR", "CNAME"])), NAMES
)


@settings(max_examples=examples(200))
@given(RECORDS)
async def test_a_walk_ends_for_any_zone(records: dict[tuple[str, str], str]) -> None:
    """Whatever a zone says, the walk asks a bounded number of questions and judges."""
    rdata = {"MX": "10 {}", "A": IP, "AAAA": "2001:db8::7", "PTR": "{}", "CNAME": "{}"}
    zone = Zone({f"{n} {t}": rdata[t].format(value) for (n, t), value in records.items()})
    walk = Walk(zone.ask)

    routing = await walk.mail_service(domain("example.com"))
    for mx in routing.hosts:
        for ip in (await walk.host(mx.host)).addresses:
            await walk.address(ip)

    assert len(zone.asked) < 20
    assert bool(routing.hosts) == (routing.judgement is None)

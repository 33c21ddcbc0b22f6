"""Blocklists against a real name server that lists, errs, refuses and lies."""

# ruff: noqa: E501 - expectations are lines
from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bot.model.question import Answer, AnswerStatus, Question
from bot.model.report import ListingStatus
from bot.network.blocklists import OUT_S, Blocklists, open_blocklists
from bot.network.resolver import make_resolver
from bot.posture.blocklist import BUILT_IN, parse_blocklists
from tests.posture.zone import Zone
from tests.servers import nsd

if TYPE_CHECKING:
    from pathlib import Path

    from bot.posture.blocklist import Blocklist

PUBLIC = "9.9.9.9"  # in questions to a zone of the test's own, which is all that is asked
TEST = "2.0.0.127 A 127.0.0.2\n"
MAPPED = "2.0.0.0.0.0.f.7.f.f.f.f." + "0." * 19 + "0"
ZONES = {
    "good.example": f"{TEST}{MAPPED} A 127.0.0.2\n7.113.0.203 A 127.0.0.3\n"
    "7.113.0.203 A 127.0.0.2\n8.113.0.203 A 127.255.255.254\n",
    "dead.example": "www A 192.0.2.1",
    "parked.example": "* A 203.0.113.99",
    "wild.example": "* A 127.0.0.2",
    "blocked.example": "* A 127.255.255.254",
    "lame.example": f"{TEST}113.0.203 NS ns.elsewhere.example.",
}
LISTS = parse_blocklists(
    "".join(f'[[list]]\nzone = "{zone}"\n' for zone in (*ZONES, "refused.example"))
    + '[[list]]\nzone = "good.example"\nshown = "good6"\nfamilies = ["ipv6"]\n'
)


async def test_against_a_real_name_server() -> None:
    """A list lists and clears; whatever is wrong with a list makes it unknown, never either."""
    async with nsd.serve(ZONES) as endpoint:
        edge = make_resolver(f"udp://{endpoint.ip}:{endpoint.port}")
        blocklists = Blocklists(LISTS, edge.ask, clock=lambda: 0.0, keys={})
        listed, errs, free = [
            {listing.list: listing for listing in await blocklists.listings(ip)}
            for ip in ("203.0.113.7", "203.0.113.8", "192.0.2.9")
        ]
        six = await blocklists.listings("2001:db8::7")
        await edge.aclose()

    assert ["listed", "unknown", "clean"] == [one["good.example"].status for one in (listed, errs, free)]  # fmt: skip
    assert ("127.0.0.2", "127.0.0.3") == listed["good.example"].codes
    unknown = {
        "dead.example": "it does not list 127.0.0.2: dead, or silent to this resolver",
        "parked.example": "it lists 127.0.0.1, so it lists everything",
        "wild.example": "it lists 127.0.0.1, so it lists everything",
        "blocked.example": "it refuses queries from this resolver",
        "refused.example": "it refuses queries from this resolver",
    }
    assert unknown == {zone: free[zone].detail for zone in unknown}
    assert {ListingStatus.UNKNOWN} == {one[zone].status for one in (listed, errs, free) for zone in unknown}  # fmt: skip
    assert ("unknown", "no answer: servfail") == (listed["lame.example"].status, listed["lame.example"].detail)  # fmt: skip
    assert [("good6", "clean")] == [(listing.list, listing.status) for listing in six]


class Lists:
    """One list in a zone that a test changes, with a clock that is set by hand."""

    def __init__(self, *lists: Blocklist, keys: dict[str, str] | None = None) -> None:
        self.now = 0.0
        self.zone = Zone({"2.0.0.127.bl.example A": "127.0.0.2", "1.0.0.127.bl.example TXT": "x"})
        one = lists or parse_blocklists('[[list]]\nzone = "bl.example"')
        self.blocklists = Blocklists(one, self.ask, clock=lambda: self.now, keys=keys or {})

    async def ask(self, question: Question) -> Answer:
        """Answer from the zone, for a minute."""
        answer = await self.zone.ask(question)
        return Answer(question=question, status=answer.status, records=answer.records, ttl_s=60)

    async def status(self, ip: str = "192.0.2.1") -> str:
        """Return what the one list says."""
        return (await self.blocklists.listings(ip))[0].status.value


async def test_nobody_is_asked_twice_within_the_ttl() -> None:
    """An address is asked about once within the TTL, and so are the test entries."""
    lists = Lists()
    statuses = [await lists.status(), await lists.status(), await lists.status("192.0.2.2")]

    assert ["clean"] * 3 == statuses
    assert 4 == len(lists.zone.asked)


async def test_a_dead_list_drops_out_and_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    """A list that fails its test is asked nothing for an hour; the log says it once each way."""
    lists = Lists()
    lists.zone.records["1.0.0.127.bl.example A"] = ["127.0.0.2"]
    with caplog.at_level(logging.WARNING):
        failed = await lists.status()
        lists.now = OUT_S - 1
        asked = len(lists.zone.asked)
        left_out = await lists.status("192.0.2.2")
        assert asked == len(lists.zone.asked)
        lists.now = OUT_S + 1
        still_bad = await lists.status()
        lists.now = 3 * OUT_S
        del lists.zone.records["1.0.0.127.bl.example A"]
        mended = await lists.status()

    assert ["unknown", "unknown", "unknown", "clean"] == [failed, left_out, still_bad, mended]
    assert [
        "blocklist bl.example is left out: it lists 127.0.0.1, so it lists everything",
        "blocklist bl.example is asked again",
    ] == caplog.messages


async def test_a_test_without_an_answer_is_no_verdict() -> None:
    """When the test entries get no answer, the list is tried again with the next address."""
    lists = Lists()
    lists.zone.records["2.0.0.127.bl.example A"] = ["!timeout"]
    first = await lists.status()
    lists.now = 61
    lists.zone.records["2.0.0.127.bl.example A"] = ["127.0.0.2"]

    assert ["unknown", "clean"] == [first, await lists.status()]


async def test_a_key_stands_in_the_question_alone() -> None:
    """A key goes to the list and to nobody else: no listing shows it."""
    lists = Lists(*BUILT_IN, keys={"spamhaus_dqs": "s3cret"})
    lists.zone.records |= {
        "2.0.0.127.s3cret.zen.dq.spamhaus.net A": ["127.0.0.2"],
        "1.2.0.192.s3cret.zen.dq.spamhaus.net A": ["127.0.0.4"],
    }

    found = {listing.list: listing for listing in await lists.blocklists.listings("192.0.2.1")}

    assert ("listed", ("127.0.0.4",)) == (found["zen.spamhaus.org"].status, found["zen.spamhaus.org"].codes)  # fmt: skip
    assert "s3cret" not in repr(found)
    assert not any(question.qname.endswith("zen.spamhaus.org") for question in lists.zone.asked)


async def test_a_failed_question_is_unknown() -> None:
    """A list that passes its test and does not answer about the address is unknown."""
    lists = Lists()
    lists.zone.records["1.2.0.192.bl.example A"] = [f"!{AnswerStatus.SERVFAIL}"]

    assert "unknown" == await lists.status()


async def test_the_setting(tmp_path: Path) -> None:
    """``off`` asks nobody, ``default`` the built-in lists, a file its own."""
    zone = Zone({})
    (tmp_path / "own.toml").write_text('[[list]]\nzone = "bl.example"', encoding="utf-8")
    by_file, built_in, off = [
        open_blocklists(setting, zone.ask, clock=lambda: 0.0, keys={})
        for setting in (str(tmp_path / "own.toml"), "default", "off")
    ]

    assert by_file is not None
    assert built_in is not None
    assert off is None
    assert ["bl.example"] == [one.list for one in await by_file.listings("192.0.2.1")]
    assert "zen.spamhaus.org" in {one.list for one in await built_in.listings(PUBLIC)}


@pytest.mark.parametrize("ip", ["10.1.2.3", "192.0.2.1", "127.0.10.1", "fd00::1", "2001:db8::1"])
async def test_strangers_hear_of_no_private_address(ip: str, tmp_path: Path) -> None:
    """Only a list of the operator's own is asked about an address that is not public."""
    zone = Zone({})
    (tmp_path / "own.toml").write_text(
        '[[list]]\nzone = "bl.example"\nfamilies = ["ipv4", "ipv6"]', encoding="utf-8"
    )
    built_in, own = (
        open_blocklists(setting, zone.ask, clock=lambda: 0.0, keys={})
        for setting in ("default", str(tmp_path / "own.toml"))
    )
    assert built_in is not None
    assert own is not None

    assert () == await built_in.listings(ip)
    assert [] == zone.asked
    assert ["bl.example"] == [one.list for one in await own.listings(ip)]
    assert await built_in.listings("127.0.0.2"), "the entry for tests is everybody's"


@pytest.mark.parametrize("text", [None, "nonsense", "[[list]]"])
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str | None) -> None:
    """A file that is missing or is no list is named, with the reason."""
    path = tmp_path / "own.toml"
    if text:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match=rf"^{path}: .+"):
        open_blocklists(str(path), Zone({}).ask, clock=lambda: 0.0, keys={})

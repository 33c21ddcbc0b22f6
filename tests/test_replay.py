"""What was asked before is judged by today's rules, and nothing is asked again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model.domain_name import DomainName
from bot.model.exchange import Reply, Stage
from bot.model.finding import Finding, Tag
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.report import (
    AddressReport,
    EndpointReport,
    Fcrdns,
    HostnameClass,
    Listing,
    ListingStatus,
    MailService,
    MxReport,
    Report,
)
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.attempts import Reused
from bot.relay.reuse import to_reuse
from bot.relay.transcript import TranscriptError, parse_transcript
from bot.relay.verdict import judge
from bot.render.report_json import to_json
from bot.render.stored_report import from_json
from bot.replay import UnknownDomainError, judge_report, judge_transcript
from tests.transcripts.reading import drive, plan

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TRANSCRIPTS = sorted(Path(__file__).with_name("transcripts").glob("*.txt"))
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)


def transcript(name: str) -> str:
    """Return a transcript of the tests without its remarks."""
    lines = Path(__file__).with_name("transcripts").joinpath(name).read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def answer(name: str, qtype: QType, *records: str) -> Answer:
    """Return what DNS said to a question."""
    status = AnswerStatus.RECORDS if records else AnswerStatus.NODATA
    return Answer(question=Question(name, qtype), status=status, records=records)


def stored(name: str, *answers: Answer, forbidden: bool = False) -> Report:
    """Return a report whose conversation is a transcript of the tests, without a verdict yet."""
    taken = judge_transcript(transcript(name), AT)
    (endpoint,) = taken.mx[0].addresses[0].endpoints
    blank = EndpointReport(
        port=25,
        tls=endpoint.tls,
        attempts=endpoint.attempts,
        exchanges=endpoint.exchanges,
    )
    kept = (Finding(Tag.ADDRESS_FORBIDDEN, {"ip": "192.0.2.25"}),) if forbidden else ()
    address = AddressReport(ip="192.0.2.25", endpoints=(blank,), findings=kept)
    host = MxReport(preference=10, host="mx.example.com", resolved=True, addresses=(address,))
    return replace(taken, mx=(host,), answers=answers, judgement=None)


async def test_stored_exchanges_are_judged_anew() -> None:
    """The verdict comes from what was said, whatever the report said of it."""
    report = await judge_report(stored("postfix-open.txt"))

    (endpoint,) = report.mx[0].addresses[0].endpoints
    assert OPEN == report.judgement == endpoint.judgement
    assert ["control", "foreign", "own_domain", "null", "any_domain"] == [
        attempt.kind for attempt in endpoint.attempts
    ]
    assert Tag.ACCEPTS_ANY_DOMAIN in {finding.tag for finding in endpoint.findings}


async def test_an_endpoint_without_exchanges_keeps_its_verdict() -> None:
    """A report of another program may have kept no conversation."""
    report = stored("postfix-closed.txt")
    address = report.mx[0].addresses[0]
    bare = replace(address.endpoints[0], exchanges=(), judgement=CLOSED)
    host = replace(report.mx[0], addresses=(replace(address, endpoints=(bare,)),))

    assert CLOSED == (await judge_report(replace(report, mx=(host,)))).judgement


async def test_stored_answers_are_judged_anew() -> None:
    """Posture comes from the answers, and a question that nobody asked stays unanswered."""
    report = await judge_report(
        stored(
            "postfix-closed.txt",
            answer("example.com", QType.MX, "10 mx.example.com"),
            answer("mx.example.com", QType.A, "192.0.2.25"),
            answer("25.2.0.192.in-addr.arpa", QType.PTR, "mx.example.com"),
            forbidden=True,
        )
    )

    (host,) = report.mx
    (address,) = host.addresses
    assert MailService.MX is report.mail_service
    assert Tag.MX_SINGLE_HOST in {finding.tag for finding in report.findings}
    assert ("mx.example.com",) == address.ptr
    assert (Fcrdns.PASS, HostnameClass.MAIL) == (address.fcrdns, address.hostname_class)
    assert Tag.ADDRESS_FORBIDDEN in {finding.tag for finding in address.findings}
    assert Tag.DNS_TIMEOUT in {finding.tag for finding in host.findings}  # AAAA was not asked


async def test_a_reverse_name_that_was_not_asked_for_is_left() -> None:
    """An address whose PTR was never asked for keeps what the report says of it."""
    report = await judge_report(
        stored("postfix-closed.txt", answer("example.com", QType.MX, "10 mx.example.com"))
    )

    assert report.mx[0].addresses[0].fcrdns is None


async def test_a_domain_that_decides_by_itself() -> None:
    """Without MX hosts the verdict is the domain's own, from its answers or as it was stored."""
    null_mx = answer("example.com", QType.MX, "0 ")
    report = replace(stored("postfix-closed.txt", null_mx), mx=())
    no_mail = Judgement(Verdict.NO_MAIL, Reason.NULL_MX)

    assert no_mail == (await judge_report(report)).judgement
    assert no_mail == (await judge_report(replace(report, answers=(), judgement=no_mail))).judgement


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_every_transcript_is_judged_as_it_says(path: Path) -> None:
    """Without its plan a whole session has the verdict of its live conversation."""
    expected = next(
        line.split()[2:] for line in path.read_text().splitlines() if line.startswith("# verdict:")
    )
    tls = "# tls: implicit" in path.read_text()
    text = ("openssl s_client -connect mx.example.com:465\n" if tls else "") + transcript(path.name)

    report = judge_transcript(text, AT, DomainName("example.com", "example.com"))

    assert report.judgement
    assert expected == [report.judgement.verdict, report.judgement.reason]


def test_what_was_accepted_from_an_unknown_domain_is_not_judged() -> None:
    """Without the domain an accepted recipient may be the server's own: never a false open."""
    lines = transcript("postfix-open.txt").replace("postmaster@", "info@")

    with pytest.raises(UnknownDomainError, match=r"info@example\.com"):
        judge_transcript(lines, AT)


def test_what_was_refused_in_relay_words_needs_no_domain() -> None:
    """A refusal to relay says by itself that the recipient was a stranger's."""
    text = (
        "220 mx.example.com ESMTP\nHELO me\n250 ok\nmail from: me@example.org\n250 ok\n"
        "rcpt to: you@example.net\n554 5.7.1 <you@example.net>: Relay access denied\n"
    )
    report = judge_transcript(text, AT)

    assert CLOSED == report.judgement
    assert "mx.example.com" == report.domain.ascii


def test_a_report_is_named_by_its_transcript() -> None:
    """The same text is the same report; another one is not."""
    text = transcript("postfix-closed.txt")

    assert judge_transcript(text, AT).id == judge_transcript(text, AT).id
    assert judge_transcript(text, AT).id != judge_transcript(text + "\n", AT).id


def test_no_conversation_is_no_report() -> None:
    """A text without SMTP is refused by the parser of transcripts."""
    with pytest.raises(TranscriptError):
        judge_transcript("hello", AT)


async def test_a_changed_reply_changes_the_verdict() -> None:
    """The stored verdict has no say against the stored words."""
    report = stored("postfix-open.txt")
    address = report.mx[0].addresses[0]
    denied = tuple(
        replace(exchange, reply=Reply(554, ("5.7.1 Relay access denied",)))
        if exchange.stage is Stage.RCPT and "postmaster" not in (exchange.command or "")
        else exchange
        for exchange in address.endpoints[0].exchanges
    )
    endpoint = replace(address.endpoints[0], exchanges=denied, judgement=OPEN)
    host = replace(report.mx[0], addresses=(replace(address, endpoints=(endpoint,)),))

    assert CLOSED == (await judge_report(replace(report, mx=(host,), judgement=OPEN))).judgement
    assert parse_transcript(transcript("postfix-open.txt")) != denied


async def test_what_is_known_of_the_vantage_is_kept() -> None:
    """No exchange shows that the probe stood inside, or that its network let nothing out."""
    before = stored("postfix-open.txt")
    inside = Finding(Tag.VANTAGE_INSIDE, {"ip": "192.0.2.25"})
    blocked = Judgement(Verdict.INCONCLUSIVE, Reason.EGRESS_BLOCKED)
    address = before.mx[0].addresses[0]
    marked = replace(address.endpoints[0], findings=(inside,), judgement=blocked)
    host = replace(before.mx[0], addresses=(replace(address, endpoints=(marked,)),))

    report = await judge_report(replace(before, mx=(host,)))

    (endpoint,) = report.mx[0].addresses[0].endpoints
    assert inside in endpoint.findings
    assert endpoint.judgement == blocked


async def test_what_dns_and_the_moment_said_is_kept() -> None:
    """A listing, a probe that was withheld, and a greeting's odd name survive a second judging."""
    before = stored(
        "postfix-closed.txt",
        answer("example.com", QType.MX, "10 other.example.com"),
        answer("25.2.0.192.in-addr.arpa", QType.PTR, "host.example.net"),
        answer("host.example.net", QType.A, "192.0.2.25"),
    )
    listing = Listing("zen.spamhaus.org", ListingStatus.LISTED, ("127.0.0.2",), "SBL")
    withheld = Finding(Tag.PROBE_WITHHELD, {"why": "an address takes at most 1 probe per minute"})
    address = replace(before.mx[0].addresses[0], listings=(listing,), findings=(withheld,))
    hosts = tuple(
        replace(before.mx[0], host=name, addresses=(address,))
        for name in ("other.example.com", "third.example.com")
    )

    report = await judge_report(replace(before, mx=hosts))

    first, second = (mx.addresses[0] for mx in report.mx)
    assert first == second  # one address, asked under the first host that has it
    assert withheld in first.findings
    assert Tag.BLOCKLISTED in {finding.tag for finding in first.findings}
    (mismatch,) = (f for f in first.endpoints[0].findings if f.tag is Tag.GREETING_NAME_MISMATCH)
    assert mismatch.args == {"name": "mx.example.com", "host": "other.example.com"}


async def test_a_host_that_was_never_asked_to_the_end_leaves_the_whole_unknown() -> None:
    """The report of a fault has no verdict, and gets none by being judged again."""
    before = stored("postfix-closed.txt")
    pending = MxReport(preference=20, host="mx2.example.com", resolved=False)

    report = await judge_report(replace(before, mx=(*before.mx, pending)))

    assert Verdict.CLOSED is (report.mx[0].judgement and report.mx[0].judgement.verdict)
    assert report.judgement is None


async def test_a_shared_address_is_judged_as_the_host_it_was_asked_for() -> None:
    """Its forms hold the name of one MX host: under another name they would not be found."""
    before = stored("postfix-closed.txt")
    (endpoint,) = before.mx[0].addresses[0].endpoints
    asked = replace(endpoint, host="mx.example.com")
    address = replace(before.mx[0].addresses[0], endpoints=(asked,))
    hosts = tuple(
        replace(before.mx[0], host=name, addresses=(address,))
        for name in ("alias.example.com", "mx.example.com")
    )

    first, second = (mx.addresses[0] for mx in (await judge_report(replace(before, mx=hosts))).mx)

    assert first == second
    assert "mx.example.com" == first.endpoints[0].host
    # Its greeting's name is one of the address's own.
    assert Tag.GREETING_NAME_MISMATCH not in {f.tag for f in first.endpoints[0].findings}


async def test_reused_answers_are_judged_with_the_conversation_that_reused_them() -> None:
    """Its report holds them as attempts: the verdict and their age come back, from JSON as well."""

    def closed(command: str) -> Reply:
        if command.startswith("RCPT"):
            return Reply(554, ("5.7.1 Relay access denied",))
        return Reply({"": 220, "QUIT": 221}.get(command.partition(" ")[0], 250), ("Ok",))

    lent = to_reuse(plan(), judge(plan(), drive(plan(), closed)))
    asked = plan(reused=Reused(lent, 130))
    endpoint = judge(asked, drive(asked, closed))
    address = AddressReport(ip=asked.ip, endpoints=(endpoint,))
    report = replace(
        judge_transcript(transcript("postfix-closed.txt"), AT, asked.domain),
        vantage=asked.vantage,
        mx=(MxReport(preference=10, host=asked.mx_host, resolved=True, addresses=(address,)),),
    )

    for known in (report, from_json(json.loads(json.dumps(to_json(report))))):
        judged = await judge_report(known)
        (anew,) = judged.mx[0].addresses[0].endpoints
        assert (CLOSED, 130) == (anew.judgement, anew.age_s)
        assert [a.outcome for a in endpoint.attempts] == [a.outcome for a in anew.attempts]

"""A whole check: DNS from a zone, mail servers that answer from a table, and the report."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from bot.check import _Run, check
from bot.edges import Gate, Reuse, World
from bot.model.domain_name import DomainName
from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.model.finding import Tag
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.report import (
    Awaited,
    Listing,
    ListingStatus,
    MailService,
    Progress,
    Report,
    Vantage,
)
from bot.model.verdict import Judgement, Reason, Verdict
from bot.network.answered import Answered
from bot.network.egress import Egress
from bot.network.turns import Turns
from bot.policy import Place, Ruling
from bot.relay.dialogue import Connect, Send
from bot.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.edges import Script
    from bot.posture.walk import Ask
    from bot.relay.attempts import Plan

DOMAIN = DomainName("example.com", "example.com")
VANTAGE = Vantage(
    name="default",
    ehlo="probe.example.net",
    reverse_path="probe@probe.example.net",
    forward_path="canary@canary.example.net",
)
Zone = dict[tuple[str, str], list[str] | AnswerStatus]
CLOSED_ZONE: Zone = {
    ("example.com", "MX"): ["10 mx1.example.com", "20 mx2.example.com"],
    ("mx1.example.com", "A"): ["192.0.2.1"],
    ("mx2.example.com", "A"): ["192.0.2.2"],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["mx1.example.com"],
    ("2.2.0.192.in-addr.arpa", "PTR"): ["mx2.example.com"],
}


def closed(command: str) -> Reply:
    """Answer as a server that relays nothing."""
    if command.startswith("RCPT") and "@example.com" not in command:
        return Reply(554, ("5.7.1 Relay access denied",))
    return Reply(221 if command == "QUIT" else 250, ("2.0.0 Ok",))


def opened(command: str) -> Reply:
    """Answer as a server that relays everything."""
    return Reply(221 if command == "QUIT" else 250, ("2.0.0 Ok",))


@dataclass
class Net:
    """The world of a test: a zone, mail servers by address, and what was done to them."""

    zone: Zone
    servers: Mapping[str, Callable[[str], Reply]] = field(default_factory=dict)
    hang: str = ""  # the command at which every server falls silent
    connections: list[tuple[str, int]] = field(default_factory=list)
    open_now: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0

    async def ask(self, question: Question) -> Answer:
        """Answer from the zone; what is not there is NODATA."""
        found = self.zone.get((question.qname, question.qtype.value), [])
        if isinstance(found, AnswerStatus):
            return Answer(question=question, status=found)
        status = AnswerStatus.RECORDS if found else AnswerStatus.NODATA
        return Answer(question=question, status=status, records=tuple(found))

    async def converse(
        self, plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
    ) -> tuple[Exchange, ...]:
        """Answer each command from the table of the server at the plan's address."""
        self.connections.append((plan.ip, plan.port))
        self.open_now[plan.ip] = self.open_now.get(plan.ip, 0) + 1
        self.most_at_once = max(self.most_at_once, self.open_now[plan.ip])
        said: list[Exchange] = []

        def add(exchange: Exchange) -> None:
            said.append(exchange)
            on_exchange(exchange)

        try:
            while step := script(tuple(said)):
                await asyncio.sleep(0)
                if isinstance(step, Connect):
                    add(Exchange(stage=Stage.CONNECT))
                    add(Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx ESMTP Postfix",))))
                    continue
                assert isinstance(step, Send)
                for command in step.commands:
                    verb = command.partition(" ")[0].lower()
                    if verb == self.hang:
                        await asyncio.sleep(3600)
                    reply = self.servers[plan.ip](command)
                    add(Exchange(stage=Stage(verb), command=command, reply=reply))
        finally:
            self.open_now[plan.ip] -= 1
        return tuple(said)

    def world(self, **changes: object) -> World:
        """Make the World of a check out of this net."""
        ticks = count()
        start = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
        numbers = count(1)
        world = World(
            ask=self.ask,
            converse=self.converse,
            turns=Turns(),
            egress=Egress(lambda: 0.0),
            source=lambda _: "198.51.100.10",
            vantage=VANTAGE,
            forbidden=lambda ip: "private network" if ip.startswith("10.") else None,
            exempt=lambda ip: ip.endswith(".9"),
            now=lambda: start + timedelta(milliseconds=next(ticks)),
            new_id=lambda: f"check-{next(numbers)}",
            new_nonce=lambda _: "n0nce",
        )
        return replace(world, **changes)  # type: ignore[arg-type] # any field of World


async def run(net: Net, request: Request | None = None, **changes: object) -> list[Progress]:
    """Run a check to its end and return everything that it yielded."""
    request = request or Request(domain=DOMAIN, shown="example.com")
    return [progress async for progress in check(request, net.world(**changes))]


async def report_of(net: Net, request: Request | None = None, **changes: object) -> Report:
    """Run a check to its end and return the finished report."""
    return (await run(net, request, **changes))[-1].report


async def test_all_closed() -> None:
    """Every host refuses: the domain is closed, and the report holds every answer and exchange."""
    report = await report_of(
        Net(CLOSED_ZONE, {"192.0.2.1": closed, "192.0.2.2": closed}),
    )

    assert report.judgement == Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
    assert report.mail_service is MailService.MX
    assert [mx.host for mx in report.mx] == ["mx1.example.com", "mx2.example.com"]
    assert report.mx[0].addresses[0].ptr == ("mx1.example.com",)
    assert report.mx[0].addresses[0].endpoints[0].exchanges
    assert Question("example.com", QType.MX) in {answer.question for answer in report.answers}
    assert report.duration_ms > 0
    assert report.finished


async def test_one_open_backup_decides() -> None:
    """A domain takes the worst of its hosts."""
    report = await report_of(Net(CLOSED_ZONE, {"192.0.2.1": closed, "192.0.2.2": opened}))

    assert report.judgement == Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
    assert [mx.judgement.verdict for mx in report.mx if mx.judgement] == ["closed", "likely_open"]


async def test_the_report_grows_and_only_the_last_is_finished() -> None:
    """Facts arrive one by one; what is awaited is named until nothing is."""
    progress = await run(Net(CLOSED_ZONE, {"192.0.2.1": closed, "192.0.2.2": closed}))

    assert [p.report.finished for p in progress] == [False] * (len(progress) - 1) + [True]
    awaited = {waiting.what for p in progress for waiting in p.waiting}
    assert {Awaited.DNS, Awaited.DIALOGUE} <= awaited
    assert progress[-1].waiting == ()
    assert progress[0].report.mx == ()


async def test_no_probe_looks_at_dns_alone() -> None:
    """With --no-probe no server is contacted, and nobody calls the host closed."""
    net = Net(CLOSED_ZONE)
    report = await report_of(net, Request(domain=DOMAIN, shown="example.com", probe=False))

    assert report.judgement == Judgement(Verdict.NOT_PROBED, Reason.DISABLED)
    assert report.mx[0].addresses[0].ptr == ("mx1.example.com",)
    assert net.connections == []


async def test_a_forbidden_address_is_never_contacted() -> None:
    """The filter's word is final: not probed, with the class of the address."""
    net = Net({("example.com", "MX"): ["10 mx.example.com"], ("mx.example.com", "A"): ["10.0.0.5"]})
    report = await report_of(net)
    address = report.mx[0].addresses[0]

    assert net.connections == []
    assert report.judgement == Judgement(Verdict.NOT_PROBED, Reason.ADDRESS_FORBIDDEN)
    assert [f.args for f in address.findings if f.tag is Tag.ADDRESS_FORBIDDEN] == [
        {"ip": "10.0.0.5", "class": "private network"}
    ]


async def test_an_address_behind_two_hosts_is_asked_once() -> None:
    """Two names for one machine are one conversation, shown under both."""
    net = Net(
        CLOSED_ZONE | {("mx2.example.com", "A"): ["192.0.2.1"]},
        {"192.0.2.1": closed},
    )
    report = await report_of(net)

    assert net.connections == [("192.0.2.1", 25)]
    assert [mx.addresses[0].ip for mx in report.mx] == ["192.0.2.1", "192.0.2.1"]
    assert report.judgement == Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)


async def test_one_connection_at_a_time_to_an_address() -> None:
    """Two checks of the same host at once take turns."""
    net = Net(CLOSED_ZONE, {"192.0.2.1": closed, "192.0.2.2": closed})
    world = net.world()
    request = Request(domain=DOMAIN, shown="example.com")

    async def drain() -> set[Awaited]:
        return {w.what async for p in check(request, world) for w in p.waiting}

    first, second = await asyncio.gather(drain(), drain())

    assert net.most_at_once == 1
    assert len(net.connections) == 4
    assert Awaited.TURN in first | second


@pytest.mark.parametrize(
    ("ip", "ports", "asked"),
    [
        ("192.0.2.1", (25, 465, 587), [25, 465, 587]),
        ("192.0.2.1", (2525, 25), [25]),
        ("192.0.2.9", (2525, 25), [2525, 25]),
        ("192.0.2.1", (2525,), []),
    ],
)
async def test_ports_beyond_the_known_three_only_where_the_operator_allows(
    ip: str, ports: tuple[int, ...], asked: list[int]
) -> None:
    """Ports other than 25, 465 and 587 are only for RELAYCHECK_ALLOW_NETWORKS."""
    net = Net(
        {("example.com", "MX"): ["10 mx.example.com"], ("mx.example.com", "A"): [ip]},
        {ip: closed},
    )
    report = await report_of(net, ports=ports)

    assert [port for _, port in net.connections] == asked
    assert report.judgement is not None
    assert (report.judgement.verdict is Verdict.CLOSED) == bool(asked)


class Greylist:
    """A server that defers who is new, and refuses to relay once they come again."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known = False

    def __call__(self, command: str) -> Reply:
        """Answer one command; QUIT ends the first visit."""
        if command == "QUIT":
            self.known = True
        if command.startswith("RCPT") and not self.known:
            return Reply(450, (f"4.2.0 {self.text}",))
        return closed(command)


@pytest.mark.parametrize("text", ["Greylisted for 0 seconds", "Greylisted, come back later"])
async def test_a_greylisting_server_is_asked_once_more(text: str) -> None:
    """With a wait allowed there is one second try, and what it waits for is told."""
    zone = CLOSED_ZONE | {("example.com", "MX"): ["10 mx1.example.com"]}
    net = Net(zone, {"192.0.2.1": Greylist(text)})
    progress = await run(net, wait_s=0.01, deadline_s=5.0)

    assert progress[-1].report.judgement == Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
    assert len(net.connections) == 2
    (retry,) = {w for p in progress for w in p.waiting if w.what is Awaited.RETRY}
    assert retry.since is not None
    assert retry.until is not None
    assert retry.until > retry.since


async def test_more_time_for_one_host_takes_none_from_another() -> None:
    """A long wait for a greylisting server outlives the proof messages of the host beside it."""
    world = Net(CLOSED_ZONE).world(deadline_s=10.0)
    run = _Run(Request(domain=DOMAIN, shown="example.com"), world)
    async with run.deadline:
        run._more_time(900)
        long = run.deadline.when()
        run._more_time(0)

        assert run.deadline.when() == long


async def test_without_a_wait_greylisting_is_the_word() -> None:
    """Nobody is made to wait who did not ask for it."""
    zone = CLOSED_ZONE | {("example.com", "MX"): ["10 mx1.example.com"]}
    net = Net(zone, {"192.0.2.1": Greylist("Greylisted for 1 second")})
    report = await report_of(net)

    assert report.judgement == Judgement(Verdict.INCONCLUSIVE, Reason.GREYLISTED)
    assert len(net.connections) == 1


async def test_an_open_verdict_from_inside_is_said_with_a_warning() -> None:
    """A neighbour of the server proves nothing about strangers."""
    servers = {"192.0.2.1": opened, "192.0.2.2": closed}
    report = await report_of(Net(CLOSED_ZONE, servers), source=lambda _: "192.0.2.77")

    tags = [[f.tag for f in mx.addresses[0].endpoints[0].findings] for mx in report.mx]
    assert Tag.VANTAGE_INSIDE in tags[0]
    assert Tag.VANTAGE_INSIDE not in tags[1]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble.TIMEOUT, Reason.EGRESS_BLOCKED),
        (Trouble.UNREACHABLE, Reason.EGRESS_BLOCKED),
        (Trouble.REFUSED, Reason.UNREACHABLE),
    ],
)
async def test_silence_everywhere_is_our_network(trouble: Trouble, reason: Reason) -> None:
    """Where nobody of several domains answers, the verdict speaks of us and not of them."""

    async def converse(
        plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
    ) -> tuple[Exchange, ...]:
        silence = Exchange(stage=Stage.CONNECT, trouble=trouble, detail="no answer")
        on_exchange(silence)
        return (silence,)

    addresses = {f"mx{n}.example.com": f"192.0.{n}.1" for n in range(1, 4)}
    zone: Zone = {("example.com", "MX"): [f"10 {host}" for host in addresses]}
    zone |= {(host, "A"): [ip] for host, ip in addresses.items()}
    egress = Egress(lambda: 0.0)
    egress.note("another.example", "203.0.113.1", 25, answered=False)
    report = await report_of(Net(zone), egress=egress, converse=converse)

    assert report.judgement == Judgement(Verdict.INCONCLUSIVE, reason)
    assert {mx.judgement.reason for mx in report.mx if mx.judgement} == {reason}


async def test_no_mail_service_needs_no_host() -> None:
    """A null MX is an answer of the domain itself."""
    report = await report_of(Net({("example.com", "MX"): ["0 "]}))

    assert report.judgement == Judgement(Verdict.NO_MAIL, Reason.NULL_MX)
    assert report.mx == ()


async def test_a_name_that_is_no_host_name_is_not_asked() -> None:
    """An MX that is an address written as a name is said to be unusable, beside hosts that are."""
    net = Net(
        {
            ("example.com", "MX"): ["10 127.1", "20 mx1.example.com"],
            ("mx1.example.com", "A"): ["192.0.2.1"],
        },
        {"192.0.2.1": closed},
    )
    report = await report_of(net)

    assert report.mx[0].judgement == Judgement(Verdict.NOT_PROBED, Reason.MX_UNUSABLE)
    assert report.judgement == Judgement(Verdict.NOT_PROBED, Reason.MX_UNUSABLE)


async def test_the_deadline_judges_what_was_heard_and_never_silence() -> None:
    """A server that falls silent after the control is a time-out, not closed."""
    net = Net(CLOSED_ZONE, {"192.0.2.1": closed, "192.0.2.2": closed}, hang="rcpt")
    report = await report_of(net, deadline_s=0.05)

    assert report.finished
    assert report.judgement == Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT)
    last = report.mx[0].addresses[0].endpoints[0].exchanges[-1]
    assert last.trouble is Trouble.TIMEOUT


async def test_the_deadline_in_the_middle_of_dns() -> None:
    """A name server that never answers leaves the domain not probed."""

    async def never(question: Question) -> Answer:
        if question.qtype is QType.MX:
            records = ("10 mx.example.com",)
            return Answer(question=question, status=AnswerStatus.RECORDS, records=records)
        await asyncio.sleep(3600)
        raise AssertionError

    report = await report_of(Net({}), ask=never, deadline_s=0.05)

    assert report.judgement == Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)


async def test_a_fault_of_ours_is_raised() -> None:
    """What is no misbehaviour of the world comes out as an exception, not as a verdict."""
    net = Net(CLOSED_ZONE, {})  # a server that is not in the table: KeyError in the edge

    with pytest.raises(ExceptionGroup):
        await report_of(net)


async def test_whoever_stops_listening_stops_the_check() -> None:
    """Closing the iterator ends every conversation."""
    net = Net(CLOSED_ZONE, {"192.0.2.1": closed, "192.0.2.2": closed}, hang="mail")
    progress = check(Request(domain=DOMAIN, shown="example.com"), net.world())
    async for step in progress:
        if any(waiting.what is Awaited.DIALOGUE for waiting in step.waiting):
            break
    await progress.aclose()

    assert set(net.open_now.values()) == {0}


async def test_blocklists() -> None:
    """Each address is looked up in the blocklists, those apart that are never contacted."""
    asked: list[str] = []

    async def ask_lists(ip: str) -> tuple[Listing, ...]:
        asked.append(ip)
        status = ListingStatus.LISTED if ip == "192.0.2.2" else ListingStatus.CLEAN
        return (Listing("bl.example", status, ("127.0.0.2",)),)

    zone = {**CLOSED_ZONE, ("mx2.example.com", "A"): ["192.0.2.2", "10.0.0.5"]}
    net = Net(zone, {"192.0.2.1": closed, "192.0.2.2": closed})
    report = await report_of(net, ask_lists=ask_lists)

    by_ip = {address.ip: address for host in report.mx for address in host.addresses}
    assert sorted(asked) == ["192.0.2.1", "192.0.2.2"]
    assert by_ip["192.0.2.2"].listings[0].status is ListingStatus.LISTED
    assert Tag.BLOCKLISTED in {finding.tag for finding in by_ip["192.0.2.2"].findings}
    assert Tag.BLOCKLISTED not in {finding.tag for finding in by_ip["192.0.2.1"].findings}
    assert by_ip["10.0.0.5"].listings == ()


async def test_who_is_not_let_through_is_not_connected_to() -> None:
    """The gate rules on each address; DNS is looked at all the same."""

    async def admit(_request: Request, place: Place, _ask: Ask) -> Ruling:
        closed_to_us = place == Place("example.com", "mx1.example.com", "192.0.2.1")
        return Ruling(Reason.OPTED_OUT, why="not wanted") if closed_to_us else Ruling()

    net = Net(CLOSED_ZONE, {"192.0.2.2": closed})
    report = await report_of(net, gate=Gate(admit=admit))
    address = report.mx[0].addresses[0]

    assert net.connections == [("192.0.2.2", 25)]
    assert report.judgement == Judgement(Verdict.NOT_PROBED, Reason.OPTED_OUT)
    assert address.ptr == ("mx1.example.com",)
    assert Tag.PROBE_WITHHELD in {finding.tag for finding in address.findings}


async def test_less_than_was_wanted() -> None:
    """A gate may let the plain question through, and no variant."""

    async def admit(_request: Request, _place: Place, _ask: Ask) -> Ruling:
        return Ruling(plainly=True, why="not verified")

    request = Request(domain=DOMAIN, shown="example.com", variants=True)
    servers = {"192.0.2.1": closed, "192.0.2.2": closed}
    report = await report_of(Net(CLOSED_ZONE, servers), request, gate=Gate(admit=admit))
    every = await report_of(Net(CLOSED_ZONE, servers), request)

    def kinds(report: Report) -> list[str]:
        return [attempt.kind for attempt in report.mx[0].addresses[0].endpoints[0].attempts]

    assert not [kind for kind in kinds(report) if kind.startswith("variant:")]
    assert [kind for kind in kinds(every) if kind.startswith("variant:")]


@pytest.mark.parametrize("probe", [True, False])
async def test_what_the_gate_wants_to_know_is_asked_beside_all_else(probe: bool) -> None:
    """Its look-ups do not wait for the mail hosts; without a probe there are none."""
    asked: list[Question] = []
    net = Net(CLOSED_ZONE, {"192.0.2.1": closed, "192.0.2.2": closed})

    def questions(_request: Request, name: str) -> tuple[Question, ...]:
        return (Question(f"_wanted.{name}", QType.TXT),)

    async def ask(question: Question) -> Answer:
        asked.append(question)
        await asyncio.sleep(0)
        return await net.ask(question)

    request = Request(domain=DOMAIN, shown="example.com", probe=probe)
    await report_of(net, request, ask=ask, gate=Gate(questions=questions))

    wanted = [question.qname for question in asked if question.qtype is QType.TXT]
    names = ("example.com", "mx1.example.com", "mx2.example.com")
    assert wanted == [f"_wanted.{name}" for name in names if probe]
    assert not probe or asked[0].qname == "_wanted.example.com"


async def test_an_address_over_the_limit_is_named_only() -> None:
    """Of a host's ninth address nothing is asked, neither of the host nor of DNS."""
    ips = [f"192.0.2.{number}" for number in range(1, 10)]
    net = Net(
        {("example.com", "MX"): ["10 mx1.example.com"], ("mx1.example.com", "A"): ips},
        dict.fromkeys(ips, closed),
    )

    report = await report_of(net)

    ninth = report.mx[0].addresses[-1]
    assert ("192.0.2.9", Reason.OVER_LIMIT) == (ninth.ip, ninth.skipped and ninth.skipped.reason)
    assert ("192.0.2.9", 25) not in net.connections
    asked = {answer.question.qname for answer in report.answers}
    assert "8.2.0.192.in-addr.arpa" in asked
    assert "9.2.0.192.in-addr.arpa" not in asked


async def test_an_address_over_one_hosts_limit_is_asked_for_another() -> None:
    """What lies beyond the eighth of one host may be the first of the next."""
    ips = [f"192.0.2.{number}" for number in range(1, 10)]
    zone: Zone = {
        ("example.com", "MX"): ["10 mx1.example.com", "20 mx2.example.com"],
        ("mx1.example.com", "A"): ips,
        ("mx2.example.com", "A"): ips[-1:],
    }

    report = await report_of(Net(zone, dict.fromkeys(ips, closed)))

    ninth = report.mx[1].addresses[0]
    assert "192.0.2.9" == ninth.ip
    assert ninth.endpoints
    assert ninth == report.mx[0].addresses[-1]
    assert Judgement(Verdict.CLOSED, Reason.RELAY_DENIED) == report.mx[1].judgement
    assert Judgement(Verdict.NOT_PROBED, Reason.OVER_LIMIT) == report.mx[0].judgement


async def test_domains_behind_one_host_ask_what_names_none_of_them_once() -> None:
    """Checked side by side, the second waits for its turn and reuses what the first was told."""
    asked: list[str] = []

    def server(command: str) -> Reply:
        asked.append(command)
        return closed(command)

    zone: Zone = {
        ("example.com", "MX"): ["10 mx.example.net"],
        ("example.org", "MX"): ["10 mx.example.net"],
        ("mx.example.net", "A"): ["192.0.2.1"],
    }
    net = Net(zone, {"192.0.2.1": server})
    memory = Answered(lambda: 0.0)
    world = net.world(reuse=Reuse(memory.recall, memory.note))
    other = Request(domain=DomainName("example.org", "example.org"), shown="example.org")

    async def last(request: Request) -> Report:
        *_, progress = [each async for each in check(request, world)]
        return progress.report

    first = Request(domain=DOMAIN, shown="example.com")
    reports = await asyncio.gather(last(first), last(other))
    anew = await last(replace(other, prove=True))

    endpoints = [report.mx[0].addresses[0].endpoints[0] for report in (*reports, anew)]
    assert {Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)} == {e.judgement for e in endpoints}
    assert [0, 1] == sorted(endpoint.age_s for endpoint in endpoints[:2])
    assert 0 == endpoints[2].age_s  # a proof asks anew
    assert 2 == asked.count("MAIL FROM:<>")

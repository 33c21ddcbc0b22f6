"""The lines to type are the lines that the probe sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.exchange import Exchange, Reply, Stage, TlsMode
from bot.model.report import EndpointReport, MxReport, Outcome, Report
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.telnet import by_hand
from tests.render import samples
from tests.render.test_evidence import attempt

OK = Reply(250, ("ok",))
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)


def report_of(*said: Exchange, tls: TlsMode = TlsMode.NONE, port: int = 25) -> Report:
    """Return a report of one endpoint with this conversation."""
    endpoint = EndpointReport(port=port, tls=tls, judgement=CLOSED, exchanges=said)
    return samples.finished(samples.host("mx.example.com", samples.address("192.0.2.1", endpoint)))


def said(*commands: str, tls: bool = False) -> list[Exchange]:
    """Return exchanges with these commands, each answered."""
    return [
        Exchange(stage=Stage(c.split()[0].lower()), command=c, reply=OK, tls=tls) for c in commands
    ]


def lines(report: Report) -> tuple[str, ...]:
    """Return what to type for the report's first host."""
    return by_hand(report, report.mx[0]).lines


CONNECT = Exchange(stage=Stage.CONNECT)
MAIL = ("MAIL FROM:<a@probe.example>", "RCPT TO:<b@probe.example>")


def test_every_command_of_the_probe_in_its_order() -> None:
    """EHLO by the probe's name, both paths of each attempt, RSET between, QUIT at the end."""
    assert (
        "telnet mx1.example.com 25",
        "EHLO probe.example.net",
        "MAIL FROM:<probe@probe.example.net>",
        "RCPT TO:<postmaster@example.com>",
        "RSET",
        "MAIL FROM:<probe@probe.example.net>",
        "RCPT TO:<canary@probe.example.net>",
        "RSET",
        "MAIL FROM:<postmaster@example.com>",
        "RCPT TO:<canary@probe.example.net>",
        "RSET",
        "MAIL FROM:<>",
        "RCPT TO:<canary@probe.example.net>",
        "QUIT",
    ) == lines(samples.own_domain_exim())


def test_a_host_that_was_not_asked() -> None:
    """Where nothing was said, the lines are what the probe would have said."""
    asked = lines(samples.own_domain_exim())
    silent = lines(samples.silent())
    skipped = MxReport(preference=10, host="mx1.example.com", resolved=True, skipped=CLOSED)

    assert asked == silent
    assert asked == lines(samples.finished(skipped))


def test_a_new_connection_is_a_new_line() -> None:
    """Each connection of the probe begins with its own line; an empty one is left out."""
    report = report_of(
        CONNECT, *said("EHLO x", *MAIL), CONNECT, CONNECT, *said("HELO x", *MAIL, "QUIT")
    )

    assert (
        *("telnet mx.example.com 25", "EHLO x", *MAIL, "QUIT"),
        *("telnet mx.example.com 25", "HELO x", *MAIL, "QUIT"),
    ) == lines(report)


def test_starttls_is_left_to_openssl() -> None:
    """After STARTTLS openssl stands for telnet, says the same EHLO, and keeps its hands off R."""
    report = report_of(CONNECT, *said("EHLO x", "STARTTLS"), *said("EHLO x", *MAIL, tls=True))

    at = "-connect mx.example.com:25 -servername mx.example.com"

    assert (
        f"openssl s_client -quiet -crlf -starttls smtp -name x {at}",
        "EHLO x",
        *MAIL,
        "QUIT",
    ) == lines(report)


@pytest.mark.parametrize("exchanges", [(CONNECT, *said("EHLO x", *MAIL, tls=True)), ()])
def test_tls_from_the_first_byte(exchanges: tuple[Exchange, ...]) -> None:
    """Port 465 speaks TLS at once, asked or not."""
    report = report_of(*exchanges, tls=TlsMode.IMPLICIT, port=465)

    assert (
        "openssl s_client -quiet -crlf -connect mx.example.com:465 -servername mx.example.com"
    ) == lines(report)[0]


def test_of_many_odd_forms_the_one_that_decided() -> None:
    """With all forms asked, the lines hold the plain attempts and the form that got through."""
    deny, accept = Outcome.RELAY_DENIED, Outcome.ACCEPTED
    plain = replace(attempt("foreign", deny), reverse_path="a@p", forward_path="b@p")
    helo = replace(plain, kind="variant:helo-own")
    refused = replace(plain, kind="variant:bang", forward_path="p!b")
    decided = replace(plain, kind="variant:percent", forward_path="b%p@mx", outcome=accept)
    foreign, bang, percent = (
        ("MAIL FROM:<a@p>", f"RCPT TO:<{path}>") for path in ("b@p", "p!b", "b%p@mx")
    )
    report = report_of(
        *(CONNECT, *said("EHLO x", *foreign, "RSET", *bang, "RSET", *percent)),
        *(CONNECT, *said("EHLO own", *foreign)),
    )
    endpoint = replace(
        report.mx[0].addresses[0].endpoints[0],
        judgement=Judgement(Verdict.INCONCLUSIVE, Reason.POSSIBLE_BYPASS),
        attempts=(plain, helo, refused, decided),
    )
    mx = replace(report.mx[0], addresses=(samples.address("192.0.2.1", endpoint),))

    assert (
        "telnet mx.example.com 25",
        "EHLO x",
        *foreign,
        "RSET",
        *percent,
        "QUIT",
    ) == by_hand(report, mx).lines


def test_one_of_several_addresses_is_named() -> None:
    """A host with several addresses is reached at the one that decided, IPv6 in brackets."""
    told = [*said("EHLO x", "STARTTLS"), *said("EHLO x", *MAIL, tls=True)]
    report = report_of(CONNECT, *told)
    address = replace(report.mx[0].addresses[0], ip="2001:db8::1")
    mx = replace(report.mx[0], addresses=(address, samples.address("192.0.2.2")))

    assert "-connect [2001:db8::1]:25" in by_hand(report, mx).lines[0]


@pytest.mark.parametrize("host", ["$(reboot).example", "a b.example", "127.1", "-x.example"])
def test_a_name_that_is_no_host_name_is_never_typed(host: str) -> None:
    """A line that might do something else in a shell is not shown."""
    report = report_of(CONNECT, *said("EHLO x", *MAIL))

    assert () == by_hand(report, replace(report.mx[0], host=host)).lines


def test_readings() -> None:
    """Each possible reply has its meaning; Postfix's 454 is a refusal."""
    report = samples.closed()
    reading = by_hand(report, report.mx[0]).reading

    assert any(line.startswith("454 4.7.1, ") and "closed" in line for line in reading)
    assert any(line.startswith("250, ") and "the proof is a message" in line for line in reading)
    assert reading[-1] == "no answer: nothing is known. Silence is not safety."

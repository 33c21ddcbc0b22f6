"""The board: facts arrive in any order, snapshots are whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.board import Board
from bot.model.domain_name import DomainName
from bot.model.exchange import TlsMode
from bot.model.report import (
    AddressReport,
    Awaited,
    EndpointReport,
    MxReport,
    Report,
    Vantage,
    Waiting,
)
from bot.model.verdict import Judgement, Reason, Verdict

OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)


@pytest.fixture
def board() -> Board:
    """Give a board at the start of a check."""
    return Board(
        Report(
            id="7F3A",
            domain=DomainName("example.com", "example.com"),
            started_at=datetime(2026, 11, 24, 12, 3, tzinfo=UTC),
            vantage=Vantage(name="default", ehlo="p", reverse_path="a@p", forward_path="b@p"),
        )
    )


def address(ip: str, judgement: Judgement | None) -> AddressReport:
    """Give an address with one endpoint."""
    endpoint = EndpointReport(port=25, tls=TlsMode.NONE, judgement=judgement)
    return AddressReport(ip=ip, endpoints=(endpoint,))


def test_starts_empty(board: Board) -> None:
    """A new board shows the request and nothing else."""
    progress = board.snapshot()

    assert () == progress.report.mx
    assert () == progress.waiting
    assert not board.changed.is_set()


def test_an_address_behind_two_hosts_stands_under_both(board: Board) -> None:
    """One address is known once and shown under each host that has it."""
    board.set_address(address("192.0.2.1", CLOSED))
    for name in ("mx1.example.com", "mx2.example.com"):
        board.set_host(MxReport(preference=10, host=name, resolved=True), ["192.0.2.1"])

    hosts = board.snapshot().report.mx

    assert [CLOSED, CLOSED] == [host.judgement for host in hosts]
    assert board.knows("192.0.2.1")
    assert not board.knows("192.0.2.2")
    assert CLOSED == board.address("192.0.2.1").judgement


def test_the_verdict_is_the_worst_part(board: Board) -> None:
    """A domain takes the worst of its hosts and of what it says itself; none of either is None."""
    assert board.verdict(None) is None
    no_mail = Judgement(Verdict.NO_MAIL, Reason.NULL_MX)
    assert no_mail == board.verdict(no_mail)

    board.set_address(address("192.0.2.1", CLOSED))
    board.set_address(address("192.0.2.2", OPEN))
    board.set_host(MxReport(preference=10, host="a", resolved=True), ["192.0.2.1"])
    board.set_host(MxReport(preference=20, host="b", resolved=True), ["192.0.2.2"])

    assert OPEN == board.verdict(CLOSED)


def test_what_is_awaited_comes_and_goes(board: Board) -> None:
    """A thing is awaited until it is said not to be, or all is cleared."""
    dns = Waiting("example.com", Awaited.DNS)
    greeting = Waiting("mx", Awaited.GREETING, "192.0.2.1")
    board.wait_for(dns, host="example.com")
    board.wait_for(greeting, host="mx", ip="192.0.2.1")
    assert (dns, greeting) == board.snapshot().waiting

    board.wait_for(None, host="example.com")
    board.wait_for(None, host="never awaited")
    assert (greeting,) == board.snapshot().waiting

    board.clear_waiting()
    assert () == board.snapshot().waiting


def test_every_fact_raises_the_flag(board: Board) -> None:
    """Whoever shows the board learns of each change."""
    board.set_report(finished=True)

    assert board.changed.is_set()
    assert board.snapshot().report.finished

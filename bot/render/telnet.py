"""The lines to see it by hand: exactly what the probe said, and how to read what comes back.

Where the probe spoke over TLS, ``openssl s_client`` stands for telnet: it does EHLO and STARTTLS by
itself, and ``-quiet`` keeps it from reading a line that begins with R or Q as its own command
(openssl-s_client(1), "Connected commands"). The readings are in catalogue.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.domain_name import is_host_name
from bot.model.exchange import Stage, TlsMode
from bot.relay.attempts import ANY_DOMAIN, Plan, transactions
from bot.render.catalogue import CATALOGUE
from bot.render.evidence import deciding_attempt, worst_place
from bot.render.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.model.exchange import Exchange
    from bot.model.report import Attempt, EndpointReport, MxReport, Report
    from bot.render.evidence import Place

_SMTP = 25
_NOT_TYPED = (Stage.HELP, Stage.DATA, Stage.END_OF_DATA)


@dataclass(frozen=True, slots=True)
class ByHand:
    """What to type, in order, and what each possible reply to RCPT means."""

    host: str
    lines: tuple[str, ...]
    reading: tuple[str, ...]


def by_hand(report: Report, mx: MxReport) -> ByHand:
    """Return how to ask a host the same questions from a terminal.

    The lines follow the endpoint that the host's verdict rests on; where nothing was said to it,
    they are what the probe would have said.
    """
    place = worst_place(mx)
    lines = tuple(_replayed(mx, place)) if place else ()
    if not is_host_name(mx.host):
        # Such a name is never asked, and pasted into a shell it might do anything.
        lines = ()
    elif not any(line.startswith("MAIL ") for line in lines):
        lines = tuple(_planned(report, mx, place))
    return ByHand(
        host=inert(mx.host),
        lines=tuple(inert(line, 300) for line in lines),
        reading=tuple(f"{reading.replies}: {reading.means}" for reading in CATALOGUE.readings),
    )


def _replayed(mx: MxReport, place: Place) -> Iterator[str]:
    told: set[tuple[str, str]] = set()
    for session in _sessions(place.endpoint.exchanges):
        said = [e for e in session if e.command is not None and e.stage not in _NOT_TYPED]
        commands = _telling(said, place.endpoint, told)
        if not commands:
            continue
        upgraded = next((i for i, e in enumerate(commands) if e.tls), None)
        if place.endpoint.tls is TlsMode.IMPLICIT or upgraded is None:
            yield _connect(mx, place, place.endpoint.tls is TlsMode.IMPLICIT, starttls="")
        else:
            commands = commands[upgraded:]
            yield _connect(mx, place, is_tls=True, starttls=_ehlo_name(commands))
        yield from (e.command or "" for e in commands if e.stage is not Stage.QUIT)
        yield "QUIT"


def _telling(
    said: list[Exchange], endpoint: EndpointReport, told: set[tuple[str, str]]
) -> list[Exchange]:
    """Leave out the odd forms that were asked, but for the one that decided.

    Args:
        said: The commands of a session.
        endpoint: The endpoint that it was held with.
        told: The paths of the transactions that earlier sessions show; those of this one are added.
    """
    decided = deciding_attempt(endpoint)
    odd = {_paths(a) for a in endpoint.attempts if a.kind.startswith("variant:")}
    plain = {_paths(a) for a in endpoint.attempts if not a.kind.startswith("variant:")}
    if not odd:
        return said
    kept: list[Exchange] = []
    for transaction in _transactions(said):
        paths = _carried(transaction)
        is_first = paths in plain and paths not in told
        if paths not in odd or is_first or (decided and paths == _paths(decided)):
            kept += transaction
            told.add(paths)
    return kept if any(e.stage is Stage.MAIL for e in kept) else []


def _transactions(said: list[Exchange]) -> list[list[Exchange]]:
    """Cut a session's commands before each transaction, its RSET included."""
    cut: list[list[Exchange]] = [[]]
    for exchange in said:
        begun = any(e.stage is Stage.MAIL for e in cut[-1])
        if exchange.stage is Stage.RSET or (
            exchange.stage is Stage.MAIL and (begun or not cut[1:])
        ):
            cut.append([])
        cut[-1].append(exchange)
    return cut


def _paths(attempt: Attempt) -> tuple[str, str]:
    return attempt.reverse_path.strip("<>"), attempt.forward_path.strip("<>")


def _carried(transaction: list[Exchange]) -> tuple[str, str]:
    """Return the paths that a transaction's commands carry; "" for one that it lacks."""
    paths = {e.stage: (e.command or "").partition(":")[2].strip("<>") for e in transaction}
    return paths.get(Stage.MAIL, ""), paths.get(Stage.RCPT, "")


def _planned(report: Report, mx: MxReport, place: Place | None) -> Iterator[str]:
    is_implicit = place is not None and place.endpoint.tls is TlsMode.IMPLICIT
    yield _connect(mx, place, is_implicit, starttls="")
    yield f"EHLO {report.vantage.ehlo}"
    ip = place.address.ip if place else mx.host
    plan = Plan(vantage=report.vantage, domain=report.domain, mx_host=mx.host, ip=ip)
    asked = [t for t in transactions(plan) if t.kind != ANY_DOMAIN]
    for number, transaction in enumerate(asked):
        if number:
            yield "RSET"
        yield transaction.mail
        yield transaction.rcpt
    yield "QUIT"


def _connect(mx: MxReport, place: Place | None, is_tls: bool, starttls: str) -> str:  # noqa: FBT001
    """Return the line that connects; by name where the host has one address, else by address."""
    target = place.address.ip if place and len(mx.addresses) > 1 else mx.host
    port = place.endpoint.port if place else _SMTP
    if not is_tls:
        return f"telnet {target} {port}"
    at = f"[{target}]:{port}" if ":" in target else f"{target}:{port}"
    upgrade = f" -starttls smtp -name {starttls}" if starttls else ""
    return f"openssl s_client -quiet -crlf{upgrade} -connect {at} -servername {mx.host}"


def _ehlo_name(commands: list[Exchange]) -> str:
    said = next((e.command for e in commands if e.stage in (Stage.EHLO, Stage.HELO)), "")
    return (said or "").partition(" ")[2]


def _sessions(exchanges: tuple[Exchange, ...]) -> list[list[Exchange]]:
    found: list[list[Exchange]] = []
    for exchange in exchanges:
        if exchange.stage is Stage.CONNECT or not found:
            found.append([])
        found[-1].append(exchange)
    return found

"""What a pasted transcript is about: which domain, which server, and who asked it.

A transcript has no plan, so the plan is read from what was said. The domain is that of the
postmaster who was asked for (the control); without one it has to be told, since a recipient who was
accepted may be the server's own. RFC 5321 §4.1.1 for the commands.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.model.domain_name import DomainName, DomainNameError, parse_domain_name
from bot.model.exchange import Stage, TlsMode
from bot.model.ports import SUBMISSIONS
from bot.model.report import Vantage
from bot.relay.attempts import Plan
from bot.relay.session import server_name_of, sessions
from bot.relay.step import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.exchange import Exchange

_UNKNOWN = "unknown.invalid"
_BARE_PATH = re.compile(r"(MAIL +FROM|RCPT +TO) *: *<?([^<>\s]*)>?(?: .*)?", re.IGNORECASE)
_NOWHERE = re.compile(r"(?P<nonce>[a-z0-9-]+)@(?P=nonce)\.invalid", re.IGNORECASE)
# How telnet, nc and openssl are called, and what telnet says then.
_CALLED = re.compile(
    r"\b(?:telnet|nc|ncat)(?: -\S+)* +(?P<host>[\w.:-]+) +(?P<port>\d{1,5})\b"
    r"|-connect +(?P<tls_host>\[[\w.:]+\]|[\w.-]+):(?P<tls_port>\d{1,5})\b",
    re.ASCII,
)
_TRYING = re.compile(r"^Trying (?P<ip>[0-9A-Fa-f.:]+?)\.\.\.", re.MULTILINE)
_CONNECTED = re.compile(r"^Connected to (?P<host>[\w.-]+?)\.?$", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Called:
    """What a transcript says about the connection itself; empty where it says nothing."""

    host: str = ""
    ip: str = ""
    port: int = 25

    @property
    def implicit_tls(self) -> bool:
        """Whether the port speaks TLS from the first byte."""
        return self.port == SUBMISSIONS


@dataclass(frozen=True, slots=True)
class Subject:
    """A plan that fits what was said; ``domain_is_known`` false: nobody said whose server it is."""

    plan: Plan
    domain_is_known: bool


def find_called(text: str) -> Called:
    """Find the call of telnet, nc or openssl above a conversation, and telnet's first lines."""
    call, trying, connected = _CALLED.search(text), _TRYING.search(text), _CONNECTED.search(text)
    host = (call and (call["host"] or call["tls_host"])) or (connected and connected["host"]) or ""
    port = (call and (call["port"] or call["tls_port"])) or "25"
    ip = trying["ip"] if trying else ""
    if _is_address(host := host.strip("[]")):
        host, ip = "", ip or host
    return Called(host=host, ip=ip, port=int(port))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def normalise(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    """Put MAIL and RCPT into their full form, since people leave out brackets that servers add."""
    return tuple(
        replace(exchange, command=f"{verb[1].upper()}:<{verb[2]}>")
        if exchange.command and (verb := _BARE_PATH.fullmatch(exchange.command))
        else exchange
        for exchange in exchanges
    )


def find_subject(
    exchanges: tuple[Exchange, ...], called: Called, domain: DomainName | None = None
) -> Subject:
    """Read the plan of a conversation from its commands.

    Args:
        exchanges: As ``normalise`` returns them.
        called: What is known of the connection.
        domain: Whose mail server it is, where somebody says so.
    """
    pairs = _pairs(exchanges)
    known = domain or _domain_of_the_control(forward for _, forward in pairs)
    host = (
        called.host or server_name_of(sessions(exchanges)) or (known.ascii if known else _UNKNOWN)
    )
    subject = known or DomainName(host, host)
    outside = next((forward for _, forward in pairs if _is_outside(forward, known)), "")
    nowhere = next((found for _, forward in pairs if (found := _NOWHERE.fullmatch(forward))), None)
    vantage = Vantage(
        name="by hand",
        ehlo=_ehlo(exchanges),
        reverse_path=_ours(pairs, outside, f"postmaster@{subject}"),
        forward_path=outside,
    )
    plan = Plan(
        vantage=vantage,
        domain=subject,
        mx_host=host,
        ip=called.ip,
        port=called.port,
        tls=TlsMode.IMPLICIT if called.implicit_tls else TlsMode.NONE,
        variants=True,
    )
    if nowhere:
        plan = replace(plan, nonce=nowhere["nonce"].lower())
    return Subject(plan, domain_is_known=known is not None)


def _pairs(exchanges: tuple[Exchange, ...]) -> list[tuple[str, str]]:
    """Return reverse-path and forward-path of each MAIL, lower case; "" where no RCPT followed."""
    return [
        (path_of(pair.mail), path_of(pair.rcpt) if pair.rcpt else "")
        for session in sessions(exchanges)
        for pair in session.pairs
    ]


def _domain_of_the_control(forward_paths: Iterable[str]) -> DomainName | None:
    for path in forward_paths:
        local, _, domain = path.rpartition("@")
        if local == "postmaster":
            try:
                return parse_domain_name(domain)
            except DomainNameError:
                continue
    return None


def _is_outside(forward_path: str, domain: DomainName | None) -> bool:
    """Whether a forward-path is neither the domain's own nor one that cannot exist."""
    there = forward_path.rpartition("@")[2]
    own = domain is not None and f".{there}".endswith(f".{domain}")
    return bool(there) and not own and not there.endswith(".invalid")


def _ours(pairs: list[tuple[str, str]], outside: str, postmaster: str) -> str:
    """Return the stranger's reverse-path: of the question itself, else of any other."""
    to_outside = [reverse for reverse, forward in pairs if forward == outside]
    others = [reverse for reverse, _ in pairs]
    fitting = (r for r in (*to_outside, *others) if r and r != postmaster)
    return next(fitting, "")


def _ehlo(exchanges: tuple[Exchange, ...]) -> str:
    hello = next((e for e in exchanges if e.stage in (Stage.EHLO, Stage.HELO) and e.command), None)
    return hello.command.partition(" ")[2].strip() if hello and hello.command else ""

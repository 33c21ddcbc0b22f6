"""What will be asked of a mail server: a Plan, and the attempts that follow from it, as data.

An attempt is one MAIL/RCPT pair in a transaction of its own (RFC 5321 §3.3). The five of the
contract stand here in their order; the forms of ``--variants`` stand in ``variants.toml``. Commands
are built from fixed templates over names that were checked before: nothing that a server says gets
into a command unless it is a host name.

This module does not know when an attempt is made (``dialogue``) nor what an answer to it means
(``evidence``, ``verdict``).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.model.exchange import TlsMode

if TYPE_CHECKING:
    from bot.model.domain_name import DomainName
    from bot.model.report import Attempt, Vantage

CONTROL = "control"
FOREIGN = "foreign"
OWN_DOMAIN = "own_domain"
NULL = "null"
ANY_DOMAIN = "any_domain"
VARIANT = "variant:"

# The three that ask the relay question: outside to outside, by the reverse-path they claim.
QUESTIONS = (FOREIGN, OWN_DOMAIN, NULL)


class Opening(Enum):
    """How a session begins before an attempt may be made in it."""

    PLAIN = "plain"
    AFTER_STARTTLS = "after_starttls"  # though the server does not demand it
    AS_SERVER = "as_server"  # EHLO with the server's own name


@dataclass(frozen=True, slots=True)
class Reused:
    """Answers that another conversation with the same endpoint brought, ``age_s`` seconds ago."""

    attempts: tuple[Attempt, ...]
    age_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One endpoint, who asks it, and how much.

    ``nonce`` is an unguessable label for the mailbox that cannot exist; the caller makes it.
    ``reused``: what need not be asked, as long as ``bot.relay.reuse`` lets it hold.
    """

    vantage: Vantage
    domain: DomainName
    mx_host: str
    ip: str
    port: int = 25
    tls: TlsMode = TlsMode.NONE
    variants: bool = False
    nonce: str = "nobody"
    reused: Reused | None = None

    @property
    def external_domain(self) -> str:
        """The domain of our forward-path: outside, whatever the server's own domains are."""
        return self.vantage.forward_path.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """An attempt before it is made: its kind, its two paths, and how its session must begin.

    ``bare``: the forward-path goes out without its angle brackets, as no RFC allows.
    """

    kind: str
    reverse_path: str
    forward_path: str
    opening: Opening = Opening.PLAIN
    bare: bool = False

    @property
    def mail(self) -> str:
        """The MAIL command, as it goes over the wire without its CRLF (RFC 5321 §4.1.1.2)."""
        return f"MAIL FROM:<{self.reverse_path}>"

    @property
    def rcpt(self) -> str:
        """The RCPT command (RFC 5321 §4.1.1.3)."""
        return f"RCPT TO:{self.forward_path}" if self.bare else f"RCPT TO:<{self.forward_path}>"


@lru_cache(maxsize=256)
def transactions(plan: Plan, server_name: str | None = None) -> tuple[Transaction, ...]:
    """Return every attempt of a plan in the order of asking; not all are made of every server.

    Args:
        plan: what is asked of whom.
        server_name: the host name that the server greeted with, once it is known.
    """
    ours, outside = plan.vantage.reverse_path, plan.vantage.forward_path
    # RFC 5321 §4.5.1: every domain accepts mail for its postmaster.
    postmaster = f"postmaster@{plan.domain.ascii}"
    # RFC 6761 §6.4: nothing under .invalid exists.
    nowhere = f"{plan.nonce}@{plan.nonce}.invalid"
    five = (
        Transaction(kind=CONTROL, reverse_path=ours, forward_path=postmaster),
        Transaction(kind=FOREIGN, reverse_path=ours, forward_path=outside),
        Transaction(kind=OWN_DOMAIN, reverse_path=postmaster, forward_path=outside),
        Transaction(kind=NULL, reverse_path="", forward_path=outside),
        Transaction(kind=ANY_DOMAIN, reverse_path=ours, forward_path=nowhere),
    )
    return five + (_variants(plan, server_name, five) if plan.variants else ())


def _variants(
    plan: Plan, server_name: str | None, asked: tuple[Transaction, ...]
) -> tuple[Transaction, ...]:
    """Fill in the forms; what comes out as something that is asked already is left out."""
    user, _, domain = plan.vantage.forward_path.rpartition("@")
    names = {
        "u": user,
        "d": domain,
        "s": plan.vantage.reverse_path.partition("@")[0],
        "target": plan.domain.ascii,
        # RFC 5321 §4.1.3
        "ip": f"[IPv6:{plan.ip}]" if ":" in plan.ip else f"[{plan.ip}]",
    }
    hosts = {"": plan.mx_host, "-greeting": server_name or plan.mx_host}
    made = {_commands(transaction): transaction for transaction in asked}
    for form in _forms():
        for suffix, host in hosts.items():
            variant = Transaction(
                kind=f"{VARIANT}{form['name']}{suffix}",
                reverse_path=_filled(form.get("mail"), plan.vantage.reverse_path, names, host),
                forward_path=_filled(form.get("rcpt"), plan.vantage.forward_path, names, host),
                opening=Opening(form.get("opening", Opening.PLAIN.value)),
                bare=form.get("bare", False),
            )
            made.setdefault(_commands(variant), variant)
    return tuple(made.values())[len(asked) :]


def _commands(transaction: Transaction) -> tuple[str, str, Opening]:
    return transaction.mail.lower(), transaction.rcpt.lower(), transaction.opening


def _filled(form: str | None, usual: str, names: dict[str, str], host: str) -> str:
    return usual if form is None else form.format(**names, host=host)


@lru_cache(maxsize=1)
def _forms() -> tuple[dict[str, Any], ...]:
    data = tomllib.loads(resources.files(__package__).joinpath("variants.toml").read_text("utf-8"))
    return tuple(data["form"])

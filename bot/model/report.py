"""The Report of one check: everything that was asked and answered, and what it proves.

The tree mirrors the public JSON: report, MX hosts, addresses, endpoints, attempts. It is built by
``bot.check``, judged by ``bot.relay`` and ``bot.posture``, and shown by ``bot.render``; it holds
tags, never prose. A report that is still filling in is the same type with ``finished`` false and
parts whose ``judgement`` is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.model.verdict import Judgement, worst

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model.domain_name import DomainName
    from bot.model.exchange import Exchange, Reply, Stage, TlsMode
    from bot.model.finding import Finding
    from bot.model.proof import Proof
    from bot.model.question import Answer


class Outcome(StrEnum):
    """What became of one attempt, read from the reply that decided it."""

    ACCEPTED = "accepted"
    RELAY_DENIED = "relay_denied"
    AUTH_REQUIRED = "auth_required"
    RECIPIENT_REJECTED = "recipient_rejected"
    REJECTED = "rejected"  # permanently, in words that do not say why
    CLIENT_BLOCKED = "client_blocked"
    GREYLISTED = "greylisted"
    RATE_LIMITED = "rate_limited"
    SENDER_REJECTED = "sender_rejected"
    SENDER_UNUSABLE = "sender_unusable"
    RECIPIENT_UNUSABLE = "recipient_unusable"
    TLS_REQUIRED = "tls_required"
    TLS_FAILED = "tls_failed"
    NEVER_ACCEPTS_MAIL = "never_accepts_mail"
    TEMPORARY_FAILURE = "temporary_failure"
    BAD_SEQUENCE = "bad_sequence"
    MESSAGE_REJECTED = "message_rejected"  # of a proof: at DATA or its end
    MESSAGE_ACCEPTED = "message_accepted"  # of a proof: taken, not (yet) arrived
    DELIVERED = "delivered"  # of a proof: arrived at the canary
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    PROTOCOL_ERROR = "protocol_error"


class MailService(StrEnum):
    """How a domain says where its mail goes (RFC 5321 §5.1, RFC 7505)."""

    MX = "mx"
    IMPLICIT_MX = "implicit_mx"
    NULL_MX = "null_mx"
    NONE = "none"
    DNS_FAILED = "dns_failed"


class Fcrdns(StrEnum):
    """Forward-confirmed reverse DNS: whether any PTR's forward look-up returns the address."""

    PASS = "pass"  # noqa: S105 - a result word of RFC 8601
    FAIL = "fail"
    NONE = "none"
    TEMPERROR = "temperror"


class HostnameClass(StrEnum):
    """What kind of host the PTR name looks like."""

    MAIL = "mail"
    STATIC = "static"
    CLOUD = "cloud"
    GENERIC = "generic"
    DYNAMIC = "dynamic"
    UNKNOWN = "unknown"
    NONE = "none"


class ListingStatus(StrEnum):
    """What a blocklist says of an address; unknown is neither good nor bad."""

    LISTED = "listed"
    CLEAN = "clean"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Listing:
    """One blocklist's word on one address.

    ``codes`` are the A records; ``detail`` is what they mean, or why nothing is known.
    """

    list: str
    status: ListingStatus
    codes: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One MAIL/RCPT pair in its own transaction, and the reply that decided it.

    ``kind`` is a word of the contract: control, foreign, own_domain, null, any_domain,
    ``variant:NAME``, ``proof:KIND``. Paths are without angle brackets; the null reverse-path is "".
    ``reply`` is None where none came (``outcome`` says what happened instead).
    """

    kind: str
    reverse_path: str
    forward_path: str
    tls: bool
    stage: Stage
    reply: Reply | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Mta:
    """What mail server it seems to be, and by what (``banner``, ``ehlo``, ``replies`` ...)."""

    product: str
    version: str | None
    confidence: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds from the start of the endpoint's probe; None where it did not get so far."""

    connect_ms: int | None
    greeting_ms: int | None
    total_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReport:
    """One address and port, asked once. ``judgement`` None: still being asked.

    ``host`` is the MX host under whose name it was asked: an address may be behind several.
    """

    port: int
    tls: TlsMode
    host: str = ""
    judgement: Judgement | None = None
    age_s: int = 0
    mta: Mta | None = None
    attempts: tuple[Attempt, ...] = ()
    findings: tuple[Finding, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    proofs: tuple[Proof, ...] = ()
    timing: Timing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressReport:
    """One address of an MX host: its reverse DNS, its listings, its endpoints.

    ``fcrdns`` and ``hostname_class`` are None while DNS is being asked. ``skipped`` says why no
    endpoint was asked (forbidden address, over the limit, ``--no-probe``, policy).
    """

    ip: str
    ptr: tuple[str, ...] = ()
    fcrdns: Fcrdns | None = None
    hostname_class: HostnameClass | None = None
    findings: tuple[Finding, ...] = ()
    listings: tuple[Listing, ...] = ()
    endpoints: tuple[EndpointReport, ...] = ()
    skipped: Judgement | None = None

    @property
    def judgement(self) -> Judgement | None:
        """The worst of the endpoints; None while any is still being asked."""
        if self.skipped is not None:
            return self.skipped
        parts = [endpoint.judgement for endpoint in self.endpoints]
        return worst(part for part in parts if part) if parts and all(parts) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MxReport:
    """One MX host. ``preference`` None: implicit MX. ``resolved`` false: A and AAAA still asked.

    ``skipped`` says why a host without addresses was not asked.
    """

    preference: int | None
    host: str
    resolved: bool = False
    addresses: tuple[AddressReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: Judgement | None = None

    @property
    def judgement(self) -> Judgement | None:
        """The worst of the addresses; None while any part is still being asked."""
        parts = [address.judgement for address in self.addresses]
        if not self.resolved or not all(parts):
            return None
        known = [part for part in (*parts, self.skipped) if part is not None]
        return worst(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """The network place that the probe ran from, and who it said it was."""

    name: str
    ehlo: str
    reverse_path: str
    forward_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One check, from command to finished card.

    ``judgement`` is the domain's own where no MX host decides (null MX, NXDOMAIN, DNS failure), set
    from the worst host when the check finishes. ``error_id`` names the log line of a fault of ours.
    """

    id: str
    domain: DomainName
    started_at: datetime
    vantage: Vantage
    duration_ms: int = 0
    mail_service: MailService | None = None
    judgement: Judgement | None = None
    findings: tuple[Finding, ...] = ()
    mx: tuple[MxReport, ...] = ()
    answers: tuple[Answer, ...] = ()
    finished: bool = False
    error_id: str = ""


class Awaited(StrEnum):
    """What a check can be waiting for."""

    DNS = "dns"
    TURN = "turn"  # one connection at a time to an address: another check has it
    CONNECT = "connect"
    GREETING = "greeting"
    DIALOGUE = "dialogue"
    DELIVERY = "delivery"  # proof messages were handed over: whether they arrive
    RETRY = "retry"  # a greylisting server asked us to come back


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a check waits for right now, of which MX host (or the domain itself) and address.

    ``since`` is when the waiting began; ``until`` when it will end, where that is known.
    """

    host: str
    what: Awaited
    ip: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A check as it stands: the report so far, and what is being waited for."""

    report: Report
    waiting: tuple[Waiting, ...] = ()

"""The words of a verdict, their order, and how parts make a whole.

Knows nothing of how a verdict is reached (``bot.relay.verdict``) nor how it is worded
(``bot.render``). The words and their order are the public contract of the JSON report.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """What the attempts prove, worst first: the order of the members is the order of badness."""

    OPEN = "open"
    LIKELY_OPEN = "likely_open"
    INCONCLUSIVE = "inconclusive"
    NOT_PROBED = "not_probed"
    CLOSED = "closed"
    NO_MAIL = "no_mail"

    @property
    def is_open(self) -> bool:
        """Whether a stranger's mail was accepted, proved or not."""
        return self in (Verdict.OPEN, Verdict.LIKELY_OPEN)

    @property
    def is_clean(self) -> bool:
        """Whether everything answered, and nothing is open."""
        return self in (Verdict.CLOSED, Verdict.NO_MAIL)


class Reason(StrEnum):
    """Why a verdict is what it is; within one verdict the earlier member is the worse."""

    # open
    DELIVERED = "delivered"
    # likely_open: the attempt that got through
    FOREIGN_ACCEPTED = "foreign_accepted"
    NULL_ACCEPTED = "null_accepted"
    OWN_DOMAIN_ACCEPTED = "own_domain_accepted"
    VARIANT_ACCEPTED = "variant_accepted"
    # inconclusive
    POSSIBLE_BYPASS = "possible_bypass"
    ACCEPTED_NOT_DELIVERED = "accepted_not_delivered"
    MAIL_SINK = "mail_sink"
    CLIENT_BLOCKED = "client_blocked"
    GREYLISTED = "greylisted"
    RATE_LIMITED = "rate_limited"
    SENDER_REJECTED = "sender_rejected"
    SENDER_UNUSABLE = "sender_unusable"
    RECIPIENT_UNUSABLE = "recipient_unusable"
    TLS_FAILED = "tls_failed"
    EGRESS_BLOCKED = "egress_blocked"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    PROTOCOL_ERROR = "protocol_error"
    TEMPORARY_FAILURE = "temporary_failure"
    # not_probed
    ADDRESS_FORBIDDEN = "address_forbidden"
    DNS_FAILED = "dns_failed"
    MX_UNUSABLE = "mx_unusable"
    OVER_LIMIT = "over_limit"
    OPTED_OUT = "opted_out"
    POLICY = "policy"
    DISABLED = "disabled"
    # closed
    REJECTED_AFTER_DATA = "rejected_after_data"
    RECIPIENT_REJECTED = "recipient_rejected"
    AUTH_REQUIRED = "auth_required"
    RELAY_DENIED = "relay_denied"
    # no_mail
    NULL_MX = "null_mx"
    NO_MAIL_SERVICE = "no_mail_service"
    NXDOMAIN = "nxdomain"
    NEVER_ACCEPTS_MAIL = "never_accepts_mail"
    NOT_LISTENING = "not_listening"  # a submission port that refuses connections


_BADNESS = {verdict: rank for rank, verdict in enumerate(Verdict)}
_PRECEDENCE = {reason: rank for rank, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason."""

    verdict: Verdict
    reason: Reason

    @property
    def rank(self) -> tuple[int, int]:
        """Sort key, worst first."""
        return _BADNESS[self.verdict], _PRECEDENCE[self.reason]


def worst(judgements: Iterable[Judgement]) -> Judgement | None:
    """Return the worst of the parts, which is what the whole is; None where there are no parts."""
    return min(judgements, key=lambda judgement: judgement.rank, default=None)

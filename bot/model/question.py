"""A DNS question and what came of it, as plain data (words of RFC 9499).

An Answer is never an exception: NXDOMAIN, NODATA, SERVFAIL, a time-out and a truncated reply are
statuses. So stored answers can be judged anew, and a zone in a test is a dict.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QType(StrEnum):
    """The record types that relaycheck asks for."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    PTR = "PTR"
    TXT = "TXT"


@dataclass(frozen=True, slots=True)
class Question:
    """QNAME (lower case, no final dot; the root is the empty string) and QTYPE."""

    qname: str
    qtype: QType


class AnswerStatus(StrEnum):
    """How a question ended; only the first three are answers of the zone."""

    RECORDS = "records"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    UNREACHABLE = "unreachable"
    NOT_ASKED = "not_asked"  # the check's budget of look-ups was spent

    @property
    def is_definite(self) -> bool:
        """Whether the zone itself answered; everything else is a failure to learn (temperror)."""
        return self in (AnswerStatus.RECORDS, AnswerStatus.NODATA, AnswerStatus.NXDOMAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one question brought.

    ``records`` are RDATA in presentation format, names lower case without the final dot:
    ``"192.0.2.1"``, ``"10 mx.example.com"``, ``"0 "`` for a null MX. The strings of a TXT record
    are joined, without quotes (RFC 7208 §3.3). ``aliases`` is the chain of CNAME targets that was
    followed, the last being the owner of the records. ``ttl_s`` in seconds.
    """

    question: Question
    status: AnswerStatus
    records: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    ttl_s: int = 0
    took_ms: int = 0
    detail: str = ""

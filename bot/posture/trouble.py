"""What a look-up that failed to learn anything says about a domain.

NXDOMAIN and NODATA are answers of the zone. SERVFAIL, REFUSED, a time-out, a truncated or a
malformed reply are not: they are a temperror (RFC 8601 §2.6.3), never a fail, and nothing is
concluded from them but that we do not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.finding import Finding, Tag
from bot.model.question import AnswerStatus
from bot.model.verdict import Judgement, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.question import Answer

DNS_FAILED = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)

# No server answered us at all; every other failure was said by a server.
_SILENCE = frozenset({AnswerStatus.TIMEOUT, AnswerStatus.UNREACHABLE, AnswerStatus.NOT_ASKED})


def findings(answers: Iterable[Answer]) -> tuple[Finding, ...]:
    """Return a finding for each answer that is a failure: DNS_TIMEOUT or DNS_SERVFAIL.

    Arguments of both: ``name`` and ``type`` of the question, ``status`` (a word of AnswerStatus),
    ``detail``.
    """
    return tuple(
        Finding(
            Tag.DNS_TIMEOUT if answer.status in _SILENCE else Tag.DNS_SERVFAIL,
            {
                "name": answer.question.qname,
                "type": answer.question.qtype.value,
                "status": answer.status.value,
                "detail": answer.detail,
            },
        )
        for answer in answers
        if not answer.status.is_definite
    )

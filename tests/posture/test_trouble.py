"""Failed look-ups as findings."""

from __future__ import annotations

import pytest

from bot.model.question import Answer, AnswerStatus
from bot.posture.trouble import findings
from tests.posture.zone import question


@pytest.mark.parametrize(
    ("status", "tag"),
    [
        ("records", None),
        ("nodata", None),
        ("nxdomain", None),
        ("servfail", "DNS_SERVFAIL"),
        ("refused", "DNS_SERVFAIL"),
        ("truncated", "DNS_SERVFAIL"),
        ("malformed", "DNS_SERVFAIL"),
        ("timeout", "DNS_TIMEOUT"),
        ("unreachable", "DNS_TIMEOUT"),
        ("not_asked", "DNS_TIMEOUT"),
    ],
)
def test_tag(status: str, tag: str | None) -> None:
    """What no server said is a time-out, what one said is a server failure, the rest no failure."""
    answer = Answer(question=question("a.example A"), status=AnswerStatus(status))

    assert ([tag] if tag else []) == [finding.tag for finding in findings([answer])]

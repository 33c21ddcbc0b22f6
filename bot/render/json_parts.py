"""The parts that every level of the public JSON shares: foreign text, verdicts, findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.render.catalogue import severity, title
from bot.render.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.model.finding import Finding
    from bot.model.verdict import Judgement

Json: TypeAlias = dict[str, object]
# A reply is kept to 8 KiB; a character of it becomes at most ten.
_LONGEST = 100_000


def text(foreign: str) -> str:
    """Return a foreign string, inert."""
    return inert(foreign, _LONGEST)


def texts(foreign: Iterable[str]) -> list[str]:
    """Return foreign strings, inert."""
    return [text(one) for one in foreign]


def moment(time: datetime) -> str:
    """Return a time as ISO 8601 has it, UTC as ``Z``."""
    return time.isoformat().replace("+00:00", "Z")


def verdict(judgement: Judgement | None) -> Json:
    """Return the two keys of a judgement; null while it is not known."""
    if judgement is None:
        return {"verdict": None, "reason": None}
    return {"verdict": judgement.verdict, "reason": judgement.reason}


def findings(found: Iterable[Finding]) -> list[Json]:
    """Return findings with their severity and title."""
    return [
        {
            "tag": finding.tag,
            "severity": severity(finding),
            "title": title(finding),
            "args": {name: text(value) for name, value in finding.args.items()},
        }
        for finding in found
    ]

"""A domain's verdicts over time: a line of them for each host, and the points where one changed.

Pure. What was seen comes from ``bot.store``, the words and marks are ``bot.render``'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.model.verdict import Judgement


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one check found: each MX host's judgement, in the report's order, and the domain's."""

    report_id: str
    at: datetime
    judgement: Judgement | None
    hosts: Mapping[str, Judgement]


@dataclass(frozen=True, slots=True)
class Line:
    """One subject over all sightings; None where it was not there.

    The subject is an MX host; "" is the domain itself, in checks that found no host to ask.
    """

    host: str
    judgements: tuple[Judgement | None, ...]

    @property
    def runs(self) -> tuple[tuple[Judgement | None, int], ...]:
        """The judgements folded: how often in a row each verdict was found, the latest first."""
        folded = groupby(reversed(self.judgements), key=lambda each: each and each.verdict)
        rows = [list(alike) for _, alike in folded]
        return tuple((row[0], len(row)) for row in rows)


@dataclass(frozen=True, slots=True)
class Turning:
    """A point where the verdict of a host became another; None: it was not there."""

    at: datetime
    host: str
    before: Judgement | None
    after: Judgement | None


def lines(sightings: Sequence[Sighting]) -> tuple[Line, ...]:
    """Return a line for each host that was ever seen, those of the latest check first.

    Args:
        sightings: The oldest first.
    """
    told = [_told(sighting) for sighting in sightings]
    hosts = dict.fromkeys(host for each in reversed(told) for host in each)
    return tuple(Line(host, tuple(each.get(host) for each in told)) for host in hosts)


def turnings(sightings: Sequence[Sighting]) -> tuple[Turning, ...]:
    """Return where a verdict changed, the latest first; its reason alone is no change.

    Args:
        sightings: The oldest first.
    """
    found: list[Turning] = []
    for line in lines(sightings):
        timed = zip(sightings, line.judgements, strict=True)
        for (_, before), (sighting, after) in pairwise(timed):
            if (before and before.verdict) is not (after and after.verdict):
                found.append(Turning(sighting.at, line.host, before, after))
    return tuple(sorted(found, key=lambda turning: turning.at, reverse=True))


def _told(sighting: Sighting) -> Mapping[str, Judgement]:
    if sighting.hosts or sighting.judgement is None:
        return sighting.hosts
    return {"": sighting.judgement}

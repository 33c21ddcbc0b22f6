"""When a host's verdict has changed for certain, so that a watch may say so.

Pure. One look proves little: networks fail, servers restart, and a verdict that flaps tires whoever
reads it. So a new verdict counts once two runs in a row agree on it, and at once only where a
stranger's mail was accepted, since every hour matters then. What tells of trouble on the way, ours
or the network's, is no news about the host at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.verdict import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.model.verdict import Judgement

# The relay question was answered: by yes, by no, or in a way that proof alone could settle.
_ANSWERS = (Verdict.OPEN, Verdict.LIKELY_OPEN, Verdict.CLOSED, Verdict.NO_MAIL)
_PROVED_NOTHING = (Reason.POSSIBLE_BYPASS, Reason.ACCEPTED_NOT_DELIVERED, Reason.MAIL_SINK)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held of a host: its settled judgement, and one that waits to be confirmed."""

    settled: Judgement
    waiting: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Flip:
    """A verdict that has changed; ``before`` None: nothing was known of the host."""

    host: str
    before: Judgement | None
    after: Judgement

    @property
    def is_worse(self) -> bool:
        """Whether a stranger can do more than before."""
        return self.after.verdict.is_open and not (self.before and self.before.verdict.is_open)


def settle(
    standings: Mapping[str, Standing], seen: Mapping[str, Judgement]
) -> tuple[dict[str, Standing], tuple[Flip, ...]]:
    """Take one run into account.

    Args:
        standings: What was held of each host before.
        seen: What the run found of each host; empty where DNS did not answer, which tells nothing.

    Returns:
        What is held now, and what has changed, in the order of the hosts. A host that is no longer
        among those of the domain is forgotten; one that is new is held as it is, and is told of
        only where it is open.
    """
    if not seen:
        return dict(standings), ()
    held: dict[str, Standing] = {}
    flips: list[Flip] = []
    for host, judgement in seen.items():
        before = standings.get(host)
        after, has_flipped = _settled(before, judgement)
        if after is not None:
            held[host] = after
        if has_flipped:
            flips.append(Flip(host, before.settled if before else None, judgement))
    return held, tuple(flips)


def _settled(before: Standing | None, now: Judgement) -> tuple[Standing | None, bool]:
    """Return what is held of one host now, and whether it has changed."""
    if not _is_news(now):
        return before, False
    if before is None:
        return Standing(now), now.verdict.is_open
    if now.verdict is before.settled.verdict:
        return Standing(now), False
    is_confirmed = before.waiting is not None and before.waiting.verdict is now.verdict
    at_once = now.verdict.is_open and not before.settled.verdict.is_open
    if is_confirmed or at_once:
        return Standing(now), True
    return Standing(before.settled, waiting=now), False


def _is_news(judgement: Judgement) -> bool:
    return judgement.verdict in _ANSWERS or judgement.reason in _PROVED_NOTHING

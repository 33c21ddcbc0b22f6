"""When a watched host has changed for certain, so that its watch may say so.

Pure. What a change is, ``bot.watch`` says; here is when it counts. One look proves little: networks
fail, servers restart, and a verdict that flaps tires whoever reads it. So a change counts once two
looks agree on it, and at once only where a stranger's mail is accepted that was not, since every
hour matters then. What tells of trouble on the way, ours or the network's, is no news about the
host: it is kept as such, so that a list can say since when there was no answer.

A watch asks the plain question, in no form but the usual: so what was open at an endpoint is shown
to be shut by any clean verdict of that endpoint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.model.verdict import Reason, Verdict
from bot.watch import Change, Turn, endpoints, turn, worst_first

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.model.report import MxReport, Report
    from bot.model.verdict import Judgement

# The relay question was answered: by yes, by no, or in a way that proof alone could settle.
_ANSWERS = tuple(verdict for verdict in Verdict if verdict.is_open or verdict.is_clean)
_PROVED_NOTHING = (Reason.POSSIBLE_BYPASS, Reason.ACCEPTED_NOT_DELIVERED, Reason.MAIL_SINK)
# As good as before, for whoever reads of it.
_UNCHANGED = (Turn.SAME, Turn.STILL_OPEN)
# The domain itself, where it names no host: it takes no mail.
DOMAIN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is held of a host.

    Attributes:
        settled: what it is, as far as is certain.
        seen_at: when it was last seen to be so.
        waiting: what the last look that had an answer found instead; the next may confirm it.
        is_missing: the last look did not find it among the domain's hosts; the next may confirm it.
        open_at: endpoints that were open, and have not been seen shut since.
        unanswered: what the last look came to, where it settled nothing.
    """

    settled: Judgement
    seen_at: datetime
    waiting: Judgement | None = None
    is_missing: bool = False
    open_at: tuple[str, ...] = ()
    unanswered: Judgement | None = None


def settle(
    standings: Mapping[str, Standing], report: Report
) -> tuple[dict[str, Standing], tuple[Change, ...]]:
    """Take one look into account.

    Args:
        standings: What was held of each host before, by name.
        report: The finished report of the look.

    Returns:
        What is held now, and the changes to tell of, the worst first. A host of which nothing was
        held is told of where it is open; one that is gone where it was. A report that says nothing
        of the hosts (a fault of ours, no DNS) changes none.
    """
    if not report.finished or report.error_id or report.judgement is None:
        return dict(standings), ()
    if report.judgement.reason is Reason.DNS_FAILED and not report.mx:
        return {
            host: replace(each, unanswered=report.judgement) for host, each in standings.items()
        }, ()
    looks = {mx.host: _look(mx, mx.judgement) for mx in report.mx if mx.judgement}
    if not report.mx:
        looks = {DOMAIN: _Look(report.judgement)}
    at = report.started_at
    taken = {host: _taken(host, standings.get(host), look, at) for host, look in looks.items()}
    taken |= {host: _missed(host, standings[host], at) for host in standings if host not in looks}
    held = {host: after for host, (after, _) in taken.items() if after is not None}
    return held, worst_first(change for _, change in taken.values() if change is not None)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look found of a host: its verdict, and which of its endpoints were open or not."""

    judgement: Judgement
    is_open: frozenset[str] = frozenset()
    is_shut: frozenset[str] = frozenset()

    @property
    def is_news(self) -> bool:
        return self.judgement.verdict in _ANSWERS or self.judgement.reason in _PROVED_NOTHING


def _look(mx: MxReport, judgement: Judgement) -> _Look:
    judged = [(name, each.judgement) for name, each in endpoints(mx) if each.judgement]
    return _Look(
        judgement,
        frozenset(name for name, found in judged if found.verdict.is_open),
        frozenset(name for name, found in judged if not found.verdict.is_open),
    )


def _taken(
    host: str, before: Standing | None, look: _Look, at: datetime
) -> tuple[Standing | None, Change | None]:
    """Return what is held of one host after a look, and the change to tell of."""
    now = look.judgement
    if not look.is_news:
        return before and replace(before, is_missing=False, unanswered=now), None
    still = () if before is None else tuple(n for n in before.open_at if n not in look.is_shut)
    standing = Standing(settled=now, seen_at=at, open_at=tuple(sorted({*still, *look.is_open})))
    if before is None:
        return standing, (
            Change(host=host, turn=Turn.NEW, before=None, after=now, before_at=at, after_at=at)
            if now.verdict.is_open
            else None
        )
    turned = turn(before.settled, now, is_shown=not still)
    if turned in _UNCHANGED:
        return standing, None
    is_confirmed = before.waiting is not None and before.waiting.verdict is now.verdict
    if turned is not Turn.WORSE and not is_confirmed:
        return replace(
            before, waiting=now, is_missing=False, open_at=standing.open_at, unanswered=None
        ), None
    change = Change(
        host=host,
        turn=turned,
        before=before.settled,
        after=now,
        before_at=before.seen_at,
        after_at=at,
        unasked=() if now.verdict.is_open else still,
    )
    return replace(standing, open_at=tuple(sorted(look.is_open))), change


def _missed(host: str, before: Standing, at: datetime) -> tuple[Standing | None, Change | None]:
    """Return what is held of a host that the domain no longer names."""
    if not before.is_missing:
        return replace(before, is_missing=True), None
    turned = turn(before.settled, None, is_shown=False)
    if turned is not Turn.NOT_SHOWN:
        return None, None
    return None, Change(
        host=host,
        turn=turned,
        before=before.settled,
        after=None,
        before_at=before.seen_at,
        after_at=at,
        unasked=before.open_at,
    )

"""What changed between two reports of a domain: fixed, still open, worse, or not known.

Pure. Hosts are compared by name, and what was open by endpoint: an address that is no longer asked
has not been shown to be closed, so nothing is called fixed for its absence. This is the one rule of
what a change is; when a watch may speak of it is ``bot.settling``'s, the wording ``bot.render``'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.model.verdict import Judgement, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bot.model.report import EndpointReport, MxReport, Report


class Turn(StrEnum):
    """How a host stands against its last report; the worst first."""

    WORSE = "worse"
    STILL_OPEN = "still_open"
    NOT_SHOWN = "not_shown"  # was open; that was not asked again, or did not answer
    UNSETTLED = "unsettled"  # was clean; now there is no answer that settles it
    NEW = "new"
    SAME = "same"
    SETTLED = "settled"  # was not settled; now it is clean
    GONE = "gone"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One MX host, then and now.

    ``before`` is None for a host that is new, ``after`` for one that is gone. ``unasked`` names the
    endpoints (``192.0.2.1:25``) that were open and were not asked again.
    """

    host: str
    turn: Turn
    before: Judgement | None
    after: Judgement | None
    before_at: datetime
    after_at: datetime
    unasked: tuple[str, ...] = ()


def changes(before: Report, after: Report) -> tuple[Change, ...]:
    """Compare two finished reports of one domain.

    Returns:
        A change for each MX host of either, the worst first; hosts that are as they were too.
    """
    then = {mx.host: mx for mx in before.mx if mx.judgement}
    now = {mx.host: mx for mx in after.mx if mx.judgement}
    found = [_change(before, after, then.get(h), now.get(h), h) for h in {**now, **then}]
    return worst_first(found)


def worst_first(found: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes in the order in which to tell of them."""
    order = list(Turn)
    return tuple(sorted(found, key=lambda change: order.index(change.turn)))


def _change(
    before: Report, after: Report, then: MxReport | None, now: MxReport | None, host: str
) -> Change:
    unasked = tuple(_unasked(then, now)) if then else ()
    old, new = (mx.judgement if mx else None for mx in (then, now))
    return Change(
        host=host,
        turn=turn(old, new, is_shown=not unasked),
        before=old,
        after=new,
        before_at=before.started_at,
        after_at=after.started_at,
        unasked=unasked,
    )


def turn(old: Judgement | None, new: Judgement | None, *, is_shown: bool) -> Turn:
    """Return how a host stands against what it was.

    Args:
        old: What it was; None: it was not there.
        new: What it is; None: it is not there.
        is_shown: Whether everything that was open has been asked again.
    """
    if old is None:
        return Turn.NEW
    was_open, was_clean = old.verdict.is_open, old.verdict.is_clean
    if new is None:
        # Out of the MX records it may relay as before.
        return Turn.NOT_SHOWN if was_open else Turn.GONE
    if new.verdict.is_open:
        return Turn.STILL_OPEN if was_open else Turn.WORSE
    if was_open:
        return Turn.FIXED if new.verdict.is_clean and is_shown else Turn.NOT_SHOWN
    if new.verdict.is_clean:
        return Turn.SAME if was_clean else Turn.SETTLED
    return Turn.UNSETTLED if was_clean else Turn.SAME


def endpoints(mx: MxReport) -> Iterator[tuple[str, EndpointReport]]:
    """Yield each endpoint of a host under its name, such as ``192.0.2.1:25``."""
    for address in mx.addresses:
        shown = f"[{address.ip}]" if ":" in address.ip else address.ip
        for endpoint in address.endpoints:
            yield f"{shown}:{endpoint.port}", endpoint


def _unasked(then: MxReport, now: MxReport | None) -> Iterator[str]:
    """Yield the endpoints that were open and of which the new report does not know."""
    known = {(name, each.tls): each for name, each in endpoints(now)} if now else {}
    for name, endpoint in endpoints(then):
        if endpoint.judgement is None or not endpoint.judgement.verdict.is_open:
            continue
        again = known.get((name, endpoint.tls))
        if again is None or again.judgement is None or not _asks_the_same(endpoint, again):
            yield name


def _asks_the_same(then: EndpointReport, now: EndpointReport) -> bool:
    """Whether a form that got through was asked again; the plain attempts always are."""
    if then.judgement is None or then.judgement.reason is not Reason.VARIANT_ACCEPTED:
        return True
    forms = {a.kind for a in then.attempts if a.kind.startswith("variant:")}
    return bool(forms & {a.kind for a in now.attempts})

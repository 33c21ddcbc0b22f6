"""The cards of one check as it goes: what is known so far, how it ended, and never nothing.

Pure but for the log: a card that cannot be rendered is a fault of ours, told to the reader with an
id that the log has too, in the plainest card there is.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from bot.deliver.ledger import ELSEWHERE
from bot.deliver.outbox import PARENT
from bot.deliver.plainer import with_line
from bot.model.report import Progress
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.card import Card
from bot.render.cards import mx_card, parent
from bot.render.inert import inert, mrkdwn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.model.report import MxReport, Report
    from bot.render.blocks import Element
    from bot.render.card import CardContext

log = logging.getLogger(__name__)

# A thread of few hosts fills in while one reads it; of many hosts, each comes once it is judged.
FEW_HOSTS = 10
# Of the small print, the latest lines are shown.
LINES = 3
# Behind what is known to be bad, before what is known to be in order.
_UNJUDGED = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)


class Buttons(Protocol):
    """What can be pressed on a check's cards."""

    def for_parent(self) -> Sequence[Element]:
        """Return the last row of the parent message."""

    def for_host(self, host: str) -> Sequence[Element]:
        """Return the last row of an MX host's card."""


@dataclass(slots=True, kw_only=True)
class Story:
    """One check's progress, told as cards.

    ``run_id`` goes into the message's metadata and the log. ``shown`` is the domain as mrkdwn that
    shows exactly it, for an end that comes before any progress. ``buttons``: what can be pressed on
    its cards once it is finished. ``lines`` are the small print below the parent: who did what
    with it (mrkdwn); ``lasting``: the one of them that stands however many come after it.
    ``standing`` has the timestamp of each message that stands, by its key;
    ``doubtful`` are those that a crash left nobody knowing of.
    """

    run_id: str
    shown: str
    context: CardContext
    buttons: Buttons | None = None
    lines: list[str] = field(default_factory=list)
    lasting: str = ""
    standing: dict[str, str] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    channel: str = ""
    last: Progress | None = None
    error_id: str = ""
    _unrendered: dict[str, str] = field(default_factory=dict)

    def end(self, *, error_id: str = "", line: str = "") -> None:
        """Close the story before its own end: with the id of an error, or a line that says why."""
        if self.last is not None and self.last.report.finished:
            return
        self.error_id = error_id
        self.lines += [line] if line else []
        if self.last is not None:
            ended = replace(self.last.report, finished=True, error_id=error_id)
            self.last = Progress(ended)

    def parent(self) -> Card:
        """Return the parent message as it should stand now."""
        card = self._rendered("parent", self._parent)
        told = self.lines[-LINES:]
        if self.lasting and self.lasting not in told:
            told = [self.lasting, *told]
        return with_line(card, "\n".join(told)) if told else card

    def hosts(self) -> Iterator[tuple[str, Card]]:
        """Yield the host and card of each thread reply that should stand now, the worst first."""
        if self.last is None:
            return
        report = self.last.report
        for mx in sorted(report.mx, key=_badness):
            if report.finished or _is_ready(mx, len(report.mx)):
                yield mx.host, self._rendered(mx.host, partial(self._host, report, mx))
        if report.finished and not report.error_id:
            yield from self._former({mx.host for mx in report.mx})

    def _former(self, hosts: set[str]) -> Iterator[tuple[str, Card]]:
        """Yield what stands of hosts that this check did not find: it is true no longer."""
        for part in sorted(self.standing.keys() - hosts - {PARENT, ELSEWHERE}):
            shown = mrkdwn(inert(part))
            yield (
                part,
                Card(f"{shown}: the latest check found no such mail host, and asked none.", []),
            )

    def worst_first(self) -> list[Card]:
        """Return every card, the parent first and then the hosts, the worst of them first."""
        return [self.parent(), *(card for _, card in self.hosts())]

    def _pressable(self) -> Sequence[Element]:
        is_done = self.last is not None and self.last.report.finished
        return self.buttons.for_parent() if self.buttons and is_done else ()

    def _host(self, report: Report, mx: MxReport) -> Card:
        pressable = self.buttons.for_host(mx.host) if self.buttons and report.finished else ()
        return mx_card(report, mx, self.context, pressable)

    def _parent(self) -> Card:
        if self.last is not None:
            return parent(self.last, self.context, self._pressable())
        why = f" Error {self.error_id}: the log has it." if self.error_id else ""
        return Card(f"The check of {self.shown} ended before it found anything out.{why}", [])

    def _rendered(self, key: str, render: Callable[[], Card]) -> Card:
        try:
            return render()
        except Exception:
            # The same fault on each change of a card is one fault, with one id.
            if key not in self._unrendered:
                self._unrendered[key] = secrets.token_hex(4)
                log.exception(
                    "card not rendered run=%s card=%s error_id=%s",
                    self.run_id,
                    key,
                    self._unrendered[key],
                )
            error_id = self._unrendered[key]
            return Card(
                f"{self.shown}: this card cannot be shown. Error {error_id}: the log has it.", []
            )


def _is_ready(mx: MxReport, hosts: int) -> bool:
    """Whether a host's card says enough: it is judged, or one of few whose DNS is all known."""
    if mx.judgement is not None:
        return True
    return hosts <= FEW_HOSTS and mx.resolved and all(a.fcrdns for a in mx.addresses)


def _badness(mx: MxReport) -> tuple[int, int]:
    return (mx.judgement or _UNJUDGED).rank

"""The buttons on a check's cards: which there are, by the state that the check is in.

Each carries an opaque handle and nothing else; who may press is decided when it is pressed
(``actions``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.finding import Tag
from bot.model.ports import WELL_KNOWN_PORTS
from bot.model.verdict import Reason, Verdict
from bot.policy import Rule
from bot.render.controls import button, confirm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.model.report import Report
    from bot.model.verdict import Judgement
    from bot.render.blocks import Element
    from bot.request import Request
    from bot.slack.cards.result import Result

PREFIX = "relaycheck."
CHECK_AGAIN = f"{PREFIX}check_again"
PROVE = f"{PREFIX}prove"
VARIANTS = f"{PREFIX}variants"
PORTS = f"{PREFIX}ports"
ACKNOWLEDGE = f"{PREFIX}acknowledge"
EVIDENCE = f"{PREFIX}evidence"
EXPORT = f"{PREFIX}export"
WATCH = f"{PREFIX}watch"
BREAK_GLASS = f"{PREFIX}break_glass"
SHARE = f"{PREFIX}share"
# Between a handle, which is URL-safe base64, and the number of a host.
SEPARATOR = "."
_WORTH_CLAIMING = (Verdict.OPEN, Verdict.LIKELY_OPEN, Verdict.INCONCLUSIVE)


class CardButtons:
    """What can be pressed on the cards of one result, as it stands when they are drawn."""

    def __init__(self, result: Result, *, can_prove: bool, can_break_glass: bool = False) -> None:
        self._result = result
        self._can_prove = can_prove
        self._can_break_glass = can_break_glass

    def for_parent(self) -> Sequence[Element]:
        """Return the row of the parent message."""
        result = self._result
        request = result.job.request
        row = [button("Check again", CHECK_AGAIN, result.handle)]
        if self._can_prove and is_provable(result.report):
            row.append(button("Prove delivery", PROVE, result.handle, confirm=_PROVE))
        if result.job.destination.private:
            row.append(button("Share", SHARE, result.handle, confirm=_SHARE))
        elif not result.claimed_by and self._is_worth_claiming():
            row.append(button("Acknowledge", ACKNOWLEDGE, result.handle, confirm=_ACKNOWLEDGE))
        if not request.variants:
            row.append(button("Try all variants", VARIANTS, result.handle, confirm=_VARIANTS))
        if not asks_every_port(request):
            row.append(button("Other ports", PORTS, result.handle, confirm=_PORTS))
        if self._can_break_glass and is_withheld_until_verified(result.report):
            row.append(button("Break the glass", BREAK_GLASS, result.handle))
        row.append(button("Watch", WATCH, result.handle))
        return [*row, button("Export", EXPORT, result.handle)]

    def for_host(self, host: str) -> Sequence[Element]:
        """Return the row of an MX host's card."""
        report = self._result.report
        for number, mx in enumerate(report.mx if report else ()):
            if mx.host == host:
                value = f"{self._result.handle}{SEPARATOR}{number}"
                return [button("Evidence", EVIDENCE, value)]
        return []

    def _is_worth_claiming(self) -> bool:
        report = self._result.report
        judgement = report.judgement if report else None
        return judgement is not None and judgement.verdict in _WORTH_CLAIMING


def is_provable(report: Report | None) -> bool:
    """Whether something was accepted, or may have been, that a message could prove."""
    return report is not None and any(
        endpoint.judgement is not None and _awaits_proof(endpoint.judgement)
        for mx in report.mx
        for address in mx.addresses
        for endpoint in address.endpoints
    )


def is_withheld_until_verified(report: Report | None) -> bool:
    """Whether a server was not asked, or not all that was wanted, for lack of verification."""
    return report is not None and any(
        finding.tag is Tag.PROBE_WITHHELD and finding.args.get("rule") == Rule.VERIFICATION
        for mx in report.mx
        for address in mx.addresses
        for finding in address.findings
    )


def asks_every_port(request: Request) -> bool:
    """Whether each port on which mail is handed over was asked for by number."""
    return set(WELL_KNOWN_PORTS) <= set(request.ports or ())


def _awaits_proof(judgement: Judgement) -> bool:
    unsettled = (Reason.POSSIBLE_BYPASS, Reason.ACCEPTED_NOT_DELIVERED)
    return judgement.verdict is Verdict.LIKELY_OPEN or judgement.reason in unsettled


_PROVE = confirm(
    "Prove delivery?",
    "A small message that says what it is will be sent through each server that accepted a "
    "stranger's mail, at most eight a server, to my own mailbox.",
    "Send it",
)
_VARIANTS = confirm(
    "Try all variants?",
    "Each server is asked for some forty old address forms, in a few connections. No message is "
    "sent.",
    "Try them",
)
_PORTS = confirm(
    "Ask other ports?", "Each server is asked at ports 25, 465 and 587. No message is sent.", "Ask"
)
_ACKNOWLEDGE = confirm(
    "Acknowledge?", "Everybody in this channel will see that you have it in hand.", "I have it"
)
_SHARE = confirm("Share?", "Everybody in this channel will see the result.", "Share it")

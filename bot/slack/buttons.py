"""The buttons on a check's cards: which there are, by the state that the check is in.

Each carries an opaque handle and nothing else; who may press is decided when it is pressed
(``actions``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.verdict import Verdict
from bot.render.controls import button, confirm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.render.blocks import Element
    from bot.slack.results import Result

PREFIX = "relaycheck."
CHECK_AGAIN = f"{PREFIX}check_again"
ACKNOWLEDGE = f"{PREFIX}acknowledge"
EVIDENCE = f"{PREFIX}evidence"
EXPORT = f"{PREFIX}export"
SHARE = f"{PREFIX}share"
# Between a handle, which is URL-safe base64, and the number of a host.
SEPARATOR = "."
_WORTH_CLAIMING = (Verdict.OPEN, Verdict.LIKELY_OPEN, Verdict.INCONCLUSIVE)


class CardButtons:
    """What can be pressed on the cards of one result, as it stands when they are drawn."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def for_parent(self) -> Sequence[Element]:
        """Return the row of the parent message."""
        result = self._result
        row = [button("Check again", CHECK_AGAIN, result.handle)]
        if result.job.destination.private:
            row.append(button("Share", SHARE, result.handle, confirm=_SHARE))
        elif not result.claimed_by and self._is_worth_claiming():
            row.append(button("Acknowledge", ACKNOWLEDGE, result.handle, confirm=_ACKNOWLEDGE))
        return [*row, button("Export JSON", EXPORT, result.handle)]

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


_ACKNOWLEDGE = confirm(
    "Acknowledge?", "Everybody in this channel will see that you have it in hand.", "I have it"
)
_SHARE = confirm("Share?", "Everybody in this channel will see the result.", "Share it")

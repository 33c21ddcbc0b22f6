"""What a delivery tells whoever would continue it after a crash: where its messages stand.

Between Slack's taking a message and our knowing its timestamp the process may die; so an intent
comes first. An intent without a timestamp means that the message may stand, or may not: where the
app may read the channel it is looked for (``search``), else it is posted again and says so.
"""

from __future__ import annotations

from typing import Protocol

# The part of a result that is not a message in the channel.
ELSEWHERE = "elsewhere"


class Ledger(Protocol):
    """Keeps where the messages of one run stand; each call returns once that is safe."""

    async def about_to_post(self, part: str, channel: str) -> None:
        """Keep that a part of the result is being posted now."""

    async def posted(self, part: str, channel: str, ts: str, *, doubtful: bool = False) -> None:
        """Keep where it stands; ``doubtful``: it may stand twice, and has to say so from now on."""


class NoLedger:
    """For a delivery that nobody could continue."""

    async def about_to_post(self, part: str, channel: str) -> None:
        """Keep nothing."""

    async def posted(self, part: str, channel: str, ts: str, *, doubtful: bool = False) -> None:
        """Keep nothing."""


NO_LEDGER = NoLedger()

"""One message in Slack as it should be and as it is, and how often to speak. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.deliver.plainer import AS_IT_IS

if TYPE_CHECKING:
    from bot.render.card import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often to speak, in seconds.

    A message changes at most once an ``interval_s``; after ``brisk`` changes at most once a
    ``calm_s`` (chat.update is Tier 3: some fifty a minute for the whole workspace). A refusal that
    passes is waited out for ``patience_s``, with ``backoff_s`` doubling up to ``backoff_max_s``.
    """

    interval_s: float = 1.0
    brisk: int = 20
    calm_s: float = 3.0
    backoff_s: float = 1.0
    backoff_max_s: float = 30.0
    patience_s: float = 900.0


@dataclass(slots=True)
class Message:
    """One message: what it should say, and what Slack shows of it."""

    key: str
    order: int
    wanted: Card
    shown: Card | None = None
    ts: str | None = None
    not_before: float = 0.0
    changes: int = 0
    anew: int = 0
    plainness: int = AS_IT_IS
    doubtful: bool = False
    is_dirty: bool = True

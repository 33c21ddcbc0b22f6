"""Broken glass: somebody stood in for a missing verification, in need and by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Glass:
    """Who broke it (a person's id in Slack), for what reason as they typed it, and when."""

    by: str
    reason: str
    at: datetime

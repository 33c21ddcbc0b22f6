"""Proof by delivery, as data: the messages that arrived at the canary.

A token names one proof message: the check's unguessable nonce, a hyphen, and what was attempted. It
stands in a header of the message, so that the message itself and a bounce that quotes it are told
apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model.exchange import Exchange

TOKEN_HEADER = "X-Relaycheck-Token"  # noqa: S105 - the name of a header


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message that came to the canary.

    ``is_bounce``: it is about the proof message (a delivery status notification) and not the
    message itself; the server took it and could not, or would not, pass it on. ``received`` are the
    Received header fields, the latest first: the path that it took. ``peer`` is the address that
    brought it.
    """

    token: str
    at: datetime
    is_bounce: bool
    peer: str
    received: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One proof message: the attempt that it repeats, how it was handed over, what came of it.

    ``kind`` is that of the attempt which was accepted (``foreign``, ``variant:percent`` ...).
    """

    kind: str
    token: str
    exchanges: tuple[Exchange, ...] = ()
    arrivals: tuple[Arrival, ...] = ()

    @property
    def delivery(self) -> Arrival | None:
        """The message's own arrival, the first; None where it did not come, or only a bounce."""
        return next((arrival for arrival in self.arrivals if not arrival.is_bounce), None)

    @property
    def lines(self) -> tuple[str, ...]:
        """What became of it as lines of a transcript: the way it took is the evidence."""
        told: list[str] = []
        for arrival in self.arrivals:
            what = "a bounce came back" if arrival.is_bounce else "the message arrived"
            told.append(f"*: {what}, brought by {arrival.peer}")
            if not arrival.is_bounce:
                told += [f"Received: {field}" for field in arrival.received]
        return tuple(told)

    @property
    def bounced(self) -> bool:
        """Whether the server took the message and then sent word that it did not pass it on."""
        return any(arrival.is_bounce for arrival in self.arrivals)

"""Faults at will: what goes wrong with the Web API and the sockets, and how often.

A fault is data; the server asks before it answers a call. Nothing here is random.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which calls of a method go wrong.

    ``method`` may hold ``*``. ``times`` is for how many calls; None means until it is taken away.
    ``delay_s`` seconds pass before anything else happens. Then ``error`` (Slack's name) with HTTP
    ``status`` is answered in place of the call; with neither, the call is done as ever.
    ``lose_reply``: the call is done and the connection is cut before its answer.
    """

    method: str = "*"
    error: str = ""
    status: int = 200
    retry_after_s: int | None = None
    delay_s: float = 0.0
    lose_reply: bool = False
    times: int | None = 1


class Faults:
    """The faults that wait for their calls, first in, first out."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a fault happen to the next calls of its method."""
        self.waiting.append(fault)

    def clear(self) -> None:
        """Take all faults away."""
        self.waiting.clear()

    def take(self, method: str) -> Fault | None:
        """Return the fault that hits this call, counted down; None when all is well."""
        for index, fault in enumerate(self.waiting):
            if not fnmatchcase(method, fault.method):
                continue
            if fault.times is not None and fault.times > 1:
                self.waiting[index] = replace(fault, times=fault.times - 1)
            elif fault.times is not None:
                del self.waiting[index]
            return fault
        return None

"""The narrow port between whoever accepts work and the engine that does it.

A Job is plain data, so that an engine can store it; what a job does is one function, handed to the
engine once, so that an engine can call it again after a crash. Knows no engine and no Slack.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from bot.deliver import Destination
    from bot.model.glass import Glass
    from bot.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One check that somebody asked for.

    ``key`` names the act of asking (a slash command's ``trigger_id``): the same key twice is the
    same job, however often Slack delivers it. ``again``: the handle of the result that this check
    brings up to date. ``note``: a line of small print for its card (mrkdwn). ``step``: the
    execution of a workflow's step that waits for the result. ``withheld``: why no mail server may
    be asked for it, in words; DNS is looked at all the same. ``watch``: the id of the watch whose
    look it is; it waits behind what people ask for. ``by``: who asks (a person's id), where
    that is not who gets the result. ``glass``: who stood in for a missing verification.
    """

    key: str
    request: Request
    destination: Destination
    again: str = ""
    note: str = ""
    step: str = ""
    withheld: str = ""
    watch: str = ""
    by: str = ""
    glass: Glass | None = None

    @property
    def asker(self) -> str:
        """Who asks, a person's id."""
        return self.by or self.destination.user


Run: TypeAlias = Callable[[str, Job], Awaitable[None]]
"""What a job does; called with the id that ``submit`` returned. It may be called again after a
crash, with the same id."""


class NotAccepted(Exception):  # noqa: N818 - a refusal, worded for the person who asked
    """The engine takes no more work for now; the message says so in one sentence."""


class AlreadyAskedError(NotAccepted):
    """The same is being asked, or was a moment ago; ``job_id`` is the job that answers."""

    def __init__(self, job_id: str) -> None:
        super().__init__("The same was asked for just now.")
        self.job_id = job_id


class Jobs(Protocol):
    """Accepts jobs, and does each of them once."""

    def refuse_the_same(self, job: Job) -> None:
        """Do nothing where a job asks something new.

        Raises:
            AlreadyAskedError: Another asks the same in the same place, or did within the last
                minute; ``submit`` would say so as well.
        """

    async def submit(self, job: Job) -> str:
        """Store a job and see to its being done.

        Returns:
            Its id; for a key that was accepted before, the id of that job.

        Raises:
            AlreadyAskedError: Another job asks the same.
            NotAccepted: The queue is full, or the process is stopping.
        """

    def awaits(self, handle: str) -> bool:
        """Return whether a job that has not ended brings the result with this handle up to date."""

    def load(self) -> tuple[int, int]:
        """Return how many jobs run, and how many wait for their turn."""

    async def drain(self, timeout_s: float) -> int:
        """Accept no more, let what runs finish, interrupt what has not within ``timeout_s``.

        Returns:
            How many jobs were interrupted, or given back without having begun.
        """

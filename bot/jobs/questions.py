"""What was asked within the last minute, and by which job: the same is not asked twice.

A question is what is asked for and where its answer is seen. To check again, to prove and to wait
for a workflow's step is to ask on purpose, whatever was asked before. A look of a watch shows no
card: it neither answers a person, nor is answered by theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.jobs.port import AlreadyAskedError
from bot.jobs.recently import Recently
from bot.jobs.stored_job import question_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.jobs.port import Job

# The same question within this time is not asked twice.
SAME_QUESTION_S = 60.0


class Questions:
    """The questions of the last minute, each with the id of the job that answers it."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Begin with none; ``now`` is any clock in seconds."""
        self._asked: Recently[str] = Recently(SAME_QUESTION_S, now)

    def refuse_the_same(self, job: Job, job_id: str) -> None:
        """Do nothing where a job asks something new.

        Raises:
            AlreadyAskedError: Another job asks the same, or did a moment ago.
        """
        if job.again or job.step or job.watch:
            return
        if (first := self._asked.get(question_of(job))) and first != job_id:
            raise AlreadyAskedError(first)

    def put(self, job: Job, job_id: str) -> None:
        """Remember what a job asks."""
        if not job.watch:
            self._asked.put(question_of(job), job_id)

    def forget(self, job: Job) -> None:
        """A job was not accepted after all: what it asks may be asked at once."""
        if not job.watch:
            self._asked.put(question_of(job), "")

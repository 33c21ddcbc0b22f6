"""Jobs that are kept and not done, and the time at which they were asked for."""

from datetime import UTC, datetime

from bot.jobs import Job, NotAccepted

NOW = datetime(2026, 11, 23, 12, 3, tzinfo=UTC)


class Kept:
    """A store of jobs that does none of them."""

    def __init__(self, refusal: str = "") -> None:
        self.jobs: list[Job] = []
        self.refusal = refusal

    async def submit(self, job: Job) -> str:
        """Keep a job, or refuse it."""
        if self.refusal:
            raise NotAccepted(self.refusal)
        self.jobs.append(job)
        return "7F3A"

    async def drain(self, timeout_s: float) -> int:
        """Do nothing."""
        return 0

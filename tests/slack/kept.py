"""Jobs that are kept and not done, the time at which they were asked for, and a desk for them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.deliver import Slack
from bot.jobs import Job, NotAccepted
from bot.model.question import Answer, AnswerStatus, Question
from bot.model.report import Vantage
from bot.settings import Settings
from bot.slack.asking.past import Past
from bot.slack.cards.results import Results
from bot.slack.desk import Desk, Watches
from bot.slack.front.afterwards import Afterwards
from bot.slack.front.installation import Identity
from bot.slack.journal import Journal
from bot.slack.permissions import Permissions
from bot.store import Database

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.posture.walk import Ask
    from bot.store.audit import Deed

NOW = datetime(2026, 11, 23, 12, 3, tzinfo=UTC)
VANTAGE = Vantage(
    name="default",
    ehlo="probe.example.net",
    reverse_path="probe@example.net",
    forward_path="canary@example.net",
)
# For what has no use for one: nothing stands in it.
NO_DATABASE = Database(create_async_engine("sqlite+aiosqlite://", poolclass=NullPool))


class Kept:
    """A store of jobs that does none of them."""

    def __init__(self, refusal: str = "") -> None:
        self.jobs: list[Job] = []
        self.refusal = refusal

    def refuse_the_same(self, job: Job) -> None:
        """Let everything be asked again."""

    async def submit(self, job: Job) -> str:
        """Keep a job, or refuse it."""
        if self.refusal:
            raise NotAccepted(self.refusal)
        self.jobs.append(job)
        return "7F3A"

    def awaits(self, handle: str) -> bool:
        """Return whether a job that is kept brings a result up to date."""
        return any(job.again == handle for job in self.jobs)

    def load(self) -> tuple[int, int]:
        """Return that none runs."""
        return 0, len(self.jobs)

    async def drain(self, timeout_s: float) -> int:
        """Do nothing."""
        return 0


class Noted(Journal):
    """A journal that is kept in mind, and not written."""

    def __init__(self) -> None:
        super().__init__(NO_DATABASE)
        self.deeds: list[Deed] = []

    def note(self, deed: Deed) -> None:
        """Remember an act."""
        self.deeds.append(deed)


async def nodata(question: Question) -> Answer:
    """Answer that there is nothing of the kind."""
    return Answer(question=question, status=AnswerStatus.NODATA)


def desk(
    jobs: Kept,
    client: AsyncWebClient,
    *,
    suffixes: tuple[str, ...] = ("example",),
    settings: Settings | None = None,
    ask: Ask = nodata,
    database: Database = NO_DATABASE,
) -> Desk:
    """Return a desk at which time stands still."""
    session = client.session
    assert session is not None
    return Desk(
        jobs=jobs,
        results=Results(NO_DATABASE, lambda: NOW, can_prove=True),
        journal=Noted(),
        afterwards=Afterwards(time.monotonic),
        permissions=Permissions(settings or Settings(), time.monotonic, ask),
        past=Past(database, lambda: NOW),
        watches=Watches(database, 3),
        slack=Slack(client=client, session=session, api_url=client.base_url),
        identity=Identity(),
        vantage=VANTAGE,
        now=lambda: NOW,
        allowed_suffixes=suffixes,
    )


def noted(here: Desk) -> list[Deed]:
    """Return what was noted at a desk."""
    assert isinstance(here.journal, Noted)
    return here.journal.deeds

"""The app's listeners in a stand-in of Slack, with checks whose course is written beforehand."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.deliver import Slack, deliver, make_client
from bot.model.report import Progress
from bot.sandbox.slack import StandIn
from bot.settings import Settings
from bot.slack.asking.past import Past
from bot.slack.asking.workflow import complete
from bot.slack.cards.results import Results
from bot.slack.desk import Desk, Watches
from bot.slack.front.afterwards import Afterwards
from bot.slack.front.bolt import make_app
from bot.slack.front.guard import Guard
from bot.slack.front.installation import Identity, Tokens, learn_identity
from bot.slack.front.server import listen, make_web_app
from bot.slack.journal import Journal
from bot.slack.permissions import Permissions
from bot.store import Database, open_database
from bot.store.audit import Deed, deeds
from bot.store.janitor import sweep
from bot.store.reports import save_report
from tests.deliver.scripted import LIKELY_OPEN, PACE, host, progress, script
from tests.slack.at_once import AtOnce
from tests.slack.kept import NOW, VANTAGE, nodata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import aiohttp
    from aiohttp import web
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.jobs import Job
    from bot.sandbox.slack import Message
    from bot.slack.cards.result import Result


FINISHED = progress(host(1), host(2, LIKELY_OPEN), finished=True)


@dataclass(slots=True)
class Office:
    """A workspace, the desk behind the app, and what the next checks will find.

    Each check takes the first of ``courses``; the last one stays.
    """

    slack: StandIn
    session: aiohttp.ClientSession
    database: Database
    settings: Settings
    desk: Desk = field(init=False)
    engine: AtOnce = field(init=False)
    courses: list[Sequence[Progress | Exception | asyncio.Event]] = field(
        default_factory=lambda: [[FINISHED]]
    )
    jobs: list[Job] = field(default_factory=list)
    _moved: timedelta = timedelta()
    _runner: web.AppRunner = field(init=False)

    def now(self) -> datetime:
        """Return the time at the desk."""
        return NOW + self._moved

    def wait(self, **time: float) -> None:
        """Let time pass at the desk."""
        self._moved += timedelta(**time)

    def new_id(self) -> str:
        """Return the id of the next check."""
        return f"RUN{len(self.jobs)}"

    async def run(self, job_id: str, job: Job) -> None:
        """Do a job as it is written, and keep what came of it."""
        self.jobs.append(job)
        results, wanted = self.desk.results, job.destination
        result = await results.begin(job_id, job)
        course = self.courses.pop(0) if len(self.courses) > 1 else self.courses[0]
        told = [
            replace(each, report=replace(each.report, id=job_id))
            if isinstance(each, Progress)
            else each
            for each in course
        ]
        await deliver(script(told), result.story, wanted, self.desk.slack, results.ledger(job_id))
        report = result.report
        if report is not None and report.finished:
            where = wanted.seen_in
            await save_report(
                self.database, report, team=wanted.team, channel=where, person=wanted.user
            )
            await results.end(result)
        await complete(job, result, self.desk.slack)

    async def result(self, user: str = "U0DANA") -> Result:
        """Return the latest result that a person may see."""
        seen = await self.desk.results.seen_by("T0SANDBOX", user, 1)
        result = await self.desk.results.find("T0SANDBOX", seen[0].card.handle)
        assert result is not None
        return result

    async def audit(self) -> list[Deed]:
        """Return every line of the audit."""
        await self.desk.journal.drain()
        return [deed async for deed in deeds(self.database, since=NOW - timedelta(days=1))]

    async def check(self, text: str = "example.com", channel: str = "incident") -> Message:
        """Ask for a check as Dana, and return its finished parent message."""
        await self.slack.slash_command("dana", channel, text)
        await self.settled()
        seen = self.slack.channel(channel).everything
        return next(each for each in seen if "relaycheck.export" in str(each.blocks))

    async def settled(self) -> None:
        """Wait until everything that was started is done."""
        await self.desk.afterwards.drain(5)
        while self.desk.jobs.load() != (0, 0):  # noqa: ASYNC110 - nobody tells when it is done
            await asyncio.sleep(0.01)

    def parent(self, channel: str = "incident") -> Message:
        """Return the first message that stands in a channel."""
        return self.slack.channel(channel).parents[0]

    def told(self, channel: str = "incident", user: str = "U0DANA") -> str:
        """Return the last thing that one person alone was told."""
        return self.slack.channel(channel).ephemerals(user)[-1].text

    async def open(self) -> None:
        """Begin as a process does: with what the store has, and nothing else."""
        client = make_client(
            self.slack.state.bot_token, self.slack.base_url, self.session, retries=False
        )
        permissions = Permissions(self.settings, time.monotonic, nodata)
        self.engine = AtOnce(self.run, new_id=self.new_id, now=lambda: self.now().timestamp())
        self.desk = Desk(
            jobs=self.engine,
            results=Results(
                self.database,
                self.now,
                can_prove=True,
                can_break_glass=permissions.glass.anybody,
            ),
            journal=Journal(self.database),
            afterwards=Afterwards(time.monotonic),
            permissions=permissions,
            past=Past(self.database, self.now),
            watches=Watches(self.database, 3),
            slack=Slack(
                client=client, session=self.session, api_url=self.slack.base_url, pace=PACE
            ),
            identity=Identity(),
            vantage=VANTAGE,
            now=self.now,
        )
        await learn_identity(client, self.desk.identity)
        self._runner = await _listening(self, make_client(None, self.slack.base_url, self.session))

    async def close(self) -> None:
        """End as a process does."""
        await self.desk.jobs.drain(5)
        await self.desk.afterwards.drain(5)
        await self.desk.journal.drain()
        await self._runner.cleanup()

    async def outlive_retention(self) -> None:
        """Let all that was kept be swept away, and another process follow this one."""
        await sweep(self.database, before=self.now() + timedelta(days=1))
        await self.restart()

    async def restart(self) -> None:
        """Let another process follow this one."""
        await self.close()
        await self.open()


@asynccontextmanager
async def opened(
    session: aiohttp.ClientSession, settings: Settings | None = None
) -> AsyncIterator[Office]:
    """Open the office: a Slack, and the app listening to it over HTTP."""
    settings = settings or Settings()
    async with (
        StandIn(rate_limits=False) as slack,
        open_database(settings.database_url.get_secret_value()) as database,
    ):
        office = Office(slack, session, database, settings)
        await office.open()
        yield office
        await office.close()


async def _listening(office: Office, client: AsyncWebClient) -> web.AppRunner:
    state = office.slack.state
    tokens = Tokens(state.bot_token, None, state.signing_secret)

    async def ready() -> dict[str, bool]:
        return {}

    guard = Guard(state.signing_secret, time.time)
    served = make_web_app(make_app(client, tokens, office.desk), guard, ready)
    runner = await listen(served, "127.0.0.1", 0)
    port = runner.addresses[0][1]
    office.slack.courier.request_url = f"http://127.0.0.1:{port}/slack/events"
    return runner

"""The app's listeners in a stand-in of Slack, with checks whose course is written beforehand."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.deliver import Slack, deliver, make_client
from bot.jobs import InProcess, Job
from bot.sandbox.slack import StandIn
from bot.settings import Settings
from bot.slack.afterwards import Afterwards
from bot.slack.bolt import make_app
from bot.slack.desk import Desk
from bot.slack.guard import Guard
from bot.slack.installation import Identity, Tokens, learn_identity
from bot.slack.permissions import Permissions
from bot.slack.results import Results
from bot.slack.server import listen, make_web_app
from bot.slack.workflow import complete
from tests.deliver.scripted import LIKELY_OPEN, PACE, host, progress, script
from tests.slack.kept import NOW, VANTAGE, nodata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    from aiohttp import web
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.model.report import Progress
    from bot.sandbox.slack import Message


FINISHED = progress(host(1), host(2, LIKELY_OPEN), finished=True)


@dataclass(slots=True)
class Office:
    """A workspace, the desk behind the app, and what the next checks will find.

    Each check takes the first of ``courses``; the last one stays.
    """

    slack: StandIn
    desk: Desk = field(init=False)
    courses: list[list[Progress]] = field(default_factory=lambda: [[FINISHED]])
    jobs: list[Job] = field(default_factory=list)
    _moved: timedelta = timedelta()

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
        """Do a job as it is written."""
        self.jobs.append(job)
        result = self.desk.results.begin(job_id, job)
        course = self.courses.pop(0) if len(self.courses) > 1 else self.courses[0]
        await deliver(script(course), result.story, job.destination, self.desk.slack)
        await complete(job, result, self.desk.slack)

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


@asynccontextmanager
async def opened(
    session: aiohttp.ClientSession, settings: Settings | None = None
) -> AsyncIterator[Office]:
    """Open the office: a Slack, and the app listening to it over HTTP."""
    async with StandIn(rate_limits=False) as slack:
        client = make_client(slack.state.bot_token, slack.base_url, session, retries=False)
        office = Office(slack)
        jobs = InProcess(office.run, office.run, new_id=office.new_id, now=time.monotonic)
        office.desk = Desk(
            jobs=jobs,
            results=Results(office.now, can_prove=True),
            afterwards=Afterwards(time.monotonic),
            permissions=Permissions(settings or Settings(), time.monotonic, nodata),
            slack=Slack(client=client, session=session, api_url=slack.base_url, pace=PACE),
            identity=Identity(),
            vantage=VANTAGE,
            now=office.now,
        )
        await learn_identity(client, office.desk.identity)
        runner = await _listening(office, make_client(None, slack.base_url, session))
        yield office
        await jobs.drain(5)
        await office.desk.afterwards.drain(5)
        await runner.cleanup()


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

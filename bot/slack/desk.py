"""What every listener needs, handed to it in one piece; and how it asks for a check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.deliver.outbox import PARENT
from bot.jobs import AlreadyAskedError, NotAccepted
from bot.render.card import slack_time
from bot.render.inert import escape, inert
from bot.request import Request, UsageError, parse_request
from bot.request.options import OPTIONS, PROVE, usage
from bot.slack.cards.stories import options
from bot.slack.journal import refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.deliver import Slack
    from bot.jobs import Job, Jobs
    from bot.model.report import Vantage
    from bot.slack.asking.past import Past
    from bot.slack.cards.result import Result
    from bot.slack.cards.results import Results
    from bot.slack.front.afterwards import Afterwards
    from bot.slack.front.installation import Identity
    from bot.slack.journal import Journal
    from bot.slack.permissions import Permissions
    from bot.slack.rates import Full
    from bot.store import Database


_OPTIONS = "\n".join(f"• `{usage(name)}` {option.summary}" for name, option in OPTIONS.items())
HELP = f"""\
*Can a stranger send mail through a domain's servers?*
`/relaycheck example.com` asks every mail host of the domain and shows what it answers
{_OPTIONS}
No message is ever sent unless you add `{PROVE}`."""
NO_CANARY = (
    "I have no mailbox at which a proof message could arrive: whoever operates me sets "
    "`RELAYCHECK_CANARY_LISTEN` to an address and port of this machine, and `RELAYCHECK_RCPT_TO` "
    "to a mailbox whose MX leads there."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to say to somebody who asked for a check (mrkdwn), and whether it will be done."""

    words: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Watches:
    """Where watches are kept, and how many a workspace may have."""

    database: Database
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where jobs go, what became of them, who did what, what may be, what was and is, and us."""

    jobs: Jobs
    results: Results
    journal: Journal
    afterwards: Afterwards
    permissions: Permissions
    past: Past
    watches: Watches
    slack: Slack
    identity: Identity
    vantage: Vantage
    now: Callable[[], datetime]
    allowed_suffixes: tuple[str, ...] = ()

    async def ask(self, job: Job) -> Asked:
        """Ask for a check.

        A second request for the same within a minute is not done again: it points to the first.
        Where a rate is used up, only DNS is looked at, and the card says so too. What is refused
        is noted; what is accepted is, once it begins (``Results.begin``).
        """
        try:
            return await self._ask(job)
        except AlreadyAskedError as twin:
            first = await self.results.of_run(job.destination.team, twin.job_id)
            where = self.where(first) if first else _somewhere(private=job.request.private)
            self.journal.note(refused(job, self.now(), "asked just now", run_id=twin.job_id))
            return Asked(f"{_name(job.request)} was asked for just now: {where}.", accepted=False)
        except NotAccepted as refusal:
            self.journal.note(refused(job, self.now(), str(refusal)))
            return Asked(str(refusal), accepted=False)

    async def _ask(self, job: Job) -> Asked:
        if job.request.prove and not self.results.can_prove:
            raise NotAccepted(NO_CANARY)
        self.jobs.refuse_the_same(job)
        full = await self.permissions.count(job)
        if full is not None:
            note = "\n".join(filter(None, (job.note, _refused(full))))
            job = replace(job, withheld=full.why, note=note)
        await self.jobs.submit(job)
        return Asked(_refused(full) if full else understood(job.request), accepted=True)

    def read(self, text: str) -> Request | str:
        """Read what was typed: a request, or what to say instead (mrkdwn), help included."""
        try:
            request = parse_request(text, allowed_suffixes=self.allowed_suffixes)
        except UsageError as error:
            return escape(inert(error.message, 600))
        return request if isinstance(request, Request) else HELP

    def where(self, result: Result) -> str:
        """Return words for where a result stands: a link, as soon as there is one."""
        channel = result.story.channel or result.job.destination.channel
        link = self.link(channel, result.story.standing.get(PARENT))
        return link or _somewhere(private=result.job.destination.private)

    def link(self, channel: str, ts: str | None) -> str:
        """Return a link to a message (mrkdwn); empty where it does not stand, or we know no URL."""
        if not ts or not self.identity.url:
            return ""
        return f"<{self.identity.url}archives/{channel}/p{ts.replace('.', '')}|see its card>"


def understood(request: Request) -> str:
    """Say back what will be done, in one line of mrkdwn."""
    parts = [f"Checking {_name(request)}", *options(request)]
    parts += ["for you alone"] if request.private else []
    return ", ".join(parts) + " …"


def _refused(full: Full) -> str:
    """Say that a rate is used up, and when to come again (mrkdwn)."""
    return f"Only DNS is looked at: {full.limit}; ask again from {slack_time(full.again_at)}."


def _somewhere(*, private: bool) -> str:
    return "its answer comes to you alone" if private else "its card is in this channel"


def _name(request: Request) -> str:
    return f"`{inert(request.domain.shown, 600)}`"

"""`/relaycheck`: what was typed, stored as a job, and acknowledged with what was understood.

All of it before any call to Slack, so that the three seconds of an ack are ours alone. A handler
must not raise after its ack: Bolt would lose the ack. So the ack is its last act.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from bot.deliver import Destination
from bot.jobs import Job, NotAccepted
from bot.render.inert import inert
from bot.request import Help, Request, UsageError, parse_request

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.jobs import Jobs

COMMAND = "/relaycheck"
HELP = """\
*Can a stranger send mail through a domain's servers?*
`/relaycheck example.com` asks every mail host of the domain and shows what it answers.
`--no-probe` looks at DNS only · `--private` shows the result to you alone
`--ports 25,587` asks other ports · `--variants` tries forms that old servers relay
No message is ever sent unless you add `--prove`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What the listeners need: where jobs go, the clock, and the operator's own names."""

    jobs: Jobs
    now: Callable[[], datetime]
    allowed_suffixes: tuple[str, ...] = ()


def register(app: AsyncApp, counter: Counter) -> None:
    """Let the app answer the slash command."""

    @app.command(COMMAND)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(response_type="ephemeral", text=await answer(body, counter))


async def answer(command: dict[str, Any], counter: Counter) -> str:
    """Do what a slash command asks for, and return what to acknowledge it with (mrkdwn)."""
    try:
        request = parse_request(
            str(command.get("text", "")), allowed_suffixes=counter.allowed_suffixes
        )
    except UsageError as error:
        return escape(inert(error.message, 600), quote=False)
    if isinstance(request, Help):
        return HELP
    try:
        await counter.jobs.submit(
            Job(
                key=str(command["trigger_id"]),
                request=request,
                destination=_destination(command, request, counter),
            )
        )
    except NotAccepted as refusal:
        return str(refusal)
    return understood(request)


def understood(request: Request) -> str:
    """Say back what will be done, in one line of mrkdwn."""
    parts = [f"Checking `{inert(request.domain.shown, 600)}`"]
    parts += [] if request.probe else ["DNS only"]
    parts += ["every address form"] if request.variants else []
    parts += ["with proof of delivery"] if request.prove else []
    parts += [f"ports {', '.join(map(str, request.ports))}"] if request.ports else []
    parts += ["for you alone"] if request.private else []
    return ", ".join(parts) + " …"


def _destination(command: dict[str, Any], request: Request, counter: Counter) -> Destination:
    return Destination(
        team=str(command.get("team_id", "")),
        channel=str(command["channel_id"]),
        user=str(command["user_id"]),
        asked_at=counter.now(),
        response_url=str(command.get("response_url", "")),
        private=request.private,
    )

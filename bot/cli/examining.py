"""``relaycheck doctor``: every part of the set-up, how it is, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.facilities import canary_on_trial, examine_blocklists, examine_database
from bot.cli.pausing import examine_breaker
from bot.cli.status import Status
from bot.deliver import make_client, make_session
from bot.deliver.web_api import TOKEN_ERRORS, Refusal, answer_or_refusal
from bot.doctor import Diagnosis, SlackAnswer, State, examine_probe, examine_slack
from bot.network.own_host import outgoing_address
from bot.reach import examine_reach
from bot.render.inert import inert
from bot.slack.front.installation import ConfigurationError, check_tokens
from bot.slack.front.manifest import manifest
from bot.slack.groups import SCOPE as GROUP_SCOPE
from bot.world import open_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from bot.settings import Settings

_LONGEST = 1000
_METHODS = {"slack_bot_token": "auth.test", "slack_app_token": "apps.connections.open"}


async def run(settings: Settings) -> Status:
    """Print a line for each part; return 3 where somebody has to do something, else 0."""
    is_well = True
    async for diagnosis in _examine(settings):
        is_well = is_well and diagnosis.state is not State.FAULT
        print(f"{diagnosis.state:<8}{diagnosis.subject}: {inert(diagnosis.says, _LONGEST)}")  # noqa: T201
        if diagnosis.advice:
            print(f"        {inert(diagnosis.advice, _LONGEST)}")  # noqa: T201
    return Status.CLOSED if is_well else Status.UNKNOWN


async def _examine(settings: Settings) -> AsyncIterator[Diagnosis]:
    outgoing = outgoing_address()
    # Beside a relaycheck that runs: its canary has the port.
    alone = settings.model_copy(update={"canary_listen": ()})
    async with open_world(alone) as world:
        yield await examine_database(settings)
        async for diagnosis in examine_probe(settings, world.vantage, world.ask, outgoing):
            yield diagnosis
        async with canary_on_trial(settings, world) as canary:
            yield canary
            async for diagnosis in examine_reach(settings, world):
                yield diagnosis
        async for diagnosis in examine_blocklists(settings, world, outgoing):
            yield diagnosis
        if (diagnosed := await examine_breaker(settings, world.now())) is not None:
            yield diagnosed
    if settings.slack_bot_token is not None:
        try:
            check_tokens(settings)
        except ConfigurationError as error:
            yield Diagnosis("SLACK", "SLACK_MISCONFIGURED", {"detail": str(error)})
            return
    needed = frozenset(manifest()["oauth_config"]["scopes"]["bot"])
    if settings.break_glass.groups:
        needed |= {GROUP_SCOPE}
    async with make_session() as session:

        async def ask(setting: str) -> SlackAnswer:
            token = getattr(settings, setting).get_secret_value()
            client = make_client(token, settings.slack_api_url, session)
            return _read(await answer_or_refusal(client.api_call(_METHODS[setting])))

        async for diagnosis in examine_slack(settings, ask, needed):
            yield diagnosis


def _read(answer: AsyncSlackResponse | Refusal) -> SlackAnswer:
    if isinstance(answer, Refusal):
        return SlackAnswer(error=answer.error, is_refusal=answer.error in TOKEN_ERRORS)
    # https://docs.slack.dev/authentication/installing-with-oauth: "X-OAuth-Scopes".
    scopes = next((v for k, v in answer.headers.items() if k.lower() == "x-oauth-scopes"), None)
    return SlackAnswer(
        team=str(answer.get("team", "")),
        user=str(answer.get("user", "")),
        scopes=None
        if scopes is None
        else frozenset(filter(None, scopes.replace(" ", "").split(","))),
    )

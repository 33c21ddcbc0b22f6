"""The app in its workspace: the tokens it was given, and who Slack says it is.

Says in one sentence what is missing or mixed up, before anything is started.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.deliver.web_api import TOKEN_ERRORS, Refusal, answer_or_refusal

if TYPE_CHECKING:
    from pydantic import SecretStr
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.settings import Settings

log = logging.getLogger(__name__)

_RETRY_S = 1.0
_RETRY_MAX_S = 60.0


class ConfigurationError(Exception):
    """The app cannot start as it is configured; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the app proves itself with; with an ``app`` token it uses Socket Mode."""

    bot: str
    app: str | None
    signing_secret: str | None


@dataclass(slots=True)
class Identity:
    """Who the app is in its workspace, and the workspace's address; empty until auth.test says.

    ``way``: how Slack's requests come in, in words.
    """

    team: str = ""
    url: str = ""
    bot_id: str | None = None
    bot_user_id: str | None = None
    way: str = ""

    @property
    def is_known(self) -> bool:
        """Whether Slack has answered, and took the bot token."""
        return self.bot_user_id is not None


def check_tokens(settings: Settings) -> Tokens:
    """Return the tokens that the settings hold.

    Raises:
        ConfigurationError: One is missing, or stands where another belongs.
    """
    bot = _secret(settings.slack_bot_token)
    app = _secret(settings.slack_app_token)
    signing_secret = _secret(settings.slack_signing_secret)
    if bot is None:
        raise ConfigurationError(
            "SLACK_BOT_TOKEN is not set: copy the Bot User OAuth Token (xoxb-…) from your app's "
            "page at api.slack.com/apps, “OAuth & Permissions”."
        )
    if bot.startswith("xapp-") or (app or "").startswith(("xoxb-", "xoxp-")):
        raise ConfigurationError(
            "The tokens stand in each other's place: SLACK_BOT_TOKEN begins with xoxb-, "
            "SLACK_APP_TOKEN with xapp-."
        )
    if app is None and signing_secret is None:
        raise ConfigurationError(
            "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set: for Socket Mode make an "
            "app-level token (xapp-…) with the scope connections:write, for HTTP copy the Signing "
            "Secret; both stand under “Basic Information”."
        )
    return Tokens(bot, app, signing_secret)


async def learn_identity(
    client: AsyncWebClient, identity: Identity, *, retry_s: float = _RETRY_S
) -> None:
    """Ask auth.test until Slack answers, and fill the identity in.

    Raises:
        ConfigurationError: Slack refuses the bot token.
    """
    while True:
        answer = await answer_or_refusal(client.auth_test())
        if not isinstance(answer, Refusal):
            identity.team = str(answer.get("team", ""))
            identity.url = str(answer.get("url", ""))
            identity.bot_id = answer.get("bot_id")
            identity.bot_user_id = answer.get("user_id")
            return
        if answer.error in TOKEN_ERRORS:
            raise ConfigurationError(
                f"Slack refuses SLACK_BOT_TOKEN ({answer.error}): install the app to the workspace "
                "again, “OAuth & Permissions”, and copy the token anew."
            )
        log.warning("auth.test: %s, asking again in %.0f s", answer.error, retry_s)
        await asyncio.sleep(answer.retry_after_s or retry_s)
        retry_s = min(retry_s * 2, _RETRY_MAX_S)


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value().strip() or None if value else None

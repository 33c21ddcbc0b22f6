"""The Bolt app: one set of listeners, whatever way Slack's requests come in.

Deliveries arrive verified and parsed (``guard`` for HTTP, slack_sdk for Socket Mode), so Bolt's
own parsing and verification are left out. Nothing here calls Slack before an ack: Bolt's stock
authorisation would ask auth.test first.
"""

from __future__ import annotations

import logging
import secrets
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import metrics
from bot.deliver.calls import tell_alone
from bot.slack.asking import commands, home, mentions, shortcuts, workflow
from bot.slack.asking.forms import said
from bot.slack.cards import actions, glass
from bot.slack.watching import watch_buttons

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.desk import Desk
    from bot.slack.front.guard import Admitted
    from bot.slack.front.installation import Tokens

log = logging.getLogger(__name__)

_PRESSES = ("block_actions", "message_action", "shortcut")


class _TimedApp(AsyncApp):
    """Bolt's app, each acknowledgement of which is timed: whatever comes is dispatched here."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Dispatch a request, as Bolt does."""
        began = time.perf_counter()
        try:
            return await super().async_dispatch(req)
        finally:
            kind = "command" if "command" in req.body else str(req.body.get("type", ""))
            metrics.acknowledged(kind, time.perf_counter() - began)


def make_app(client: AsyncWebClient, tokens: Tokens, desk: Desk) -> AsyncApp:
    """Return the app with every listener registered.

    Args:
        client: The way to Slack; without a token of its own.
        tokens: The bot token that listeners act with.
        desk: What the listeners need.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=tokens.bot,
            bot_id=desk.identity.bot_id,
            bot_user_id=desk.identity.bot_user_id,
        )

    # It reads SLACK_BOT_TOKEN itself, and warns that the token goes unused: it should.
    logging.getLogger("slack_bolt.AsyncApp").addFilter(
        lambda record: "`token` will be unused" not in str(record.msg)
    )
    app = _TimedApp(
        name="relaycheck",
        client=client,
        authorize=authorize,
        signing_secret="",
        request_verification_enabled=False,
        ssl_check_enabled=False,
        raise_error_for_unhandled_request=True,
        # What follows an ack is begun as work of its own (``Afterwards``), so a listener that has
        # returned is the ack. Without this Bolt looks for the ack of each request every 10 ms: of
        # a thousand at once that takes more time than the acks do, and whoever is 3 s late gets
        # none at all.
        process_before_response=True,
    )

    @app.error
    async def _(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return _on_error(error, body, desk)

    for listeners in (commands, actions, glass, mentions, shortcuts, home, watch_buttons, workflow):
        listeners.register(app, desk)
    return app


async def dispatch(app: AsyncApp, request: Admitted) -> BoltResponse:
    """Hand a verified request to its listener; ``socket_mode`` is what lets Bolt take a dict."""
    return await app.async_dispatch(
        AsyncBoltRequest(mode="socket_mode", body=request.body, headers=dict(request.headers))
    )


def _on_error(error: Exception, body: dict[str, Any], desk: Desk) -> BoltResponse:
    """Answer for a listener that failed, or that does not exist: never with a 500.

    Where the ack itself says nothing, as of a button, the person is told apart from it.
    """
    kind = str(body.get("command") or body.get("type") or "?")[:80]
    if isinstance(error, BoltUnhandledRequestError):
        log.warning("no listener for %r", kind)
        return BoltResponse(status=200, body="")
    error_id = secrets.token_hex(4)
    log.error("listener for %r failed error_id=%s", kind, error_id, exc_info=error)
    text = (
        f"That went wrong on our side, and nothing was started. Error {error_id}: the log has it."
    )
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
    if kind == "view_submission":
        return BoltResponse(status=200, body={"response_action": "update", "view": said(text)})
    if kind in _PRESSES:
        tell = partial(_tell, body, desk)
        desk.afterwards.start(error_id, partial(tell, text), tell)
    return BoltResponse(status=200, body="")


async def _tell(body: dict[str, Any], desk: Desk, text: str) -> None:
    await tell_alone(
        desk.slack,
        str(body["user"]["id"]),
        text,
        response_url=str(body.get("response_url", "")),
    )

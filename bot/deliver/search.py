"""Looking for a message that may have been posted, where the app may read the channel's history.

The app asks for no such scope; an operator who grants ``channels:history`` (and ``groups:history``)
is spared the cards that might stand twice. Messages are known by their metadata.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.deliver.web_api import Refusal, answer_or_refusal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

EVENT = "relaycheck_run"
# The latest so many are looked at; behind them a message of seconds ago does not stand.
_LATEST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What looking brought: where it stands; ``ts`` None: it certainly does not stand."""

    ts: str | None


def metadata(run_id: str, part: str) -> dict[str, Any]:
    """Return the metadata by which a part of a run's result is known; "" is the parent message."""
    payload = {"run_id": run_id} | ({"part": part} if part else {})
    return {"event_type": EVENT, "event_payload": payload}


async def find(
    client: AsyncWebClient, channel: str, run_id: str, part: str, *, thread_ts: str | None
) -> Found | None:
    """Look for a part of a run's result among the latest messages.

    Args:
        client: The way to Slack.
        channel: Where it would stand.
        run_id: Of which run.
        part: Which part.
        thread_ts: The thread that it would stand in; None: in the channel itself.

    Returns:
        What was found, or None where it may not, or could not, be looked for.
    """
    latest: dict[str, Any] = {
        "channel": channel,
        "limit": _LATEST,
        "include_all_metadata": True,
    }
    call = (
        client.conversations_replies(**latest, ts=thread_ts)
        if thread_ts
        else client.conversations_history(**latest)
    )
    answer = await answer_or_refusal(call)
    if isinstance(answer, Refusal):
        return None
    wanted = metadata(run_id, part)
    for message in answer["messages"]:
        if message.get("metadata") == wanted:
            return Found(str(message["ts"]))
    return None if answer.get("has_more") else Found(None)

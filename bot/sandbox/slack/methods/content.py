"""What a message may hold, and where the bot may put it: checks shared by the chat methods."""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.block_kit import (
    MAX_BLOCK_TEXT,
    Surface,
    block_problems,
    text_size,
)
from bot.sandbox.slack.elements import INTERACTIVE
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.sample import BOT_USER
from bot.sandbox.slack.workspace import Channel, ChannelKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.slack.methods.method import Arguments
    from bot.sandbox.slack.state import State

# What Slack refuses in practice; its documentation still says 40,000.
MAX_TEXT = 4_000
_serial = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Content:
    """A message's checked content; ``blocks`` and ``metadata`` None: not given."""

    text: str
    blocks: tuple[Mapping[str, Any], ...] | None
    metadata: Mapping[str, Any] | None


def content_of(args: Arguments) -> Content:
    """Check text, blocks and metadata of a call as Slack does, its errors in its order."""
    text = args.text("text")
    blocks = args.structure("blocks", "invalid_blocks_format")
    if blocks is not None:
        blocks = checked_blocks(blocks)
    if not text.strip() and not blocks:
        raise SlackError("no_text")
    if len(text) > MAX_TEXT:
        raise SlackError("msg_too_long")
    return Content(text, None if blocks is None else tuple(blocks), _metadata(args))


def checked_blocks(blocks: object) -> list[dict[str, Any]]:
    """Return blocks with all ids filled in, or raise what Slack answers."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if problems := block_problems(blocks, Surface.MESSAGE):
        raise SlackError(
            "invalid_blocks", errors=problems, response_metadata={"messages": problems}
        )
    if text_size(blocks) > MAX_BLOCK_TEXT:
        raise SlackError("msg_blocks_too_long")
    return with_ids(blocks)


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a copy of blocks in which each has a block_id, and each element an action_id."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", f"b{next(_serial)}")
        held = [*block.get("elements", ()), block.get("element")]
        for element in filter(None, held):
            if element["type"] in INTERACTIVE:
                element.setdefault("action_id", f"a{next(_serial)}")
    return blocks


def postable(state: State, name: str) -> Channel:
    """Return the channel that the bot may post to by this id, name or user id.

    Raises:
        SlackError: channel_not_found, not_in_channel or is_archived.
    """
    channel = visible(state, name)
    if channel.archived:
        raise SlackError("is_archived")
    if BOT_USER not in channel.members and "chat:write.public" not in state.scopes:
        raise SlackError("not_in_channel")
    return channel


def visible(state: State, name: str) -> Channel:
    """Return a channel that the bot can see: public ones, and those it is a member of."""
    if name in state.workspace.users:
        return state.workspace.direct(name, BOT_USER)
    try:
        channel = state.workspace.channel(name)
    except KeyError:
        raise SlackError("channel_not_found") from None
    if channel.kind is not ChannelKind.PUBLIC and BOT_USER not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def _metadata(args: Arguments) -> Mapping[str, Any] | None:
    metadata = args.structure("metadata", "invalid_metadata_format")
    if metadata in (None, {}):
        return None
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise SlackError("invalid_metadata_format")
    return metadata

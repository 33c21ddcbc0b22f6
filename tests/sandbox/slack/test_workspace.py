"""The workspace keeps messages as they were posted, and tells of every change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.sandbox.slack.sample import BOT_USER, sample_workspace
from bot.sandbox.slack.workspace import Message, Workspace


@pytest.fixture
def workspace() -> Workspace:
    """Return the sample workspace at a fixed time."""
    return sample_workspace(lambda: 1_700_000_000.0)


def post(workspace: Workspace, text: str, **more: Any) -> Message:  # noqa: ANN401 - fields
    """Keep a message in #incident."""
    message = Message(channel="C0INCIDENT", ts=workspace.stamp(), user="U0DANA", text=text)
    return workspace.keep(replace(message, **more))


def test_names_and_ids_both_find(workspace: Workspace) -> None:
    """A channel is found by name, with or without #, and by id; a user by name and id."""
    assert workspace.channel("#incident") is workspace.channel("C0INCIDENT")
    assert workspace.user("dana") is workspace.user("U0DANA")
    with pytest.raises(KeyError):
        workspace.channel("nowhere")
    with pytest.raises(KeyError):
        workspace.user("nobody")


def test_conversation_sorts_what_each_can_see(workspace: Workspace) -> None:
    """Parents, replies and ephemeral messages are told apart."""
    parent = post(workspace, "parent")
    reply = post(workspace, "reply", thread_ts=parent.ts)
    only = post(workspace, "psst", ephemeral_to="U0KAI")

    seen = workspace.conversation("incident")

    assert (parent, reply) == seen.messages
    assert (parent,) == seen.parents
    assert (reply,) == seen.replies(parent.ts)
    assert (only,) == seen.ephemerals() == seen.ephemerals("U0KAI")
    assert () == seen.ephemerals("U0DANA")


def test_raw_text_is_kept(workspace: Workspace) -> None:
    """What was posted without escaping stays so, for tests to find."""
    assert "<!channel>" in post(workspace, "<!channel> hi").text


def test_deleted_message_is_gone(workspace: Workspace) -> None:
    """A deleted message is found no more."""
    message = post(workspace, "oops")

    workspace.delete(message)

    assert workspace.find("C0INCIDENT", message.ts) is None
    assert () == workspace.conversation("incident").messages


def test_update_takes_the_place_of_the_message(workspace: Workspace) -> None:
    """A new state of a message stands where the old one stood."""
    first, _ = post(workspace, "one"), post(workspace, "two")

    workspace.keep(replace(first, text="changed"))

    texts = [each.text for each in workspace.conversation("incident").messages]
    assert ["changed", "two"] == texts


def test_direct_message_is_opened_once(workspace: Workspace) -> None:
    """A DM exists once for two people."""
    assert "D0RELAYCHK" == workspace.direct("U0DANA", BOT_USER).id
    opened = workspace.direct("U0KAI", "U0DANA")
    assert opened is workspace.direct("U0DANA", "U0KAI")


async def test_change_wakes_listeners_and_those_who_wait(workspace: Workspace) -> None:
    """Whoever listens is told what changed; whoever waits goes on."""
    told: list[str] = []
    workspace.listeners.add(lambda kind, _what: told.append(kind))
    waiting = asyncio.create_task(workspace.change())
    await asyncio.sleep(0)

    post(workspace, "hello")
    await waiting

    assert ["message"] == told

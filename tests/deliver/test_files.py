"""Files put into a thread: all in one message, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.deliver.files import File, upload
from bot.sandbox.slack import Fault

if TYPE_CHECKING:
    from bot.deliver.web_api import Refusal
    from tests.deliver.scripted import Stage

FILES = (File("a.html", "A page", "<p>ü</p>"), File("a.json", "Some JSON", "{}"))


async def uploaded(stage: Stage) -> Refusal | None:
    """Put two files below a message."""
    return await upload(
        stage.out, FILES, channel="C0INCIDENT", thread_ts="1.2", comment="for <@U1>"
    )


async def test_files_stand_in_one_message(stage: Stage) -> None:
    """Each has its name, title and bytes; the comment is the message's text."""
    assert await uploaded(stage) is None

    (message,) = stage.slack.channel("incident").replies("1.2")
    assert "for <@U1>" == message.text
    assert ["A page", "Some JSON"] == [each["title"] for each in message.files]
    kept = list(stage.slack.state.uploads.values())
    assert ["<p>ü</p>".encode(), b"{}"] == [each.content for each in kept]
    assert ["a.html", "a.json"] == [each.name for each in kept]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (
            Fault(method="files.getUploadURLExternal", error="ratelimited", status=429),
            "ratelimited",
        ),
        (Fault(method="upload", error="internal_error", status=500), "upload_failed"),
        (Fault(method="files.completeUploadExternal", error="not_in_channel"), "not_in_channel"),
        (Fault(method="files.completeUploadExternal", lose_reply=True), "connection"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.method,
)
async def test_a_refusal_of_any_step_is_data(stage: Stage, fault: Fault, error: str) -> None:
    """Whichever step fails, why comes back, and no step is taken a second time."""
    stage.slack.faults.add(fault)
    refusal = await uploaded(stage)

    assert refusal is not None
    assert error == refusal.error
    assert len(stage.slack.channel("incident").replies("1.2")) == int(fault.lose_reply)

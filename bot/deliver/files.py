"""Files put into a thread: Slack's upload in three steps, and its refusals as data.

files.getUploadURLExternal, the bytes to the address that it names, files.completeUploadExternal
(docs.slack.dev/messaging/working-with-files). Only the last step shows anything; none is taken
twice, since a file that stands twice is worse than a person who presses again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackRequestError

from bot.deliver.web_api import Refusal, answer_or_refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.deliver.destination import Slack


@dataclass(frozen=True, slots=True)
class File:
    """A file's name, its title in Slack, and its text."""

    name: str
    title: str
    text: str


async def upload(
    slack: Slack, files: Sequence[File], *, channel: str, thread_ts: str, comment: str
) -> Refusal | None:
    """Put files into a thread, in one message; return why they do not stand there.

    Args:
        slack: The way out.
        files: At least one; none of them empty, which Slack refuses.
        channel: A conversation's id; Slack takes no person's here.
        thread_ts: The message below which they go.
        comment: What the message says (mrkdwn).
    """
    call = slack.client.files_upload_v2(
        file_uploads=[
            {"filename": file.name, "title": file.title, "content": file.text} for file in files
        ],
        channel=channel,
        thread_ts=thread_ts,
        initial_comment=comment,
    )
    try:
        answer = await answer_or_refusal(call)
    except SlackRequestError as failure:  # the second step, which is no call of the Web API
        return Refusal("upload_failed", str(failure)[:200])
    return answer if isinstance(answer, Refusal) else None

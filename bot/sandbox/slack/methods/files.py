"""files.*: the upload in three steps that files_upload_v2 of slack_sdk goes through."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.content import postable
from bot.sandbox.slack.methods.method import Arguments, Method
from bot.sandbox.slack.sample import BOT_USER
from bot.sandbox.slack.state import State, Upload
from bot.sandbox.slack.workspace import Message

if TYPE_CHECKING:
    from collections.abc import Mapping


def _get_upload_url(state: State, args: Arguments) -> dict[str, Any]:
    name, length = args.required("filename"), args.required("length")
    if not length.isdecimal() or int(length) == 0:
        raise SlackError("invalid_arguments")
    upload = Upload(f"F{secrets.token_hex(5).upper()}", name, int(length))
    state.uploads[upload.id] = upload
    return {"upload_url": f"{state.origin}/upload/{upload.id}", "file_id": upload.id}


def _complete_upload(state: State, args: Arguments) -> dict[str, Any]:
    given = args.structure("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments")
    files = tuple(_file_wire(state, each) for each in given)
    if args.text("channel_id"):
        channel = postable(state, args.text("channel_id"))
        state.workspace.keep(
            Message(
                channel=channel.id,
                ts=state.workspace.stamp(),
                user=BOT_USER,
                text=args.text("initial_comment"),
                thread_ts=args.text("thread_ts") or None,
                files=files,
            )
        )
    return {"files": list(files)}


def _file_wire(state: State, given: Mapping[str, Any]) -> dict[str, Any]:
    upload = state.uploads.get(str(given.get("id")))
    if upload is None or upload.content is None:
        raise SlackError("file_not_found")
    return {
        "id": upload.id,
        "name": upload.name,
        "title": given.get("title") or upload.name,
        "size": upload.length,
        "url_private": f"{state.origin}/files/{upload.id}/{upload.name}",
    }


METHODS = {
    "files.getUploadURLExternal": Method(_get_upload_url, scope="files:write"),
    "files.completeUploadExternal": Method(_complete_upload, scope="files:write"),
}

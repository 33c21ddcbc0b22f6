"""The export: two files in the thread of the card, or the JSON in a window that says why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack import Fault
from bot.slack.cards.buttons import EXPORT

if TYPE_CHECKING:
    from bot.sandbox.slack.views import OpenView
    from tests.slack.office import Office


async def exported(
    office: Office, text: str = "example.com", channel: str = "incident"
) -> OpenView | None:
    """Press Export on a finished card, and return the window that opens, if one does."""
    card = await office.check(text, channel)
    await office.slack.press("dana", card, EXPORT)
    await office.settled()
    return next(iter(office.slack.state.views.stack("U0DANA")), None)


async def test_the_page_and_the_json_are_files_in_the_thread(office: Office) -> None:
    """One message below the card has both, and says who exported it."""
    window = await exported(office)
    parent = office.parent()
    (message,) = [m for m in office.slack.channel("incident").replies(parent.ts) if m.files]
    page, report = office.slack.state.uploads.values()

    assert window is None
    assert "relaycheck/1" == json.loads(report.content or b"")["schema"]
    assert (page.content or b"").startswith(b"<!doctype html>")
    assert page.name.startswith("relaycheck-example.com-")
    assert [".html", ".json"] == [each.name[-5:] for each in (page, report)]
    assert [page.id, report.id] == [each["id"] for each in message.files]
    assert "Exported by <@U0DANA> <!date^" in message.text


async def test_a_private_export_stays_private(office: Office) -> None:
    """A private result is never put into the channel as a file."""
    window = await exported(office, "example.com --private")

    assert {} == office.slack.state.uploads
    assert window is not None
    assert "yours alone" in str(window.wire["blocks"])
    assert '"schema": "relaycheck/1"' in str(window.wire["blocks"])


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(method="files.getUploadURLExternal", error="missing_scope"), "files:write"),
        (Fault(method="files.completeUploadExternal", error="not_in_channel"), "invite me"),
        (Fault(method="files.completeUploadExternal", error="channel_not_found"), "invite me"),
        (Fault(method="files.completeUploadExternal", error="is_archived"), "archived"),
        (Fault(method="files.completeUploadExternal", error="storage_limit"), "storage_limit"),
        (Fault(method="upload", error="internal_error", status=500), "upload_failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.method,
)
async def test_where_files_may_not_be_sent_the_json_is_in_a_window(
    office: Office, fault: Fault, why: str
) -> None:
    """Whatever Slack has against files, the presser has the report, and reads why it is not one."""
    office.slack.faults.add(fault)
    window = await exported(office)

    assert window is not None
    assert why in str(window.wire["blocks"])
    assert '"schema": "relaycheck/1"' in str(window.wire["blocks"])
    assert [] == [m for m in office.slack.channel("incident").everything if m.files]


async def test_without_the_scope_no_file_is_tried(office: Office) -> None:
    """An app that was installed without files:write gets by without it."""
    office.slack.state.scopes = frozenset({"chat:write", "commands"})
    window = await exported(office)

    assert window is not None
    assert "lacks the scope `files:write`" in str(window.wire["blocks"])


async def test_where_the_app_is_no_member_nothing_is_tried(office: Office) -> None:
    """A card that came by a response_url stands in no thread that files could go to."""
    window = await exported(office, channel="general")

    assert {} == office.slack.state.uploads
    assert window is not None
    assert "invite me" in str(window.wire["blocks"])


async def test_before_anything_is_known(office: Office) -> None:
    """A result without a report has nothing to export, and that is said."""
    card = await office.check()
    (await office.result()).story.last = None
    await office.slack.press("dana", card, EXPORT)
    await office.settled()

    assert {} == office.slack.state.uploads
    assert "nothing to export yet" in office.told()


async def test_an_answer_that_was_lost(office: Office) -> None:
    """Files that Slack may have taken are not sent again; the presser knows where to look."""
    office.slack.faults.add(Fault(method="files.completeUploadExternal", lose_reply=True))
    window = await exported(office)

    assert window is not None
    assert "look in the thread" in str(window.wire["blocks"])
    assert 1 == len([m for m in office.slack.channel("incident").everything if m.files])

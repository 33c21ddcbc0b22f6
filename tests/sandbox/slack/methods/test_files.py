"""files.*: what is asked before and after an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.methods.method import Arguments

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn


def call(slack: StandIn, method: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Call a method as the server does once a call is let in."""
    return METHODS[method].run(slack.state, Arguments(given))


@pytest.mark.parametrize("length", ["0", "many"])
def test_length_is_a_number(slack: StandIn, length: str) -> None:
    """An upload of no bytes is refused."""
    with pytest.raises(SlackError, match="invalid_arguments"):
        call(slack, "files.getUploadURLExternal", filename="a", length=length)


def test_only_uploaded_files_are_shared(slack: StandIn) -> None:
    """A file that was not uploaded cannot be completed; one that was is shared in a thread."""
    file = call(slack, "files.getUploadURLExternal", filename="a", length="1")["file_id"]
    for files, error in (("[]", "invalid_arguments"), (f'[{{"id": "{file}"}}]', "file_not_found")):
        with pytest.raises(SlackError, match=error):
            call(slack, "files.completeUploadExternal", files=files)
    slack.state.uploads[file].content = b"x"

    kept = call(slack, "files.completeUploadExternal", files=[{"id": file, "title": "T"}])
    assert "T" == kept["files"][0]["title"]
    assert () == slack.channel("incident").messages
    call(
        slack,
        "files.completeUploadExternal",
        files=[{"id": file}],
        channel_id="C0INCIDENT",
        thread_ts="1.2",
    )
    assert "1.2" == slack.channel("incident").messages[0].thread_ts

"""What a person types is made into what Slack's client would send."""

from __future__ import annotations

import pytest

from bot.sandbox.page.composing import as_command, as_message
from bot.sandbox.slack.sample import sample_workspace

WORKSPACE = sample_workspace(lambda: 0.0)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("hi <!channel> & co", "hi &lt;!channel&gt; &amp; co"),
        ("@channel look", "<!channel> look"),
        ("@Kai, see @here", "<@U0KAI>, see <!here>"),
        ("@nobody and user@example.com", "@nobody and user@example.com"),
    ],
)
def test_message_is_escaped_and_names_are_mentions(typed: str, sent: str) -> None:
    """Nobody types a mention by its code; an @name that exists is one."""
    assert sent == as_message(typed, WORKSPACE)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("example.com --private", "<http://example.com|example.com> --private"),
        ("example.com/path", "<http://example.com/path|example.com/path>"),
        ("https://example.com/x?y=1", "<https://example.com/x?y=1>"),
        ("a@example.com", "<mailto:a@example.com|a@example.com>"),
        ("history example.com", "history <http://example.com|example.com>"),
        ("watch it @kai", "watch it <@U0KAI|kai>"),
        ("@nobody 192.0.2.1 localhost", "@nobody 192.0.2.1 localhost"),
        ("a < b", "a &lt; b"),
    ],
)
def test_escaping_command_gets_links_as_slack_writes_them(typed: str, sent: str) -> None:
    """With should_escape a command's links, addresses and people are in angle brackets."""
    assert sent == as_command(typed, WORKSPACE, escapes=True)


def test_other_command_gets_what_was_typed() -> None:
    """Without should_escape nothing is touched."""
    assert "a < b example.com" == as_command("a < b example.com", WORKSPACE, escapes=False)

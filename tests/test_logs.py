"""Tests of the log: one line a record, with its check, and no secret."""

import asyncio
import io
import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import LogFormatter, about, current_check, redact, start_log


def line(message: str, *args: object, error: Exception | None = None) -> str:
    """Return what a record is written as."""
    exc_info = (type(error), error, None) if error else None
    record = logging.LogRecord("bot.app", logging.INFO, "app.py", 1, message, args, exc_info)
    return LogFormatter().format(record)


def test_a_record_is_keys_and_values() -> None:
    """Time in UTC, level, logger and message stand in one line."""
    written = line("listening on %s", "here")

    assert written.startswith("time=20")
    assert written.endswith('Z level=info logger=bot.app message="listening on here"')


async def test_records_of_a_check_name_it() -> None:
    """Within a check, and in the tasks that it starts, each line has the check's id."""
    with about("7F3A"):
        task = asyncio.create_task(asyncio.to_thread(line, "asked"))
        inside = line("asked")
    outside = line("asked")

    assert " check=7F3A " in inside
    assert " check=7F3A " in await task
    assert "check=" not in outside


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123-abc",
        "xoxe.xoxp-1-Mi0y",
        "xapp-1-A1-2-f00",
        "https://hooks.slack.com/commands/T1/2/XyZ",
        "https://hooks.slack-gov.com/actions/T1/2/XyZ",
        "http://127.0.0.1:4000/response/0a1b2c",
        "wss://wss-primary.slack.com/link/?ticket=cafe-1&app_id=A1",
        "{'token': 'verify-me'}",
        '{"token": "verify-me"}',
        "https://bot.example/slack/oauth_redirect?code=9.8.7&state=s",
    ],
)
def test_secrets_are_taken_out(secret: str) -> None:
    """Tokens, tickets and response_urls are in no line, wherever they stood."""
    kept = ("123-abc", "Mi0y", "f00", "XyZ", "0a1b2c", "cafe", "verify-me", "9.8.7")

    for written in (line("got %s", secret), line("failed", error=ValueError(secret))):
        assert "(redacted)" in written
        assert not [part for part in kept if part in written]


def test_what_is_no_secret_stays() -> None:
    """A word that only looks a little like a token is not touched."""
    assert "xoxo, the code=250 ticket" == redact("xoxo, the code=250 ticket")


@given(st.text())
def test_foreign_text_begins_no_line(text: str) -> None:
    """Whatever a message holds, it is one line."""
    assert 1 == len(line("server said %s", text).splitlines())


def test_a_traceback_is_indented() -> None:
    """The lines after the first are set apart, so that none can pass for a record."""
    _, *more = line("failed", error=ValueError("first\ntime=2026 level=info forged")).splitlines()

    assert more
    assert all(each.startswith("    ") for each in more)


def test_the_log_goes_to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process writes its log to stderr, from the level that it is started with."""
    root, stderr = logging.getLogger(), io.StringIO()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", logging.WARNING)
    monkeypatch.setattr(sys, "stderr", stderr)
    start_log(logging.INFO)
    logging.getLogger("bot.test").info("hello")
    root.setLevel(logging.WARNING)

    assert 'message="hello"' in stderr.getvalue()
    assert json.loads(stderr.getvalue().partition("message=")[2]) == "hello"


def test_what_this_is_about_can_be_handed_on() -> None:
    """Another process logs under the same check."""
    assert "" == current_check()
    with about("A1B2"):
        assert "A1B2" == current_check()

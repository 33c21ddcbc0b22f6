"""The log: one line for each record, with the check that it is about, and no secret in it.

``key=value`` lines (logfmt) on stderr, which people can read and machines can split. Whatever a
record holds, at whatever level and from whatever library, what could open a door is taken out, and
foreign text cannot begin a line of its own.
"""

from __future__ import annotations

import json
import logging
import re
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_check: ContextVar[str] = ContextVar("check", default="")

# Slack's tokens, Socket Mode tickets, response_urls (a stand-in's as well), and the verification
# token that Slack's older payloads carry.
_SECRETS = (
    re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[\w-]+"),
    re.compile(r"\bxapp-[\w-]+"),
    re.compile(r"(?<=ticket=)[^&\s\"']+"),
    re.compile(r"(?<=https://hooks\.slack\.com/)[^\s\"']+"),
    re.compile(r"(?<=https://hooks\.slack-gov\.com/)[^\s\"']+"),
    re.compile(r"(?<=/response/)[0-9a-f]+"),
    re.compile(r"(?<=token['\"]: ['\"])[^'\"]+"),
    re.compile(r"(?<=[?&]code=)[^&\s\"']+"),
)
_REDACTED = "(redacted)"
# What str.splitlines() takes for the end of a line, so that no reader sees one of the record's own.
_LINE_ENDS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


@contextmanager
def about(check_id: str) -> Iterator[None]:
    """Let every record in this block, and in the tasks that it starts, name a check."""
    token = _check.set(check_id)
    try:
        yield
    finally:
        _check.reset(token)


def current_check() -> str:
    """Return the check that this is about; empty where it is about none."""
    return _check.get()


def start_log(level: int) -> None:
    """Write the log of this process to stderr, from a level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter())
    logging.basicConfig(level=level, handlers=[handler])


def redact(text: str) -> str:
    """Return the text without Slack's secrets."""
    for secret in _SECRETS:
        text = secret.sub(_REDACTED, text)
    return text


class LogFormatter(logging.Formatter):
    """Writes a record as one line; a traceback follows, indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        check = _check.get()
        line = " ".join(
            [
                f"time={moment}.{int(record.msecs):03d}Z",
                f"level={record.levelname.lower()}",
                f"logger={record.name}",
                *([f"check={check}"] if check else []),
                f"message={_quoted(redact(record.getMessage()))}",
            ]
        )
        if not record.exc_info:
            return line
        traceback = redact(self.formatException(record.exc_info)).splitlines()
        return "\n".join([line, *(f"    {each}" for each in traceback)])


def _quoted(message: str) -> str:
    """Return a message as one JSON string: its quotes and line ends are escaped."""
    return json.dumps(
        _LINE_ENDS.sub(lambda end: f"\\u{ord(end.group()):04x}", message), ensure_ascii=False
    )

"""Tests of the HTTP guard: signed requests as Slack makes them, and everything else."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.slack.front.guard import (
    MAX_BODY,
    Admitted,
    Guard,
    Rejected,
    Repeated,
    parse_body,
)

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = 1_800_000_000
FORM = "application/x-www-form-urlencoded"


class Clock:
    """A wall clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def signed(body: bytes, content_type: str = FORM, timestamp: int = NOW) -> dict[str, str]:
    """Return the headers that Slack would send with a body."""
    mac = hmac.new(SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
    }


def test_slacks_own_signatures_are_taken() -> None:
    """What Slack's SDK signs, the guard lets in."""
    body = urlencode({"command": "/relaycheck", "text": "example.com"})
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=str(NOW), body=body)
    headers = signed(body.encode()) | {"X-Slack-Signature": str(signature)}

    admitted = Guard(SECRET, Clock()).admit(body.encode(), headers)

    assert Admitted({"command": "/relaycheck", "text": "example.com"}, {}) == admitted


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Slack-Request-Timestamp", ""),
        ("X-Slack-Request-Timestamp", "abc"),
        ("X-Slack-Request-Timestamp", "nan"),
        ("X-Slack-Request-Timestamp", "1e9"),
        ("X-Slack-Request-Timestamp", "-1"),
        ("X-Slack-Request-Timestamp", "١٨"),
        ("X-Slack-Request-Timestamp", "9" * 400),
        ("X-Slack-Request-Timestamp", str(NOW - 301)),
        ("X-Slack-Request-Timestamp", str(NOW + 301)),
        ("X-Slack-Signature", ""),
        ("X-Slack-Signature", "v0="),
        ("X-Slack-Signature", "v1=" + "0" * 64),
        ("X-Slack-Signature", "v0=" + "0" * 64),
        ("X-Slack-Signature", "v0=" + "é" * 64),
        ("X-Slack-Signature", "v0=" + "0" * 63),
    ],
)
def test_odd_signatures_and_timestamps_are_401(header: str, value: str) -> None:
    """A request that Slack did not sign within five minutes is 401, however odd its headers."""
    body = b"command=%2Frelaycheck"

    answer = Guard(SECRET, Clock()).admit(body, signed(body) | {header: value})

    assert isinstance(answer, Rejected)
    assert answer.status == 401


def test_missing_headers_are_401() -> None:
    """A request without any of Slack's headers is 401."""
    answer = Guard(SECRET, Clock()).admit(b"", {})

    assert isinstance(answer, Rejected)
    assert answer.status == 401


def test_a_changed_body_is_401() -> None:
    """The signature covers the raw bytes of the body."""
    answer = Guard(SECRET, Clock()).admit(b"text=b", signed(b"text=a"))

    assert isinstance(answer, Rejected)
    assert answer.status == 401


def test_a_large_body_is_413() -> None:
    """Beyond 64 KiB nothing is even hashed."""
    body = b"a=" + b"x" * MAX_BODY

    answer = Guard(SECRET, Clock()).admit(body, signed(body))

    assert isinstance(answer, Rejected)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"\xff\xfe", FORM),
        (b"text=%ff", FORM),
        (b"&".join(b"f%d=1" % n for n in range(200)), FORM),
        (b"payload=", FORM),
        (b"payload={", FORM),
        (b"payload=[]", FORM),
        (b"payload=" + b"[" * 20_000, FORM),
        (b"{", "application/json"),
        (b'"text"', "application/json"),
        (b"[" * 20_000, "application/json; charset=utf-8"),
        (b"\xff", "application/json"),
    ],
)
def test_a_signed_body_that_is_nothing_of_slacks_is_400(body: bytes, content_type: str) -> None:
    """A body that is neither a form nor a JSON object is 400, never a failure of ours."""
    answer = Guard(SECRET, Clock()).admit(body, signed(body, content_type))

    assert isinstance(answer, Rejected)
    assert answer.status == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"command": "/relaycheck", "text": "payload.com"},
        {"command": "/relaycheck", "text": "x", "channel_name": "payload-incidents"},
    ],
)
def test_a_command_that_says_payload_is_still_a_command(fields: dict[str, str]) -> None:
    """Only a form field called payload is a payload; the word in a text is not."""
    assert fields == parse_body(urlencode(fields).encode(), FORM)


def test_an_interaction_is_the_object_in_its_payload_field() -> None:
    """Interactions come as JSON in a form field."""
    body = urlencode({"payload": json.dumps({"type": "block_actions"})}).encode()

    assert {"type": "block_actions"} == parse_body(body, FORM)


def test_of_a_repeated_field_the_first_counts() -> None:
    """A second value of a field changes nothing."""
    assert {"text": "a"} == parse_body(b"text=a&text=b", FORM)


def test_retry_headers_are_handed_on_and_no_others() -> None:
    """Bolt sees which retry it is, and not the unsigned header that starts lazy listeners."""
    body = b'{"type": "event_callback"}'
    headers = signed(body, "application/json") | {
        "x-slack-retry-num": "1",
        "x-slack-retry-reason": "http_timeout",
        "x-slack-bolt-lazy-only": "1",
    }

    admitted = Guard(SECRET, Clock()).admit(body, headers)

    assert isinstance(admitted, Admitted)
    assert {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"} == admitted.headers


def test_the_same_request_is_let_in_once() -> None:
    """A replay of a signed request is known by its signature for ten minutes."""
    clock = Clock()
    guard = Guard(SECRET, clock)
    body = b"text=a"

    answers = [type(guard.admit(body, signed(body))) for _ in range(2)]
    clock.now += 299
    late = guard.admit(body, signed(body))

    assert [Admitted, Repeated] == answers
    assert Repeated() == late


def test_signatures_are_forgotten_after_ten_minutes() -> None:
    """What is too old to be let in need not be remembered."""
    clock = Clock()
    guard = Guard(SECRET, clock)
    guard.admit(b"text=a", signed(b"text=a"))
    clock.now += 601
    guard.admit(b"text=b", signed(b"text=b", timestamp=NOW + 601))

    assert 1 == len(guard._seen)


@given(st.binary(max_size=200), st.sampled_from([FORM, "application/json", "", "text/plain"]))
def test_no_body_raises(body: bytes, content_type: str) -> None:
    """For every signed body the guard has an answer."""
    answer = Guard(SECRET, Clock()).admit(body, signed(body, content_type))

    assert isinstance(answer, Admitted | Rejected)

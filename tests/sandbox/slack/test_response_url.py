"""A response_url lives for five uses within thirty minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.response_url import Place, ResponseUrls

if TYPE_CHECKING:
    from tests.sandbox.slack.conftest import Clock

PLACE = Place("C1", "U1")


def issued(urls: ResponseUrls) -> str:
    """Return the token of a fresh URL."""
    return urls.issue(PLACE).removeprefix("/response/")


def test_sixth_use_is_refused(clock: Clock) -> None:
    """Five uses lead to the place, the sixth nowhere."""
    urls = ResponseUrls(clock)
    token = issued(urls)

    assert [PLACE] * 5 == [urls.use(token) for _ in range(5)]
    with pytest.raises(SlackError, match="used_url"):
        urls.use(token)


def test_thirty_minutes_are_its_life(clock: Clock) -> None:
    """After half an hour it is expired."""
    urls = ResponseUrls(clock)
    token = issued(urls)
    clock.now += 30 * 60
    urls.use(token)

    clock.now += 1
    with pytest.raises(SlackError, match="expired_url"):
        urls.use(token)


def test_unknown_token_is_refused(clock: Clock) -> None:
    """Nobody can guess a response_url."""
    with pytest.raises(SlackError, match="invalid_token"):
        ResponseUrls(clock).use("guess")

"""The options of a check, and how they are shown."""

import pytest

from bot.request import parse_request
from bot.request.options import OPTIONS, usage


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_is_read_as_its_usage_shows_it(name: str) -> None:
    """What a help text shows can be typed."""
    assert parse_request(f"example.com {usage(name)}") != parse_request("example.com")

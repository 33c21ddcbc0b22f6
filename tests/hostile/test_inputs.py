"""The worst input of each kind, typed in Slack: signed, delivered, and answered in one sentence.

``pytest tests/hostile/test_inputs.py --collect-only -q`` is the list.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from bot.deliver import make_session
from bot.settings import Settings
from bot.slack.asking.words import full_help
from tests.hostile.inputs import INPUTS, WORST
from tests.slack.office import opened

if TYPE_CHECKING:
    from bot.sandbox.slack import Delivery

LONGEST = 1000
# What Slack reads as a mention or a link, but for what is ours: dates, this channel, and the link
# to the card of who asked the same a moment ago.
ACTIVE = re.compile(
    r"<(?:!(?!date\^)|@|#(?!C0INCIDENT>)|(?!http[^|<>]*/archives/[^|<>]*\|see its card>)\w+:)"
)
RATES = ("rate_user", "rate_workspace", "rate_total")
# Whatever the text of a command is, it is answered so, and nothing of it is done.
WRONG = tuple(f"{kind}-{n}" for kind, texts in WORST.items() for n in range(len(texts)))


@pytest.fixture(scope="module")
def answered() -> dict[str, Delivery]:
    """What each was acknowledged with, and that the app then still answers."""

    async def type_all() -> dict[str, Delivery]:
        settings = Settings(**dict.fromkeys(RATES))  # type: ignore[arg-type] # no limits
        async with make_session() as session, opened(session, settings) as office:
            told: dict[str, Delivery] = {}
            for name, text in INPUTS.items():
                told[name] = await office.slack.slash_command("dana", "incident", text)
                if office.desk.jobs.load() != (0, 0):
                    await office.settled()
            return told

    return asyncio.run(type_all())


@pytest.mark.parametrize("name", [pytest.param(name, id=f"input:{name}") for name in INPUTS])
def test_what_is_typed_is_answered_at_once(answered: dict[str, Delivery], name: str) -> None:
    """Whatever it is: within three seconds, with text that shows what it says and does nothing."""
    delivery = answered[name]

    assert delivery.in_time
    assert 200 == delivery.status
    text = delivery.body["text"]
    assert text
    assert not ACTIVE.search(text), text
    assert all(line.isprintable() for line in text.split("\n"))
    assert "went wrong" not in text


@pytest.mark.parametrize("name", [pytest.param(name, id=f"worst:{name}") for name in WRONG])
def test_the_worst_ends_in_one_clear_sentence(answered: dict[str, Delivery], name: str) -> None:
    """It is one line that says what is wrong or what will be done; nothing asks for the help."""
    text = answered[name].body["text"]

    if text == full_help():
        assert not INPUTS[name].strip('\t\u3000`"<>-. ')
        return
    assert "\n" not in text
    assert len(text) <= LONGEST
    assert text.endswith((".", "?", "…"))

"""The page is served to this machine's browser at its own address, and to nobody else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

import bot.sandbox.page
from bot.sandbox.page import Command, Listing, add_page, stream
from bot.sandbox.slack import Message, StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STATIC = Path(bot.sandbox.page.__file__).parent / "static"
LISTING = Listing(commands=(Command("/relaycheck", "", "", escapes=False),))


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A stand-in with the page."""
    stand_in = StandIn()
    add_page(stand_in, LISTING)
    async with stand_in:
        yield stand_in


@pytest.fixture
async def session(slack: StandIn) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser's session, at the page's address."""
    async with aiohttp.ClientSession(slack.state.origin) as opened:
        yield opened


async def event(lines: aiohttp.StreamReader) -> dict[str, Any]:
    """Read the next event of a stream."""
    async for line in lines:
        if line.startswith(b"data: "):
            return dict(json.loads(line[6:]))
    raise EOFError


@pytest.mark.parametrize("path", ["/", "/archives/C0INCIDENT", "/archives/C0INCIDENT/p1"])
async def test_page_lets_nothing_in_from_elsewhere(
    session: aiohttp.ClientSession, path: str
) -> None:
    """The page and all permalinks show it, under a policy that allows its own files alone."""
    async with session.get(path) as response:
        assert "relaycheck sandbox" in await response.text()
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


async def test_every_file_of_the_page_is_served(session: aiohttp.ClientSession) -> None:
    """What the HTML and the modules name is there; nothing is named beyond this machine."""
    for file in STATIC.iterdir():
        text = file.read_text(encoding="utf-8")
        named = re.findall(r'from "\./(.+?)"|"/page/(.+?)"', text)
        for name in {one or other for one, other in named} | {file.name}:
            async with session.get(f"/page/{name}") as response:
                assert 200 == response.status
                assert "no-cache" == response.headers["Cache-Control"]


async def test_deed_of_the_page_is_done(slack: StandIn, session: aiohttp.ClientSession) -> None:
    """The page's own request is done; what makes no sense is answered with a sentence."""
    headers = {"Origin": slack.state.origin}
    said = {"deed": "send", "as": "kai", "channel": "C0INCIDENT", "text": "hi"}
    async with session.post("/ui/do", json=said, headers=headers) as response:
        assert {"error": "", "delivery": ""} == await response.json()
    assert "U0KAI" == slack.channel("incident").messages[0].user
    async with session.post("/ui/do", json={**said, "text": "/x"}, headers=headers) as response:
        assert {"error": "/x is not a valid command."} == await response.json()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Origin": "http://127.0.0.1:1"}],
)
async def test_other_sites_cannot_do_anything(
    slack: StandIn, session: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    """A request from another origin, or from none, is refused."""
    async with session.post("/ui/do", json={"deed": "clear"}, headers=headers) as response:
        assert 403 == response.status


async def test_forms_cannot_do_anything(slack: StandIn, session: aiohttp.ClientSession) -> None:
    """Only JSON is taken, which a form of another site cannot send."""
    headers = {"Origin": slack.state.origin}
    async with session.post("/ui/do", data={"deed": "clear"}, headers=headers) as response:
        assert 403 == response.status


async def test_other_host_names_are_refused(session: aiohttp.ClientSession) -> None:
    """A name that an attacker points at 127.0.0.1 is not served."""
    async with session.get("/", headers={"Host": "evil.example"}) as response:
        assert 403 == response.status


async def test_stream_begins_with_everything_and_goes_on(
    slack: StandIn, session: aiohttp.ClientSession
) -> None:
    """The first event is all there is, the next is what changed; what is others' is left out."""
    async with session.get("/ui/events", params={"as": "dana"}) as response:
        first = await event(response.content)
        assert ("snapshot", "U0DANA") == (first["kind"], first["me"])
        slack.workspace.keep(
            Message(channel="C0INCIDENT", ts="1.1", user="U0KAI", ephemeral_to="U0KAI")
        )
        await slack.say("kai", "incident", "hello")
        assert "hello" == (await event(response.content))["message"]["text"]
    async with session.get("/ui/events", params={"as": "nobody"}) as response:
        assert 400 == response.status


async def test_stream_lets_go_of_a_browser_that_does_not_read(
    slack: StandIn, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More changes at once than may wait end the stream; nothing listens any longer."""
    monkeypatch.setattr(stream, "_MAX_WAITING", 2)
    async with session.get("/ui/events") as response:
        await event(response.content)
        for _ in range(5):
            slack.workspace.tell("sockets", None)
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    assert not slack.workspace.listeners


async def test_quiet_stream_shows_that_it_lives(
    slack: StandIn, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing happens a comment is sent now and then."""
    monkeypatch.setattr(stream, "_BEAT_S", 0.01)
    async with session.get("/ui/events") as response:
        await event(response.content)
        assert b"\n" == await response.content.readline()
        assert b": still here\n" == await response.content.readline()

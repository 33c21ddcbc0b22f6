"""What relaycheck stands on is tried as it would be used, and left as it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.cli.facilities import (
    TEST_ENTRY,
    canary_on_trial,
    examine_blocklists,
    examine_database,
)
from bot.doctor import State
from bot.model.report import Listing, ListingStatus
from bot.network.canary import open_canary
from bot.settings import Settings
from bot.store import open_database
from tests.test_check import Net

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.doctor import Diagnosis

OUTGOING = "198.51.100.10"


def kept_in(url: str) -> Settings:
    """Return settings with a database."""
    return Settings.model_validate({"database_url": url})


async def test_a_database_that_answers(database_url: str) -> None:
    """With or without a process that owns it; the password is not shown."""
    async with open_database(database_url):
        owned = await examine_database(kept_in(database_url))

    assert "DATABASE_ANSWERS" == owned.tag == (await examine_database(kept_in(database_url))).tag


async def test_a_database_that_is_not_made_yet(tmp_path: Path) -> None:
    """The first start makes it, where the folder lets it; to look makes nothing."""
    place = tmp_path / "new" / "relaycheck.db"
    found = await examine_database(kept_in(f"sqlite:///{place}"))
    assert "DATABASE_TO_BE_MADE" == found.tag
    assert not place.parent.exists()

    tmp_path.joinpath("file").touch()
    found = await examine_database(kept_in(f"sqlite:///{tmp_path}/file/relaycheck.db"))
    assert ("DATABASE_FOLDER", State.FAULT) == (found.tag, found.state)
    assert f"nothing may be written in {tmp_path}/file" in found.says


async def test_a_database_that_cannot_be_used(tmp_path: Path) -> None:
    """It is said why, in one line, without a password."""
    found = await examine_database(kept_in("postgresql://relaycheck:secret@127.0.0.1:1/x"))
    assert ("DATABASE_UNUSABLE", State.FAULT) == (found.tag, found.state)
    assert "127.0.0.1" in found.says
    assert "secret" not in found.says
    assert "\n" not in found.says

    tmp_path.joinpath("text").write_text("no database " * 100)
    assert (
        "DATABASE_UNUSABLE" == (await examine_database(kept_in(f"sqlite:///{tmp_path}/text"))).tag
    )


def listing(name: str, status: ListingStatus, detail: str = "") -> Listing:
    """Return what a list says."""
    return Listing(name, status, (), detail)


async def examined(
    said: Mapping[str, tuple[Listing, ...]], outgoing: str | None = OUTGOING
) -> dict[str, Diagnosis]:
    """Return what is found of lists that answer so, by tag."""

    async def ask_lists(ip: str) -> tuple[Listing, ...]:
        return said.get(ip, ())

    world = Net({}).world(ask_lists=ask_lists)
    return {one.tag: one async for one in examine_blocklists(Settings(), world, outgoing)}


async def test_blocklists() -> None:
    """Those that list the test entry answer us; of the others it is said why they do not."""
    refusals = [
        listing(name, ListingStatus.UNKNOWN, "it does not answer public resolvers")
        for name in ("zen.example", "xbl.example")
    ]
    found = await examined({TEST_ENTRY: (listing("bl.example", ListingStatus.LISTED), *refusals)})

    assert ["BLOCKLISTS_ANSWER", "BLOCKLISTS_SILENT"] == list(found)
    assert "these answer: bl.example" == found["BLOCKLISTS_ANSWER"].says
    assert (
        "nothing is learnt from zen.example, xbl.example: it does not answer public resolvers"
        == (found["BLOCKLISTS_SILENT"].says)
    )


async def test_no_list_answers() -> None:
    """Then none is named as answering; a list without a word is unknown."""
    found = await examined({TEST_ENTRY: (listing("bl.example", ListingStatus.CLEAN),)})

    assert ["BLOCKLISTS_SILENT"] == list(found)


async def test_our_own_address_is_listed() -> None:
    """Servers will refuse us for it; behind a translation nobody knows what they see."""
    said = {
        OUTGOING: (
            listing("a.example", ListingStatus.LISTED, "spam"),
            listing("b.example", ListingStatus.LISTED),
        ),
        "10.0.0.7": (listing("a.example", ListingStatus.LISTED),),
    }

    assert {} == await examined(said, "10.0.0.7")
    assert {} == await examined(said, None)
    assert {} == await examined({}, "8.8.8.8")
    found = await examined({**said, "8.8.8.8": said[OUTGOING]}, "8.8.8.8")
    assert State.FAULT is found["ADDRESS_LISTED"].state
    assert "8.8.8.8, where connections leave from, is listed by a.example (spam), b.example" in (
        found["ADDRESS_LISTED"].says
    )


async def test_without_blocklists() -> None:
    """Off is a choice, and has a drawback."""
    found = [one async for one in examine_blocklists(Settings(), Net({}).world(), OUTGOING)]

    assert [("BLOCKLISTS_OFF", State.NOTICE)] == [(one.tag, one.state) for one in found]


@pytest.mark.parametrize(
    ("listen", "tag"),
    [
        ((), "CANARY_UNSET"),
        ((("127.0.0.1", 0),), "CANARY_CAN_LISTEN"),
        ((("192.0.2.1", 0),), "CANARY_CANNOT_LISTEN"),
    ],
)
async def test_the_canary(listen: tuple[tuple[str, int], ...], tag: str) -> None:
    """It is opened and closed again."""
    async with canary_on_trial(Settings(canary_listen=listen), Net({}).world()) as found:
        assert tag == found.tag
        assert found.says


async def test_a_canary_that_listens_already() -> None:
    """Beside a relaycheck that runs its port is taken, which is no fault."""
    world = Net({}).world()
    async with open_canary((("127.0.0.1", 0),), ("a@b",), name="x", now=world.now) as canary:
        settings = Settings(canary_listen=canary.addresses)
        async with canary_on_trial(settings, world) as found:
            assert ("CANARY_TAKEN", State.NOTICE) == (found.tag, found.state)

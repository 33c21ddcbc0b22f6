"""The wiring of a check's world: what the settings put into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.settings import Settings, SettingsError
from bot.world import open_world

if TYPE_CHECKING:
    from pathlib import Path

RESOLVER = "udp://127.0.0.1:9"  # nobody answers there


async def lists_of(blocklists: str) -> set[str]:
    """Return the names of the lists that are asked about an IPv4 address."""
    async with open_world(Settings(resolver=RESOLVER, blocklists=blocklists)) as world:
        return (
            {item.list for item in await world.ask_lists("9.9.9.9")} if world.ask_lists else set()
        )


async def test_the_blocklists_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The built-in lists, those of a file, or none; a key brings its list along."""
    path = tmp_path / "own.toml"
    path.write_text('[[list]]\nzone = "bl.example"\n', encoding="utf-8")
    built_in = await lists_of("default")
    monkeypatch.setenv("RELAYCHECK_ABUSIX_KEY", "abc")

    assert "zen.spamhaus.org" in built_in
    assert {"combined.mail.abusix.zone"} == await lists_of("default") - built_in
    assert {"bl.example"} == await lists_of(str(path))
    assert set() == await lists_of("off")


async def test_a_file_of_blocklists_that_cannot_be_read(tmp_path: Path) -> None:
    """The variable and the file are named, with the reason."""
    path = tmp_path / "own.toml"
    path.write_text("nonsense", encoding="utf-8")

    with pytest.raises(SettingsError, match=rf"RELAYCHECK_BLOCKLISTS: {path}: .+"):
        async with open_world(Settings(resolver=RESOLVER, blocklists=str(path))):
            pass

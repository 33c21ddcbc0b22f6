"""``relaycheck hostname`` prints a line of three columns for every name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli import hostnames
from bot.posture.hostname import classify

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


async def test_names_of_the_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    """Each name has its class and the rule that gave it, in order."""
    names = ("1-2-3-4.dynamic.isp.example", "mx.example.com")
    await hostnames.run(names)

    expected = [(name, *classify(name)) for name in names]
    assert expected == [tuple(line.split("\t")) for line in capsys.readouterr().out.splitlines()]
    assert "dynamic" == expected[0][1]


async def test_names_and_addresses_of_stdin(
    capsys: pytest.CaptureFixture[str], feed: Callable[[bytes], None]
) -> None:
    """A line may have the address after the name; what is no address is passed over."""
    feed(b"h7f000001.isp.example 127.0.0.1 ignored\nmx.example.com no-address\nmail.example\n")

    await hostnames.run(("-",))

    printed = [tuple(line.split("\t")) for line in capsys.readouterr().out.splitlines()]
    assert [
        ("h7f000001.isp.example", *classify("h7f000001.isp.example", "127.0.0.1")),
        ("mx.example.com", *classify("mx.example.com")),
        ("mail.example", *classify("mail.example")),
    ] == printed


async def test_a_hostile_name_is_inert(capsys: pytest.CaptureFixture[str]) -> None:
    """No control of a name reaches the terminal, nor makes a column."""
    await hostnames.run(("a\x1b[31m\tb.example",))

    assert 2 == capsys.readouterr().out.count("\t")

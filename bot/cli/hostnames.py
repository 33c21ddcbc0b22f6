"""``relaycheck hostname``: the class of reverse DNS names, a line each, for lists of any length."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from bot.cli.standard_input import STDIN, lines
from bot.posture.hostname import classify
from bot.render.inert import inert

if TYPE_CHECKING:
    from collections.abc import Sequence


async def run(names: Sequence[str]) -> None:
    """Print ``NAME<TAB>class<TAB>rule`` for each name, in order.

    Args:
        names: PTR names; ``-`` stands for the lines of stdin, ``NAME`` or ``NAME ADDRESS`` each.
    """
    for name in names:
        if name == STDIN:
            async for line in lines():
                print(_classified(*line.split()[:2]))  # noqa: T201 - the command's output
        else:
            print(_classified(name))  # noqa: T201 - likewise


def _classified(name: str, address: str | None = None) -> str:
    found = classify(name, _ip(address))
    return f"{inert(name)}\t{found.hostname_class}\t{found.rule}"


def _ip(text: str | None) -> str | None:
    """Return the address in its usual spelling; what is none is as good as not there."""
    try:
        return str(ipaddress.ip_address(text)) if text else None
    except ValueError:
        return None

"""The SMTP edge: plays a script against one address, and returns what came of it as data.

The script (``bot.relay.dialogue``) decides what to do next from all that was said so far; a
``Conversation`` does it. ``fence`` and ``failure`` are the only modules that know aiosmtplib.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.network.conversation import Conversation
from bot.network.limits import Limits, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.model.exchange import Exchange
    from bot.relay.dialogue import Step

    Script = Callable[[tuple[Exchange, ...]], Step | None]

__all__ = ["Limits", "Target", "converse"]


async def converse(
    target: Target,
    script: Script,
    *,
    limits: Limits | None = None,
    on_exchange: Callable[[Exchange], None] | None = None,
) -> tuple[Exchange, ...]:
    """Play a script until it has nothing left to do.

    Args:
        target: whom to talk to.
        script: what to do next, from all exchanges so far; None ends the conversation.
        limits: deadlines and sizes; the contract's where None.
        on_exchange: told of each exchange as it happens.

    Returns:
        Every exchange in order. Never raises for what the other side does.

    Raises:
        ValueError: the script gave a command with a control character in it.
    """
    talk = Conversation(target, limits or Limits(), on_exchange or (lambda _: None))
    try:
        while (step := script(tuple(talk.exchanges))) is not None:
            await talk.take(step)
    finally:
        await talk.close()
    return tuple(talk.exchanges)

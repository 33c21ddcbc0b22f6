"""The sandbox's canary: a mailbox that takes everything and keeps it to be looked at.

What arrives here was relayed: an open sample really passes mail on. When the bot runs a canary of
its own (delivery proof), that one stands at this address instead.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its envelope (the null reverse-path is empty) and its content."""

    reverse_path: str
    forward_paths: tuple[str, ...]
    content: bytes


def path_of(address: str) -> str:
    """Return a path as the product writes it; aiosmtpd hands over ``<>`` for the null one."""
    return "" if address == "<>" else address


@dataclass(slots=True)
class Canary:
    """The messages that arrived, oldest first; the oldest go when there are too many."""

    messages: list[Message] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def arrival(self, token: bytes, *, within_s: float) -> Message:
        """Return the first message whose content holds ``token``, waiting for it.

        Raises:
            TimeoutError: none came within ``within_s`` seconds.
        """
        async with asyncio.timeout(within_s), self._changed:
            while True:
                for message in self.messages:
                    if token in message.content:
                        return message
                await self._changed.wait()

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a message (called by aiosmtpd)."""
        message = Message(
            path_of(envelope.mail_from or ""),
            tuple(envelope.rcpt_tos),
            envelope.original_content or b"",
        )
        async with self._changed:
            self.messages.append(message)
            del self.messages[:-_KEPT]
            self._changed.notify_all()
        return "250 2.0.0 Ok: kept in the sandbox"

"""How long the SMTP edge waits, and how much it reads: the contract's figures, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.exchange import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long is waited for what (seconds), and how much is read (octets); the contract's."""

    connect_s: float = 10
    greeting_s: float = 30
    command_s: float = 15
    rcpt_s: float = 30
    tls_s: float = 10
    quit_s: float = 3
    # RFC 5321 §4.5.3.2.6 allows ten minutes: content filters run here.
    end_of_data_s: float = 60
    connection_s: float = 90
    reply_kept: int = 8 * 1024
    reply_read: int = 64 * 1024
    connection_read: int = 256 * 1024

    def wait_s(self, stage: Stage) -> float:
        """Return how long the reply at a stage is waited for."""
        special = {
            Stage.GREETING: self.greeting_s,
            Stage.RCPT: self.rcpt_s,
            Stage.QUIT: self.quit_s,
            Stage.END_OF_DATA: self.end_of_data_s,
        }
        return special.get(stage, self.command_s)


@dataclass(frozen=True, slots=True)
class Target:
    """A vetted address and port, and the MX name that it is to answer for in TLS."""

    ip: str
    port: int
    host: str

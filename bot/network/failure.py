"""What a socket, a TLS library or a peer can do wrong, translated here and nowhere else."""

from __future__ import annotations

import ssl

from aiosmtplib.errors import SMTPException

from bot.model.exchange import Trouble
from bot.network.fence import Breach

# Everything else is a bug of ours, and is let through.
FAILURES = (OSError, SMTPException, Breach)


def trouble_of(error: Exception) -> Trouble:
    """Return a failure in the words of the model."""
    match error:
        case Breach():
            return Trouble.PROTOCOL_ERROR
        case TimeoutError():
            return Trouble.TIMEOUT
        case ConnectionRefusedError():
            return Trouble.REFUSED
        case ConnectionError() | SMTPException():
            return Trouble.DROPPED
        case _:
            return Trouble.UNREACHABLE


def detail_of(error: Exception) -> str:
    """Return what a failure says of itself, in a few words; empty where the trouble says it all."""
    match error:
        case ssl.SSLError(reason=str(reason)):
            return reason.lower().replace("_", " ")
        case OSError(strerror=str(text)):
            return text
        case _:
            return str(error)

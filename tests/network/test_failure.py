"""Each foreign exception, in the words of the model."""

from __future__ import annotations

import errno
import ssl

import pytest
from aiosmtplib.errors import SMTPException, SMTPServerDisconnected

from bot.model.exchange import Trouble
from bot.network.failure import detail_of, trouble_of
from bot.network.fence import Breach


@pytest.mark.parametrize(
    ("error", "trouble", "detail"),
    [
        (Breach("two codes in one reply"), Trouble.PROTOCOL_ERROR, "two codes in one reply"),
        (TimeoutError(), Trouble.TIMEOUT, ""),
        (OSError(errno.ETIMEDOUT, "Connection timed out"), Trouble.TIMEOUT, "Connection timed out"),
        (ConnectionRefusedError(111, "Connection refused"), Trouble.REFUSED, "Connection refused"),
        (ConnectionResetError(104, "reset by peer"), Trouble.DROPPED, "reset by peer"),
        (SMTPServerDisconnected("closed"), Trouble.DROPPED, "closed"),
        (SMTPException("odd"), Trouble.DROPPED, "odd"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Trouble.UNREACHABLE, "Network is"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Trouble.UNREACHABLE, "No route to host"),
        (PermissionError(errno.EPERM, "Not permitted"), Trouble.UNREACHABLE, "Not permitted"),
        (ssl.SSLError(1, "oops"), Trouble.UNREACHABLE, "oops"),
    ],
)
def test_translation(error: Exception, trouble: Trouble, detail: str) -> None:
    """A failure becomes a trouble, with its own words where it has any."""
    assert trouble is trouble_of(error)
    assert detail_of(error).startswith(detail)


def test_tls_reason_is_readable() -> None:
    """OpenSSL's reason is written as words."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    incoming = ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, ssl.MemoryBIO(), server_hostname="mx.example.com")
    incoming.write(b"220 this is no TLS\r\n")

    with pytest.raises(ssl.SSLError) as caught:
        tls.do_handshake()
    assert "wrong version number" == detail_of(caught.value)

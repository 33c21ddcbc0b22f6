"""DNS over HTTPS: one HTTP/2 connection for many questions (RFC 8484).

The server's own name is resolved by the system, when the connection is opened. httpx2 is imported
with the first question: who does not use it does not pay for it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    import httpx2

    from bot.network.dns_message import Query

_MEDIA_TYPE = "application/dns-message"
_LARGEST = 65_535  # of a DNS message, whatever carries it
_IDLE_S = 60.0


class RefusedByHttp(OSError):  # noqa: N818 - the HTTP status is the world's answer
    """The server answered, with something other than a DNS message."""


class HttpsServer:
    """One DoH server."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self._url = url
        self._tls = tls
        self._client: httpx2.AsyncClient | None = None
        self._heard = 0

    async def exchange(self, query: Query) -> bytes:
        """Return the reply's bytes; the caller bounds the wait.

        Raises:
            RefusedByHttp: the server's answer is no DNS message.
            OSError: no connection, or it broke.
        """
        import httpx2  # noqa: PLC0415 - 70 ms and 10 MB, for this kind of resolver alone

        client = self._client = self._client or self._open()
        heard = self._heard
        headers = {"accept": _MEDIA_TYPE, "content-type": _MEDIA_TYPE}
        try:
            async with client.stream(
                "POST", self._url, content=query.with_id(0), headers=headers
            ) as response:
                self._heard += 1
                return await _body(response)
        except httpx2.HTTPError as fault:
            raise ConnectionError(str(fault) or type(fault).__name__) from fault
        except asyncio.CancelledError:
            # Nothing came during a whole wait: a lost connection looks like that for minutes.
            if heard == self._heard and client is self._client:
                self._client = None
                await client.aclose()
            raise

    def _open(self) -> httpx2.AsyncClient:
        import httpx2  # noqa: PLC0415 - see exchange

        one = httpx2.Limits(max_connections=1, keepalive_expiry=_IDLE_S)
        return httpx2.AsyncClient(verify=self._tls, http2=True, timeout=None, limits=one)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()


async def _body(response: httpx2.Response) -> bytes:
    """Return what a DNS server answered, and no more of it than a DNS message may hold."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != 200 or media_type != _MEDIA_TYPE:
        raise RefusedByHttp(f"HTTP {response.status_code}, {media_type or 'no media type'}")
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > _LARGEST:
            raise RefusedByHttp("a reply longer than a DNS message may be")
    return bytes(body)

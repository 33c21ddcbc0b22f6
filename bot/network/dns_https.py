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


class _Connection:
    """One client, which holds one connection, and the questions that are open on it."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.open = 0
        self.heard = 0
        self.is_suspect = False


class HttpsServer:
    """One DoH server."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self._url = url
        self._tls = tls
        self._connection: _Connection | None = None
        self._under_way: set[asyncio.Task[bytes]] = set()
        self._is_closed = False

    async def exchange(self, query: Query) -> bytes:
        """Return the reply's bytes; the caller bounds the wait.

        Raises:
            RefusedByHttp: the server's answer is no DNS message.
            OSError: no connection, or it broke.
        """
        if self._is_closed:  # a look-up may outlive whoever asked
            raise ConnectionAbortedError("closed")
        asking = asyncio.create_task(self._ask(query))
        self._under_way.add(asking)
        asking.add_done_callback(self._under_way.discard)
        try:
            return await asking
        except asyncio.CancelledError:
            whoever_asks = asyncio.current_task()
            if whoever_asks is None or whoever_asks.cancelling():
                raise
            raise ConnectionAbortedError("closed") from None

    async def _ask(self, query: Query) -> bytes:
        import httpx2  # noqa: PLC0415 - 70 ms and 10 MB, for this kind of resolver alone

        connection = self._usable()
        heard = connection.heard
        connection.open += 1
        headers = {"accept": _MEDIA_TYPE, "content-type": _MEDIA_TYPE}
        try:
            async with connection.client.stream(
                "POST", self._url, content=query.with_id(0), headers=headers
            ) as response:
                connection.heard += 1
                return await _body(response)
        except httpx2.HTTPError as fault:
            raise ConnectionError(str(fault) or type(fault).__name__) from fault
        except asyncio.CancelledError:
            # Nothing came during a whole wait: a lost connection looks like that for minutes.
            connection.is_suspect = connection.is_suspect or heard == connection.heard
            raise
        finally:
            connection.open -= 1
            if connection.is_suspect and not connection.open:
                await connection.client.aclose()

    def _usable(self) -> _Connection:
        """Return what takes further questions: a connection that has not fallen silent."""
        import httpx2  # noqa: PLC0415 - see _ask

        if self._connection is None or self._connection.is_suspect:
            one = httpx2.Limits(max_connections=1, keepalive_expiry=_IDLE_S)
            self._connection = _Connection(
                httpx2.AsyncClient(verify=self._tls, http2=True, timeout=None, limits=one)
            )
        return self._connection

    async def aclose(self) -> None:
        """Close every connection for good; open questions end as errors."""
        self._is_closed = True
        for asking in self._under_way:
            asking.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._connection is not None:
            await self._connection.client.aclose()


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

"""A conversation with one address, step by step; what comes of each step is an exchange.

It connects to exactly the address that was vetted and never resolves a name: the MX name is used
for TLS alone. Commands go out as they are given. Every wait has a deadline, every size a bound, and
whatever the world does wrong (sockets, TLS, the peer) becomes a Trouble on the exchange where it
happened. It does not know what is asked, nor what an answer means.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
from typing import TYPE_CHECKING, assert_never

from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.network.failure import FAILURES, detail_of, trouble_of
from bot.network.fence import FencedProtocol
from bot.network.tls import current_certificate_error, opportunistic_context, presented_chain
from bot.relay.dialogue import Connect, Send, SendMessage, StartTls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.network.limits import Limits, Target
    from bot.relay.dialogue import Step

    _Asked = tuple[Stage, str | None]

# RFC 5321 §4.1.1.4: what ends the content of a message.
END_OF_DATA = "."


class Conversation:
    """A conversation under way: at most one connection at a time, its exchanges so far."""

    def __init__(
        self, target: Target, limits: Limits, on_exchange: Callable[[Exchange], None]
    ) -> None:
        self.target = target
        self.limits = limits
        self.exchanges: list[Exchange] = []
        self._on_exchange = on_exchange
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._deadline = self._started
        self._fence: FencedProtocol | None = None
        self._tls = False

    async def take(self, step: Step) -> None:
        """Take one step; what comes of it is added to the exchanges."""
        match step:
            case Connect(implicit_tls=implicit_tls):
                await self.close()
                await self._connect(implicit_tls=implicit_tls)
            case Send(commands=commands):
                await self._send(commands)
            case StartTls():
                await self._start_tls()
            case SendMessage(lines=lines):
                await self._send_message(lines)
            case _:
                assert_never(step)

    async def close(self) -> None:
        """Close the connection; a QUIT, if there was to be one, was a step."""
        fence, self._fence, self._tls = self._fence, None, False
        if fence is not None:
            fence.abort()
            await asyncio.sleep(0)  # the socket is closed by the loop's next turn

    async def _connect(self, *, implicit_tls: bool) -> None:
        began = self._loop.time()
        self._deadline = began + self.limits.connection_s
        ip, port = self.target.ip, self.target.port
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)  # noqa: FBT003 - the socket's own signature
        try:
            async with self._within(self.limits.connect_s):
                await self._loop.sock_connect(sock, (ip, port))
            _check_peer(sock, ip)
        except OSError as error:
            sock.close()
            self._add_failure(Stage.CONNECT, began, error, None)
            return
        except asyncio.CancelledError:
            sock.close()
            raise
        self._add(Stage.CONNECT, began)
        fence = self._fence = FencedProtocol(
            kept=self.limits.reply_kept,
            read=self.limits.reply_read,
            total=self.limits.connection_read,
        )
        if not implicit_tls:
            await self._loop.create_connection(lambda: fence, sock=sock)
        elif not await self._handshake(
            lambda: self._loop.create_connection(
                lambda: fence,
                sock=sock,
                ssl=opportunistic_context(),
                server_hostname=self.target.host,
            )
        ):
            sock.close()
            return
        await self._reply(fence, [(Stage.GREETING, None)], self._loop.time())

    async def _send(self, commands: tuple[str, ...]) -> None:
        fence, began = self._open_fence(), self._loop.time()
        try:
            fence.ask(commands)
        except FAILURES as error:
            self._add_failure(_stage(commands[0]), began, error, commands[0])
            return
        waiting: Sequence[_Asked] = [(_stage(command), command) for command in commands]
        while waiting:
            waiting = await self._reply(fence, waiting, began)

    async def _send_message(self, lines: tuple[str, ...]) -> None:
        fence, began = self._open_fence(), self._loop.time()
        try:
            fence.ask_content(lines)
        except FAILURES as error:
            self._add_failure(Stage.END_OF_DATA, began, error, END_OF_DATA)
            return
        await self._reply(fence, [(Stage.END_OF_DATA, END_OF_DATA)], began)

    async def _reply(
        self, fence: FencedProtocol, asked: Sequence[_Asked], began: float
    ) -> Sequence[_Asked]:
        """Await the reply to the first of what was asked, and return the rest.

        Where none comes, none will come to the rest, and nothing is returned.
        """
        (stage, command), *rest = asked
        try:
            async with self._within(self.limits.wait_s(stage)):
                reply = await fence.reply()
        except FAILURES as error:
            for unanswered_stage, unanswered in asked:
                self._add_failure(unanswered_stage, began, error, unanswered)
            return ()
        # After the last reply: surplus octets, or the 421 of a server that closes unasked.
        counts = stage is not Stage.QUIT and not rest
        end = (fence.breach or fence.farewell) if counts else None
        trouble, detail = (trouble_of(end), detail_of(end)) if end else (None, "")
        self._add(stage, began, command=command, reply=reply, trouble=trouble, detail=detail)
        return rest

    async def _start_tls(self) -> None:
        fence = self._open_fence()
        await self._send(("STARTTLS",))
        last = self.exchanges[-1]
        if last.trouble is None and last.reply is not None and last.reply.code == 220:
            await self._handshake(
                lambda: fence.shake_hands(opportunistic_context(), self.target.host)
            )

    async def _handshake(self, shake_hands: Callable[[], Awaitable[object]]) -> bool:
        """Shake hands and add what came of it; whatever goes wrong here is TLS_FAILED."""
        began = self._loop.time()
        try:
            async with self._within(self.limits.tls_s):
                await shake_hands()
        except (*FAILURES, ValueError) as error:  # ValueError: a name that cannot be an SNI
            self._add(Stage.TLS, began, trouble=Trouble.TLS_FAILED, detail=detail_of(error))
            return False
        self._tls = True
        chain = presented_chain(self._open_fence().tls_object)
        remark = await asyncio.to_thread(current_certificate_error, chain, self.target.host)
        self._add(Stage.TLS, began, certificate_error=remark)
        return True

    def _open_fence(self) -> FencedProtocol:
        if self._fence is None:
            raise RuntimeError("the script says something before it connects")
        return self._fence

    def _within(self, seconds: float) -> asyncio.Timeout:
        return asyncio.timeout_at(min(self._loop.time() + seconds, self._deadline))

    def _add_failure(
        self, stage: Stage, began: float, error: Exception, command: str | None
    ) -> None:
        self._add(stage, began, command=command, trouble=trouble_of(error), detail=detail_of(error))

    def _add(  # noqa: PLR0913 - the fields of an Exchange
        self,
        stage: Stage,
        began: float,
        *,
        command: str | None = None,
        reply: Reply | None = None,
        trouble: Trouble | None = None,
        detail: str = "",
        certificate_error: str = "",
    ) -> None:
        exchange = Exchange(
            stage=stage,
            command=command,
            reply=reply,
            trouble=trouble,
            detail=detail,
            certificate_error=certificate_error,
            tls=self._tls,
            at_ms=_milliseconds(began - self._started),
            took_ms=_milliseconds(self._loop.time() - began),
        )
        self.exchanges.append(exchange)
        self._on_exchange(exchange)


_STAGES = {stage.value.upper(): stage for stage in Stage}


def _stage(command: str) -> Stage:
    return _STAGES[command.partition(" ")[0].upper()]


def _check_peer(sock: socket.socket, ip: str) -> None:
    """The socket must talk to the vetted address and to no other."""
    peer: str = sock.getpeername()[0]
    if ipaddress.ip_address(peer) != ipaddress.ip_address(ip):
        raise OSError(errno.EHOSTUNREACH, f"connected to {peer} instead")


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)

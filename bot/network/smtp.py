"""The SMTP edge: plays a script against one address, and returns what came of it as data.

It connects to exactly the address that was vetted and never resolves a name: the MX name is used
for TLS alone. Commands go out as they are given. Every wait has a deadline, every size a bound, and
whatever the world does wrong (sockets, TLS, the peer) becomes a Trouble on the exchange where it
happened. This module and ``fence`` are the only ones that know aiosmtplib.

It does not know what is asked, nor what an answer means: the script decides
(``bot.relay.dialogue``).
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.network.failure import FAILURES, detail_of, trouble_of
from bot.network.fence import FencedProtocol
from bot.network.tls import current_certificate_error, opportunistic_context, presented_chain
from bot.relay.dialogue import Connect, Send, StartTls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.relay.dialogue import Step

    Script = Callable[[tuple[Exchange, ...]], Step | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long is waited for what (seconds), and how much is read (octets); the contract's."""

    connect_s: float = 10
    greeting_s: float = 30
    command_s: float = 15
    rcpt_s: float = 30
    tls_s: float = 10
    quit_s: float = 3
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
        }
        return special.get(stage, self.command_s)


@dataclass(frozen=True, slots=True)
class Target:
    """A vetted address and port, and the MX name that it is to answer for in TLS."""

    ip: str
    port: int
    host: str


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
    talk = _Talk(target, limits or Limits(), on_exchange or (lambda _: None))
    try:
        while (step := script(tuple(talk.exchanges))) is not None:
            await talk.take(step)
    finally:
        await talk.close()
    return tuple(talk.exchanges)


class _Talk:
    """A conversation under way: at most one connection at a time."""

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
            return
        await self._reply(fence, Stage.GREETING, None, self._loop.time())

    async def _send(self, commands: tuple[str, ...]) -> None:
        fence, began = self._open_fence(), self._loop.time()
        try:
            fence.ask(commands)
        except FAILURES as error:
            self._add_failure(_stage(commands[0]), began, error, commands[0])
            return
        failure: Exception | None = None
        for command in commands:
            if failure is None:
                failure = await self._reply(fence, _stage(command), command, began)
            else:  # sent in the same batch, and never answered
                self._add_failure(_stage(command), began, failure, command)

    async def _reply(
        self, fence: FencedProtocol, stage: Stage, command: str | None, began: float
    ) -> Exception | None:
        """Await one reply and add it; return what came instead, if anything did."""
        try:
            async with self._within(self.limits.wait_s(stage)):
                reply = await fence.reply()
        except FAILURES as error:
            self._add_failure(stage, began, error, command)
            return error
        # After the last reply: surplus octets, or the 421 of a server that closes unasked.
        counts = stage is not Stage.QUIT and not fence.owes_more
        end = (fence.breach or fence.farewell) if counts else None
        trouble, detail = (trouble_of(end), detail_of(end)) if end else (None, "")
        self._add(stage, began, command=command, reply=reply, trouble=trouble, detail=detail)
        return None

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

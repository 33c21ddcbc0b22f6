"""The sandbox, running: Slack's stand-in with its page, the sample mail hosts, and the bot itself.

The bot is the product with nothing patched: a process of its own, told by documented settings alone
where its Slack, its resolver and its mail hosts are. It inherits nothing from the environment (a
proxy or a ``.env`` of the operator's would lead it astray).
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
import sys
import tempfile
import webbrowser
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sandbox.hosts import SampleHosts, sample_hosts
from bot.sandbox.page import Suggestion, add_page, listing_of
from bot.sandbox.slack import StandIn
from bot.slack.front.manifest import manifest

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable, Mapping

DEFAULT_PORT = 8025
_START_S = 30.0
_STOP_S = 10.0
_PACKAGES = Path(__file__).parents[2]


class SandboxError(Exception):
    """The sandbox cannot go on; the message says what happened."""


async def run_sandbox(
    *,
    port: int | None = None,
    http: bool = False,
    settings: Mapping[str, str] | None = None,
    browser: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Run everything until cancelled (Ctrl-C), or until the bot ends by itself.

    Args:
        port: of the page on 127.0.0.1; None: 8025, or any other when that is taken.
        http: whether Slack reaches the bot by HTTP; else by Socket Mode.
        settings: further settings of the bot, by their names in the environment.
        browser: whether to open the page in a browser.
        say: what shows a line to the person who started it.

    Raises:
        SandboxError: the bot did not start, or ended.
        OSError: the port is taken, or this machine does not have all of 127.0.0.0/8.
    """
    async with running_sandbox(port=port, http=http, settings=settings) as (slack, bot):
        say(f"The sandbox is at {slack.state.origin}/ (Ctrl-C ends it)")
        if browser:
            await asyncio.to_thread(webbrowser.open, f"{slack.state.origin}/")
        raise SandboxError(f"the bot ended by itself, with status {await bot.wait()}")


@asynccontextmanager
async def running_sandbox(
    *, port: int | None = None, http: bool = False, settings: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[StandIn, Process]]:
    """Run everything while the block runs; the bot is connected when it begins.

    Arguments and errors as ``run_sandbox``.
    """
    async with AsyncExitStack() as stack:
        hosts = await stack.enter_async_context(sample_hosts(online=True, with_canary=False))
        slack = await stack.enter_async_context(_stand_in(hosts, _free_port(port)))
        bot_port = _free_port(0) if http else 0
        if http:
            slack.courier.request_url = f"http://127.0.0.1:{bot_port}/slack/events"
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="relaycheck-sandbox-"))
        given = {
            **bot_settings(slack, hosts, bot_port),
            "RELAYCHECK_BLOCKLISTS": _blocklists(hosts, Path(folder)),
            **(settings or {}),
        }
        bot = await stack.enter_async_context(_bot(given, folder))
        await _ready(slack, bot)
        yield slack, bot


def bot_settings(slack: StandIn, hosts: SampleHosts, http_port: int) -> dict[str, str]:
    """Return the environment of the bot: where everything is, by documented settings."""
    return {
        **slack.environment(),
        "RELAYCHECK_HTTP_PORT": str(http_port),
        "RELAYCHECK_RESOLVER": hosts.resolver,
        "RELAYCHECK_PORTS": str(hosts.port),
        "RELAYCHECK_ALLOW_NETWORKS": ",".join(map(str, hosts.networks)),
        "RELAYCHECK_ALLOW_DOMAINS": hosts.suffix,
        "RELAYCHECK_EHLO_NAME": hosts.probe,
        "RELAYCHECK_MAIL_FROM": f"relaycheck@{hosts.probe}",
        "RELAYCHECK_RCPT_TO": f"canary@{hosts.probe}",
        "RELAYCHECK_VERIFY_SECRET": secrets.token_hex(16),
        # All sample hosts are in one network, and nobody else's.
        "RELAYCHECK_RATE_USER": "off",
        "RELAYCHECK_RATE_WORKSPACE": "off",
        "RELAYCHECK_RATE_TOTAL": "off",
        "RELAYCHECK_RATE_ADDRESS": "off",
        "RELAYCHECK_RATE_NETWORK": "off",
        "RELAYCHECK_CANARY_LISTEN": "{}:{}".format(*hosts.canary_endpoint),
    }


def _blocklists(hosts: SampleHosts, folder: Path) -> str:
    """Return the path of a file that names the sandbox's own blocklist."""
    path = folder / "blocklists.toml"
    path.write_text(f'[[list]]\nzone = "{hosts.blocklist}"\n', encoding="utf-8")
    return str(path)


def _stand_in(hosts: SampleHosts, port: int) -> StandIn:
    """Return a Slack in which the app is installed as its manifest says."""
    app = manifest()
    slack = StandIn(port=port, scopes=frozenset(app["oauth_config"]["scopes"]["bot"]))
    samples = [Suggestion(sample.domain, sample.shows) for sample in hosts.samples]
    add_page(slack, listing_of(app, samples))
    return slack


def _free_port(wanted: int | None) -> int:
    """Return a port of 127.0.0.1 that is free now; OSError when the one that must be is not."""
    try:
        with socket.create_server(("127.0.0.1", DEFAULT_PORT if wanted is None else wanted)) as it:
            return int(it.getsockname()[1])
    except OSError as error:
        if wanted is not None or error.errno != errno.EADDRINUSE:
            raise
        return _free_port(0)


@asynccontextmanager
async def _bot(settings: Mapping[str, str], folder: str) -> AsyncIterator[Process]:
    """Run the bot in a process group of its own, so that Ctrl-C reaches it through us alone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "serve",
        cwd=folder,
        env={**settings, "PYTHONPATH": str(_PACKAGES), "HOME": folder},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _ready(slack: StandIn, bot: Process) -> None:
    """Wait until the bot has made itself known and can be reached."""

    def is_there() -> bool:
        known = any(call.method == "auth.test" and not call.error for call in slack.state.calls)
        by_http = slack.courier.request_url is not None
        return known and (by_http or bool(slack.state.sockets.connections))

    started = asyncio.create_task(slack.until(is_there, _START_S))
    ended = asyncio.create_task(bot.wait())
    try:
        await asyncio.wait({started, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise SandboxError(f"the bot did not start: it ended with status {ended.result()}")
        await started
    except TimeoutError as error:
        raise SandboxError(f"the bot was not ready within {_START_S:g} s") from error
    finally:
        started.cancel()
        ended.cancel()

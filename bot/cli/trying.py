"""``relaycheck sandbox``: everything on this machine, in a browser, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from typing import TYPE_CHECKING

from bot.request import UsageError
from bot.sandbox.session import SandboxError, run_sandbox

if TYPE_CHECKING:
    import argparse


async def run(arguments: argparse.Namespace) -> None:
    """Run the sandbox until SIGTERM or Ctrl-C; the bot in it is stopped with it.

    Raises:
        UsageError: It cannot run here, or the bot in it ended.
    """
    task = asyncio.current_task()
    assert task  # noqa: S101 - a coroutine runs in a task
    told_to_stop = asyncio.Event()

    def stop() -> None:
        told_to_stop.set()
        task.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        await run_sandbox(
            port=arguments.port,
            http=arguments.http,
            browser=not arguments.no_browser,
            say=partial(print, flush=True),
        )
    except (SandboxError, OSError) as error:
        raise UsageError(f"The sandbox cannot go on: {error}.") from None
    except asyncio.CancelledError:
        if not told_to_stop.is_set():  # Ctrl-C
            raise
        task.uncancel()

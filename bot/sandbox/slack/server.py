"""The stand-in's addresses on loopback: Web API, Socket Mode, response_url, uploads."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.slack import reply
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.methods.method import Arguments
from bot.sandbox.slack.socket_mode import abort
from bot.sandbox.slack.state import ApiCall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.slack.faults import Fault
    from bot.sandbox.slack.methods.method import Method
    from bot.sandbox.slack.state import State


def make_app(state: State) -> web.Application:
    """Return the application that serves one state."""

    async def api(request: web.Request) -> web.StreamResponse:
        return await _api(state, request)

    async def response_url(request: web.Request) -> web.Response:
        return await _response_url(state, request)

    async def upload(request: web.Request) -> web.Response:
        return await _upload(state, request)

    async def file(request: web.Request) -> web.Response:
        return _file(state, request)

    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_route("*", "/api/{method}", api)
    app.router.add_post("/response/{token}", response_url)
    app.router.add_post("/upload/{file}", upload)
    app.router.add_get("/files/{file}/{name}", file)
    app.router.add_get("/link/", state.sockets.serve)
    return app


async def _api(state: State, request: web.Request) -> web.StreamResponse:
    name = request.match_info["method"]
    fault = state.faults.take(name)
    given = await _arguments(request)
    try:
        await _misbehave(fault)
        method = _method(name)
        _authorize(state, method, request, given)
        _throttle(state, name, given)
        answer, status, headers = {"ok": True, **method.run(state, Arguments(given))}, 200, {}
    except SlackError as error:
        answer, status, headers = error.body, error.status, error.headers
    state.calls.append(ApiCall(name, given, str(answer.get("error", "")), state.clock()))
    state.workspace.tell("call", state.calls[-1])
    if fault is not None and fault.lose_reply:
        abort(request)
    headers["X-OAuth-Scopes"] = ",".join(sorted(state.scopes))
    return web.json_response(answer, status=status, headers=headers)


def _method(name: str) -> Method:
    if name not in METHODS:
        raise SlackError("unknown_method")
    return METHODS[name]


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Return the arguments of a call, from query, form or JSON, as slack_sdk sends them."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            return given
        return given | (body if isinstance(body, dict) else {})
    return given | dict(await request.post())


async def _misbehave(fault: Fault | None) -> None:
    if fault is None:
        return
    await asyncio.sleep(fault.delay_s)
    if fault.error or fault.status != 200:
        extra: dict[str, Any] = {}
        if fault.error == "invalid_blocks":
            extra["response_metadata"] = {"messages": ["[ERROR] a fault at will"]}
        raise SlackError(
            fault.error or "internal_error",
            status=fault.status,
            retry_after_s=fault.retry_after_s,
            **extra,
        )


def _authorize(
    state: State, method: Method, request: web.Request, given: Mapping[str, Any]
) -> None:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = token or str(given.get("token", ""))
    if not token:
        raise SlackError("not_authed")
    if token not in (state.bot_token, state.app_token):
        raise SlackError("invalid_auth")
    if state.revoked:
        raise SlackError("token_revoked")
    if (token == state.app_token) is not method.app_token:
        raise SlackError("not_allowed_token_type")
    if method.scope is not None and method.scope not in state.scopes:
        provided = ",".join(sorted(state.scopes))
        raise SlackError("missing_scope", needed=method.scope, provided=provided)


def _throttle(state: State, name: str, given: Mapping[str, Any]) -> None:
    if state.rates is None:
        return
    wait_s = state.rates.wait_s(name, str(given.get("channel", "")))
    if wait_s:
        raise SlackError("ratelimited", status=429, retry_after_s=wait_s)


async def _response_url(state: State, request: web.Request) -> web.Response:
    fault = state.faults.take("response_url")
    try:
        await _misbehave(fault)
        body = json.loads(await request.text())
        reply.answer_url(state, request.match_info["token"], body)
    except SlackError as error:
        status = 400 if error.status == 200 else error.status
        return web.json_response(
            {"ok": False, "error": error.error}, status=status, headers=error.headers
        )
    except ValueError:
        return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
    if fault is not None and fault.lose_reply:
        abort(request)
    return web.Response(text="ok")


async def _upload(state: State, request: web.Request) -> web.Response:
    upload = state.uploads.get(request.match_info["file"])
    content = await request.read()
    try:
        await _misbehave(state.faults.take("upload"))
    except SlackError as error:
        return web.Response(status=error.status, text=error.error)
    if upload is None or len(content) != upload.length:
        raise web.HTTPBadRequest(text="the length is not what was announced")
    upload.content = content
    return web.Response(text=f"OK - {len(content)}")


def _file(state: State, request: web.Request) -> web.Response:
    upload = state.uploads.get(request.match_info["file"])
    if upload is None or upload.content is None:
        raise web.HTTPNotFound
    # A file is somebody's text: it is saved, never run in the page's origin.
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return web.Response(
        body=upload.content, content_type="application/octet-stream", headers=headers
    )

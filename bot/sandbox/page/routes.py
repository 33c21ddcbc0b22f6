"""The page's addresses, and who may use them: a browser on this machine, at this page.

A web site in the same browser must not drive the sandbox (DNS rebinding, cross-site requests): only
loopback names are served, and what changes something must come from the page itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.page.deeds import Deed, DeedError, do
from bot.sandbox.page.stream import stream

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from bot.sandbox.page.listing import Listing
    from bot.sandbox.slack import StandIn

_STATIC = Path(__file__).parent / "static"
_HOSTS = frozenset({"127.0.0.1", "localhost"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = ("/", "/archives/{channel}", "/archives/{channel}/{message}")


def add_page(slack: StandIn, listing: Listing) -> None:
    """Serve the page from the stand-in's own address; to be called before it starts."""

    async def index(_: web.Request) -> web.FileResponse:
        headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
        return web.FileResponse(_STATIC / "index.html", headers=headers)

    async def events(request: web.Request) -> web.StreamResponse:
        return await stream(request, slack, listing, _person(slack, request.query.get("as", "")))

    async def deed(request: web.Request) -> web.Response:
        details = await request.json()
        me = _person(slack, str(details.get("as", "")))
        try:
            error = await do(Deed(slack, listing, me, details))
        except DeedError as refusal:
            return web.json_response({"error": str(refusal)})
        return web.json_response({"error": "", "delivery": error})

    slack.app.middlewares.append(_only_this_page)
    for path in _PAGE:
        slack.app.router.add_get(path, index)
    slack.app.router.add_static("/page", _STATIC)
    slack.app.router.add_get("/ui/events", events)
    slack.app.router.add_post("/ui/do", deed)


def _person(slack: StandIn, name: str) -> str:
    try:
        return slack.workspace.user(name or "dana").id
    except KeyError:
        raise web.HTTPBadRequest(text="there is no such person") from None


@web.middleware
async def _only_this_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.url.host not in _HOSTS:
        raise web.HTTPForbidden(text="the sandbox answers to 127.0.0.1 and localhost only")
    if request.path == "/ui/do":
        origin = request.headers.get("Origin", "")
        if origin != str(request.url.origin()) or request.content_type != "application/json":
            raise web.HTTPForbidden(text="only the sandbox's own page may do this")
    response = await handler(request)
    if request.path.startswith("/page/") and not response.prepared:
        response.headers["Cache-Control"] = "no-cache"
    return response

"""Who may ask the desk at all: pages of its own address, under a name that it has.

Knows no page and no session. Any page that a person opens in the same browser can send requests
here; a name that somebody else owns can be made to lead here (DNS rebinding).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Methods that change nothing.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS = {"http": 80, "https": 443}
#: What every answer says, unless it says otherwise itself. No page has a script or style inside.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Not no-referrer: browsers would send forms of our own with the origin "null".
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The addresses under which people reach the desk.

    Attributes:
        origins: As browsers send them: ``http://127.0.0.1:4300``.
        hosts: As browsers send them: ``127.0.0.1:4300``.
    """

    origins: frozenset[str]
    hosts: frozenset[str]

    @classmethod
    def of(cls, *addresses: str) -> "Names":
        """Reads addresses such as ``https://desk.example.org``; empty ones are left out."""
        parts = [urlsplit(address.lower()) for address in addresses if address]
        hosts = {part.netloc for part in parts}
        hosts |= {f"{part.netloc}:{_PORTS[part.scheme]}" for part in parts if not part.port}
        return cls(frozenset(f"{p.scheme}://{p.netloc}" for p in parts), frozenset(hosts))


class Guard:
    """Refuses what a page of another address sends, and adds headers to every answer.

    Args:
        app: What answers the rest.
        names: Under which the desk is reached.
        own_door: A path that asks for a token of its own, which no browser adds by itself: it is
            answered under any name.
    """

    def __init__(self, app: ASGIApp, names: Names, own_door: str = ""):
        self._app, self._names, self._own_door = app, names, own_door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        is_free = scope["path"] == self._own_door
        why = "" if is_free else self._refusal(scope["method"], Headers(scope=scope))
        if why:
            await PlainTextResponse(f"{why}\n", 403)(scope, receive, send_with_headers)
        else:
            await self._app(_read(scope), receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> str:
        if headers.get("host", "").lower() not in self._names.hosts:
            return (
                "The desk is not known under this address. Open it at the one that it printed, or "
                "set PRESSRUN_DESK_URL to this one and start it again."
            )
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self._names.origins:
            return "A page of another address may not ask the desk."
        if method not in _SAFE and origin is None:
            return "The request does not say which page sent it (Origin)."
        # A link that leads here is fine; a page that fetches from here is not.
        is_foreign = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        if is_foreign and headers.get("sec-fetch-mode") != "navigate":
            return "A page of another address may not read the desk."
        return ""


def _read(scope: Scope) -> Scope:
    """Makes of HEAD a GET, of which the server sends the headers alone."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope

"""The desk's doors: what is open to everybody, and how a person signs in and out."""

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from pressrun.desk.rendering import STATIC, render, static
from pressrun.desk.sign_in import SESSION_S, SignIns, TooManyTries
from pressrun.desk.who import Proxy
from pressrun.errors import InputError

_MOST_FORM_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in.

    Attributes:
        sign_ins: Who is signed in.
        cookie: Name of the session's cookie: cookies do not tell ports apart.
        is_secure: Whether the cookie is sent over https alone.
        proxy: Signs people in before they come here, if there is one.
    """

    sign_ins: SignIns
    cookie: str = "pressrun-desk"
    is_secure: bool = False
    proxy: Proxy = field(default_factory=Proxy)

    def is_open(self, request: Request) -> bool:
        """Says whether whoever asks is signed in."""
        if self.proxy.user_of(request):
            return True
        return self.sign_ins.is_open(request.cookies.get(self.cookie, ""))

    def try_in(self, form: dict[str, str], address: str) -> tuple[str | None, str]:
        """Compares a password or a link's word; gives a session, or None and why not.

        Raises:
            TooManyTries: It was wrong too often.
        """
        if "link" in form:
            wrong = "That link was used already, or is old. Sign in with the password."
            return self.sign_ins.by_link(form["link"], address), wrong
        session = self.sign_ins.by_password(form.get("password", ""), address)
        return session, "That is not the password."

    def page(self, to: str, wrong: str = "") -> str:
        """Renders the page that asks for the password."""
        return render("sign_in.html", to=to, wrong=wrong)


async def read_form(request: Request, most_bytes: int) -> dict[str, str]:
    """Reads the fields of a form.

    Raises:
        InputError: It is far too large.
    """
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > most_bytes:
            raise InputError("The form is too large.")
    return dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))


async def _form(request: Request) -> dict[str, str]:
    return await read_form(request, _MOST_FORM_BYTES)


Form = Annotated[dict[str, str], Depends(_form)]


def door_routes(door: Door) -> APIRouter:
    """Makes the addresses of sign-in and sign-out."""
    router = APIRouter()

    @router.get("/sign-in")
    def _page(request: Request, to: str = "/") -> Response:
        if door.is_open(request):
            return RedirectResponse(_own(to), 303)
        return HTMLResponse(door.page(_own(to)))

    @router.post("/sign-in")
    def _sign_in(request: Request, form: Form) -> Response:
        to = _own(form.get("to", "/"))
        try:
            session, wrong = door.try_in(form, request.client.host if request.client else "")
        except TooManyTries as error:
            headers = {"Retry-After": f"{error.wait_s:.0f}"}
            return HTMLResponse(door.page(to, str(error)), 429, headers)
        if session is None:
            return HTMLResponse(door.page(to, wrong), 403)
        answer = RedirectResponse(to, 303)
        answer.set_cookie(
            door.cookie,
            session,
            max_age=int(SESSION_S),
            secure=door.is_secure,
            httponly=True,
            samesite="strict",
        )
        return answer

    @router.post("/sign-out")
    def _sign_out(request: Request) -> Response:
        door.sign_ins.close(request.cookies.get(door.cookie, ""))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(door.cookie, httponly=True, samesite="strict")
        return answer

    return router


def static_routes() -> APIRouter:
    """Makes the addresses of style and script, and of the question whether the desk is there."""
    router = APIRouter()

    @router.get("/static/{name}")
    def _static(name: str) -> Response:
        if name not in STATIC:
            return PlainTextResponse("There is no such file.\n", 404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(static(name), media_type=STATIC[name][0], headers=headers)

    @router.get("/favicon.ico")
    def _icon() -> Response:
        return Response(status_code=204)  # galleries ask for one

    @router.get("/health")
    def _health() -> Response:
        return PlainTextResponse("ok")

    return router


def _own(to: str) -> str:
    """Gives where to go after the sign-in: a page of the desk, never elsewhere."""
    is_own = to.startswith("/") and not to.startswith(("//", "/\\", "/sign-"))
    return to if is_own and to.isprintable() else "/"

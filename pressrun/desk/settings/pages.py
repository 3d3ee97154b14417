"""The addresses of the settings."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pressrun.batches.defaults import UnfitDefaults
from pressrun.desk.doors import Door, read_form
from pressrun.desk.rendering import render
from pressrun.desk.server import PrefectServer
from pressrun.desk.settings import checks
from pressrun.desk.settings.drive import RETURN, ConnectPage, DriveConnection
from pressrun.desk.settings.editor import BlockEditor
from pressrun.desk.settings.overview import SettingsView
from pressrun.desk.settings.pending import Pending
from pressrun.desk.settings.sections import section_of
from pressrun.errors import InputError, SettingError, StoreError
from pressrun.ledger import Ledger
from pressrun.settings import settings
from pressrun.stores.drive.consent import GOOGLE, GoogleAddresses

_HOME = "/settings"
#: A form of a service account's key, or of many limits.
_MOST_FORM_BYTES = 256 * 1024


async def _form(request: Request) -> dict[str, str]:
    return await read_form(request, _MOST_FORM_BYTES)


Fields = Annotated[dict[str, str], Depends(_form)]


def settings_routes(
    server: PrefectServer,
    open_ledger: Callable[[], Ledger],
    door: Door,
    google: GoogleAddresses = GOOGLE,
) -> APIRouter:
    """Makes the addresses of all settings.

    Args:
        server: Prefect's.
        open_ledger: Gives the ledger, or raises a LedgerError.
        door: Knows the session of whoever asks.
        google: Where a person connects their Drive.
    """
    router, pending = APIRouter(prefix=_HOME), Pending()
    view, editor = SettingsView(server), BlockEditor(server, open_ledger, pending)
    drive = DriveConnection(editor.blocks, open_ledger, pending, google)

    def session(request: Request) -> str:
        # Not the word itself, which opens the desk.
        return hashlib.sha256(request.cookies.get(door.cookie, "").encode()).hexdigest()

    def done(request: Request, words: str) -> Response:
        """Leads back to the settings, which say once what was done."""
        word = pending.keep(session(request), words)
        return RedirectResponse(f"{_HOME}?{urlencode({'said': word})}", 303)

    def overview(
        said: str = "",
        typed: Mapping[str, str] | None = None,
        wrong: Mapping[str, str] | None = None,
    ) -> str:
        wrong = wrong or {}
        return render("settings.html", all=view.read(), said=said, typed=typed, wrong=wrong)

    @router.get("")
    def _all(request: Request, said: str = "") -> Response:
        words = pending.take(session(request), said) if said else ""
        return HTMLResponse(overview(words if isinstance(words, str) else ""))

    @router.post("/defaults")
    def _defaults(request: Request, form: Fields) -> Response:
        try:
            view.set_defaults(form)
        except UnfitDefaults as error:
            return HTMLResponse(overview("", form, error.fields), 422)
        except (InputError, SettingError) as error:
            return HTMLResponse(overview("", form, {"": str(error)}), 422)
        return done(request, "The defaults are saved, here and in Prefect's forms.")

    _drive_routes(router, drive, session, done)
    _template_routes(router, view, done)
    _edit_routes(router, editor, session, done)
    _check_routes(router, editor)
    _delete_routes(router, editor, done)
    return router


Session = Callable[[Request], str]
Done = Callable[[Request, str], Response]


def _drive_routes(router: APIRouter, drive: DriveConnection, session: Session, done: Done) -> None:
    def shown(page: ConnectPage) -> Response:
        return HTMLResponse(render("drive.html", page=page), 422 if page.errors else 200)

    @router.get("/drive")
    def _connect(request: Request, store: str = "") -> Response:
        return shown(drive.page(_origin(request), store))

    @router.post("/drive")
    def _begin(request: Request, form: Fields, store: str = "") -> Response:
        return shown(drive.begin(form, _origin(request), store, session(request)))

    @router.get(RETURN.removeprefix(_HOME))
    def _return(request: Request) -> Response:
        try:
            words = drive.finish(dict(request.query_params), session(request))
        except (InputError, SettingError, StoreError) as error:
            words = f"Google Drive is not connected. {error}"
        return done(request, words)


def _template_routes(router: APIRouter, view: SettingsView, done: Done) -> None:
    @router.post("/templates/{name}/rename")
    def _rename(request: Request, name: str, form: Fields) -> Response:
        try:
            new = view.rename_template(name, form.get("new", ""))
        except InputError as error:
            return done(request, f"The template {name} keeps its name. {error}")
        words = f"The template is called {new} now."
        if users := view.template_users(name):
            words += f" Change it where the old name stands: {' '.join(users)}"
        return done(request, words)

    @router.get("/templates/{name}/delete")
    def _ask(name: str) -> Response:
        if name not in view.templates():
            raise InputError("There is no template of that name any more.")
        told = [
            "New batches cannot choose it any more. Batches that were made with it stay.",
            *(f"{user} It fails then." for user in view.template_users(name)),
        ]
        action = f"{_HOME}/templates/{quote(name, safe='')}/delete"
        return _question("template", name, "templates", told, action)

    @router.post("/templates/{name}/delete")
    def _delete(request: Request, name: str) -> Response:
        view.delete_template(name)
        return done(request, f"The template {name} is deleted.")


def _edit_routes(router: APIRouter, editor: BlockEditor, session: Session, done: Done) -> None:
    @router.get("/{path}/new")
    @router.get("/{path}/new/{sort}")
    def _new(path: str, sort: str = "") -> Response:
        page = editor.page(section_of(path), "", sort)
        return HTMLResponse(render("block.html", page=page))

    @router.post("/{path}/new")
    @router.post("/{path}/new/{sort}")
    def _create(request: Request, path: str, form: Fields, sort: str = "") -> Response:
        return _saved(request, path, "", sort, form)

    @router.get("/{path}/edit/{name}")
    def _edit(path: str, name: str) -> Response:
        page = editor.page(section_of(path), name, "")
        return HTMLResponse(render("block.html", page=page))

    @router.post("/{path}/edit/{name}")
    def _change(request: Request, path: str, name: str, form: Fields) -> Response:
        return _saved(request, path, name, "", form)

    def _saved(
        request: Request, path: str, name: str, sort: str, form: Mapping[str, str]
    ) -> Response:
        outcome = editor.save(section_of(path), name, sort, form, session(request))
        if isinstance(outcome, str):
            return done(request, outcome)
        return HTMLResponse(render("block.html", page=outcome), 422)


def _check_routes(router: APIRouter, editor: BlockEditor) -> None:
    @router.post("/{path}/check")
    @router.post("/{path}/check/{name}")
    def _check(path: str, name: str = "") -> Response:
        section = section_of(path)
        if name:
            result = editor.check(section, name)
        elif path == "accounts":
            result = checks.check_environment()
        else:
            raise InputError("There is nothing to check.")
        return HTMLResponse(render("check.html", section=section, name=name, result=result))


def _delete_routes(router: APIRouter, editor: BlockEditor, done: Done) -> None:
    @router.get("/{path}/delete/{name}")
    def _ask(path: str, name: str) -> Response:
        section = section_of(path)
        block = editor.blocks.find(section.slug, name)
        users = editor.users(section, block)
        told = [_GONE[path], *(f"{user} It fails then." for user in users)]
        if not users:
            told.append("No deployment and no batch that is not over names it.")
        action = f"{_HOME}/{path}/delete/{quote(name, safe='')}"
        return _question(section.one, name, path, told, action)

    @router.post("/{path}/delete/{name}")
    def _delete(request: Request, path: str, name: str) -> Response:
        section = section_of(path)
        editor.blocks.delete(editor.blocks.find(section.slug, name))
        return done(request, f"The {section.one} {name} is deleted.")


#: What is lost with each.
_GONE = {
    "accounts": "Its keys are removed from Prefect's server; at their providers they stay valid.",
    "stores": "Files that were delivered stay where they are. If it is S3 or Google Drive, batches "
    "that went there can no longer be audited, exported or deleted from here.",
    "keys": "The key is removed from Prefect's server; at its provider it stays valid.",
}  # fmt: skip


def _question(one: str, name: str, part: str, told: list[str], action: str) -> Response:
    values = {"one": one, "name": name, "told": told, "back": f"{_HOME}#{part}"}
    return HTMLResponse(render("delete.html", action=action, **values))


def _origin(request: Request) -> str:
    """Gives the address under which the person has the desk open; the guard has checked it."""
    if origin := request.headers.get("origin"):
        return origin
    host, told = request.headers.get("host", ""), settings().desk_url
    return told if told.partition("://")[2] == host else f"http://{host}"

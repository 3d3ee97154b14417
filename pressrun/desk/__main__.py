"""Runs the desk: ``python -m pressrun.desk``, as ``make up`` does.

The address of Prefect's server is PREFECT_API_URL; its password is PREFECT_API_AUTH_STRING, or the
one that ``make up`` keeps on this machine.
"""

import os
import sys

import uvicorn

from pressrun.boundary.files import restrict_new_files
from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.results import clear_scratch
from pressrun.desk.server import PrefectServer
from pressrun.desk.sign_in import LINK, SignIns
from pressrun.desk.who import Proxy
from pressrun.errors import SettingError
from pressrun.ledger import open_ledger
from pressrun.settings import Settings, settings

_SAID = "PREFECT_API_AUTH_STRING"


def main() -> int:
    """Answers until a signal asks to stop."""
    restrict_new_files()
    try:
        desk = open_desk(settings(), os.environ.pop(LINK, ""))
    except SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no page yet
        return 2
    clear_scratch()
    uvicorn.run(
        create_app(desk),
        host=settings().desk_host,
        port=settings().desk_port,
        access_log=False,
        log_level="warning",
        server_header=False,
        # Else whoever asks could say in a header that they are somebody else.
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=5,
    )
    return 0


def open_desk(told: Settings, link: str) -> Desk:
    """Opens a desk as the settings and Prefect's variables say.

    Raises:
        SettingError: There is no password to ask for.
    """
    port = told.desk_port
    login = os.environ.get(_SAID) or _kept_login(told)
    if not login:
        raise SettingError(
            f"The desk needs a password: set {_SAID} to the one of Prefect's server, or start "
            f"`make up`, which makes one and keeps it in {told.login}."
        )
    local = [f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    api_url = os.environ.get("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    return Desk(
        open_ledger,
        PrefectServer(api_url, login, os.environ.get("PREFECT_UI_URL", "")),
        Door(
            SignIns(login, link),
            cookie=f"pressrun-desk-{port}",
            is_secure=told.desk_url.startswith("https:"),
            proxy=Proxy(told.desk_user_header, told.desk_proxies),
        ),
        Names.of(told.desk_url, *local),
    )


def _kept_login(told: Settings) -> str:
    try:
        return told.login.read_text("utf-8").strip()
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())

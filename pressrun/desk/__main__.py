"""Runs the desk: ``python -m pressrun.desk``, as ``make up`` does.

The address of Prefect's server is PREFECT_API_URL; its password is PREFECT_API_AUTH_STRING, or the
one that ``make up`` keeps on this machine.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from pressrun.batches.cancelled import LOOK_S, conclude_cancelled
from pressrun.batches.uploads import find_named, open_uploads
from pressrun.boundary.files import restrict_new_files
from pressrun.boundary.telemetry.logs import begin_json
from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.results import clear_scratch, target_of
from pressrun.desk.server import PrefectServer
from pressrun.desk.sign_in import LINK, SignIns
from pressrun.desk.who import Proxy
from pressrun.errors import PressrunError, SettingError
from pressrun.ledger import open_ledger
from pressrun.settings import Settings, settings

_SAID = "PREFECT_API_AUTH_STRING"
_DAY_S, _SOON_S = 24 * 3600.0, 600.0
logger = logging.getLogger(__name__)


def main() -> int:
    """Answers until a signal asks to stop."""
    restrict_new_files()
    try:
        begin_json()
        desk = open_desk(settings(), os.environ.pop(LINK, ""))
    except SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no page yet
        return 2
    clear_scratch()
    for look in (clean_uploads, conclude):
        threading.Thread(target=_repeat, args=(look, desk), daemon=True).start()
    uvicorn.run(
        create_app(desk),
        host=settings().desk_host,
        port=settings().desk_port,
        access_log=False,
        log_config=None if settings().log_format == "json" else LOGGING_CONFIG,
        log_level="warning",
        server_header=False,
        # Else whoever asks could say in a header that they are somebody else.
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=5,
    )
    return 0


def clean_uploads(desk: Desk) -> float:
    """Removes uploads that nothing has named for 30 days; the desk knows the drafts that name some.

    Returns the seconds until it should be done again.
    """
    try:
        named = find_named(desk.open_ledger(), desk.server.rows)
        open_uploads().clean(named, time.time())
    except (PressrunError, OSError) as error:
        # Nothing is removed unless all who may name an upload were asked.
        logger.info("Uploads are not cleaned now: %s", error)
        return _SOON_S
    return _DAY_S


def conclude(desk: Desk) -> float:
    """Concludes batches whose run was cancelled without a process.

    Returns the seconds until it should be done again.
    """
    try:
        conclude_cancelled(desk.server, desk.open_ledger(), target_of)
    except PressrunError as error:
        logger.info("Cancelled batches are not looked for now: %s", error)
    return LOOK_S


def _repeat(look: Callable[[Desk], float], desk: Desk) -> None:
    while True:
        try:
            pause_s = look(desk)
        except Exception:
            logger.exception("The look of the desk failed; the next one comes.")
            pause_s = _SOON_S
        time.sleep(pause_s)


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

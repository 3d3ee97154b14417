"""How a command reaches the Prefect server: with its password, and a sentence where it does not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from pressrun.errors import SettingError

_LOGIN = "PREFECT_API_AUTH_STRING"


def use_kept_login() -> None:
    """Gives Prefect's client the password of the server that ``make up`` runs on this machine.

    Before Prefect is first imported. A password that is set stays, and none is given to a server
    of another machine.
    """
    if _LOGIN in os.environ or not _is_local(os.environ.get("PREFECT_API_URL", "")):
        return
    from pressrun.settings import settings

    # Without the file the server may need none; wrong settings are what the command itself says.
    with suppress(OSError, SettingError):
        os.environ[_LOGIN] = settings().login.read_text("utf-8").strip()


def _is_local(url: str) -> bool:
    try:
        return urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}
    except ValueError:
        return False


@contextmanager
def answering_server() -> Iterator[None]:
    """Says in a sentence that the Prefect server does not answer, or refuses."""
    import httpx

    from pressrun.settings import settings

    try:
        yield
    except (httpx.HTTPError, OSError) as error:
        if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 401:
            raise SettingError(
                "The Prefect server refuses the password. Set PREFECT_API_AUTH_STRING to the one "
                f"that the server has; `make up` keeps it in {settings().login}."
            ) from error
        raise SettingError(
            "The Prefect server cannot be asked. Start it (`make up`), or correct PREFECT_API_URL "
            f"({type(error).__name__})."
        ) from error

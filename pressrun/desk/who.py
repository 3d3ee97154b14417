"""Who asks: the user that a proxy before the desk knows; nobody where there is none.

Knows no page and no session. Only what comes from the proxy's own address may say who it is.
"""

from contextvars import ContextVar
from dataclasses import dataclass

from starlette.requests import Request

from pressrun.boundary.text import plain_line

#: As an owner may be long.
_LONGEST = 100

_user: ContextVar[str] = ContextVar("user", default="")


def user() -> str:
    """Gives the name of whoever sent the request that is answered; empty if it is not known."""
    return _user.get()


def remember(name: str) -> None:
    """Notes who sent the request that is answered from here on."""
    _user.set(name)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that signs people in.

    Attributes:
        header: In which it names them; empty if there is no such proxy.
        addresses: From which alone the header is believed.
    """

    header: str = ""
    addresses: frozenset[str] = frozenset()

    def user_of(self, request: Request) -> str:
        """Gives the user's name; empty if the request does not come from the proxy, or has none.

        Two headers of the name are none: one of them may have been sent by the person.
        """
        address = request.client.host if request.client else ""
        if not self.header or address not in self.addresses:
            return ""
        said = request.headers.getlist(self.header)
        if len(said) != 1:
            return ""
        # Starlette reads Latin-1, as headers once were; proxies send UTF-8.
        name = said[0].encode("latin-1", "replace").decode("utf-8", "replace")
        return plain_line(name, _LONGEST).strip()

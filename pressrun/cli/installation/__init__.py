"""What would lose results or cannot work: of this machine, its server and its peers."""

from collections.abc import Callable, Iterator

from pressrun.cli.installation.flaw import Flaw
from pressrun.cli.installation.machine import check_machine
from pressrun.cli.installation.peers import check_peers
from pressrun.cli.installation.server import check_server
from pressrun.cli.server import answering_server
from pressrun.errors import SettingError


def check_installation() -> list[Flaw]:
    """Looks at all of it; a part that cannot be looked at is a finding, and the others are."""
    return [*check_machine(), *_asked(check_server), *_asked(check_peers)]


def _asked(check: Callable[[], Iterator[Flaw]]) -> Iterator[Flaw]:
    """Runs a check that asks the Prefect server."""
    try:
        with answering_server():
            yield from check()
    except SettingError as error:
        if check is check_server:  # and not once more for each further question
            yield Flaw("error", "server", str(error))

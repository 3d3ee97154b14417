"""One question to a model outside of a batch's items, such as while it is planned.

It is written, paid and settled in the ledger as every other call.
"""

from collections.abc import Callable

from pressrun.account import Account, require_access
from pressrun.caller import Caller, Lane, Way
from pressrun.engines.base import TextRequest
from pressrun.engines.catalogue import catalogue
from pressrun.engines.factory import open_engine
from pressrun.ledger import open_ledger
from pressrun.turns import Turnstile
from pressrun.vault import Vault


def ask(
    request: TextRequest,
    check: Callable[[str], None],
    account: Account,
    vault: Vault,
    batch_id: str,
    slot: str,
) -> str:
    """The answer as JSON; asked again with the same question, it costs nothing.

    Args:
        request: The question.
        check: Raises :class:`~pressrun.errors.BadReply` for an answer of no use.
        account: Who pays; its first access is taken.
        vault: Keeps the answer.
        batch_id: Whose bill it stands on.
        slot: What the question is for.
    """
    model = catalogue()[request.model]
    if not model.free:
        require_access(account, model.name)
    access = account.accesses[0]
    engine = open_engine(model.engine, access, connections=1)
    try:
        lane = Lane(model, (Way(access.name, engine),), lambda: account, Turnstile())
        caller = Caller(open_ledger(), vault, {model.name: lane}, batch_id, slot)
        return caller.text(slot, request, check).data.decode()
    finally:
        engine.close()

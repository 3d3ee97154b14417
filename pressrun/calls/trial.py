"""One small paid picture and one small paid text of every access: what a provider really serves.

Each is reserved, written, capped and settled in the ledger as every other call is.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel

from pressrun.calls.caller import CallAnswer, Caller
from pressrun.calls.routes import Routes
from pressrun.engines.account import Access, Account
from pressrun.engines.account_check import name_access
from pressrun.engines.base import ImageRequest, TextRequest
from pressrun.engines.catalogue import Model, catalogue
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import BudgetSpent, EngineError
from pressrun.ledger import Ledger
from pressrun.ledger.budgets import Budget
from pressrun.ledger.vault import Vault

#: The longest answer of a trial's text, thoughts included.
_MOST_TOKENS = 1024


class Greeting(BaseModel):
    """What the text model is asked for."""

    word: str


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """A call that would be made.

    Attributes:
        most_usd: What it can cost at most.
    """

    access: Access = field(repr=False)
    way: str
    model: str
    request: TextRequest | ImageRequest
    most_usd: float


@dataclass(frozen=True, slots=True)
class Trial:
    """A call that was made.

    Attributes:
        way: The access, for people.
        error: Why nothing came of it, and what to do.
        served: What the provider says answered: the model's version.
        tier: Of service; empty where it is the usual one or is not told.
        told_usd: The provider's own price, where it tells one.
        version: Of Gemini's API, as it was asked in the end; empty for others.
    """

    way: str
    model: str
    makes: str
    seconds: float
    cost_usd: float = 0.0
    error: str | None = None
    error_kind: str | None = None
    served: str = ""
    tier: str = ""
    told_usd: float | None = None
    version: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    picture: str = ""


def plan_trials(account: Account) -> list[PlannedTrial]:
    """Chooses the cheapest picture and the cheapest text of every access; asks nothing."""
    planned = []
    usable = [access for access in account.accesses if access.usable]
    for number, access in enumerate(usable, 1):
        way = name_access(access, number)
        mine = [model for model in catalogue().values() if model.engine == access.engine]
        for makes in ("image", "text"):
            offers = [_planned(access, way, model, makes) for model in mine if makes in model.makes]
            planned += sorted(offers, key=lambda offer: offer.most_usd)[:1]
    return planned


def make_trials(account: Account, planned: list[PlannedTrial], ledger: Ledger) -> Iterator[Trial]:
    """Makes the calls one after another; a failure is one's own.

    Args:
        account: Who pays; its caps hold.
        planned: What is asked.
        ledger: Where the calls are written.
    """
    batch_id = str(uuid.uuid4())
    budget = Budget(None, account.daily_usd, account.monthly_usd)
    for number, trial in enumerate(planned):
        own = replace(account, accesses=(trial.access,))
        with (
            TemporaryDirectory(prefix="pressrun-") as folder,
            closing(Routes([trial.model], partial(_same, own), 1, "normal", ledger)) as routes,
        ):
            caller = Caller(
                ledger,
                Vault(Path(folder)),
                routes.by_model,
                batch_id,
                f"trial_{number}",
                caps=lambda now: budget.caps(batch_id, account.name, now),
            )
            made = _made(trial, caller)
            engine = routes.by_model[trial.model].endpoints[0].engine
            yield replace(made, version=getattr(engine, "api_version", ""))


def _same(account: Account) -> Account:
    return account


def _made(trial: PlannedTrial, caller: Caller) -> Trial:
    begun, makes, picture = time.monotonic(), "text", ""
    try:
        if isinstance(trial.request, ImageRequest):
            makes = "image"
            drawn, answer = caller.image("trial", trial.request, lambda final: final)
            picture = f"{drawn.width} x {drawn.height}, {drawn.media_type}"
        else:
            answer = caller.text("trial", trial.request)
    except (EngineError, BudgetSpent) as error:
        seconds = round(time.monotonic() - begun, 1)
        failed = Trial(trial.way, trial.model, makes, seconds, error=str(error))
        return replace(failed, error_kind=error.kind)
    seconds = round(time.monotonic() - begun, 1)
    return replace(_served(trial, makes, seconds, answer), picture=picture)


def _served(trial: PlannedTrial, makes: str, seconds: float, answer: CallAnswer) -> Trial:
    usage = answer.usage
    return Trial(
        trial.way,
        trial.model,
        makes,
        seconds,
        answer.cost_usd,
        served=answer.model_version,
        tier=usage.tier,
        told_usd=None if usage.cost_usd is None else float(usage.cost_usd),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens + usage.thought_tokens,
    )


def _planned(access: Access, way: str, model: Model, makes: str) -> PlannedTrial:
    request = _picture(model) if makes == "image" else _words(model)
    most_usd = float(model.cost_usd(most_usage(model, request)))
    return PlannedTrial(access, way, model.name, request, most_usd)


def _picture(model: Model) -> ImageRequest:
    shape = "1:1" if "1:1" in model.aspect_ratios else model.aspect_ratios[0]
    return ImageRequest(model.name, "A plain white cup.", aspect_ratio=shape, size=model.sizes[0])


def _words(model: Model) -> TextRequest:
    return TextRequest(
        model.name,
        "Say hello in one word.",
        schema=Greeting,
        max_output_tokens=_MOST_TOKENS,
    )

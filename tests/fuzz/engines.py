"""Strange answers to every engine: an error of our tree or a result, and never under the bill.

``python -m tests.fuzz.engines --minutes 15`` searches until the time is over; the tests do the same
for a moment.
"""

import argparse
import math
import pickle
import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from pressrun.engines.base import Engine, ImageRequest, TextRequest, Usage
from pressrun.engines.catalogue import catalogue
from pressrun.errors import EngineError
from tests.fuzz import bills
from tests.fuzz.answers import ANSWERS, Scripted, damaged, written
from tests.fuzz.providers import IMAGE_MODELS, Wire, opened, picture_request, text_request

ENGINES = sorted(IMAGE_MODELS)
LONGEST_SENTENCE = 2000


def outcome(engine: Engine, request: TextRequest | ImageRequest) -> tuple[Usage | None, str]:
    """What comes of a call: its usage, and the kind of its error; checks what every error holds."""
    try:
        reply = engine.image(request) if isinstance(request, ImageRequest) else engine.text(request)
    except EngineError as error:
        _is_fit_to_show(error)
        return error.usage if isinstance(error.usage, Usage) else None, error.kind
    return reply.usage, ""


def _is_fit_to_show(error: EngineError) -> None:
    said, wait_s = str(error), error.retry_after_s
    assert said.endswith((".", "!")), said
    assert "\n" not in said
    assert len(said) < LONGEST_SENTENCE, said
    assert "a-good-key-of-nobody" not in said
    assert wait_s is None or (math.isfinite(wait_s) and wait_s >= 0)
    assert pickle.loads(pickle.dumps(error)).kind == error.kind
    assert not (error.stops_route and error.retryable)


def price(request: TextRequest | ImageRequest, usage: Usage | None) -> Decimal:
    """What the ledger would write."""
    cost = catalogue()[request.model].cost_usd(usage) if usage else Decimal(0)
    assert cost.is_finite()
    assert cost >= 0
    return cost


def any_answer(engine: Engine, wire: Wire, data: st.DataObject) -> None:
    """Whatever comes is a result or an error of our tree, and is asked for once."""
    request = _request(engine, data)
    wire.answer, wire.asked = data.draw(ANSWERS), 0
    usage, _ = outcome(engine, request)
    price(request, usage)
    assert wire.asked <= 1


def damaged_answer(engine: Engine, wire: Wire, data: st.DataObject) -> None:
    """So is a good answer in which something is missing or odd."""
    request = _request(engine, data)
    good = _good(engine, request)
    wire.answer = Scripted(200, {}, written(data.draw(damaged(good))))
    usage, _ = outcome(engine, request)
    price(request, usage)


def hidden_bill(engine: Engine, wire: Wire, data: st.DataObject) -> None:
    """However little is told of it, a call never counts as less than the provider bills."""
    request = _request(engine, data)
    model = catalogue()[request.model]
    if model.image_price:
        answer, owed = bills.bedrock_answer(), model.image_price["1K"]
    else:
        truth = data.draw(bills.truths(request))
        owed = truth.usd(request.model)
        if engine.name == "openai":
            answer = bills.openai_answer(data.draw(bills.openai_bills(truth)))
        else:
            answer = _gemini(request, data.draw(bills.gemini_bills(truth)), data)
    wire.answer = Scripted(200, {}, written(answer))
    usage, kind = outcome(engine, request)
    assert price(request, usage) >= owed, (kind, usage, owed)


def _gemini(request: TextRequest | ImageRequest, bill: Any, data: st.DataObject) -> Any:
    text = "" if isinstance(request, ImageRequest) else '{"title": "Hello"}'
    finish = data.draw(st.sampled_from(["STOP", "MAX_TOKENS", "IMAGE_SAFETY", "OTHER"]))
    return bills.gemini_answer(bill, text=text, finish=finish)


def _good(engine: Engine, request: TextRequest | ImageRequest) -> Any:
    if engine.name == "bedrock":
        return bills.bedrock_answer()
    if engine.name == "openai":
        return bills.openai_answer({"input_tokens": 9, "output_tokens": 439, "total_tokens": 448})
    text = "" if isinstance(request, ImageRequest) else '{"title": "Hello"}'
    usage = {
        "promptTokenCount": 9,
        "candidatesTokenCount": 1120,
        "totalTokenCount": 1129,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
    }
    return bills.gemini_answer(usage, text=text)


def _request(engine: Engine, data: st.DataObject) -> TextRequest | ImageRequest:
    if engine.name == "gemini" and data.draw(st.booleans()):
        return text_request()
    return picture_request(engine.name, shown=data.draw(st.booleans()))


Property = Callable[[Engine, Wire, st.DataObject], None]
PROPERTIES: dict[str, Property] = {
    "any_answer": any_answer,
    "damaged_answer": damaged_answer,
    "hidden_bill": hidden_bill,
}


def search(name: str, engine: str, examples: int, start: int) -> None:
    """Looks for an answer that breaks a property.

    Args:
        name: Of the property.
        engine: Which engine.
        examples: How many answers.
        start: Of the search; the same finds the same.
    """
    holds = PROPERTIES[name]
    with opened(engine) as (asked, wire):

        @seed(start)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def run(data: st.DataObject) -> None:
            holds(asked, wire, data)

        run()


def main(arguments: list[str] | None = None) -> int:
    """Searches for so many minutes; returns 1 if something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--examples", type=int, default=400, help="a round")
    chosen = parser.parse_args(arguments)
    over, rounds = time.monotonic() + chosen.minutes * 60, 0
    while time.monotonic() < over:
        for engine in ENGINES:
            for name in PROPERTIES:
                start = random.randrange(2**32)
                print(f"{engine} {name} from {start}", flush=True)
                search(name, engine, chosen.examples, start)
        rounds += 1
    print(f"{rounds * len(ENGINES) * len(PROPERTIES) * chosen.examples} answers, nothing found.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

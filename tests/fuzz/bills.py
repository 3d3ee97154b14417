"""What a call truly costs by the provider's published rule, and answers that hide some of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from pressrun.engines.base import ImageRequest, TextRequest, Usage
from pressrun.engines.catalogue import catalogue
from pressrun.engines.token_estimates import most_usage
from tests.fuzz.answers import PICTURE

#: A count that was left out, or filled with something that is none.
UNTOLD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, -1, "n/a", "", [], {}, float("nan"), True, "left out"]
)


@dataclass(frozen=True)
class Truth:
    """What was read, thought and made, whatever is told of it."""

    read: int
    thoughts: int
    words: int
    drawn: int

    def usd(self, model: str) -> Decimal:
        """By the published rule: pictures at their rate, words and thoughts at theirs."""
        written = self.words + self.drawn
        usage = Usage(self.read, written, self.drawn, self.thoughts)
        return catalogue()[model].cost_usd(usage)


@st.composite
def truths(draw: st.DrawFn, request: TextRequest | ImageRequest) -> Truth:
    """A truth that the request can come to."""
    most = most_usage(catalogue()[request.model], request)
    drawn = most.image_tokens
    beside = most.output_tokens - drawn
    thoughts = 0 if "gpt" in request.model else draw(st.integers(0, beside // 2))
    words = draw(st.integers(0 if drawn else 1, beside - beside // 2))
    if "gpt" in request.model:
        words = 0  # its calculator knows pictures only
    return Truth(draw(st.integers(1, most.input_tokens)), thoughts, words, drawn)


@st.composite
def gemini_bills(draw: st.DrawFn, truth: Truth) -> Any:
    """The usage of Gemini's API, with counts left out; what is 0 is left out by Google itself."""
    written = truth.words + truth.drawn
    told = {
        "promptTokenCount": truth.read,
        "candidatesTokenCount": written,
        "thoughtsTokenCount": truth.thoughts,
        "totalTokenCount": truth.read + written + truth.thoughts,
    }
    details = [
        {"modality": "IMAGE", "tokenCount": truth.drawn},
        {"modality": "TEXT", "tokenCount": truth.words},
    ]
    kept = [one for one in details if one["tokenCount"] and draw(st.booleans())]
    bill: dict[str, Any] = draw(_hidden({name: count for name, count in told.items() if count}))
    if kept:
        bill["candidatesTokensDetails"] = kept
    return draw(st.sampled_from([bill, bill, bill, None, "n/a", []]))


@st.composite
def openai_bills(draw: st.DrawFn, truth: Truth) -> Any:
    """The usage of the Images API, with counts left out or under the chat API's names."""
    read, written = draw(
        st.sampled_from([("input_tokens", "output_tokens"), ("prompt_tokens", "completion_tokens")])
    )
    told = {read: truth.read, written: truth.drawn, "total_tokens": truth.read + truth.drawn}
    bill = draw(_hidden(told))
    if draw(st.booleans()):
        bill["output_tokens_details"] = draw(_hidden({"image_tokens": truth.drawn}))
    if draw(st.booleans()):
        bill["cost"] = draw(UNTOLD)
    return draw(st.sampled_from([bill, bill, bill, None, "n/a", []]))


@st.composite
def _hidden(draw: st.DrawFn, told: dict[str, int]) -> dict[str, Any]:
    bill: dict[str, Any] = {}
    for name, count in told.items():
        value = draw(st.one_of(st.just(count), st.just(str(count)), UNTOLD))
        if value != "left out":
            bill[name] = value
    return bill


def gemini_answer(bill: Any, *, text: str = "", finish: str = "STOP") -> dict[str, Any]:
    """A good answer with this usage."""
    part = {"text": text} if text else {"inlineData": {"mimeType": "image/png", "data": PICTURE}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": finish}
    return {"candidates": [candidate], "usageMetadata": bill, "modelVersion": "m"}


def openai_answer(bill: Any) -> dict[str, Any]:
    """A good answer with this usage."""
    return {"created": 1, "data": [{"b64_json": PICTURE}], "usage": bill}


def bedrock_answer() -> dict[str, Any]:
    """A good answer; it tells no usage."""
    return {"seeds": [1], "finish_reasons": [None], "images": [PICTURE]}

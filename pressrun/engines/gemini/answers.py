"""Reads Gemini's answers as plain JSON: the text or picture, what it costs, or why there is none.

Not through the SDK's types, which refuse a whole answer, picture and all, for one odd field.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pressrun.boundary.text import one_line
from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.lenient_json import count, field, items, mapping, price, tier_name, words
from pressrun.engines.replies import (
    address_only,
    no_picture,
    picture_of,
    refused_blindly,
    withheld,
)
from pressrun.engines.usage import ReportedUsage, billed_usage
from pressrun.errors import BadReply, Blocked, EngineError, Refused
from pressrun.pictures.picture import Picture

_FINISHED = {"", "STOP"}
_CUT_SHORT = {"MAX_TOKENS", "CONTINUATION"}
# The model failed: nobody judged the request, so another try is worth its price.
_STUMBLED = {
    "OTHER",
    "IMAGE_OTHER",
    "MALFORMED_RESPONSE",
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
}
#: Blocks without a reason.
_BLIND = {"OTHER", "BLOCK_REASON_OTHER"}


class Answer:
    """One answer with status 200.

    Args:
        body: Its JSON, of any shape.
        headers: Of the answer.
        request: What was asked.
        most: What the request can come to at most.
    """

    def __init__(
        self,
        body: object,
        headers: Mapping[str, str],
        request: TextRequest | ImageRequest,
        most: Usage,
    ):
        self._body, self._request, self._most = body, request, most
        self._tier = _tier(body, headers)
        self._candidate = next(map(mapping, items(field(body, "candidates"))), {})

    def text(self) -> TextReply:
        """Reads the structured answer.

        Raises:
            EngineError: There is none; it carries its ``usage``.
        """
        request, usage = self._request, self._finished()
        if not isinstance(request, TextRequest):
            raise TypeError("a picture was asked for")
        text = "".join(words(part.get("text")) for part in self._parts(thoughts=False))
        try:
            request.schema.model_validate_json(text)
        except ValidationError as error:
            raise BadReply(
                f"Gemini's answer does not fit the shape asked for ({_first_problem(error)}). "
                "Try again.",
                kind="bad_json",
                usage=usage,
            ) from None  # its text would repeat the whole answer in every log
        return TextReply(text, usage, self._model_version)

    def image(self) -> ImageReply:
        """Reads the picture: the last one, and one of the thoughts only where there is no other.

        Raises:
            EngineError: There is none; it carries its ``usage``.
        """
        usage = self._finished()
        if (picture := self._picture(usage)) is None:
            raise no_picture("Gemini", self._said(), usage)
        return ImageReply(picture, usage, self._model_version)

    def usage(self, *, answered: bool = True) -> Usage:
        """Computes what the answer is billed by."""
        told = field(self._body, "usageMetadata", "usage_metadata", "usage")
        drawn, written_words = _modalities(told, "candidatesTokensDetails")
        shown, _ = _modalities(told, "promptTokensDetails")
        read = count(field(told, "promptTokenCount", "prompt_token_count", "prompt_tokens"))
        by_tools = count(field(told, "toolUsePromptTokenCount", "tool_use_prompt_token_count"))
        counted = ReportedUsage(
            read=read + (by_tools or 0) if read else None,
            written=count(
                field(told, "candidatesTokenCount", "candidates_token_count", "completion_tokens")
            ),
            thoughts=count(field(told, "thoughtsTokenCount", "thoughts_token_count")),
            total=count(field(told, "totalTokenCount", "total_token_count", "total_tokens")),
            drawn=drawn,
            words=written_words,
            shown=shown,
            cost_usd=price(field(told, "cost")),
            tier=self._tier,
        )
        picture = isinstance(self._request, ImageRequest)
        return billed_usage(counted, self._most, picture=picture, answered=answered)

    @property
    def _model_version(self) -> str:
        return words(field(self._body, "modelVersion", "model_version"))[:200]

    def _finished(self) -> Usage:
        """Checks that the model came to a regular end; returns what the answer is billed by.

        Raises:
            EngineError: It did not.
        """
        feedback = field(self._body, "promptFeedback", "prompt_feedback")
        if reason := _name(field(feedback, "blockReason", "block_reason")):
            raise self._refused(reason, field(feedback, "blockReasonMessage"))
        if not self._candidate:
            usage = self.usage(answered=False)
            raise BadReply("Gemini's answer is empty. Try again.", kind="empty", usage=usage)
        reason = _name(field(self._candidate, "finishReason", "finish_reason"))
        if reason not in _FINISHED:
            raise self._unfinished(reason)
        return self.usage()

    def _refused(self, reason: str, message: object) -> EngineError:
        """Makes the error of a blocked prompt: nothing was written, so at most input is billed."""
        usage = self.usage(answered=False)
        if not field(self._body, "usageMetadata", "usage_metadata", "usage"):
            usage = Usage(
                usage.input_tokens,
                input_image_tokens=usage.input_image_tokens,
                tier=usage.tier,
            )
        said = f"{reason}: {one_line(words(message), 300) or 'no reason given'}"
        if reason in _BLIND:
            return refused_blindly("Gemini", said, self._request, usage)
        return Blocked(
            f"Gemini refuses the prompt ({said}). Change the text or the pictures of this item.",
            usage=usage,
        )

    def _unfinished(self, reason: str) -> EngineError:
        message = field(self._candidate, "finishMessage", "finish_message")
        beside = words(message) or self._said()
        said = f"{reason}: {one_line(beside, 300)}" if beside else reason
        usage = self.usage(answered=bool(self._parts()))
        if reason == "NO_IMAGE":
            return no_picture("Gemini", said, usage)
        if reason in _CUT_SHORT:
            return BadReply(
                f"Gemini's answer was cut off ({said}). Try again, or ask for less at once.",
                kind="truncated",
                usage=usage,
            )
        if reason in _STUMBLED:
            return BadReply(f"Gemini gave up ({said}). Try again.", usage=usage)
        if reason == "PUP_LIMITED_DISABLED":
            return Refused(
                f"Google has limited this account ({said}). See the notices in AI Studio.",
                kind="no_permission",
                usage=usage,
            )
        # Also every new reason of Google's: asking again without end would bill without end.
        return withheld("Gemini", said, usage)

    def _parts(self, *, thoughts: bool | None = None) -> list[Mapping[str, Any]]:
        """Lists the parts of the answer: only the thoughts, all but the thoughts, or all."""
        content = field(self._candidate, "content")
        parts = [mapping(part) for part in items(field(content, "parts"))]
        return [p for p in parts if p and (thoughts is None or bool(p.get("thought")) == thoughts)]

    def _said(self) -> str:
        """Joins the words beside a picture, or in its place."""
        return " ".join(words(part.get("text")) for part in self._parts(thoughts=False)).strip()

    def _picture(self, usage: Usage) -> Picture | None:
        for thoughts in (False, True):
            parts = self._parts(thoughts=thoughts)
            encoded = [data for part in parts if (data := _inline(part))]
            if encoded:
                return picture_of(encoded[-1], "Gemini", usage)
        if any(field(part, "fileData", "file_data") for part in self._parts()):
            raise address_only("Gemini", usage)
        return None


def _inline(part: Mapping[str, Any]) -> object:
    return field(field(part, "inlineData", "inline_data"), "data")


def _modalities(told: object, name: str) -> tuple[int | None, int | None]:
    """Counts the tokens of pictures and of all else; None for what is not reported apart."""
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    pictures: list[int] = []
    others: list[int] = []
    for detail in items(field(told, name, snake)):
        tokens = count(field(detail, "tokenCount", "token_count"))
        if tokens is not None:
            is_picture = _name(field(detail, "modality")) == "IMAGE"
            (pictures if is_picture else others).append(tokens)
    return sum(pictures) if pictures else None, sum(others) if others else None


def _tier(body: object, headers: Mapping[str, str]) -> str:
    """Reads the tier that served it, from a header or the body; empty for the usual one."""
    named = {str(name).lower(): str(value) for name, value in headers.items()}
    told = field(body, "usageMetadata", "usage_metadata")
    return tier_name(
        named.get("x-gemini-service-tier")
        or field(told, "serviceTier", "service_tier", "trafficType")
        or field(body, "serviceTier", "service_tier")
    )


def _name(value: object) -> str:
    """Reads a name of an enum; empty for the one that says that nothing is specified."""
    text = words(value)
    return "" if text.endswith("_UNSPECIFIED") else one_line(text, 80)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in problem["loc"])
    # The place may be a name that the model made up.
    return one_line(f"{place}: {problem['msg']}" if place else problem["msg"], 300)

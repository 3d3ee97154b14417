"""A document that a text model reads before anything is made of it: priced, asked, checked.

What is looked for, and what an answer is held against, is a kind's own.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from pydantic import BaseModel

from pressrun.calls.standalone import Ask
from pressrun.engines.base import TextRequest
from pressrun.engines.catalogue import catalogue
from pressrun.engines.token_estimates import word_tokens
from pressrun.errors import BadReply, InputError
from pressrun.inputs.passages import parts_of
from pressrun.kinds.base import ExpectedCall

Answered = TypeVar("Answered", bound=BaseModel)


def expected_readings(parts: Sequence[int], asked_letters: int, model: str) -> list[ExpectedCall]:
    """Lists the calls in which a model reads a document, before anything is made of it.

    Args:
        parts: The characters of each part of the document.
        asked_letters: The characters of the request beside it.
        model: The text model.
    """
    return [
        ExpectedCall(
            f"reading_{number}",
            model,
            "text",
            characters=asked_letters + characters,
            answer_tokens=word_tokens(characters),
        )
        for number, characters in enumerate(parts, 1)
    ]


def reading_request(
    data: Mapping[str, object],
    model: str,
    system: str,
    task: str,
    schema: type[BaseModel],
    brief: Mapping[str, object],
) -> TextRequest:
    """Makes the request about a document, which stands in it as JSON data only.

    Args:
        data: The document, or a part of it.
        model: The provider's name of the model.
        system: The standing instruction.
        task: What is asked of the document.
        schema: The shape of the answer.
        brief: For an engine that does not read.
    """
    shown = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return TextRequest(
        model=model,
        system=system,
        prompt=f"{task}\n<data>{shown}</data>",
        schema=schema,
        timeout_s=catalogue()[model].timeout_s,
        max_output_tokens=65_536,
        brief=brief,
    )


def ask_by_parts(
    text: str,
    ask: Ask,
    request: Callable[[str], TextRequest],
    schema: type[Answered],
    hold: Callable[[str, Answered], object],
) -> list[Answered]:
    """Asks a model about each part of a document; gives its answers in their order.

    Args:
        text: The document.
        ask: Asks the model.
        request: Makes the request about a part.
        schema: The shape of its answers.
        hold: Holds an answer against its part; raises InputError where it cannot be of it.

    Raises:
        BadReply: An answer cannot be used.
        Blocked: The model refuses to read it.
    """

    def check(reply: str, part: str) -> None:
        try:
            hold(part, parsed_reply(reply, schema))
        except InputError as error:
            raise BadReply(str(error), kind="bad_parse") from error

    return [
        parsed_reply(ask(request(part), partial(check, part=part)), schema)
        for part in parts_of(text)
    ]


def parsed_reply(reply: str, schema: type[Answered]) -> Answered:
    """Parses an answer; raises BadReply if it is not of the asked shape."""
    try:
        return schema.model_validate_json(reply)
    except ValueError as error:
        raise BadReply("The model's answer is not of the asked shape.") from error

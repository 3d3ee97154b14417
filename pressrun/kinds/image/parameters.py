"""What a person can ask of an image batch: the parameters, with their words and bounds."""

from typing import Annotated, Any

from pydantic import field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from pressrun.engines.catalogue import names_of
from pressrun.inputs.prompts.documents import ReadAs as WayToRead
from pressrun.kinds.parameters import (
    Format,
    PictureParameters,
    Priced,
    Quality,
    Title,
    one_of,
    parameter,
    with_present_names,
)

Prompts = Annotated[
    str,
    parameter(
        "Prompts",
        "Needed, unless a file is named. A document as you have it: a list, headings, tables, code "
        "blocks, fields such as 'Prompt:', plain lines. Or CSV with titles, or JSON.",
        max_length=2_000_000,
    ),
]
PromptFile = Annotated[
    str,
    parameter(
        "File of prompts",
        "In place of prompts: a markdown, text, CSV, XLSX or JSON file. Its path on the machine "
        "where the worker runs, or an upload.",
    ),
]
Prefix = Annotated[
    str,
    parameter(
        "Prefix", "Goes before every prompt. Empty: what the document says.", max_length=2000
    ),
]
ReadAs = Annotated[
    WayToRead,
    parameter(
        "Read as",
        "What one prompt is in the text. auto finds out; where that leaves doubt it asks the text "
        "model or, if none is chosen, the reviewer. model: the text model reads, and its answer is "
        "checked against the text.",
    ),
]
#: The parameter ``parser`` of runs that were made before it became ``read_as``. No form shows it.
EarlierParser = Annotated[str, SkipJsonSchema()]
TextModel = Annotated[
    str,
    parameter("Text model", "", enum=["", *names_of("text")]),
    Priced("Reads the prompts where their form leaves doubt. Empty: none.", names_of("text")),
]
Images = Annotated[int, parameter("Images a prompt", "Different pictures of each.", ge=1, le=8)]
Delay = Annotated[
    float,
    parameter(
        "Delay between tasks (s)",
        "Waited before each task but the first. With one item at a time: from one to the next.",
        ge=0,
        le=30,
    ),
]
Description = Annotated[str, parameter("Description", "Kept in the manifest.", max_length=4000)]
Session = Annotated[
    str,
    parameter("Session id", "Kept in the manifest, to link a chat or a ticket.", max_length=200),
]
SkipInvalid = Annotated[
    bool,
    parameter(
        "Skip what cannot be used",
        "Make the good prompts and report the others as failed items. Off: refuse the whole batch "
        "if one prompt is bad.",
    ),
]


class ImageParameters(PictureParameters):
    """The parameters of one image batch, checked."""

    prompts: Prompts = ""
    file: PromptFile = ""
    prefix: Prefix = ""
    read_as: ReadAs = "auto"
    text_model: TextModel = ""
    format: Format = "WEBP"
    quality: Quality = 85
    images: Images = 1
    delay_s: Delay = 0.0
    description: Description = ""
    session_id: Session = ""
    skip_invalid: SkipInvalid = True
    title: Title = "Images"

    @model_validator(mode="before")
    @classmethod
    def _present(cls, given: Any) -> Any:
        return with_present_names(given) if isinstance(given, dict) else given

    @field_validator("text_model")
    @classmethod
    def _reads(cls, name: str) -> str:
        return one_of(name, ["", *names_of("text")])

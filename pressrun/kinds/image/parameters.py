"""What a person can ask of an image batch: the parameters, with their words and bounds."""

from typing import Annotated

from pydantic import field_validator

from pressrun.engines.catalogue import names_of
from pressrun.kinds.image.reading import Parser as HowToRead
from pressrun.kinds.parameters import Format, PictureParameters, Quality, Title, one_of, parameter

Prompts = Annotated[
    str,
    parameter(
        "Prompts",
        "Markdown as you have it: headings become categories, bold and nested names tags, bullets, "
        "numbered lists, tables, code and plain lines prompts. Or CSV with titles, or JSON.",
        max_length=2_000_000,
    ),
]
PromptFile = Annotated[
    str,
    parameter(
        "File of prompts",
        "In place of prompts: path of a markdown, text, CSV, XLSX or JSON file, on the worker.",
    ),
]
Prefix = Annotated[
    str,
    parameter(
        "Prefix", "Goes before every prompt. Empty: what the document says.", max_length=2000
    ),
]
Parser = Annotated[
    HowToRead,
    parameter(
        "Parser",
        "structure is free. model asks the text model, whose answer is checked against the text. "
        "auto asks it only where the structure leaves doubt.",
    ),
]
TextModel = Annotated[
    str, parameter("Text model", "Reads prompts for the parser.", enum=["", *names_of("text")])
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
    parser: Parser = "auto"
    text_model: TextModel = ""
    format: Format = "WEBP"
    quality: Quality = 85
    images: Images = 1
    delay_s: Delay = 0.0
    description: Description = ""
    session_id: Session = ""
    skip_invalid: SkipInvalid = True
    title: Title = "Images"

    @field_validator("text_model")
    @classmethod
    def _reads(cls, name: str) -> str:
        return one_of(name, ["", *names_of("text")])

"""What a person can ask of an image batch: the parameters, with their words and bounds."""

from typing import Annotated, Any, Self

from pydantic import field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from pressrun.engines.account import Account, text_reader
from pressrun.engines.catalogue import catalogue, names_of
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
        "In place of prompts: a markdown, text, Word (DOCX), HTML, CSV, XLSX or JSON file. Its "
        "path on the machine where the worker runs, or an upload.",
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
        "What one prompt is in the text. auto: the text model reads a document, if there is one, "
        "and its answer is checked against the text; else its form decides, and where that leaves "
        "doubt the reviewer. model: the text model reads in any case.",
    ),
]
#: The parameter ``parser`` of runs that were made before it became ``read_as``. No form shows it.
EarlierParser = Annotated[str, SkipJsonSchema()]
TextModel = Annotated[
    str,
    parameter("Text model", "", enum=["auto", "", *names_of("text")]),
    Priced(
        "Reads the text and says what its prompts are; mostly for less than a picture costs. auto: "
        "one that the account has, if the pictures cost something. Empty: none, the text's form "
        "alone decides.",
        names_of("text"),
    ),
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
Description = Annotated[
    str,
    parameter("Description", "What the batch is for: stands in manifest.json.", max_length=4000),
]
Session = Annotated[
    str,
    parameter(
        "Your reference",
        "A number or name of your own, as of an order, chat or ticket: stands in manifest.json.",
        max_length=200,
    ),
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
    text_model: TextModel = "auto"
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
        return one_of(name, ["auto", "", *names_of("text")])

    def called_models(self) -> list[str]:
        """Lists the models that the batch may call, in planning too; a reader it can do without."""
        return [name for name in (self.model, self.text_model) if name not in ("", "auto")]

    def with_account(self, account: Account) -> Self:
        """Chooses the model that reads, if that was left open; none where pictures are free."""
        if self.text_model != "auto":
            return self
        reader = "" if catalogue()[self.model].free else text_reader(account)
        return self.model_copy(update={"text_model": reader})

"""What a person can ask of a slideshow batch: the parameters, with their words and bounds.

The flow's signature and this model share the types below, so that the form in the UI, the
server's check and ours say the same.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pressrun.engines.catalogue import catalogue, names_of
from pressrun.errors import InputError


def _asked(title: str, description: str, /, **bounds: Any) -> Any:
    # Prefect's form takes title and description of a parameter only from here.
    enum = bounds.pop("enum", None)
    words = {"title": title, "description": description} | ({"enum": enum} if enum else {})
    return Field(json_schema_extra=words, **bounds)


Links = Annotated[
    str,
    _asked(
        "TikTok links",
        "Up to 100 slideshow links, separated by new lines, commas or tabs; or rows pasted from "
        "a spreadsheet: link, photo, description.",
        max_length=200_000,
    ),
]
Manifest = Annotated[
    str,
    _asked(
        "Manifest file",
        "Path of a CSV or XLSX file with the columns link, photo, description, on the worker.",
    ),
]
Slides = Annotated[
    str,
    _asked(
        "Own slides",
        "One slideshow a line: a folder or ZIP of pictures, or image URLs separated by spaces; "
        "then, after a tab each, photo and description if they differ from those below.",
        max_length=200_000,
    ),
]
Photo = Annotated[
    str, _asked("Product photo", "Path or URL of the photo for all rows that name none.")
]
Description = Annotated[
    str,
    _asked(
        "Product description",
        "What the product is, for all rows that say nothing.",
        max_length=4000,
    ),
]
Photos = Annotated[
    str,
    _asked(
        "Folder of product photos",
        "Matched by the rows' photo column, by file name (link's number, post id or user), or by "
        "order if there are as many photos as rows.",
    ),
]
Descriptions = Annotated[
    str,
    _asked(
        "Product descriptions",
        "One a line, in the order of the links: a column pasted from a spreadsheet.",
        max_length=400_000,
    ),
]
PhotoVariations = Annotated[
    int,
    _asked("Photo variations", "Different pictures for every link.", ge=1, le=10),
]
TextVariations = Annotated[
    int, _asked("Text variations", "Different copy for every photo variation.", ge=1, le=10)
]
ImageModel = Annotated[
    str,
    _asked(
        "Image model",
        "sketch draws labelled drafts, offline and free.",
        enum=names_of("image"),
    ),
]
TextModel = Annotated[
    str,
    _asked(
        "Text model",
        "Looks at the slides and writes the new copy. sketch is offline and free.",
        enum=names_of("text"),
    ),
]
Concurrency = Annotated[
    int,
    _asked(
        "Items at the same time",
        "The model's quota sets the pace; this bounds how many items are in work.",
        ge=1,
        le=500,
    ),
]
AspectRatio = Annotated[
    Literal["9:16", "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "16:9", "21:9"],
    _asked("Aspect ratio", "Of every picture."),
]
Size = Annotated[
    Literal["1K", "2K", "4K"],
    _asked("Size", "1K is about 768 x 1376 at 9:16. Larger costs more on most models."),
]
Format = Annotated[
    Literal["JPEG", "PNG"],
    _asked("File format", "JPEG is recommended; PNG is several times larger."),
]
Quality = Annotated[int, _asked("JPEG quality", "85 to 90.", ge=85, le=90)]
SkipInvalid = Annotated[
    bool,
    _asked(
        "Skip what cannot be used",
        "Run the good links and report the others as failed items. Off: refuse the whole batch "
        "if one link is bad.",
    ),
]
Output = Annotated[
    str,
    _asked(
        "Output folder",
        "Where the batch's folder is made, on the worker. Empty: the setting PRESSRUN_OUTPUT, by "
        "default the folder Pressrun in the home directory.",
    ),
]
Title = Annotated[
    str, _asked("Title", "Begins the name of the batch's folder.", min_length=1, max_length=100)
]
TagTaskRuns = Annotated[
    bool,
    _asked(
        "Tag task runs",
        "Makes Prefect's tag limits apply to every item, at the price of a question to the "
        "server at every start.",
    ),
]


class SlideshowOrder(BaseModel):
    """The parameters of one slideshow batch, checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    links: Links = ""
    photo: Photo = ""
    description: Description = ""
    photos: Photos = ""
    descriptions: Descriptions = ""
    manifest: Manifest = ""
    slides: Slides = ""
    photo_variations: PhotoVariations = 3
    text_variations: TextVariations = 2
    model: ImageModel = "sketch"
    text_model: TextModel = "sketch"
    concurrency: Concurrency = 5
    aspect_ratio: AspectRatio = "9:16"
    size: Size = "1K"
    format: Format = "JPEG"
    quality: Quality = 88
    skip_invalid: SkipInvalid = True
    output: Output = ""
    title: Title = "TikTok Batch"
    tag_task_runs: TagTaskRuns = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The order with these fields.

        Raises:
            InputError: Some cannot be used; lists them.
        """
        try:
            return cls(**given)
        except ValidationError as error:
            problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            raise InputError("The batch's parameters cannot be used:", problems) from None

    @field_validator("model")
    @classmethod
    def _draws(cls, name: str) -> str:
        return _one_of(name, names_of("image"))

    @field_validator("text_model")
    @classmethod
    def _writes(cls, name: str) -> str:
        return _one_of(name, names_of("text"))

    @property
    def variations(self) -> int:
        """Items a link."""
        return self.photo_variations * self.text_variations

    def sizes(self) -> tuple[str, ...]:
        """The sizes that the chosen model makes."""
        return catalogue()[self.model].sizes


def _one_of(name: str, names: list[str]) -> str:
    if name not in names:
        raise ValueError(f"no such model; choose one of {', '.join(names)}")
    return name

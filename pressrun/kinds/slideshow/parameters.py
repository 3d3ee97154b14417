"""What a person can ask of a slideshow batch: the parameters, with their words and bounds.

The flow's signature and this model share the types below, so that the form in the UI, the
server's check and ours say the same.
"""

from typing import Annotated, Literal

from pydantic import field_validator

from pressrun.engines.catalogue import names_of
from pressrun.kinds.parameters import (
    AspectRatio,
    PictureParameters,
    Priced,
    Title,
    one_of,
    parameter,
)
from pressrun.pictures.lettering.options import LetteringMargins, LetteringStyle

Links = Annotated[
    str,
    parameter(
        "TikTok links",
        "Needed, unless a manifest file or own slides are given. Up to 100 slideshow links, as you "
        "have them: one a line, rows of a spreadsheet or a markdown table with link, photo and "
        "description, a chat or an export with links in it.",
        max_length=200_000,
    ),
]
Manifest = Annotated[
    str,
    parameter(
        "Manifest file",
        "In place of links: a CSV, TSV, XLSX, text or JSON file with links and, beside them, photo "
        "and description. Its path on the machine where the worker runs, or an upload.",
    ),
]
Slides = Annotated[
    str,
    parameter(
        "Own slides",
        "One slideshow a line: a folder or ZIP of pictures, or image URLs or uploads separated by "
        "spaces; then, after a tab each, photo and description if they differ from those above.",
        max_length=200_000,
    ),
]
Photo = Annotated[
    str,
    parameter(
        "Product photo",
        "For all rows that name none: its URL, an upload, or its path on the machine where the "
        "worker runs. Several photos of it, up to 9, with semicolons between them or as a folder; "
        "the first is the main one.",
    ),
]
Description = Annotated[
    str,
    parameter(
        "Product description",
        "What the product is, for all rows that say nothing.",
        max_length=4000,
    ),
]
Photos = Annotated[
    str,
    parameter(
        "Product photos",
        "A folder or ZIP on the machine where the worker runs, or uploads separated by spaces. "
        "Matched by the rows' photo column, by file name (link's number, post id, user or "
        "product), or by order if as many photos as rows are left. mug-1.jpg and mug-2.jpg, or a "
        "folder a product, go together.",
    ),
]
Descriptions = Annotated[
    str,
    parameter(
        "Product descriptions",
        "One a line, in the order of the links: a column pasted from a spreadsheet.",
        max_length=400_000,
    ),
]
PhotoVariations = Annotated[
    int,
    parameter("Photo variations", "Different pictures for every link.", ge=1, le=10),
]
TextVariations = Annotated[
    int, parameter("Text variations", "Different copy for every photo variation.", ge=1, le=10)
]
ImageModel = Annotated[
    str,
    parameter("Image model", "", enum=names_of("image", from_pictures=True)),
    Priced(
        "Is shown the slides and the product. sketch draws labelled drafts, offline.",
        names_of("image", from_pictures=True),
    ),
]
TextModel = Annotated[
    str,
    parameter("Text model", "", enum=names_of("text")),
    Priced("Looks at the slides and writes the new copy. sketch is offline.", names_of("text")),
]
Lettering = Annotated[
    Literal["Pressrun", "model"],
    parameter(
        "Lettering",
        "Who sets the words. Pressrun: exactly as they are written, in 1080 pixels or more, and "
        "they can be changed later for nothing. model: the image model paints them.",
    ),
]
Style = Annotated[
    LetteringStyle,
    parameter(
        "Style of the words",
        "Where Pressrun sets them. A picture without a calm place gets a box all the same.",
    ),
]
Margins = Annotated[
    LetteringMargins,
    parameter(
        "Margins",
        "What stays free of words under the app's buttons: for a post, or for an ad.",
    ),
]
Format = Annotated[
    Literal["JPEG", "PNG"],
    parameter("File format", "JPEG is recommended; PNG is several times larger."),
]
Quality = Annotated[int, parameter("JPEG quality", "85 to 90.", ge=85, le=90)]
SkipInvalid = Annotated[
    bool,
    parameter(
        "Skip what cannot be used",
        "Run the good links and report the others as failed items. Off: refuse the whole batch "
        "if one link is bad.",
    ),
]


class SlideshowParameters(PictureParameters):
    """The parameters of one slideshow batch, checked."""

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
    aspect_ratio: AspectRatio = "9:16"
    lettering: Lettering = "Pressrun"
    lettering_style: Style = "outline"
    lettering_margins: Margins = "organic"
    format: Format = "JPEG"
    quality: Quality = 88
    skip_invalid: SkipInvalid = True
    title: Title = "TikTok Batch"

    @field_validator("model")
    @classmethod
    def _draws_from_pictures(cls, name: str) -> str:
        return one_of(name, names_of("image", from_pictures=True))

    @field_validator("text_model")
    @classmethod
    def _writes(cls, name: str) -> str:
        return one_of(name, names_of("text"))

    @property
    def variations(self) -> int:
        """Items a link."""
        return self.photo_variations * self.text_variations

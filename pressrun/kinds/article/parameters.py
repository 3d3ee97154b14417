"""What a person can ask of an article batch: the parameters, with their words and bounds."""

from typing import Annotated, Any, Literal

from pydantic import ValidationInfo, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from pressrun.engines.catalogue import names_of
from pressrun.inputs.articles.word_range import read_word_range
from pressrun.inputs.hyperlinks.allowed import read_links
from pressrun.kinds.parameters import (
    USUAL_WORDS,
    AspectRatio,
    BatchParameters,
    Priced,
    Title,
    misfit,
    one_of,
    parameter,
    with_present_names,
)

Mode = Annotated[
    Literal["topic", "keywords", "trends", "spin"],
    parameter(
        "Mode",
        "topic: an article on each topic. keywords: one for each primary keyword, with its "
        "secondary ones. trends: on the newest entries of feeds. spin: a text or a page rewritten.",
    ),
]
Items = Annotated[
    str,
    parameter(
        "Items",
        "One a line: topics; or a primary keyword and, behind a semicolon, secondary ones; or "
        "addresses of RSS or Atom feeds (none: Google Trends); or addresses of pages to rewrite, "
        "or texts with --- between them. Or rows copied from a spreadsheet, CSV or JSON, with "
        "word_count, tone, language, audience, instructions and sources of their own.",
        max_length=2_000_000,
    ),
]
ItemFile = Annotated[
    str,
    parameter(
        "File of items",
        "In place of items: a text, Word (DOCX), HTML, CSV, XLSX or JSON file. Its path on the "
        "machine where the worker runs, or an upload.",
    ),
]
ReadAs = Annotated[
    Literal["auto", "model", "form"],
    parameter(
        "Read as",
        "Which topics or keywords are asked for. auto: the text model reads a text that is no "
        "table, and looks at the first rows of one; in doubt the batch stops before an article is "
        "paid. model: its reading of a text is taken in doubt, too. form: numbers, bullets, "
        "headings and names of columns decide, and no model reads.",
    ),
]
Words = Annotated[
    str,
    parameter(
        "Words",
        "Of an article whose row says nothing else: a range such as 800-1200, or one number that "
        "it may miss by a tenth.",
        max_length=40,
    ),
]
#: The parameter ``word_count`` of runs that were made before it became ``words``. No form shows it.
EarlierWordCount = Annotated[int, SkipJsonSchema()]
Sources = Annotated[
    str,
    parameter(
        "Sources",
        "What the articles are written from: addresses, uploads and paths of texts, one a line, or "
        "texts with --- between them. Of topic, keywords and trends. A row can have its own, in "
        "a column sources.",
        max_length=2_000_000,
    ),
]
Facts = Annotated[
    Literal["warn", "strict"],
    parameter(
        "Facts without a source",
        "warn: numbers, dates, names and quotations that stand in no source are listed beside the "
        "article. strict: the article is written again, and fails if they stay.",
    ),
]
Links = Annotated[
    str,
    parameter(
        "Links",
        "Pages that the articles may lead to, one a line: address and title. Two to five of them "
        "stand in each article, and no other address but those of its sources.",
        max_length=100_000,
    ),
]
Rights = Annotated[
    Literal["", "mine", "licensed", "open"],
    parameter(
        "Right to the source",
        "Of spin, which needs one. mine: the texts are yours. licensed: their owner allows it. "
        "open: an open licence, or the public domain.",
    ),
]
Author = Annotated[
    str,
    parameter("Author", "Who answers for the articles: stands under their titles.", max_length=100),
]
Publisher = Annotated[
    str, parameter("Publisher", "Name of the site or company, for search engines.", max_length=100)
]
Disclosure = Annotated[
    str,
    parameter(
        "Disclosure",
        "The line that says that AI wrote it, in the language of the articles. Empty: Written "
        "(and illustrated) by AI.",
        max_length=300,
    ),
]
Tone = Annotated[str, parameter("Tone", "Such as: plain, friendly, expert.", max_length=200)]
Language = Annotated[
    str,
    parameter("Language", "ISO 639-1 code or English name. sketch writes en only.", max_length=40),
]
Audience = Annotated[str, parameter("Audience", "Whom the articles speak to.", max_length=300)]
Instructions = Annotated[
    str, parameter("Extra instructions", "What else holds for every article.", max_length=4000)
]
TextModel = Annotated[
    str,
    parameter("Text model", "", enum=names_of("text")),
    Priced("sketch writes labelled drafts from the order's own words, offline.", names_of("text")),
]
Pictures = Annotated[
    int,
    parameter(
        "Pictures an article",
        "Drawn after its text, with alternative text. The first stands above it, the others below "
        "headings; a short article gets no more than it has places. 0: none.",
        ge=0,
        le=4,
    ),
]
ImageModel = Annotated[
    str,
    parameter("Image model", "", enum=names_of("image")),
    Priced("Of the pictures, if there are any.", names_of("image")),
]
PictureSize = Annotated[
    Literal["1K", "2K"],
    parameter(
        "Size of pictures",
        "1K is about 1376 x 768 at 16:9. They are delivered at most 1600 pixels wide; 2K, scaled "
        "down, is sharper and costs more on most models.",
    ),
]
PictureStyle = Annotated[
    str,
    parameter(
        "Style of pictures",
        "One line for all, such as: flat illustration, warm colours. Empty: a realistic "
        "photograph in natural light.",
        max_length=300,
    ),
]
Count = Annotated[int, parameter("Topics", "Of trends: so many, the newest.", ge=1, le=1000)]
Country = Annotated[
    str, parameter("Country", "Of Google Trends, two letters such as US or DE.", max_length=2)
]
Similarity = Annotated[
    float,
    parameter(
        "Most similarity",
        "Where an article is rewritten from a source: the share of its runs of words that may be "
        "the same as there.",
        gt=0,
        le=1,
    ),
]
Delay = Annotated[
    float,
    parameter("Delay between articles (s)", "Waited before each but the first.", ge=0, le=60),
]
Docx = Annotated[bool, parameter("DOCX", "A Word document beside the other files of an article.")]
SkipInvalid = Annotated[
    bool,
    parameter(
        "Skip what cannot be used",
        "Write the good articles and report the others as failed items. Off: refuse the whole "
        "batch if one row is bad.",
    ),
]
AtOnce = Annotated[
    int,
    parameter(
        "Articles at the same time", "1: strictly one after the other, in order.", ge=1, le=50
    ),
]


class ArticleParameters(BatchParameters):
    """The parameters of one article batch, checked."""

    mode: Mode = "topic"
    items: Items = ""
    file: ItemFile = ""
    read_as: ReadAs = "auto"
    words: Words = USUAL_WORDS
    tone: Tone = ""
    language: Language = "en"
    audience: Audience = ""
    instructions: Instructions = ""
    sources: Sources = ""
    facts: Facts = "warn"
    links: Links = ""
    rights: Rights = ""
    author: Author = ""
    publisher: Publisher = ""
    disclosure: Disclosure = ""
    text_model: TextModel = "sketch"
    pictures: Pictures = 0
    model: ImageModel = "sketch"
    aspect_ratio: AspectRatio = "16:9"
    size: PictureSize = "1K"
    picture_style: PictureStyle = ""
    count: Count = 10
    country: Country = "US"
    most_similarity: Similarity = 0.5
    delay_s: Delay = 5.0
    docx: Docx = False
    skip_invalid: SkipInvalid = True
    concurrency: AtOnce = 1
    title: Title = "Articles"

    @model_validator(mode="before")
    @classmethod
    def _has_present_names(cls, given: Any) -> Any:
        return with_present_names(given) if isinstance(given, dict) else given

    @field_validator("words")
    @classmethod
    def _is_range(cls, text: str) -> str:
        said = read_word_range(text)
        if isinstance(said, str):
            raise ValueError(said)
        return str(said)

    @field_validator("links")
    @classmethod
    def _are_links(cls, text: str) -> str:
        if problems := read_links(text)[1]:
            raise ValueError(" ".join(problems[:5]))
        return text

    @field_validator("text_model")
    @classmethod
    def _writes(cls, name: str) -> str:
        return one_of(name, names_of("text"))

    @field_validator("model")
    @classmethod
    def _draws(cls, name: str) -> str:
        return one_of(name, names_of("image"))

    @field_validator("aspect_ratio", "size")
    @classmethod
    def _is_made(cls, chosen: str, info: ValidationInfo) -> str:
        # Here and not in the plan: a review may change it after that.
        model = info.data.get("model")
        if model and info.data.get("pictures") and (said := misfit(model, chosen)):
            raise ValueError(said)
        return chosen

    def called_models(self) -> list[str]:
        """Lists the models that the batch may call; one that draws if there are pictures."""
        return [self.text_model, *([self.model] if self.pictures else [])]

    @field_validator("country")
    @classmethod
    def _is_country(cls, code: str) -> str:
        # It becomes a part of an address.
        if not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise ValueError("give a country's two letters, such as US")
        return code.upper()

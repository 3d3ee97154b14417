"""What a person can ask of an article batch: the parameters, with their words and bounds."""

from typing import Annotated, Literal

from pydantic import field_validator

from pressrun.engines.catalogue import names_of
from pressrun.kinds.parameters import BatchParameters, Priced, Title, one_of, parameter

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
        "word_count, tone, language, audience and instructions of their own.",
        max_length=2_000_000,
    ),
]
ItemFile = Annotated[
    str,
    parameter(
        "File of items",
        "In place of items: a text, CSV, XLSX or JSON file. Its path on the machine where the "
        "worker runs, or an upload.",
    ),
]
WordCount = Annotated[
    int, parameter("Words", "Of an article that names no number of its own.", ge=200, le=5000)
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
Count = Annotated[int, parameter("Topics", "Of trends: so many, the newest.", ge=1, le=1000)]
Country = Annotated[
    str, parameter("Country", "Of Google Trends, two letters such as US or DE.", max_length=2)
]
Similarity = Annotated[
    float,
    parameter(
        "Most similarity",
        "Of spin: the share of the text's sequences of words that may be those of its source.",
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
    word_count: WordCount = 1200
    tone: Tone = ""
    language: Language = "en"
    audience: Audience = ""
    instructions: Instructions = ""
    text_model: TextModel = "sketch"
    count: Count = 10
    country: Country = "US"
    most_similarity: Similarity = 0.5
    delay_s: Delay = 5.0
    docx: Docx = False
    skip_invalid: SkipInvalid = True
    concurrency: AtOnce = 1
    title: Title = "Articles"

    @field_validator("text_model")
    @classmethod
    def _writes(cls, name: str) -> str:
        return one_of(name, names_of("text"))

    @field_validator("country")
    @classmethod
    def _is_country(cls, code: str) -> str:
        # It becomes a part of an address.
        if not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise ValueError("give a country's two letters, such as US")
        return code.upper()

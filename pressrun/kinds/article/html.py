"""Markdown of a model as HTML that can do nothing: the one way in which articles are shown.

HTML in the markdown is shown as text, pictures become their description, and links lead to web
addresses only. The article's own pictures are put in here, and only they are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pressrun.kinds.article.pictures.placing import PICTURE, Illustration, placed

if TYPE_CHECKING:
    from jinja2 import Template
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


def html_of(markdown: str, pictures: Sequence[Illustration] = ()) -> Markup:
    """Renders the markdown with its pictures as HTML, safe to stand in a page."""
    reader, tokens = _reader(), tokens_of(markdown, pictures)
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704 - made safe by the reader


def tokens_of(markdown: str, pictures: Sequence[Illustration] = ()) -> "list[Token]":
    """Parses the markdown into tokens, with no picture among them but these."""
    tokens = _reader().parse(markdown)
    for token in tokens:
        for inner in token.children or ():
            if inner.type == "image":
                inner.type, inner.tag, inner.children = "text", "", None
    return placed(tokens, pictures)


@dataclass(frozen=True, slots=True)
class AboutArticle:
    """What a page says beside its article.

    Attributes:
        draft: Whether no model wrote it.
        illustrated: Whether it has pictures.
        author: Who answers for it; empty if nobody is named.
        publisher: Whose site it is for.
        disclosure: The line that says that AI wrote it; empty for the usual one.
        review: Who has read it, and when.
        awaits: For which matters a person still has to approve it.
        json_ld: The same for programs, as :func:`pressrun.kinds.article.structured_data.json_ld`
            writes it.
    """

    draft: bool = False
    illustrated: bool = False
    author: str = ""
    publisher: str = ""
    disclosure: str = ""
    review: str = ""
    awaits: str = ""
    json_ld: str = ""

    @property
    def byline(self) -> str:
        """Who answers for it, and for whom."""
        return " · ".join(filter(None, (self.author, self.publisher)))

    @property
    def note(self) -> str:
        """That it is a draft; empty if it is none."""
        if not self.awaits:
            return ""
        return f"Draft on {self.awaits}: to be approved by a person before it is published."

    @property
    def closing(self) -> str:
        """Who wrote it, and who has read it."""
        if self.draft:
            by = "A draft of the offline sketch engine; no model wrote it."
        else:
            usual = "Written and illustrated by AI." if self.illustrated else "Written by AI."
            by = self.disclosure or usual
        return f"{by} Reviewed by {self.review}." if self.review else by


def page(
    title: str,
    language: str,
    answer: Mapping[str, Any],
    markdown: str,
    about: AboutArticle,
    pictures: Sequence[Illustration] = (),
) -> str:
    """Renders a complete small page of one article.

    Args:
        title: Of the article.
        language: ISO 639-1.
        answer: Its ``summary``, ``meta_description`` and ``keywords``.
        markdown: What stands on it.
        about: What stands beside it.
        pictures: Of the article, as files beside the page.
    """
    return _template().render(
        title=title,
        language=language,
        answer=answer,
        body=html_of(markdown, pictures),
        pictures=pictures,
        about=about,
        json_ld=Markup(about.json_ld),  # noqa: S704 - has no "<"
    )


@lru_cache
def _reader() -> "MarkdownIt":
    # Imported late: it takes a twentieth of a second, and only articles need it.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    class Reader(MarkdownIt):
        def validateLink(self, url: str) -> bool:  # noqa: N802 - the name that it overrides
            return url.lower().startswith(("https://", "http://"))

    def open_link(
        renderer: Any, tokens: "Sequence[Token]", index: int, options: Any, _env: Any
    ) -> str:
        tokens[index].attrSet("rel", "nofollow noopener")
        return str(renderer.renderToken(tokens, index, options, _env))

    reader = Reader("commonmark", {"html": False}).enable("table")

    def picture(
        _renderer: Any, tokens: "Sequence[Token]", index: int, _options: Any, _env: Any
    ) -> str:
        shown: Illustration = tokens[index].meta[PICTURE]
        return str(shown.html)

    reader.add_render_rule("link_open", open_link)
    reader.add_render_rule(PICTURE, picture)
    return reader


@lru_cache
def _template() -> "Template":
    # Imported late: it takes a twentieth of a second, which no command should wait for.
    from jinja2 import Environment, PackageLoader, select_autoescape  # noqa: PLC0415

    loader = PackageLoader("pressrun.kinds.article", "templates")
    environment = Environment(loader=loader, autoescape=select_autoescape(default=True))
    return environment.get_template("article.html")

"""Whether articles are written in another language than their topics: what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressrun.boundary.text import counted
from pressrun.inputs.articles.fields import LANGUAGES
from pressrun.inputs.places import is_address
from pressrun.kinds.article.checks.language import is_alike, language_of_titles
from pressrun.ledger.records import PlannedItem


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """Topics in one language whose articles are written in another.

    Attributes:
        topics: The code of the topics' language, as ``articles``.
        count: How many topics; ``total`` are all of the batch.
    """

    topics: str
    articles: str
    count: int
    total: int

    @property
    def name(self) -> str:
        """The topics' language in English."""
        return LANGUAGES[self.topics]

    def told(self, *, english_only: bool) -> str:
        """Says it in a sentence, with what helps.

        Args:
            english_only: The text model writes nothing else.
        """
        all_of = self.count == self.total
        what = "These topics look" if all_of else f"{counted(self.count, 'topic')} look"
        help_ = (
            "This text model writes English only: choose another one to change that."
            if english_only
            else f"To change that, set the language to {self.topics}."
        )
        written = LANGUAGES.get(self.articles, self.articles)
        return f"{what} {self.name}; the articles are written in {written}. {help_}"


def other_languages(items: Sequence[PlannedItem]) -> list[OtherLanguage]:
    """Finds topics that are surely in another language than the articles on them will be."""
    by_language: dict[str, list[str]] = {}
    for item in items:
        if not is_address(item.spec["subject"]):
            by_language.setdefault(item.spec["language"], []).append(item.spec["subject"])
    found = []
    for articles, subjects in by_language.items():
        topics = language_of_titles(subjects)
        if topics in LANGUAGES and not is_alike(topics, articles):
            found.append(OtherLanguage(topics, articles, len(subjects), len(items)))
    return found

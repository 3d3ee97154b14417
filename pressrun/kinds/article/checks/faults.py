"""What an article is checked for before it counts: each fault a sentence to act on.

The bounds are this product's own choice. It knows neither who wrote the article nor what is done
about a fault.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pressrun.boundary import text as words
from pressrun.inputs.articles.word_range import WordRange
from pressrun.kinds.article.checks.claims import ArticleSources, SourcedClaim
from pressrun.kinds.article.checks.language import is_in, language_of
from pressrun.kinds.article.checks.markup import addresses, raw_html, same_address
from pressrun.kinds.article.checks.pictures import DraftedPicture, faults_of_pictures
from pressrun.kinds.article.checks.placeholders import is_refusal, placeholders
from pressrun.kinds.article.checks.shingles import similarity
from pressrun.kinds.article.checks.visible import Visible, plain_line, read_markdown

#: An article this like another one of its batch is a copy.
NEAR_COPY = 0.5
WORDS_A_HEADING = 400
FEWEST_HEADINGS = 2
META_CHARACTERS = (50, 160)
#: Of the links that may stand in an article, so many do, if there are as many.
LINKS = (2, 5)
#: Fewer words do not show a language reliably.
LANGUAGE_WORDS = 50
_ECHO = re.compile(r"</?(?:data|wishes)>|\\u003c|\b(?:source_text|faults_of_the_draft)\b")
_SLUG = re.compile(r"[a-z0-9-]{3,80}")
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article as a model wrote it.

    Attributes:
        headings: As the model lists them: all of level 2, and deeper ones if it likes.
        body: Markdown.
    """

    title: str
    slug: str
    summary: str
    meta_description: str
    headings: tuple[str, ...]
    body: str
    keywords: tuple[str, ...]
    claims: tuple[SourcedClaim, ...] = ()
    pictures: tuple[DraftedPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class WantedArticle:
    """What was asked for.

    Attributes:
        words: Of the body.
        language: ISO 639-1 code.
        primary: The keyword that has to stand in title, meta description and a heading; none if
            empty.
        secondary: Keywords that have to stand in the text once.
        source: The text that the article rewrites, if it does.
        source_urls: Addresses of sources: the article may lead there.
        links: Addresses of which some have to stand in the article; see :data:`LINKS`.
        sources: What its facts are held against; None if there is nothing.
        strict: Whether what stands in no source is a fault.
        most_similarity: The largest share of common shingles with the source, from 0 to 1.
        pictures: How many.
    """

    words: WordRange
    language: str
    primary: str = ""
    secondary: tuple[str, ...] = ()
    source: str = ""
    source_urls: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    sources: ArticleSources | None = None
    strict: bool = False
    most_similarity: float = 0.5
    pictures: int = 0


def faults(
    draft: ArticleDraft, wanted: WantedArticle, others: Mapping[str, str] = _NONE
) -> list[str]:
    """Finds what is wrong with an article, one sentence each; nothing if it is as asked.

    Args:
        draft: The article.
        wanted: What it should be.
        others: Key and body of the batch's other articles.
    """
    body = read_markdown(draft.body)
    if is_refusal(body.prose):
        return ["The text refuses to be an article; write the article itself."]
    return [
        *_of_length(body, wanted),
        *_of_fields(draft),
        *_of_echoes(draft, wanted),
        *_of_markup(draft, wanted),
        *_of_links(draft, wanted),
        *_of_headings(draft, body, wanted),
        *_of_keywords(draft, body, wanted),
        *_of_language(body, wanted),
        *_of_completeness(draft, body, wanted),
        *_of_claims(draft, wanted),
        *faults_of_pictures(draft.pictures, wanted.pictures, draft.body, wanted.language),
        *_of_likeness(draft, wanted, others),
    ]


def count_words(markdown: str) -> int:
    """Counts the words that a reader sees; see :func:`pressrun.boundary.text.count_words`."""
    return words.count_words(read_markdown(markdown).text)


def facts_of(draft: ArticleDraft, wanted: WantedArticle) -> Iterator[str]:
    """Says which facts of an article stand in no source, or not in that which is named."""
    if wanted.sources is None:
        return
    prose = read_markdown(draft.body).prose
    # Titles have capitals that mark nothing.
    said = "\n".join((prose, draft.summary, draft.meta_description, draft.title.lower()))
    yield from wanted.sources.unsupported(said)
    yield from wanted.sources.unfounded(draft.claims)


def _of_claims(draft: ArticleDraft, wanted: WantedArticle) -> Iterator[str]:
    if wanted.sources and (unknown := wanted.sources.unknown(draft.claims)):
        yield f"Claims name sources that do not exist: {_quoted(unknown)}."
    if wanted.strict:
        for said in facts_of(draft, wanted):
            yield f"{said} Say what the sources say, or leave it out."


def _of_length(body: Visible, wanted: WantedArticle) -> Iterator[str]:
    low, high = wanted.words.fewest, wanted.words.most
    count = words.count_words(body.text)
    if not low <= count <= high:
        yield f"The article has {count:,} words; {low:,} to {high:,} are asked."


def _of_fields(draft: ArticleDraft) -> Iterator[str]:
    if not draft.title.strip():
        yield "The title is empty; give one."
    if not draft.summary.strip():
        yield "The summary is empty; give one."
    low, high = META_CHARACTERS
    size = len(draft.meta_description.strip())
    if not low <= size <= high:
        yield f"The meta description has {size} characters; {low} to {high} are asked."
    if not _SLUG.fullmatch(draft.slug):
        yield "The slug should be 3 to 80 characters of a to z, 0 to 9 and hyphens."


def _of_markup(draft: ArticleDraft, wanted: WantedArticle) -> Iterator[str]:
    if html := raw_html(draft.body):
        yield f"The body has raw HTML: {_quoted(html)}. Write markdown, and tags as code."
    may = (*wanted.links, *wanted.source_urls)
    foreign = [
        there for there in addresses(draft.body) if not any(same_address(there, url) for url in may)
    ]
    if foreign:
        allowed = f"link to nothing but {', '.join(may[:5])}" if may else "give no addresses"
        yield f"The body leads to {_quoted(foreign)}; {allowed}."


def _of_links(draft: ArticleDraft, wanted: WantedArticle) -> Iterator[str]:
    if not wanted.links:
        return
    there = addresses(draft.body)
    found = sum(any(same_address(one, url) for one in there) for url in wanted.links)
    fewest, most = min(LINKS[0], len(wanted.links)), min(LINKS[1], len(wanted.links))
    if not fewest <= found <= most:
        yield f"{found} of the `links` stand in the body; {fewest} to {most} are asked."


def _of_echoes(draft: ArticleDraft, wanted: WantedArticle) -> Iterator[str]:
    """Finds marks of the request, and ids of sources, that were copied into the text."""
    shown = [said for picture in draft.pictures for said in (picture.scene, picture.alt)]
    text = "\n".join((draft.title, draft.summary, draft.meta_description, draft.body, *shown))
    found = dict.fromkeys(_ECHO.findall(text))
    if wanted.sources:
        found |= dict.fromkeys(f"[{name}]" for name in wanted.sources.texts if f"[{name}]" in text)
        found |= dict.fromkeys(f"({name})" for name in wanted.sources.texts if f"({name})" in text)
    if found:
        yield f"The text has marks of the request in it: {_quoted([*found])}. Leave them out."


def _of_headings(draft: ArticleDraft, body: Visible, wanted: WantedArticle) -> Iterator[str]:
    second = [heading.text for heading in body.headings if heading.level == 2]
    fewest = max(FEWEST_HEADINGS, wanted.words.middle // WORDS_A_HEADING)
    if len(second) < fewest:
        yield f"The body has {len(second)} headings of level 2 (##); at least {fewest} are asked."
    listed = {_key(plain_line(heading)): heading for heading in draft.headings}
    there = {_key(heading.text) for heading in body.headings}
    titles = {_key(draft.title)}
    if missing := [plain_line(text) for key, text in listed.items() if key not in there | titles]:
        yield f"These listed headings are not in the body: {_quoted(missing)}."
    if unlisted := [text for text in second if _key(text) not in listed]:
        yield f"These headings of the body are not in the list of headings: {_quoted(unlisted)}."


def _of_keywords(draft: ArticleDraft, body: Visible, wanted: WantedArticle) -> Iterator[str]:
    text = words.tokens(body.text)
    if words.tokens(wanted.primary):
        yield from _of_primary(draft, body, wanted)
    missing = [
        keyword
        for keyword in wanted.secondary
        if words.tokens(keyword) and not words.occurrences(text, keyword, wanted.language)
    ]
    if missing:
        yield f"These keywords are not in the text: {_quoted(missing)}. Use each at least once."


def _of_primary(draft: ArticleDraft, body: Visible, wanted: WantedArticle) -> Iterator[str]:
    keyword, shown = wanted.primary, _quoted([wanted.primary])

    def lacks(part: str) -> bool:
        return not words.occurrences(words.tokens(part), keyword, wanted.language)

    if draft.title.strip() and lacks(plain_line(draft.title)):
        yield f"The keyword {shown} is not in the title."
    if lacks(draft.meta_description):
        yield f"The keyword {shown} is not in the meta description."
    if all(lacks(heading.text) for heading in body.headings if heading.level > 1):
        yield f"The keyword {shown} is in no heading of the body; use it in one."


def _of_language(body: Visible, wanted: WantedArticle) -> Iterator[str]:
    if words.count_words(body.prose) >= LANGUAGE_WORDS and not is_in(body.prose, wanted.language):
        found = language_of(body.prose)
        yield f"The text is in the language {found!r}; {wanted.language!r} is asked."


def _of_completeness(draft: ArticleDraft, body: Visible, wanted: WantedArticle) -> Iterator[str]:
    # Titles have capitals that mark nothing: "How to Choose Your Company Name".
    alts = (picture.alt for picture in draft.pictures)
    fields = (draft.title.lower(), draft.summary, draft.meta_description, *alts)
    if found := placeholders("\n".join((*fields, body.prose)), wanted.language):
        yield f"There is placeholder text: {_quoted(found)}. Write what should stand there."
    if body.open_fence:
        yield "A block of code is not closed; end it with its fence."


def _of_likeness(
    draft: ArticleDraft, wanted: WantedArticle, others: Mapping[str, str]
) -> Iterator[str]:
    if wanted.source:
        share = similarity(draft.body, wanted.source)
        if share > wanted.most_similarity:
            yield (
                f"{share:.0%} of the wording is that of the source; at most "
                f"{wanted.most_similarity:.0%} may be. Keep the facts and write other sentences."
            )
    shares = {key: similarity(draft.body, text) for key, text in others.items()}
    closest = max(shares, key=shares.__getitem__, default="")
    if closest and shares[closest] >= NEAR_COPY:
        yield (
            f"{shares[closest]:.0%} of the wording is that of {closest}, another article of the "
            "batch; write other sentences and examples."
        )


def _key(heading: str) -> str:
    return " ".join(words.tokens(heading)) or heading.strip()


def _quoted(texts: list[str], most: int = 5) -> str:
    shown = [f'"{" ".join(text.split())[:80]}"' for text in texts[:most]]
    more = [f"{len(texts) - most} more"] if len(texts) > most else []
    return ", ".join(shown + more)

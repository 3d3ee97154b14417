"""How one article is made: an outline, the article, mended until its checks pass, its pictures.

A mended article is another request in a slot of its own, so an answer that is paid is never asked
for again: after a crash the same answers are found, judged alike and lead to the same next request.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from pressrun.calls.caller import Caller
from pressrun.errors import BadReply
from pressrun.kinds.article.checks.claims import ArticleSources, SourcedClaim
from pressrun.kinds.article.checks.faults import ArticleDraft, WantedArticle, count_words, faults
from pressrun.kinds.article.checks.pictures import DraftedPicture
from pressrun.kinds.article.checks.warnings import warnings
from pressrun.kinds.article.files import Article, files_of, slug_of, stem_of
from pressrun.kinds.article.mend import word_range
from pressrun.kinds.article.originality import BatchTexts, texts_of_batch
from pressrun.kinds.article.pictures.drawing import (
    chain_of_pictures,
    draw_pictures,
    expected_pictures,
)
from pressrun.kinds.article.prompt import (
    NEAR_COPY,
    ArticleAnswer,
    Outline,
    allowed_links,
    answer_schema,
    article_request,
    expected_tokens,
    mending_request,
    outline_request,
    picture_count,
    pictures_of,
    source_urls,
    typical_outline,
)
from pressrun.kinds.article.sources import unread_sources, with_texts
from pressrun.kinds.base import Chain, ExpectedCall, Output
from pressrun.kinds.reading import expected_readings
from pressrun.ledger.records import Item
from pressrun.ledger.vault import Vault

KIND = "article"
#: How often an article is written: once, and twice mended.
TRIES = 3
#: More characters than any language needs for the words that are asked, and all beside them. What
#: is longer would keep the checks busy, and stand whole in the next request.
_CHARACTERS_A_WORD, _CHARACTERS_BESIDE = 12, 10_000
#: The calls of an article that needs no mending.
_SLOTS = ("outline", "article_1")


class ArticleRecipe:
    """As :class:`pressrun.kinds.base.Recipe`."""

    def models(self, settings: dict[str, Any]) -> list[str]:
        """Names the text model and, where there are pictures, the image model."""
        return [settings["text_model"], *([settings["model"]] if settings.get("pictures") else [])]

    def expect(self, spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:
        """Expects outline, article and pictures, but not that the article has to be mended.

        The first item of a quote says what is read before.
        """
        unread, words = " " * spec["source_characters"], spec["word_count"]
        spec = spec | {"sources": unread_sources(spec)}
        asked = (
            outline_request(spec, settings, unread),
            article_request(spec, settings, unread, typical_outline(words)),
        )
        written = [
            ExpectedCall(
                slot,
                request.model,
                "text",
                characters=len(request.system) + len(request.prompt),
                answer_tokens=tokens,
            )
            for slot, request, tokens in zip(
                _SLOTS, asked, expected_tokens(spec, settings), strict=True
            )
        ]
        pictures = expected_pictures(spec, settings, picture_count(spec, settings))
        return [*_expected_reading(spec, settings), *written, *pictures]

    def chain(self, spec: dict[str, Any], settings: dict[str, Any]) -> Chain:
        """Lists what is read before, outline, article and pictures."""
        read = [f"reading_{number}" for number in range(1, len(spec.get("reads", ())) + 1)]
        written = [(slot, settings["text_model"]) for slot in (*read, *_SLOTS)]
        return [*written, *chain_of_pictures(settings, picture_count(spec, settings))]

    def make(
        self, batch_id: str, item: Item, settings: dict[str, Any], caller: Caller, vault: Vault
    ) -> list[Output]:
        """Makes the article's files, at the batch's root."""
        if item.spec["order"] > 1:
            caller.sleep(settings["delay_s"])
        source = _source_text(item.spec, vault)
        spec = item.spec | {"sources": with_texts(item.spec, vault)}
        wanted = wanted_of(spec, settings, source)
        judge = _Judge(item.key, wanted, texts_of_batch(vault), answer_schema(spec, settings))
        written = _write(spec, settings, source, caller, judge)
        answer = written.answer
        stem = stem_of(spec, answer)
        pictures = draw_pictures(
            batch_id, item.key, spec, settings, pictures_of(answer), stem, caller
        )
        article = Article(
            batch_id,
            item.key,
            item.spec,
            settings,
            answer,
            count_words(answer.body),
            tuple(written.faults),
            written.cost_usd + pictures.cost_usd,
            (*warnings(draft_of(answer), wanted), *pictures.missing),
            pictures=pictures,
        )
        return files_of(article)


RECIPE = ArticleRecipe()


def _expected_reading(spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:
    if not spec.get("reads"):
        return []
    from pressrun.kinds.article.reading import ASKED_LETTERS  # noqa: PLC0415 - only quotes need it

    return expected_readings(spec["reads"], ASKED_LETTERS, settings["text_model"])


def texts(spec: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    """Lists what of a spec a person or a feed wrote and a model is given."""
    said = [spec[name] for name in ("subject", "tone", "audience", "instructions")]
    source = spec["source"]
    titles = [one["title"] for one in spec.get("sources", ())]
    seen = (source.get("title", ""), source.get("summary", ""))
    style = [settings["picture_style"]] if settings.get("pictures") else []
    return [*said, *spec["keywords"], *seen, *titles, *style]


def wanted_of(spec: dict[str, Any], settings: dict[str, Any], source: str) -> WantedArticle:
    """Says what an article of that spec is checked for."""
    keywords = spec["keywords"]
    return WantedArticle(
        words=word_range(spec),
        language=spec["language"],
        primary=keywords[0] if keywords else "",
        secondary=tuple(keywords[1:]),
        source=source,
        source_urls=source_urls(spec),
        links=tuple(link.url for link in allowed_links(settings)),
        sources=_sources_of(spec, settings, source),
        strict=settings.get("facts") == "strict",
        most_similarity=settings["most_similarity"],
        pictures=picture_count(spec, settings),
    )


def _sources_of(
    spec: dict[str, Any], settings: dict[str, Any], source: str
) -> ArticleSources | None:
    """Gives what the article's facts are held against: its sources, or the text it rewrites."""
    texts = {one["id"]: one["text"] for one in spec["sources"]}
    given = spec["source"]
    seen = " ".join(given.get(name, "") for name in ("title", "summary", "published"))
    if source:
        texts["source_text"] = source
    elif seen.strip():
        texts["source"] = seen
    if not texts:
        return None
    wishes = [spec[name] for name in ("subject", "audience", "instructions")]
    links = [link.title for link in allowed_links(settings)]
    titles = [one["title"] for one in spec["sources"]]
    who = [settings.get(name, "") for name in ("author", "publisher")]
    asked = "\n".join([*wishes, *spec["keywords"], *links, *titles, *who, spec.get("today", "")])
    return ArticleSources(texts, asked, spec["language"])


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is wrong with an article: by itself, or by its nearness to another one."""

    own: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    @property
    def asked_to_mend(self) -> tuple[str, ...]:
        """What the model is given to mend, in words that depend on the article alone."""
        return self.own or ((NEAR_COPY,) if self.near else ())


@dataclass(frozen=True, slots=True)
class _Judge:
    """The checks of one item's answers."""

    key: str
    wanted: WantedArticle
    texts: BatchTexts
    schema: type[ArticleAnswer]

    def look_at(self, answer: ArticleAnswer) -> _Verdict:
        """Checks an answer; a good one's text is remembered for the next ones."""
        draft = draft_of(answer)
        # Other items are looked at last: what they are may differ when this is asked again.
        own = faults(draft, self.wanted)
        return _Verdict(
            tuple(own), () if own else tuple(self.texts.put(self.key, draft, self.wanted))
        )

    def read(self, text: str | bytes) -> ArticleAnswer:
        """Reads an answer of the asked shape."""
        return self.schema.model_validate_json(text)

    def check_shape(self, text: str) -> None:
        """Raises BadReply, to be asked again, for an answer of another shape."""
        _of_shape(self.schema, self.wanted.words.most)(text)

    def require(self, text: str) -> None:
        """Raises BadReply, for good, for an answer with anything wrong."""
        self.check_shape(text)
        verdict = self.look_at(self.read(text))
        if wrong := verdict.own or verdict.near:
            raise BadReply(
                f"The article was written {TRIES} times and is still not as asked: "
                f"{' '.join(wrong)} A retry asks once more; or change the row.",
                kind="faulty_article",
                retryable=False,
            )


@dataclass(slots=True)
class _Written:
    answer: ArticleAnswer
    faults: list[tuple[str, ...]]
    cost_usd: float


def _write(
    spec: dict[str, Any], settings: dict[str, Any], source: str, caller: Caller, judge: _Judge
) -> _Written:
    asked = outline_request(spec, settings, source)
    planned = caller.text("outline", asked, _of_shape(Outline, spec["word_count"]))
    outline = Outline.model_validate_json(planned.data)
    request = article_request(spec, settings, source, outline)
    cost_usd, wrong = planned.cost_usd, list[tuple[str, ...]]()
    for attempt in range(1, TRIES):
        answered = caller.text(_slot(attempt), request, judge.check_shape)
        answer = judge.read(answered.data)
        cost_usd += answered.cost_usd
        verdict = judge.look_at(answer)
        if not verdict.asked_to_mend:
            return _Written(answer, wrong, cost_usd)
        wrong.append(verdict.own or verdict.near)
        request = mending_request(
            spec, settings, source, outline, attempt + 1, answer, verdict.asked_to_mend
        )
    # The last answer is not settled if it is bad, so that a person's retry asks for another one.
    answered = caller.text(_slot(TRIES), request, judge.require)
    return _Written(judge.read(answered.data), wrong, cost_usd + answered.cost_usd)


def draft_of(answer: ArticleAnswer) -> ArticleDraft:
    """Puts the answer into the form that is checked."""
    return ArticleDraft(
        title=answer.title,
        slug=slug_of(answer.slug, answer.title),  # made here in any case, so it is no fault
        summary=answer.summary,
        meta_description=answer.meta_description,
        headings=tuple(answer.headings),
        body=answer.body,
        keywords=tuple(answer.keywords),
        claims=tuple(SourcedClaim(claim.text, claim.source) for claim in answer.claims),
        pictures=tuple(DraftedPicture(**one.model_dump()) for one in pictures_of(answer)),
    )


def _of_shape(schema: type[BaseModel], word_count: int) -> Callable[[str], None]:
    most = _CHARACTERS_A_WORD * word_count + _CHARACTERS_BESIDE

    def check(text: str) -> None:
        try:
            size = len(schema.model_validate_json(text).model_dump_json())
        except ValidationError as error:
            # Not its own words: they would repeat the answer in every log.
            raise BadReply(
                "The model's answer is not of the asked shape. It is asked again.", kind="bad_json"
            ) from error
        if size > most:
            raise BadReply(
                f"The model's answer has {size:,} characters; {word_count:,} words need {most:,} "
                "at most. It is asked again.",
                kind="too_long",
            )

    return check


def _source_text(spec: dict[str, Any], vault: Vault) -> str:
    digest = spec["source_sha256"]
    return vault.get(digest).decode() if digest else ""


def _slot(attempt: int) -> str:
    return f"article_{attempt}"

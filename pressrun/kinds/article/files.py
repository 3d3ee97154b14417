"""The files of a finished article: markdown with front matter, HTML, JSON, Word, its pictures.

Names are made here from the item's place and a slug of our own making; what a model wrote is data
in each of them.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

from pressrun.boundary.text import one_line
from pressrun.kinds.article.checks.matters import matters_of
from pressrun.kinds.article.docx import MEDIA_TYPE as DOCX
from pressrun.kinds.article.docx import docx_of
from pressrun.kinds.article.html import AboutArticle, page, tokens_of
from pressrun.kinds.article.mend import word_range
from pressrun.kinds.article.pictures.placing import NO_PICTURES, ArticlePictures, with_pictures
from pressrun.kinds.article.prompt import PROMPT_VERSION, ArticleAnswer
from pressrun.kinds.article.structured_data import json_ld
from pressrun.kinds.base import MISSING, Output

#: How the files of an article begin that a person has to approve.
DRAFT = "draft-"
#: In the provenance of its JSON: the matters for which.
AWAITS = "awaits_approval"
#: How an article's JSON begins: by this it is known in a vault.
HEAD = b'{\n  "kind": "article",'
#: What a person says of who answers for an article.
WHO = ("author", "publisher", "disclosure")
_FEWEST_LETTERS, _SLUG_LETTERS = 3, 60
_TITLE_LETTERS = 300
#: Allowed in a Python or JSON string, and not in a YAML or XML one.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_TOP_HEADING = re.compile(r"\A\s*#\s[^\n]*\n+")
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#!|~&])")


@dataclass(frozen=True, slots=True)
class Approval:
    """Who has read an article and answers for it, and the day, ISO 8601."""

    by: str
    day: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article that passed its checks.

    Attributes:
        spec: Of its item.
        settings: Of its batch.
        words: Of its body, as they are counted for the check.
        faults: What was wrong with each earlier answer.
        cost_usd: Of all its calls.
        warnings: What a person should look at.
        approval: Of who has read it; None of an article that nobody has approved.
        pictures: What became of those that were asked for.
    """

    batch_id: str
    key: str
    spec: dict[str, Any]
    settings: dict[str, Any]
    answer: ArticleAnswer
    words: int
    faults: tuple[tuple[str, ...], ...]
    cost_usd: float
    warnings: tuple[str, ...] = ()
    approval: Approval | None = None
    pictures: ArticlePictures = NO_PICTURES

    @property
    def title(self) -> str:
        """On one line."""
        return one_line(self.answer.title, _TITLE_LETTERS)

    @property
    def slug(self) -> str:
        """Of our own making, whatever the model proposed."""
        return slug_of(self.answer.slug, self.answer.title, self.spec["subject"])

    @property
    def draft(self) -> bool:
        """Whether the offline engine wrote it."""
        return bool(self.settings["text_model"] == "sketch")

    @property
    def matters(self) -> list[str]:
        """In which a mistake harms: an article on these is a draft until a person approves it."""
        spec = self.spec
        about = (spec["subject"], *spec["keywords"], self.answer.title)
        return matters_of(about, spec["language"], self.answer.touches)

    @property
    def awaits(self) -> list[str]:
        """The matters for which a person still has to approve it."""
        return [] if self.approval else self.matters

    @property
    def review(self) -> dict[str, str]:
        """Who has read it and when; empty if nobody has."""
        approval = self.approval
        return {"reviewed_by": approval.by, "reviewed_at": approval.day} if approval else {}

    @property
    def body(self) -> str:
        """Its markdown, with the source that it was taken from where it has to be named."""
        body = _TOP_HEADING.sub("", clean(self.answer.body)).strip()
        source = self.spec["source"]
        if self.spec["mode"] != "trends" or not source.get("url"):
            return body
        name = _escaped(one_line(source["title"], _TITLE_LETTERS)) or "link"
        return f"{body}\n\n*Source:* [{name}](<{_address(source['url'])}>)"


def files_of(article: Article) -> list[Output]:
    """Makes every file, in a fixed order and of fixed bytes: made again, they are the same."""
    awaits = article.awaits
    name = f"{DRAFT if awaits else ''}{stem_of(article.spec, article.answer)}"
    pictures = article.pictures.shown
    answer, language = article.answer.model_dump(), article.spec["language"]
    html = page(article.title, language, answer, article.body, about_of(article), pictures)
    told = {"prompts": f"article {PROMPT_VERSION}", "warnings": str(len(article.warnings))}
    told |= article.review | ({AWAITS: ", ".join(awaits)} if awaits else {})
    told |= {MISSING: str(len(missing))} if (missing := article.pictures.missing) else {}
    outputs = [
        Output(f"{name}.md", "text/markdown", _markdown(article).encode()),
        Output(f"{name}.html", "text/html", clean(html).encode()),
        Output(f"{name}.json", "application/json", _json(article), provenance=told),
    ]
    if article.settings["docx"]:
        summary = one_line(answer["summary"], 1000)
        keywords = one_line(", ".join(answer["keywords"]), 255)
        about = about_of(article)
        byline, closing = clean(about.note or about.byline), clean(about.closing)
        data = docx_of(article.title, summary, keywords, article.body, byline, closing, pictures)
        outputs.append(Output(f"{name}.docx", DOCX, data))
    # Named alike for a draft: whoever shows one goes on finding it when the article is approved.
    return [*outputs, *article.pictures.files]


def about_of(article: Article) -> AboutArticle:
    """Gathers what a page says beside the article."""
    told, matter = article.settings, _matter(article)
    written = article.spec.get("today", "")
    data = json_ld(article.title, matter, written, article.pictures.shown)
    return AboutArticle(
        draft=article.draft,
        illustrated=bool(article.pictures.files),
        author=told.get("author", ""),
        publisher=told.get("publisher", ""),
        disclosure=told.get("disclosure", ""),
        review=", ".join(article.review.values()),
        awaits=", ".join(article.awaits),
        json_ld=data,
    )


def stem_of(spec: dict[str, Any], answer: ArticleAnswer) -> str:
    """Makes what the names of an article's files have in common: place and slug."""
    return f"{spec['order']:02d}-{slug_of(answer.slug, answer.title, spec['subject'])}"


def slug_of(*proposals: str) -> str:
    """Makes a slug of a-z, 0-9 and hyphens, from the first proposal that gives at least three."""
    from slugify import slugify  # noqa: PLC0415 - its tables of letters are loaded when needed

    for words in proposals:
        slug = str(slugify(words[:500], max_length=_SLUG_LETTERS, word_boundary=True))
        if len(slug) >= _FEWEST_LETTERS:
            return slug
    return "article"


def clean(text: str) -> str:
    """Removes the characters that YAML, XML or UTF-8 cannot hold."""
    return _ODD.sub("", text)


def _markdown(article: Article) -> str:
    matter = "".join(f"{name}: {_yaml(value)}\n" for name, value in _matter(article).items())
    body = with_pictures(article.body, tokens_of(article.body), article.pictures.shown)
    return f"---\n{matter}---\n\n# {_escaped(article.title)}\n\n{body}\n"


def _escaped(line: str) -> str:
    return _MARKS.sub(r"\\\1", line)


def _matter(article: Article) -> dict[str, Any]:
    answer, spec = article.answer, article.spec
    matter: dict[str, Any] = {
        "title": article.title,
        "slug": article.slug,
        "summary": answer.summary,
        "meta_description": answer.meta_description,
        "keywords": answer.keywords,
        "language": spec["language"],
        "words": article.words,
        "batch": article.batch_id,
        "item": article.key,
        "model": article.settings["text_model"],
        "ai_generated": True,
        "draft": article.draft,
        **{name: said for name in WHO if (said := article.settings.get(name))},
        **article.review,
        **({AWAITS: awaits} if (awaits := article.awaits) else {}),
    }
    if pictures := article.pictures.shown:
        matter["images"] = [{"file": one.source, "alt": one.alt} for one in pictures]
    if urls := [one for one in spec.get("sources", ()) if one["url"]]:
        matter["sources"] = [{name: one[name] for name in ("title", "url")} for one in urls]
    if spec["source"].get("url"):
        matter["source"] = {name: spec["source"].get(name, "") for name in ("title", "url")}
    return matter


def _yaml(value: Any) -> str:
    # JSON is YAML, and leaves no word that can be read as a date, a number or a directive.
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
    return _ODD.sub(lambda odd: f"\\u{ord(odd[0]):04x}", text)


def _json(article: Article) -> bytes:
    spec = article.spec
    content = {
        "kind": "article",
        "item": article.key,
        "batch": article.batch_id,
        "mode": spec["mode"],
        "subject": spec["subject"],
        **article.answer.model_dump(),
        "slug": article.slug,
        "body": clean(article.answer.body),
        "pictures": article.pictures.records,
        "words": article.words,
        "asked": {
            name: spec[name]
            for name in ("keywords", "word_count", "tone", "language", "audience", "instructions")
        }
        | {"words": str(word_range(spec))},
        "source": spec["source"],
        "sources": spec.get("sources", []),
        "rights": article.settings.get("rights", ""),
        **{name: article.settings.get(name, "") for name in WHO},
        "warnings": article.warnings,
        "matters": article.matters,
        AWAITS: article.awaits,
        **article.review,
        "prompts": PROMPT_VERSION,
        "written": spec.get("today", ""),
        "model": article.settings["text_model"],
        "faults_of_earlier_answers": article.faults,
        "cost_usd": round(article.cost_usd, 9),
        "ai_generated": True,
        "draft": article.draft,
    }
    # As an escape, "<" begins no tag, wherever the file is put into a page.
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).replace(b"<", b"\\u003c")


def _address(url: str) -> str:
    """Makes a web address safe between ``<`` and ``>``; empty if it is none."""
    if not url.lower().startswith(("https://", "http://")):
        return ""
    return re.sub(r"[\s<>\\]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), url)

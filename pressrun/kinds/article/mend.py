"""How one article is changed after it could not be written: its topic, or the page it rewrites."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pressrun.inputs.articles.fields import Fields, Values, read_fields
from pressrun.inputs.articles.rows import ArticleRow
from pressrun.inputs.articles.word_range import WordRange
from pressrun.kinds.base import MendField, MendForm, PlannedSpec
from pressrun.ledger.records import Item

#: Characters that a page is supposed to have, before it is fetched.
_A_PAGE = 6_000
_KEYWORDS = MendField("keywords", "Keywords", "With commas between.", most=2000)
_REST = (
    MendField("word_count", "Words", "A range such as 800-1200, or one number; 200 to 5,000."),
    MendField("language", "Language", "Such as en or German."),
    MendField("instructions", "Instructions", lines=2),
)
_SOURCES = MendField("sources", "Sources", "Addresses, or a text.", lines=2, most=20_000)
_FIRST = {
    "keywords": MendField("topic", "Primary keyword"),
    "spin": MendField(
        "link", "Page or text", "The page's address, or the text itself.", lines=3, most=60_000
    ),
}
#: What a word in a problem says of the field that it is about.
_ABOUT = (
    ("word count", "word_count"),
    ("language", "language"),
    ("instructions", "instructions"),
    ("A keyword", "keywords"),
    (" keywords", "keywords"),
)


def fields_of(spec: Mapping[str, Any]) -> tuple[MendField, ...]:
    """Lists what of an article can be changed."""
    if spec["mode"] == "spin":
        return (_FIRST["spin"], *_REST)
    return (_FIRST.get(spec["mode"], MendField("topic", "Topic")), _KEYWORDS, *_REST, _SOURCES)


def given_of(spec: Mapping[str, Any]) -> dict[str, str]:
    """Gives what can be changed as it is; a text that was pasted is not shown again."""
    rest = {
        "word_count": str(word_range(spec)),
        "language": spec["language"],
        "instructions": spec["instructions"],
    }
    if spec["mode"] == "spin":
        return {"link": spec["source"].get("url", ""), **rest}
    keywords = [word for word in spec["keywords"] if word != spec["subject"]]
    sources = "\n".join(spec.get("own_sources", ()))
    return {"topic": spec["subject"], "keywords": ", ".join(keywords), **rest, "sources": sources}


def word_range(spec: Mapping[str, Any]) -> WordRange:
    """Gives the fewest and most words of an article; of an older batch around its one number."""
    if "words_from" in spec:
        return WordRange(spec["words_from"], spec["words_to"])
    return WordRange.around(spec["word_count"])


def mended_row(spec: Mapping[str, Any], words: Mapping[str, str]) -> tuple[ArticleRow, list[str]]:
    """Reads a changed article as a row; returns it with its problems, a sentence each."""
    said, mode = given_of(spec) | dict(words), str(spec["mode"])
    subject = {
        "spin": {"source": said.get("link") or str(spec["subject"])},
        "keywords": {"primary": said.get("topic", ""), "keywords": said.get("keywords", "")},
    }.get(mode, {"topic": said.get("topic", ""), "keywords": said.get("keywords", "")})
    names = ("word_count", "language", "instructions", "sources")
    rest = {name: said[name] for name in names if name in said}
    base = Values(word_range(spec), spec["tone"], spec["language"], spec["audience"], "")
    read_as = mode if mode in ("spin", "keywords") else "topic"
    title, keywords, values, problems = read_fields(
        Fields(spec["line"], subject | rest), read_as, base
    )
    row = ArticleRow(
        spec["line"],
        title,
        keywords,
        values.words,
        values.tone,
        values.language,
        values.audience,
        values.instructions,
        values.sources,
    )
    return replace(row, problem=" ".join(problems)), problems


def mended(spec: Mapping[str, Any], row: ArticleRow) -> dict[str, Any]:
    """Gives the spec of an article as its row says it now; of a page, all but its text."""
    changed = {
        "word_count": row.words.middle,
        "words_from": row.words.fewest,
        "words_to": row.words.most,
        "language": row.language,
        "instructions": row.instructions,
    }
    if spec["mode"] == "spin":
        return {**spec, **changed}
    return {
        **spec,
        **changed,
        "subject": row.subject,
        "keywords": list(row.keywords),
        "own_sources": list(row.sources),
    }


def _problems(spec: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, str]:
    first = fields_of(spec)[0].name
    if spec["mode"] == "spin" and not (words.get("link") or _has_source(spec)):
        return {"link": "Give the address of another page, or a text."}
    found: dict[str, str] = {}
    for problem in mended_row(spec, words)[1]:
        name = next((name for said, name in _ABOUT if said in problem), first)
        found[name] = " ".join(filter(None, (found.get(name), problem)))
    return found


def _has_source(spec: Mapping[str, Any]) -> bool:
    return bool(spec["source_sha256"] or spec["source"].get("url"))


def _supposed(
    item: Item, words: Mapping[str, str], _items: Sequence[Item], _parameters: Mapping[str, Any]
) -> list[PlannedSpec]:
    spec = mended(item.spec, mended_row(item.spec, words)[0])
    if spec["mode"] == "spin" and not spec["source_characters"]:
        link = words.get("link", "")
        spec["source_characters"] = len(link) if len(link.split()) > 1 else _A_PAGE
    return [PlannedSpec(item.key, spec)]


MEND = MendForm(fields_of, given_of, _problems, _supposed)

"""A model's reading of a document, held against it: no topic made up, moved or lost in silence.

It must not know how a model is asked, nor what an article needs.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, Field

from pressrun.boundary.text import counted, one_line
from pressrun.errors import InputError
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.articles.outline import read_outline
from pressrun.inputs.passages import DocumentWords, Passage, bare

#: Most of all topics that may be made up; an answer further off is no reading of this document.
_MOST_WRONG = 0.25
#: As many items, and as large a part of those taken, may be missing.
_FEW, _MOST_FEWER = 3, 0.5
_SHOWN = 4

#: Line and words of an item that the form of a document leaves no doubt of.
ByForm = tuple[int, str]


class AnsweredTopic(BaseModel):
    """One article as the model found it."""

    topic: str = Field(description="The topic's own words, exactly as in the text")
    keywords: list[str] = Field(description="Those that the text itself names for it")
    notes: str = Field(description="What the text says to the writer of this one, exactly")


class TopicsAnswer(BaseModel):
    """What a model answers about a document."""

    topics: list[AnsweredTopic] = Field(description="Every topic, in the order of the text")
    question: str = Field(description="What its author has to decide first, or empty")
    remark: str = Field(description="What its author should know, or empty")


@dataclass(frozen=True, slots=True)
class CheckedTopics:
    """An answer that was held against its document.

    Attributes:
        fields: Of each topic that stands in the text, in its order.
        notes: What a person should know, in sentences.
        doubts: What a person has to decide, in sentences.
    """

    fields: list[Fields]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Topic:
    """A topic and the places that it was found at."""

    found: list[Passage]
    words: str
    keywords: list[str]
    notes: str
    beside: list[Passage] = field(default_factory=list)


def joined_topics(answers: Sequence[TopicsAnswer]) -> TopicsAnswer:
    """Joins the answers about the parts of a document."""
    asked = [question for one in answers if (question := one.question.strip())]
    return TopicsAnswer(
        topics=[topic for one in answers for topic in one.topics],
        question=asked[0] if asked else "",
        remark=" ".join(filter(None, (one.remark.strip() for one in answers))),
    )


def check_topics(
    answer: TopicsAnswer, text: str, by_form: Sequence[ByForm], subject: str
) -> CheckedTopics:
    """Checks an answer against its document, and against what the document's form says.

    Topics in another order are put back; the same words twice are one topic. Where the model asks
    a question, may have stopped early or takes less than half of a list that the form takes, too,
    and where a topic is not in the text, a person decides.

    Args:
        answer: The model's.
        text: The document.
        by_form: The items that its form is sure of.
        subject: The name of the field that a topic goes into.

    Raises:
        InputError: Too much is made up; lists it.
    """
    source, said = DocumentWords(text), list[str]()
    topics, invented = _placed(answer, source, said)
    told = [f"Not in the text, so it is left out: {one_line(words, 80)!r}" for words in invented]
    if len(invented) > _MOST_WRONG * max(1, len(answer.topics)):
        raise InputError("The model's reading does not fit the text:", told[:20])
    topics.sort(key=lambda one: one.found[0].start)
    taken = set(source.lines([p for one in topics for p in (*one.found, *one.beside)]))
    lost = [item for item in by_form if item[0] not in taken]
    last = max((source.line(one.found[-1].end - 1) for one in topics), default=0)
    missing = _missing(answer, lost, taken, text)
    doubts = [*told, *_doubts(answer, len(by_form) - len(lost), missing, last)]
    if remark := one_line(answer.remark, 300):
        said.append(f"The model says: {remark}")
    if topics and lost and not doubts:
        said.append(f"The model took for no topic: {_told(lost)}")
    if topics and (left_out := _left_out(text, taken)):
        said.append(left_out)
    fields = [_fields(one, source, subject) for one in topics]
    return CheckedTopics(fields, tuple(said), tuple(doubts))


def _placed(
    answer: TopicsAnswer, source: DocumentWords, said: list[str]
) -> tuple[list[_Topic], list[str]]:
    """Finds each topic in the text; gives those that are not there besides."""
    topics: dict[str, _Topic] = {}
    invented, start, repeated = list[str](), 0, 0
    for one in answer.topics:
        found, known = source.find(one.topic, start), topics.get(bare(one.topic))
        if not found:
            invented.append(one.topic)
        elif known:
            repeated += 1
            _add(known, one, source, said)
            known.beside += found
        else:
            start = found[-1].end
            topic = topics[bare(one.topic)] = _Topic(found, one.topic.strip(), [], "")
            _add(topic, one, source, said)
    if repeated:
        said.append(f"Listed twice with the same words, and written once: {repeated} of them.")
    return [*topics.values()], invented


def _add(topic: _Topic, answered: AnsweredTopic, source: DocumentWords, said: list[str]) -> None:
    """Adds keywords and notes to a topic, as far as they stand in the text."""
    start = topic.found[0].start
    for keyword in filter(None, map(str.strip, answered.keywords)):
        if found := source.find(keyword, start):
            topic.beside += found
            topic.keywords += [keyword] if keyword not in topic.keywords else []
        else:
            said.append(f"A keyword that is not in the text is left out: {one_line(keyword, 60)!r}")
    if notes := answered.notes.strip():
        if found := source.find(notes, start):
            topic.beside += found
            topic.notes = " ".join(filter(None, (topic.notes, notes)))
        else:
            said.append(f"A note that is not in the text is left out: {one_line(notes, 80)!r}")


def _doubts(answer: TopicsAnswer, both: int, missing: Sequence[ByForm], last: int) -> Iterator[str]:
    """Says what a person has to decide: what the model asks, and whether it has read all.

    Args:
        answer: The model's.
        both: How many of its topics the form takes, too.
        missing: Items of the form that it should have listed then.
        last: The line of its last topic.
    """
    if question := one_line(answer.question, 300):
        yield f"The model asks: {question}"
    topics = len(answer.topics)
    behind = [item for item in missing if item[0] > last]
    if 2 * both <= topics:  # they take other lines for topics, such as headings and points
        return
    if len(behind) >= max(_FEW, _MOST_FEWER * topics):
        yield f"The model may have stopped early: behind its last topic {_told(behind)}"
    elif len(missing) > max(_FEW, both):
        yield f"The model took {counted(topics, 'topic')}; of the same list {_told(missing)}"


def _missing(
    answer: TopicsAnswer, lost: Sequence[ByForm], taken: set[int], text: str
) -> list[ByForm]:
    """Lists the lost items that are likely forgotten.

    A model that leaves out a list of another section on purpose is asked to say so.
    """
    if not answer.remark.strip():
        return [*lost]
    read = read_outline(text.splitlines())
    headings = [one.number for one in read if one.kind == "heading" and one.number not in taken]
    sections = {bisect(headings, line) for line in taken}
    return [item for item in lost if bisect(headings, item[0]) in sections]


def _told(lost: Sequence[ByForm]) -> str:
    shown = "; ".join(f"line {line}: {words!r}" for line, words in lost[:_SHOWN])
    return f"{counted(len(lost), 'line')} look{'s' if len(lost) == 1 else ''} like one ({shown})."


def _left_out(text: str, taken: set[int]) -> str:
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if number not in taken and any(map(str.isalnum, line))
    ]
    some = ", ".join(f"line {number} “{one_line(line, 40)}”" for number, line in lines[:_SHOWN])
    more = ", …" if len(lines) > _SHOWN else ""
    return f"Left out: {counted(len(lines), 'line')} of the text ({some}{more})." if lines else ""


def _fields(topic: _Topic, source: DocumentWords, subject: str) -> Fields:
    given = {subject: topic.words, "keywords": "; ".join(topic.keywords), "remark": topic.notes}
    present = {name: text for name, text in given.items() if text}
    return Fields(source.line(topic.found[0].start), present)

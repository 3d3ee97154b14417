"""The points that a list has below its topics: what each article shall cover.

A plan for a writer has them; they are no topics, and no words beside the list either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pressrun.boundary.text import count_words
from pressrun.inputs.articles.entries import ListLine
from pressrun.inputs.articles.titles import ListedTopic

#: Of one topic; more words are a text of their own.
_MOST_WORDS = 150
_ITEMS = ("number", "bullet")


def points_below(items: Sequence[ListLine], lines: Sequence[ListLine]) -> dict[int, list[ListLine]]:
    """Finds the points below each item, by the item's number.

    Not what is a field of it ("Audience: beginners"), is done, or stands in a section of notes.

    Args:
        items: Those that are topics, in their order.
        lines: All of the text.
    """
    chosen = {item.number: item for item in items}
    found: dict[int, list[ListLine]] = {}
    above: ListLine | None = None
    for line in lines:
        if line.number in chosen:
            above = line
        elif above and _ends(line, above):
            above = None
        elif above and line.kind in _ITEMS and not (line.label or line.is_done or line.aside):
            found.setdefault(above.number, []).append(line)
    return {
        n: of for n, of in found.items() if sum(count_words(p.words) for p in of) <= _MOST_WORDS
    }


def _ends(line: ListLine, above: ListLine) -> bool:
    """Says whether what follows does not belong to an item any more."""
    if line.kind in _ITEMS:
        return above.kind in _ITEMS and line.level <= above.level
    return line.kind == "heading" or (above.kind in _ITEMS and line.after_blank)


def with_points(
    topics: Sequence[ListedTopic], points: Mapping[int, Sequence[ListLine]]
) -> list[ListedTopic]:
    """Adds its points to what the plan says of each topic."""
    return [_with(topic, points.get(topic.line, ())) for topic in topics]


def _with(topic: ListedTopic, points: Sequence[ListLine]) -> ListedTopic:
    told = "; ".join(point.words for point in points)
    return replace(topic, remark="; ".join(filter(None, (topic.remark, told))))


def points_said(points: Mapping[int, Sequence[ListLine]], count: int) -> tuple[str, ...]:
    """Says that points are kept as instructions."""
    if not points:
        return ()
    return (
        f"The points below {len(points)} of {count} items are given to the writer as instructions.",
    )

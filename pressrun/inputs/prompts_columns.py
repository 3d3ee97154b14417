"""What the columns of a table hold, by their titles and by how long their texts are."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressrun.inputs.prompts_words import Role, find_level, is_level, role_of

_PHRASE = 12  # letters that a prompt has at least, on average, where no title says what it is


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table stand.

    Attributes:
        prompts: Place of each column with prompts, and the name or level that its title gives
            them, if there are several.
        known: Whether the titles themselves say where prompts are.
    """

    prompts: tuple[tuple[int, str], ...]
    level: int | None = None
    category: int | None = None
    names: tuple[int, ...] = ()
    tags: int | None = None
    prefix: int | None = None
    known: bool = False


def find_columns(titles: Sequence[str], weights: Sequence[float]) -> Columns:
    """The columns of a table.

    Args:
        titles: Of its head.
        weights: Mean length of each column's texts.
    """
    # What has no title names its rows.
    roles = [role_of(title) if title.strip() else Role.NAME for title in titles]
    prompts = _prompts(titles, roles, weights)
    taken = {place for place, _ in prompts}
    free = [(place, role) for place, role in enumerate(roles) if place not in taken]
    first = {role: place for place, role in reversed(free)}
    return Columns(
        prompts,
        level=first.get(Role.LEVEL),
        category=first.get(Role.CATEGORY),
        names=tuple(place for place, role in free if role in (Role.NAME, Role.GROUP)),
        tags=first.get(Role.TAGS),
        prefix=first.get(Role.PREFIX),
        known=Role.PROMPT in roles or len(_levels(titles)) > 1,
    )


def _prompts(
    titles: Sequence[str], roles: Sequence[Role | None], weights: Sequence[float]
) -> tuple[tuple[int, str], ...]:
    places = range(len(titles))
    asked = [place for place in places if roles[place] is Role.PROMPT]
    if asked:  # "Prompt" and "Description": one of them asks, the other tells
        named = [place for place in asked if "prompt" in titles[place].casefold()]
        return (((named or [_longest(asked, weights)])[0], ""),)
    if len(levels := _levels(titles)) > 1:
        return levels
    crossed = [p for p in places[1:] if roles[p] is Role.GROUP and weights[p] > _PHRASE]
    if titles and not titles[0].strip() and len(crossed) == len(titles) - 1 > 1:
        return tuple((place, titles[place]) for place in crossed)
    free = [place for place in places if roles[place] in (Role.GROUP, Role.NAME)]
    return ((_longest(free or places, weights), ""),)


def _levels(titles: Sequence[str]) -> tuple[tuple[int, str], ...]:
    return tuple((n, find_level(title)) for n, title in enumerate(titles) if is_level(title))


def _longest(places: Sequence[int], weights: Sequence[float]) -> int:
    return max(places, key=lambda place: weights[place], default=0)

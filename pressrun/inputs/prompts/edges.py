"""Pieces at the edge of a reading that are no prompts though they have the form of the others.

A style that is for all stands first, a template to fill or a remark stands last: what is left out
here was the greater part of what readings of public documents were wrong by.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from pressrun.inputs.prompts.flags import flags_in, places_in
from pressrun.inputs.prompts.pictures import picturing
from pressrun.inputs.prompts.pieces import SAMPLE, PromptPiece, Reading, is_series, section_of
from pressrun.inputs.prompts.remarks import word_count
from pressrun.inputs.prompts.tongues import spoken, tongue
from pressrun.inputs.prompts.vocabulary import Role

#: Titles of what is to be filled before it is a prompt.
_TEMPLATE = re.compile(
    r"\b(?:template|formula|boilerplate|skeleton|vorlage|plantilla|gabarit|modello)s?\b|"
    "\u6a21\u677f|\u30c6\u30f3\u30d7\u30ec|\ud15c\ud50c\ub9bf|\u0448\u0430\u0431\u043b\u043e\u043d",
    re.IGNORECASE,
)
_TELLING = 0.35  # words that say less of a picture tell
_WORDS_A_PLACE = 6  # that a prompt has beside a place to fill
_FEWEST = 4  # pieces of which one can be told to be odd


def without_odd(reading: Reading) -> Reading:
    """Leaves out the pieces that differ from nearly all others in what they are."""
    pieces, doubtful = reading.pieces, list[PromptPiece]()
    for find, most in _ODD.items():
        judged = len(pieces) >= _FEWEST and not (reading.said and find in _NOT_OF_CALLED)
        odd = find(pieces) if judged else []
        if 0 < len(odd) <= most * len(pieces):
            pieces = _without(pieces, odd)
            doubtful += odd if find in _WEAK else []
    odd = _without(reading.pieces, pieces)
    return replace(reading, pieces=pieces, odd=odd, doubtful=doubtful) if odd else reading


def with_doubtful(reading: Reading) -> Reading:
    """Takes the pieces back that may be prompts, at their places."""
    pieces = sorted([*reading.pieces, *reading.doubtful], key=lambda piece: piece.block.line)
    odd = _without(reading.odd, reading.doubtful)
    return replace(reading, pieces=pieces, odd=odd, doubtful=())


def _without(pieces: Sequence[PromptPiece], others: Sequence[PromptPiece]) -> list[PromptPiece]:
    left = set(map(id, others))
    return [piece for piece in pieces if id(piece) not in left]


def _templates(pieces: Sequence[PromptPiece]) -> list[PromptPiece]:
    """Finds those with places to fill that no other has, and those that go on from elsewhere.

    One place in a prompt of many words is a name that is still open, and makes it no template.
    """
    places = [set(places_in(piece.text)) for piece in pieces]
    often = Counter(place for found in places for place in found)
    own = [
        piece
        for piece, found in zip(pieces, places, strict=True)
        if _is_open(piece.text, len(found))
        and any(often[place] == 1 for place in found)
        and not any(often[p] > 1 for p in found)
    ]
    going_on = [piece for piece in pieces if piece.text.startswith(("...", "\u2026"))]
    return list({id(piece): piece for piece in own + going_on}.values())


def _is_open(text: str, places: int) -> bool:
    """Says whether so much of a text is still to be filled in that it is none yet."""
    return places > 1 or word_count(text) < _WORDS_A_PLACE * places


def _named_templates(pieces: Sequence[PromptPiece]) -> list[PromptPiece]:
    """Finds those that are called templates, or stand below such a title."""
    return [
        piece
        for piece in pieces
        if _TEMPLATE.search(piece.block.label)
        or ((title := section_of(piece.block)) and _TEMPLATE.search(title.label))
    ]


def _openings(pieces: Sequence[PromptPiece]) -> list[PromptPiece]:
    """Finds those that stand above all sections, where the others stand in sections."""
    ranks = [title.rank if (title := section_of(piece.block)) else 0 for piece in pieces]
    before = next((n for n, rank in enumerate(ranks) if rank > 1), len(ranks))
    return list(pieces[:before]) if min(ranks[before:], default=0) > 1 else []


def _ends(pieces: Sequence[PromptPiece]) -> list[PromptPiece]:
    """Finds the first, if all others are of a series; the first or last, if it alone tells."""
    titles = [section_of(piece.block) for piece in pieces]
    series = [
        title is not None and (is_series(title) or title.role is Role.PROMPT) for title in titles
    ]
    odd = [pieces[0]] if titles[0] is not None and not series[0] and all(series[1:]) else []
    told = [p for p in (pieces[0], pieces[-1]) if p.block.kind in ("text", "item")]
    return odd or [piece for piece in told if _tells(piece, pieces)]


def _tells(piece: PromptPiece, pieces: Sequence[PromptPiece]) -> bool:
    """Says whether a piece speaks to a reader, while all others describe pictures."""
    others = min(picturing(other.text) for other in pieces[:SAMPLE] if other is not piece)
    own = picturing(piece.text)
    return own < _TELLING and own < others - 0.05


def _foreign(pieces: Sequence[PromptPiece]) -> list[PromptPiece]:
    """Finds those in another language than nearly all, which speak to the author of the others."""
    common = spoken([piece.text for piece in pieces[:SAMPLE]])
    tongues = [tongue(piece.text) for piece in pieces] if common else []
    return [piece for piece, own in zip(pieces, tongues, strict=False) if own not in ("", common)]


def _unflagged(pieces: Sequence[PromptPiece]) -> list[PromptPiece]:
    """Finds those without flags, where nearly all end in some."""
    return [piece for piece in pieces if not flags_in(piece.text)]


def _strangers(pieces: Sequence[PromptPiece]) -> list[PromptPiece]:
    """Finds the one of another form, if its words describe a picture less than all others do."""
    forms = Counter(piece.block.kind for piece in pieces)
    alone = [piece for piece in pieces if forms[piece.block.kind] == 1]
    if len(forms) != 2 or len(alone) != 1:
        return []
    least = min(picturing(piece.text) for piece in pieces[:SAMPLE] if piece is not alone[0])
    return alone if picturing(alone[0].text) < least else []


def _of_aspects(pieces: Sequence[PromptPiece]) -> list[PromptPiece]:
    """Finds those below titles as "Palette" and "Mood", where others stand below other titles."""
    titles = [section_of(piece.block) for piece in pieces]
    return [
        piece
        for piece, title in zip(pieces, titles, strict=True)
        if title is not None
        and title.role in (Role.DETAIL, Role.NOTE)
        and piece.block.kind in ("text", "item")
        and not is_series(title)
    ]


#: Reasons that a person should hear of before they are believed.
_WEAK = (_of_aspects, _templates, _openings, _ends, _strangers)
#: What is no reason to leave out what the document itself calls a prompt.
_NOT_OF_CALLED = (_of_aspects, _templates)
#: What is odd, and the share of pieces that it is at most; more are a kind of their own.
_ODD: dict[Callable[[Sequence[PromptPiece]], list[PromptPiece]], float] = {
    _of_aspects: 0.5,
    _named_templates: 0.3,
    _templates: 0.3,
    _openings: 0.3,
    _ends: 0.3,
    _foreign: 0.3,
    _unflagged: 0.3,
    _strangers: 0.3,
}

"""Which photo goes with which row, by names alone. Opens and fetches nothing."""

from pressrun.inputs.photos.evidence import MatchedBy, PhotoRow, natural_order
from pressrun.inputs.photos.matching import (
    WORDS,
    PhotoMatch,
    PhotoMatches,
    match_photos,
    several,
)

__all__ = [
    "WORDS",
    "MatchedBy",
    "PhotoMatch",
    "PhotoMatches",
    "PhotoRow",
    "match_photos",
    "natural_order",
    "several",
]

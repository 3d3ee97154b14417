"""Which photo goes with which row, by names alone. Opens and fetches nothing."""

from pressrun.inputs.photos.cells import MOST_PHOTOS, as_cell, photos_in
from pressrun.inputs.photos.evidence import MatchedBy, PhotoRow, natural_order
from pressrun.inputs.photos.matching import (
    ALIKE,
    WORDS,
    PhotoMatch,
    PhotoMatches,
    match_photos,
    several,
)
from pressrun.inputs.photos.series import in_order, series_of

__all__ = [
    "ALIKE",
    "MOST_PHOTOS",
    "WORDS",
    "MatchedBy",
    "PhotoMatch",
    "PhotoMatches",
    "PhotoRow",
    "as_cell",
    "in_order",
    "match_photos",
    "natural_order",
    "photos_in",
    "series_of",
    "several",
]

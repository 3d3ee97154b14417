"""One thing that is wrong with an installation."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong, and what to do.

    Attributes:
        level: ``error``: results would be lost, or batches cannot run. ``warning``: it works, at a
            price that the sentence names.
        about: What it is about, for machines.
        says: One sentence for people, with the remedy.
    """

    level: Literal["error", "warning"]
    about: str
    says: str

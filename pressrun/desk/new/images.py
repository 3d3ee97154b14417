"""The page of a new image batch: a document of prompts, and what became of every line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pressrun.desk.new.drafts import Draft
from pressrun.desk.new.estimates import estimate
from pressrun.desk.new.faces import Seen
from pressrun.errors import InputError
from pressrun.inputs.prompts.bounded import read_prompts
from pressrun.inputs.prompts.documents import Parsed
from pressrun.kinds.base import Kind
from pressrun.ledger import Ledger

#: Rows that the page shows; a document has up to two thousand prompts.
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Read:
    """A document as it was read; ``shown`` of its tasks, and of the lines that are left out."""

    parsed: Parsed
    shown: int = _SHOWN


class ImageFace:
    """See :class:`pressrun.desk.new.faces.Face`."""

    flow = "image-batch"
    name = "Images"
    given = "A document of prompts"
    content = "new_images.html"
    seen = "new_images_seen.html"
    look: Sequence[str] = ("model", "aspect_ratio", "size", "images", "title")
    own: Sequence[str] = ("prompts", "file", "read_as")

    def parameters(self, draft: Draft) -> Mapping[str, Any]:
        """Gives the parameters of the document."""
        return {name: draft.values[name] for name in self.own if name in draft.values}

    def see(self, draft: Draft, kind: Kind, given: Mapping[str, Any], ledger: Ledger) -> Seen:
        """Reads the document, plans and prices it."""
        return Seen(estimate(ledger, kind, given), _read(draft))


def _read(draft: Draft) -> Read | None:
    text = draft.values.get("prompts", "")
    if not text.strip():
        return None
    try:
        return Read(read_prompts(text, draft.values.get("read_as", "auto")))
    except InputError:
        return None  # the estimate says why

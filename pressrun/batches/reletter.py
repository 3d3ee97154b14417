"""Words of delivered slides changed: set anew on the pictures that lie beside them, for nothing.

No model is asked. Everything is checked before the first file is written; then a slide and what is
said of it change in the ledger first and at the destination next, so that an audit finds whatever
was not done, and the reports are written anew, the manifest last.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pressrun.batches.delivered import Delivered, Step, silent
from pressrun.boundary.text import counted, one_line
from pressrun.errors import InputError, StoreError, VaultError
from pressrun.kinds.slideshow import lettering
from pressrun.kinds.slideshow.prompt import KIND
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.pictures.lettering.lines import normal
from pressrun.pictures.lettering.slide import problem_of
from pressrun.pictures.picture import Picture, read_picture
from pressrun.pictures.provenance import beside, read, read_beside

_ANALYSIS = "analysis.json"


@dataclass(frozen=True, slots=True)
class SlideWords:
    """Words for one slide.

    Attributes:
        slide: Its number, as in its file's name: 0 is ``slide_0.jpg``.
        place: How a message names them: ``row 3``, or the item and the slide.
    """

    item: str
    slide: int
    words: str
    place: str = ""

    @property
    def named(self) -> str:
        """Where they were given, for a message."""
        return self.place or f"{self.item}, slide {self.slide}"


@dataclass(frozen=True, slots=True)
class LetteredSlide:
    """A slide as it was delivered: its file, the picture beside it, and its words."""

    item: str
    number: int
    words: str
    file: DeliveredFile
    bare: DeliveredFile


@dataclass(frozen=True, slots=True)
class Reword:
    """A slide and the words that it gets."""

    slide: LetteredSlide
    words: str


def slides_of(delivered: Delivered) -> list[LetteredSlide]:
    """Lists the slides of a batch whose words can be changed.

    Raises:
        InputError: The batch has none.
        StoreError: The destination cannot be read.
    """
    batch = delivered.batch
    if batch.kind != KIND:
        raise InputError("Only slideshows have words on pictures that can be changed.")
    if not lettering.is_ours(batch.parameters):
        raise InputError(
            "The image model painted the words of this batch: they cannot be changed. Start a new "
            "batch with the lettering “Pressrun”."
        )
    by_item = defaultdict[str, list[DeliveredFile]](list)
    for file in delivered.files():
        if file.status == "verified" and file.item_key:
            by_item[file.item_key].append(file)
    return [slide for key, files in by_item.items() for slide in _slides(delivered, key, files)]


def read_rewords(delivered: Delivered, given: Sequence[SlideWords]) -> list[Reword]:
    """Checks words against the batch; leaves out those that stand there already.

    Raises:
        InputError: Some cannot be set, or the batch is in work; lists every problem.
        StoreError: The destination cannot be read.
    """
    if delivered.is_in_work:
        raise InputError("The batch is in work. Change its words when it has ended.")
    known = {(slide.item, slide.number): slide for slide in slides_of(delivered)}
    if not known:
        raise InputError("No slide of this batch is delivered with its picture: nothing to change.")
    options = lettering.options_of(delivered.batch.parameters)
    rewords, problems = dict[tuple[str, int], Reword](), list[str]()
    for words in given:
        key = words.item, words.slide
        if key not in known:
            problem = _not_there(words, known)
        elif key in rewords:
            problem = "This slide is named twice."
        elif not normal(words.words):
            problem = "There are no words."
        else:
            problem = problem_of(words.words, options)
            rewords[key] = Reword(known[key], normal(words.words))
        problems += [f"{words.named}: {problem}"] if problem else []
    if problems:
        raise InputError("These words cannot be set; nothing was changed.", problems)
    return [one for one in rewords.values() if one.words != normal(one.slide.words)]


def reletter(delivered: Delivered, rewords: Sequence[Reword], step: Step = silent) -> list[str]:
    """Sets the words, delivers the slides again and renews the reports.

    Returns:
        What a person should know of single slides.

    Raises:
        InputError: Another process works on the batch.
        StoreError: The destination refuses; `pressrun audit --repair` sends what is left.
        VaultError: The disk is full.
    """
    by_item = defaultdict[str, list[Reword]](list)
    for one in rewords:
        by_item[one.slide.item].append(one)
    notes, done = list[str](), 0
    with delivered.held():
        for item, of_item in by_item.items():
            notes += _change(delivered, item, of_item)
            done += len(of_item)
            step(done, len(rewords))
        delivered.renew_reports()
    return notes


def _slides(
    delivered: Delivered, key: str, files: Sequence[DeliveredFile]
) -> Iterator[LetteredSlide]:
    said = next((file for file in files if file.name == _ANALYSIS), None)
    shown = {file.name: file for file in files if file.is_picture}
    bare = {file.name: file for file in files if file.is_bare}
    for number, entry in enumerate(_analysis(delivered, said)["slides"] if said else ()):
        name = entry["file"]
        if name in shown and name in bare:
            yield LetteredSlide(key, number, entry["new_text"], shown[name], bare[name])


def _change(delivered: Delivered, item: str, rewords: Sequence[Reword]) -> list[str]:
    """Changes slides of one item, and what is said of them."""
    files = delivered.ledger.deliveries.all(delivered.batch.id, item)
    said = next(file for file in files if file.name == _ANALYSIS)
    content, notes = _analysis(delivered, said), list[str]()
    for one in rewords:
        picture, entry, beside = _set(delivered, one)
        slide = content["slides"][one.slide.number]
        slide |= {"new_text": one.words, "lettering": entry, "sha256": picture.sha256}
        slide |= {"width": picture.width, "height": picture.height}
        _send(delivered, replace(one.slide.file, provenance=beside), picture.data)
        if note := entry.get("note"):
            notes.append(f"{item}, slide {one.slide.number}: {note}")
    _send(delivered, said, json.dumps(content, ensure_ascii=False, indent=2).encode())
    return notes


def _set(
    delivered: Delivered, one: Reword
) -> tuple[Picture, dict[str, Any], dict[str, str] | None]:
    bare = one.slide.bare
    data = _read(delivered, bare)
    ground = read_picture(data, bare.path, max_bytes=len(data))
    batch = delivered.batch
    origin = read(data) or read_beside(bare.provenance)
    if origin is None:  # somebody has replaced it, with the digest that it had
        raise StoreError(f"{bare.path} says nothing of where it came from.", kind="damaged_source")
    picture, entry = lettering.reletter(ground, one.words, batch.parameters, origin)
    return picture, entry, beside(picture, origin)


def _send(delivered: Delivered, file: DeliveredFile, data: bytes) -> None:
    deliveries, batch_id = delivered.ledger.deliveries, delivered.batch.id
    digest = delivered.vault.put(data, "paid" if file.is_picture else "text")
    changed = replace(file, bytes=len(data), sha256=digest)
    deliveries.change(batch_id, changed)
    url = delivered.send(changed, file.item_key, replace=True)
    deliveries.relink(batch_id, {file.path: url})


def _analysis(delivered: Delivered, file: DeliveredFile) -> dict[str, Any]:
    return dict(json.loads(_read(delivered, file)))


def _read(delivered: Delivered, file: DeliveredFile) -> bytes:
    """Reads a delivered file, from the vault where it is still kept there."""
    try:
        return delivered.vault.held(file.sha256)
    except VaultError:
        return delivered.content(file)


def _not_there(words: SlideWords, known: Mapping[tuple[str, int], LetteredSlide]) -> str:
    numbers = [number for item, number in known if item == words.item]
    if numbers:
        return f"There is no slide {words.slide}; it has {min(numbers)} to {max(numbers)}."
    first = next(iter(known))[0]
    return f"There is no delivered item {one_line(words.item, 60)!r}. The first is {first!r}."


def told(rewords: Sequence[Reword]) -> str:
    """Says in a sentence what is about to be changed."""
    items = len({one.slide.item for one in rewords})
    return f"{counted(len(rewords), 'slide')} of {counted(items, 'item')} get other words."

"""Words of delivered slides changed: set anew on the pictures that lie beside them, for nothing.

No model is asked. Everything is checked before the first file is written; then a slide and what is
said of it change in the ledger first and at the destination next, so that an audit finds whatever
was not done, and the reports are written anew, the manifest last.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pressrun.batches.delivered import Delivered, Step, map_bounded, silent
from pressrun.boundary.text import counted, one_line
from pressrun.errors import InputError, StoreError, VaultError
from pressrun.kinds.slideshow import lettering
from pressrun.kinds.slideshow.prompt import KIND
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
from pressrun.pictures.lettering.lines import normal
from pressrun.pictures.lettering.slide import Lettered, problem_of
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


@dataclass(frozen=True, slots=True)
class WordsProblem:
    """Why words cannot be set.

    Attributes:
        slide: The one that they are for; None if it is not there, or has been named before.
    """

    given: SlideWords
    why: str
    slide: LetteredSlide | None = None


def unchangeable(batch: Batch) -> str:
    """Says why no words of a batch can be changed, whatever it has delivered; empty if they can."""
    if batch.kind != KIND:
        return "Only slideshows have words on pictures that can be changed."
    if not lettering.is_ours(batch.parameters):
        return (
            "The image model painted the words of this batch: they cannot be changed. Start a new "
            "batch with the lettering “Pressrun”."
        )
    return ""


def slides_of(delivered: Delivered, only: Collection[str] | None = None) -> list[LetteredSlide]:
    """Lists the slides of a batch whose words can be changed.

    Args:
        delivered: The batch.
        only: Keys of items; None for all of them.

    Raises:
        InputError: The batch has none.
        StoreError: The destination cannot be read.
    """
    if why := unchangeable(delivered.batch):
        raise InputError(why)
    by_item = _lettered(delivered, only)
    found = map_bounded(
        lambda of: list(_slides(delivered, *of)), list(by_item.items()), delivered.at_once
    )
    return [slide for slides in found for slide in slides]


def require_ended(delivered: Delivered) -> None:
    """Makes sure that no run works on the batch.

    Raises:
        InputError: One does.
    """
    if delivered.is_in_work:
        raise InputError("The batch is in work. Change its words when it has ended.")


def check_words(
    delivered: Delivered, given: Sequence[SlideWords]
) -> tuple[list[Reword], list[WordsProblem]]:
    """Checks words against the batch; leaves out those that stand there already.

    Raises:
        InputError: The batch is in work, or has no words that can be changed.
        StoreError: The destination cannot be read.
    """
    require_ended(delivered)
    slides = slides_of(delivered, {words.item for words in given})
    known = {(slide.item, slide.number): slide for slide in slides}
    rewords, problems, seen = list[Reword](), list[WordsProblem](), set[tuple[str, int]]()
    for words in given:
        key = words.item, words.slide
        if key not in known:
            there = [number for item, number in known if item == words.item]
            problems.append(WordsProblem(words, _not_there(delivered, words, there)))
        elif key in seen:
            problems.append(WordsProblem(words, "This slide is named twice."))
        elif why := problem_with(delivered.batch, words.words):
            problems.append(WordsProblem(words, why, known[key]))
        elif normal(words.words) != normal(known[key].words):
            rewords.append(Reword(known[key], normal(words.words)))
        seen.add(key)
    return rewords, problems


def problem_with(batch: Batch, words: str) -> str:
    """Says why words cannot be set on a slide of a batch; empty if they can."""
    if not normal(words):
        return "There are no words."
    return problem_of(words, lettering.options_of(batch.parameters))


def read_rewords(delivered: Delivered, given: Sequence[SlideWords]) -> list[Reword]:
    """Checks words against the batch; leaves out those that stand there already.

    Raises:
        InputError: Some cannot be set, or the batch is in work; lists every problem.
        StoreError: The destination cannot be read.
    """
    rewords, problems = check_words(delivered, given)
    if problems:
        said = [f"{one.given.named}: {one.why}" for one in problems]
        raise InputError("These words cannot be set; nothing was changed.", said)
    return rewords


def preview(delivered: Delivered, one: Reword) -> Lettered:
    """Draws a slide with other words, and keeps nothing of it.

    Raises:
        InputError: The words cannot be set.
        StoreError: The picture without words cannot be read.
        PictureError: It is damaged.
    """
    ground, _ = _ground(delivered, one.slide.bare)
    return lettering.letter_slide(ground, one.words, delivered.batch.parameters)


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
    with delivered.held(), delivered.reports_renewed():
        for item, of_item in by_item.items():
            notes += _change(delivered, item, of_item)
            done += len(of_item)
            step(done, len(rewords))
    return notes


def _lettered(delivered: Delivered, only: Collection[str] | None) -> dict[str, list[DeliveredFile]]:
    """Reads the files that have arrived, by item."""
    all_of, batch_id = delivered.ledger.deliveries.all, delivered.batch.id
    files = (
        delivered.files() if only is None else [f for key in only for f in all_of(batch_id, key)]
    )
    by_item = defaultdict[str, list[DeliveredFile]](list)
    for file in files:
        if file.status == "verified" and file.item_key:
            by_item[file.item_key].append(file)
    return by_item


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
    told = {k: v for k, v in (said.provenance or {}).items() if k != "lettering"}
    said = replace(said, provenance=told | lettering.notes_of(content["slides"]))
    _send(delivered, said, json.dumps(content, ensure_ascii=False, indent=2).encode())
    return notes


def _set(
    delivered: Delivered, one: Reword
) -> tuple[Picture, dict[str, Any], dict[str, str] | None]:
    ground, data = _ground(delivered, one.slide.bare)
    batch, bare = delivered.batch, one.slide.bare
    origin = read(data) or read_beside(bare.provenance)
    if origin is None:  # somebody has replaced it, with the digest that it had
        raise StoreError(f"{bare.path} says nothing of where it came from.", kind="damaged_source")
    picture, entry = lettering.reletter(ground, one.words, batch.parameters, origin)
    return picture, entry, beside(picture, origin)


def _ground(delivered: Delivered, bare: DeliveredFile) -> tuple[Picture, bytes]:
    data = _read(delivered, bare)
    return read_picture(data, bare.path, max_bytes=len(data)), data


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


def _not_there(delivered: Delivered, words: SlideWords, numbers: Sequence[int]) -> str:
    if numbers:
        return f"There is no slide {words.slide}; it has {min(numbers)} to {max(numbers)}."
    items = delivered.ledger.batches.items(delivered.batch.id, "completed")
    first = f" The first is {items[0].key!r}." if items else ""
    return f"There is no delivered item {one_line(words.item, 60)!r}.{first}"


def told(rewords: Sequence[Reword]) -> str:
    """Says in a sentence what is about to be changed."""
    items = len({one.slide.item for one in rewords})
    return f"{counted(len(rewords), 'slide')} of {counted(items, 'item')} get other words."

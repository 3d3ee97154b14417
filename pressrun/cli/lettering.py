"""Words of delivered slides, from a terminal: listed as a table, and changed for nothing."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from pressrun.cli.options import Json, Owner, Run
from pressrun.cli.output import Counter, ask, print_json, print_line, print_note
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.batches.reletter import LetteredSlide, Reword, SlideWords


def reletter(
    run: Run,
    words: Annotated[
        str, Argument(metavar="WORDS", help="For the slide that --item and --slide name.")
    ] = "",
    owner: Owner = "",
    item: Annotated[str, Option(metavar="KEY", help="The item, as items.csv names it.")] = "",
    slide: Annotated[
        int | None, Option(metavar="N", help="As in its file's name: 0 is slide_0.jpg.")
    ] = None,
    csv_file: Annotated[
        Path | None,
        Option("--csv", metavar="FILE", help="A table with the columns item, slide and words."),
    ] = None,
    dry_run: Annotated[bool, Option("--dry-run", help="Check, and say what would change.")] = False,
    yes: Annotated[bool, Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> int:
    """Change words on delivered slides, for nothing.

    Without words: print the table of all words, to be changed or translated and given back
    with --csv.
    """
    from pressrun.batches import reletter as letters
    from pressrun.cli.stores import delivered_batch

    delivered = delivered_batch(run, owner)
    given = _given(words, item, slide, csv_file)
    if not given:
        return _listed(letters.slides_of(delivered), as_json)
    rewords = letters.read_rewords(delivered, given)
    if not rewords:
        raise InputError("These words stand there already: nothing is changed.")
    if not as_json:
        for one in rewords:
            print_line(f"{one.slide.item}, slide {one.slide.number}:")
            print_line(f"  - {_line(one.slide.words)}\n  + {_line(one.words)}")
        print_note(f"{letters.told(rewords)} It costs nothing.")
    if not dry_run and not yes and not ask("Change them?"):
        print_note("Nothing was changed.")
        return 2
    notes = list[str]()
    if not dry_run:
        with Counter("Lettered") as counter:
            notes = letters.reletter(delivered, rewords, counter.step)
    if as_json:
        rows = [_row(one) for one in rewords]
        print_json({"changed": 0 if dry_run else len(rows), "slides": rows, "notes": notes})
        return 0
    for note in notes:
        print_note(note)
    if not dry_run:
        print_line(f"Changed, delivered and noted in the manifest: {delivered.place}")
    return 0


def _given(words: str, item: str, slide: int | None, table: Path | None) -> "list[SlideWords]":
    from pressrun.batches.reletter import SlideWords
    from pressrun.batches.words_table import read_table

    if table:
        if words or item or slide is not None:
            raise InputError("Give a table with --csv, or the words of one slide: not both.")
        return read_table(table)
    if not (words or item or slide is not None):
        return []
    if not (words and item and slide is not None):
        raise InputError('One slide takes all three: --item KEY --slide N "words".')
    return [SlideWords(item, slide, words)]


def _listed(slides: "list[LetteredSlide]", as_json: bool) -> int:
    from pressrun.batches.words_table import write_table

    if as_json:
        print_json([{"item": s.item, "slide": s.number, "words": s.words} for s in slides])
        return 0
    sys.stdout.write(write_table(slides))
    return 0


def _row(one: "Reword") -> dict[str, object]:
    slide = one.slide
    return {
        "item": slide.item, "slide": slide.number, "before": slide.words, "words": one.words,
        "path": slide.file.path,
    }  # fmt: skip


def _line(text: str) -> str:
    return " / ".join(text.splitlines())

"""Failed items with other words, from a terminal: what can be changed, and at what price."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from pressrun.cli.control import ClientRuns, asking
from pressrun.cli.options import Json, Owner, Run, chosen_batch
from pressrun.cli.output import ask, print_json, print_line, print_note
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.batches.mend import Mendable
    from pressrun.ledger.records import Batch, Item

Words = Annotated[str | None, Option(metavar="TEXT", help="In place of the one that failed.")]


def mend(
    run: Run,
    owner: Owner = "",
    item: Annotated[str, Option(metavar="KEY", help="The failed item. None: list them.")] = "",
    prompt: Words = None,
    link: Words = None,
    photo: Words = None,
    description: Words = None,
    topic: Words = None,
    keywords: Words = None,
    word_count: Words = None,
    language: Words = None,
    instructions: Words = None,
    dry_run: Annotated[bool, Option("--dry-run", help="Just say the price.")] = False,
    yes: Annotated[bool, Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> int:
    """Change a failed item and make it, in the same batch.

    Without --item: list what failed, and what of it can be changed.
    """
    from pressrun.batches import mend as mends
    from pressrun.ledger import open_ledger

    given = {
        "prompt": prompt,
        "link": link,
        "photo": photo,
        "description": description,
        "topic": topic,
        "keywords": keywords,
        "word_count": word_count,
        "language": language,
        "instructions": instructions,
    }
    words = {name: value for name, value in given.items() if value is not None}
    batch, ledger = chosen_batch(run, owner), open_ledger()
    items = ledger.batches.items(batch.id)
    if not item:
        if words:
            raise InputError("Say which item is changed: --item KEY. `pressrun mend RUN` has them.")
        return _listed(batch, items, as_json)
    changed = mends.read_mends(batch, items, {item: words})
    if not changed:
        raise InputError("Nothing is changed. `pressrun retry` makes the same again.")
    price = mends.quote_mends(ledger, batch, items, changed)
    said = f"{item} is made again for about ${price.cost_usd.expected:.4f}."
    if not as_json or not (yes or dry_run):
        print_note(said)
    if dry_run:
        if as_json:
            print_json({"batch": batch.id, "item": item, "cost_usd": price.cost_usd.expected})
        return 0
    if not yes and not ask("Make it?"):
        print_note("Nothing was changed.")
        return 2
    with asking() as client:
        when = mends.mend(ClientRuns(client), ledger, batch, changed)
    if as_json:
        did = {"batch": batch.id, "item": item, "cost_usd": price.cost_usd.expected, "did": when}
        print_json(did)
    else:
        print_line(when)
    return 0


def _listed(batch: "Batch", items: "list[Item]", as_json: bool) -> int:
    from pressrun.batches.mend import mendable

    found = mendable(batch, items)
    if as_json:
        print_json([_row(one) for one in found])
        return 0
    for one in found:
        print_line(f"{one.item.key}: {one.item.error_message or 'failed'}")
        for field in one.fields:
            value = " ".join(one.values.get(field.name, "").split())
            print_line(f"  --{field.name.replace('_', '-')}  {value[:200]}")
    if not found:
        print_note("Nothing of this batch has failed.")
    return 0


def _row(one: "Mendable") -> dict[str, object]:
    return {
        "item": one.item.key,
        "title": one.item.title,
        "error_kind": one.item.error_kind,
        "error": one.item.error_message,
        "fields": dict(one.values),
        "waits": one.waits,
    }

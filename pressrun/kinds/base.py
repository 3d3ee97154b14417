"""A kind of batch: its parameters, its planner, and a recipe from spec to files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pressrun.calls.caller import Caller
from pressrun.calls.standalone import Ask
from pressrun.engines.account import Account
from pressrun.engines.catalogue import Makes
from pressrun.engines.token_estimates import NOTHING, Estimate
from pressrun.ledger.records import Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.settings import Settings
from pressrun.stores.layout import DEFAULT

Log = Callable[[str], None]
Download = Callable[[str], str]
Approve = Callable[
    [bytes, Mapping[str, Any], Mapping[str, Any], str, str, Sequence["Output"]], Sequence["Output"]
]
Payer = Callable[[], Account]
#: Slot and model of calls, in their order.
Chain = Sequence[tuple[str, str]]
#: In the provenance of a file: how many pictures of its item were refused and are not there.
MISSING = "missing_pictures"
#: Name of an item's file with the words that are pasted where its pictures are posted.
CAPTION = "caption.txt"


@dataclass(frozen=True, slots=True)
class Output:
    """A finished file of an item.

    Attributes:
        path: Below the batch's root.
        sha256: Its digest, if its bytes are in the vault already.
        provenance: What is known of where it came from and does not stand in the file.
    """

    path: str
    media_type: str
    data: bytes = field(repr=False)
    sha256: str = ""
    provenance: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """A call that making an item will take, as far as it is known before.

    Attributes:
        slot: What the call is for within the item; the ledger settles it under this name.
        pictures: Width and height in pixels of those sent along.
        perhaps: Of those that are sent along unless an earlier answer leaves them out.
        characters: Of all words sent along.
        answer_tokens: What is written in answer. The catalogue says a picture's tokens.
    """

    slot: str
    model: str
    kind: Makes
    size: str = ""
    pictures: tuple[tuple[int, int], ...] = ()
    perhaps: tuple[tuple[int, int], ...] = ()
    characters: int = 0
    answer_tokens: Estimate = NOTHING


class Recipe(Protocol):
    """How one kind of item is made. Holds no state: the spec and the settings say all."""

    def models(self, settings: dict[str, Any]) -> list[str]:
        """Lists the models that a batch with these settings calls, by name."""
        ...

    def expect(self, spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:
        """Lists the calls that an item of this spec takes, in their order, without making one."""
        ...

    def chain(self, spec: dict[str, Any], settings: dict[str, Any]) -> Chain:
        """Lists slot and model of the same calls; writes no prompt, which takes most of the time.

        Displays ask it of every item that is not made yet, every few seconds.
        """
        ...

    def make(
        self, batch_id: str, item: Item, settings: dict[str, Any], caller: Caller, vault: Vault
    ) -> list[Output]:
        """Makes an item's files; raises :class:`~pressrun.errors.PressrunError` if it can't."""
        ...


class Planner(Protocol):
    """Plans one batch."""

    def plan(self) -> list[PlannedItem]:
        """Lists the batch's items, in order; raises a PressrunError if nothing can be run."""
        ...

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        """Plans what replaces failed items that may be available by now, by their key."""
        ...

    def mend(self, item: Item, words: Mapping[str, str]) -> list[PlannedItem]:
        """Plans what replaces a failed item of which a person changed these fields."""
        ...


@dataclass(frozen=True, slots=True)
class PlannedSpec:
    """What is known of an item before it is planned: enough to price it."""

    key: str
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """The form of a review: what a person sees of a plan, and can change.

    Attributes:
        columns: What a table of the items shows of their specs.
        settings: Names of the batch's parameters.
        text: The items as a text that can be edited; None if there is no such text.
        from_text: The parameters that a text stands for.
        rereads: Names of the settings that say how what was given is read.
        editable: Which of the columns can be edited in a row, where there is such a text, and
        shared: what of a spec all rows have in common and can be edited once.
        edit: Gives a spec with edited values in it.
        problems: What is wrong with specs, in their order: a sentence, or empty.
        respecified: The items that changed parameters give, as far as that is known without
            fetching or asking anything; None where they stay the same.
    """

    columns: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    text: Callable[[Sequence[Item]], str] | None = None
    from_text: Callable[[str], dict[str, Any]] = lambda _: {}
    rereads: tuple[str, ...] = ()
    editable: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    edit: Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]] = lambda spec, said: {
        **spec,
        **said,
    }
    problems: Callable[[Sequence[Mapping[str, Any]]], list[str]] = lambda specs: [""] * len(specs)
    respecified: Callable[[Sequence[Item], Any], list[PlannedSpec]] | None = None


@dataclass(frozen=True, slots=True)
class MendField:
    """What of a failed item a person can change.

    Attributes:
        name: As the command line and the ledger name it.
        hint: What it takes, and what holds where it is left empty.
        lines: How many are shown of it.
        most: Characters.
        files: Types of files that may be dropped on it, as browsers name them; their upload is
            its value. Empty: none.
    """

    name: str
    title: str
    hint: str = ""
    lines: int = 1
    most: int = 4000
    files: str = ""


@dataclass(frozen=True, slots=True)
class MendForm:
    """How failed items of a kind are mended.

    Attributes:
        fields: What of an item's spec can be changed.
        given: Its values as they are, by the fields' names.
        problems: What is wrong with changed values, by field, as far as it shows without
            fetching or asking anything.
        supposed: What will be made of an item with changed values, as far as that can be known
            before; from all of the batch's items and its parameters.
    """

    fields: Callable[[Mapping[str, Any]], Sequence[MendField]]
    given: Callable[[Mapping[str, Any]], dict[str, str]]
    problems: Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, str]]
    supposed: Callable[
        [Item, Mapping[str, str], Sequence[Item], Mapping[str, Any]], list[PlannedSpec]
    ]

    @classmethod
    def of_one(
        cls,
        field: MendField,
        changed: Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]],
        problem_of: Callable[[Mapping[str, Any], Mapping[str, str]], str],
    ) -> "MendForm":
        """Makes the form of a kind whose items have one value to change.

        Args:
            field: The value's; the spec has it under the field's name.
            changed: Gives a spec with another value.
            problem_of: Says what is wrong with it; empty if nothing is.
        """

        def problems(spec: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, str]:
            said = problem_of(spec, words)
            return {field.name: said} if said else {}

        def supposed(
            item: Item, words: Mapping[str, str], _: Sequence[Item], __: Mapping[str, Any]
        ) -> list[PlannedSpec]:
            return [PlannedSpec(item.key, changed(item.spec, words))]

        return cls(
            fields=lambda _: (field,),
            given=lambda spec: {field.name: spec[field.name]},
            problems=problems,
            supposed=supposed,
        )


@dataclass(frozen=True, slots=True)
class PlanningContext:
    """Everything that planners may need.

    Attributes:
        settings: Of the machine.
        vault: The batch's.
        vault_named: Gives the vault of answers that batches share, by its name.
        log: Called with a line at every step that takes long.
        download: Copies uploads and what lies in S3 or Drive here; gives the path.
        ask: Asks a model to read or write.
        payer: Gives who pays.
        note: Called with what a person should know of the plan although nothing is wrong.
    """

    settings: Settings
    vault: Vault
    vault_named: Callable[[str], Vault]
    log: Log
    download: Download
    ask: Ask
    payer: Payer
    note: Log


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of batch.

    Attributes:
        name: As the ledger names it.
        flow: The name of its flow.
        makes: What it makes, as its deployment is named.
        items: What a person calls its items.
        recipe: How its items are made.
        parse_parameters: From the flow's parameters to checked ones; raises InputError.
        planner: From checked parameters to a planner.
        texts: What of an item's spec, with the batch's parameters, is checked against the rules
            before anything is paid: all that a person wrote and a model is given.
        path_template: Where its files lie below a destination that has no template of its own.
        review_form: What of a plan can be changed before it runs.
        mend_form: What of a failed item can be changed, so that it is made after all.
        content: Names of parameters that belong to one batch, and so to no template.
        before: What parameters meant that were saved before there was a choice, where that is
            another than today's default.
        model_of: Names the model that an item of a spec depends on, where items of one
            batch are for several: what stops one model stops no other. None where what stops one
            item stops all.
        approved: Makes the files of an item with the name of the person who approved it, from its
            JSON and its pictures as they were delivered. None where nothing is approved.
        posting: Columns of ``items.csv`` for a person who posts what is made, behind the caption
            of each item, with the fields of its spec that they show; empty where nothing is posted.
    """

    name: str
    flow: str
    makes: str
    recipe: Recipe
    parse_parameters: Callable[[Mapping[str, Any]], Any]
    planner: Callable[[Any, PlanningContext], Planner]
    texts: Callable[[Mapping[str, Any], Mapping[str, Any]], Sequence[str]]
    mend_form: MendForm
    path_template: str = DEFAULT
    review_form: ReviewForm = ReviewForm()
    content: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    model_of: Callable[[Mapping[str, Any]], str] | None = None
    items: str = "items"
    approved: Approve | None = None
    posting: Mapping[str, str] = field(default_factory=dict)

    @property
    def deployment(self) -> str:
        """Flow and name of the deployment that `make up` registers."""
        return f"{self.flow}/{self.makes}"

    def as_saved(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Completes parameters of an earlier batch or template by what they meant then."""
        return {**self.before, **parameters}

    def before_choices(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Gives, of the parameters of an earlier batch, those that had no choice once."""
        return {name: parameters.get(name, value) for name, value in self.before.items()}

"""Drafts as their pages show and change them, and the start of a batch from one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pressrun.batches.defaults import BLOCKS, VARIABLE, BatchDefaults
from pressrun.batches.templates import filled, variable_name
from pressrun.desk.fields import read_fields, typed
from pressrun.desk.kept import Kept, TooSlow
from pressrun.desk.new.drafts import BatchDraft, Drafts
from pressrun.desk.new.estimates import refused
from pressrun.desk.new.faces import HIDDEN, OPERATORS, Face, SeenDraft
from pressrun.desk.new.seen import SeenDrafts
from pressrun.desk.new.view import BlockField, DraftView, ListedDraft, others_name, title_of
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.rendering import listed
from pressrun.desk.server import PrefectServer, SavedBlock
from pressrun.desk.who import user
from pressrun.engines.account import account_from_environment
from pressrun.engines.catalogue import catalogue
from pressrun.errors import InputError, PressrunError
from pressrun.kinds.base import Kind
from pressrun.kinds.parameters import with_present_names
from pressrun.kinds.registry import find_flow
from pressrun.ledger import Ledger

#: Seconds for which the list of saved blocks stands.
_LISTED_S = 5.0
#: What the desk calls what a batch may cost at most; it stands beside the price.
_CAP = "Cap (USD)"
_AS_BEFORE = "These are the ones that were there before."
_UNKNOWN = "What is saved there is not known yet, and stands here when it answers."


class NewBatches:
    """Shows, changes and starts drafts.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        server: Prefect's.
        drafts: Where they are kept.
        faces: One for each kind of batch.
        kept: What was read and priced; it gives up soon, and the page asks again.
        blocks: The saved blocks; it waits for as long as Prefect's server does.
    """

    def __init__(
        self,
        open_ledger: Callable[[], Ledger],
        server: PrefectServer,
        drafts: Drafts,
        faces: Sequence[Face],
        kept: Kept,
        blocks: Kept,
    ):
        self._open_ledger, self._server, self._blocks = open_ledger, server, blocks
        self._last_blocks: dict[str, Sequence[SavedBlock]] = {}
        self.drafts, self.faces = drafts, {face.flow: face for face in faces}
        self._seen_drafts = SeenDrafts(kept)

    def new(self, flow: str) -> BatchDraft:
        """Makes a draft of a kind, which begins with the defaults of the settings.

        Raises:
            InputError: There is no such kind.
        """
        kind = find_flow(self._face(flow).flow)
        usual = dict(self._face(flow).usual)
        try:
            return self.drafts.new(kind.flow, usual=usual | self._usual(kind), by=user())
        except ServerAway:  # the page says so
            return self.drafts.new(kind.flow, usual=usual, without_defaults=True, by=user())

    def defaults(self) -> BatchDefaults:
        """Reads what new batches begin with, in the time that a person waits for what they do.

        Raises:
            ServerAway: Prefect's server does not answer.
        """
        return BatchDefaults.read(self._server.variable(VARIABLE))

    def _usual(self, kind: Kind) -> dict[str, Any]:
        defaults = self.defaults()
        usual = defaults.parameters(kind)
        for name, block_type in BLOCKS.items():
            if wanted := getattr(defaults, name):
                saved = self._server.saved(block_type)
                # One that was deleted is said by its name; another must not pay in its place.
                usual[name] = next((one.id for one in saved if one.name == wanted), wanted)
        return usual

    def listed(self) -> list[ListedDraft]:
        """Lists the drafts that hold something: the user's own first, then the newest change."""
        found = [
            ListedDraft(
                draft.id,
                self.faces[draft.flow].name,
                title_of(draft, self.faces[draft.flow]),
                draft.changed_at,
                others_name(draft),
            )
            for draft in self.drafts.all()
            if draft.flow in self.faces
        ]
        return sorted(found, key=lambda draft: bool(draft.by))

    def view(self, draft_id: str) -> DraftView:
        """Reads a draft, with what was understood of it.

        Raises:
            InputError: There is none.
        """
        draft = self.drafts.read(draft_id)
        face = self._face(draft.flow)
        fields = {
            name: replace(field, default=face.usual.get(name, field.default))
            for name, field in read_fields(find_flow(draft.flow), draft.said).items()
        }
        fields["budget_usd"] = replace(fields["budget_usd"], title=_CAP)
        first = (*face.own, *face.look, *HIDDEN, *(("owner",) if user() else ()), "budget_usd")
        seen, (models, needed) = self._seen(draft, face), self._models(draft)
        without = [] if draft.said.get("account") else _without_key(models)
        return DraftView(
            draft,
            face,
            fields,
            look=[fields[name] for name in face.look],
            more=[
                field
                for name, field in fields.items()
                if name not in first and (field.is_changed or name not in OPERATORS)
            ],
            blocks={name: self._block(name, draft) for name in BLOCKS},
            seen=seen,
            last=seen or self._seen_drafts.last(draft.id),
            models=models,
            without_key=f"This machine has no key for {listed(without)}." if without else "",
            stops_without=not needed.isdisjoint(without),
        )

    def stands(self, draft: BatchDraft, name: str) -> Any:
        """Gives what stands in a field of a draft's page, also where nobody changed it."""
        field = read_fields(find_flow(draft.flow), draft.said).get(name)
        return field.value if field else draft.values.get(name)

    def given(self, draft: BatchDraft) -> dict[str, Any]:
        """Gives the parameters of a draft's batch, without account and store.

        All of them, also those that nobody changed: what the page shows is what holds, whatever
        a deployment has as its defaults. Where a proxy knows the user, the batch is theirs.
        """
        face = self._face(draft.flow)
        fields = read_fields(find_flow(draft.flow), draft.said)
        shown = {n: f.value for n, f in fields.items() if n not in {*face.own, *HIDDEN}}
        known = dict.fromkeys(("owner", "requested_by"), user()) if user() else {}
        return typed(fields, {**shown, **face.parameters(draft), **known})

    def start(self, draft: BatchDraft, action: str) -> str:
        """Starts a batch as a draft says; gives its run's id.

        The same draft is started once, however often it is asked for.

        Raises:
            InputError: Its parameters cannot be used, or Prefect's server has no such deployment.
            ServerAway: It does not answer; nothing was started.
        """
        if draft.run_id:
            return draft.run_id
        kind, given = find_flow(draft.flow), self.given(draft)
        given["action"] = action
        kind.parse_parameters(given).with_account(account_from_environment())
        for name in BLOCKS:
            chosen = draft.said.get(name)
            # None, too: a deployment's own default would hold in place of what the page shows.
            given[name] = {"$ref": {"block_document_id": chosen}} if chosen else None
        run_id = self._server.start(kind.deployment, given, key=f"desk-{draft.id}")
        self.drafts.started(draft, run_id)
        return run_id

    def again(self, run_id: str) -> BatchDraft:
        """Makes a draft of what a run was given: of the draft that it was started from, if any.

        Raises:
            InputError: There is no such run, or it made none of these kinds.
            ServerAway: Prefect's server does not answer.
        """
        if before := self.drafts.of_run(run_id):
            return self.drafts.new(before.flow, before.values, before.usual, by=user())
        return self.drafts.new(*self._given_to(run_id), by=user())

    def _given_to(self, run_id: str) -> tuple[str, dict[str, Any]]:
        """Reads flow and values of a draft from what a run was started with."""
        flow, parameters = self._server.given(run_id)
        kind = find_flow(self._face(flow).flow)
        given = self._filled(kind, with_present_names(parameters))
        fields = read_fields(kind, {})
        values = {
            name: said
            for name, said in given.items()
            if name in fields and name not in HIDDEN and said != fields[name].default
        }
        for name in BLOCKS:
            reference = parameters.get(name)
            if isinstance(reference, dict):
                values[name] = (reference.get("$ref") or {}).get("block_document_id")
        return flow, {name: said for name, said in values.items() if said not in (None, "", [])}

    def _filled(self, kind: Kind, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Fills in the template that a run named; what is gone from there is not filled in."""
        name = str(given.get("template") or "").strip()
        found = self._server.variable(variable_name(name)) if name else None
        if not isinstance(found, dict):
            return given
        return filled(kind, given, found, kind.parse_parameters({}))

    def _face(self, flow: str) -> Face:
        if flow not in self.faces:
            raise InputError("There is no such kind of batch.")
        return self.faces[flow]

    def _seen(self, draft: BatchDraft, face: Face) -> SeenDraft | None:
        try:
            given = self.given(draft)
        except PressrunError as error:
            return SeenDraft(refused(error))

        def read() -> SeenDraft:
            return face.see(draft, find_flow(draft.flow), given, self._open_ledger())

        try:
            return self._seen_drafts.get(draft, read)
        except PressrunError as error:
            return SeenDraft(refused(error))

    def _models(self, draft: BatchDraft) -> tuple[Sequence[str], set[str]]:
        """Lists the models that a draft asks, and those without which nothing is made."""
        try:
            parameters = find_flow(draft.flow).parse_parameters(self.given(draft))
        except PressrunError:
            return [], set()
        return [*dict.fromkeys(parameters.asked_models())], set(parameters.called_models())

    def _block(self, name: str, draft: BatchDraft) -> BlockField:
        """Gives the blocks among which a parameter is chosen, or those that were known last."""
        chosen, away = str(draft.said.get(name) or ""), ""

        def read() -> list[SavedBlock]:
            return self._server.saved(BLOCKS[name])

        try:
            self._last_blocks[name] = self._blocks.get(name, _LISTED_S, read)
        except (ServerAway, TooSlow, InputError) as error:
            known = name in self._last_blocks
            away = f"{error} {_AS_BEFORE if known else _UNKNOWN}"
        return BlockField(name, self._last_blocks.get(name, ()), chosen, away)


def _without_key(models: Sequence[str]) -> list[str]:
    # What another machine's worker has is not known here; nor what a block holds.
    account = account_from_environment()
    return [name for name in models if not account.accesses_of(catalogue()[name])]

"""Templates at the desk: settings saved under a name, and drafts that begin with them.

What is in a template, and how it is read, ``pressrun.batches.templates`` says, as it does for the
command line.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pressrun.batches.templates import PREFIX, saved_settings, template_of, variable_name
from pressrun.desk.doors import Form
from pressrun.desk.fields import Field, read_fields, typed, value_words
from pressrun.desk.kept import TooSlow
from pressrun.desk.new.desk import NewBatches
from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.faces import HIDDEN
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.rendering import render
from pressrun.desk.server import PrefectServer
from pressrun.desk.settings.saved import Variables
from pressrun.desk.who import user
from pressrun.errors import InputError
from pressrun.kinds.base import Kind
from pressrun.kinds.registry import find_flow, find_kind
from pressrun.ledger import Ledger

Part = Literal["drafts", "batches"]


class TemplateTaken(InputError):
    """There is a template of that name, which nobody said to replace.

    Attributes:
        name: As it is kept.
    """

    def __init__(self, name: str, flow: str):
        self.name = name
        super().__init__(f"There is a template {name} for {flow} already. Replace it?")


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that a template sets, as people read it."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """What a template is made of.

    Attributes:
        flow: Of the kind of batch.
        called: The draft's or the batch's title.
        content: The template.
        changes: The settings that are not as the kind has them by default.
    """

    flow: str
    called: str
    content: Mapping[str, Any]
    changes: Sequence[SettingChange]


class Templates:
    """Saves and reads templates.

    Args:
        server: Prefect's, where they are variables.
        new: The drafts.
        open_ledger: Gives the ledger, or raises a LedgerError.
    """

    def __init__(self, server: PrefectServer, new: NewBatches, open_ledger: Callable[[], Ledger]):
        self._variables, self._new, self._open_ledger = Variables(server), new, open_ledger

    def of(self, flow: str) -> list[str] | None:
        """Lists the names of a flow's templates; None while Prefect's server is away."""
        try:
            found = self._variables.beginning(PREFIX)
        except (ServerAway, TooSlow):
            return None
        kept = {name: one for name, one in found.items() if isinstance(one, dict)}
        return sorted(name for name, one in kept.items() if one.get("flow") == flow)

    def of_draft(self, draft_id: str) -> TemplateSource:
        """Makes a template of a draft's settings.

        Raises:
            InputError: There is no such draft, or a setting cannot be used.
        """
        view = self._new.view(draft_id)
        kind = find_flow(view.draft.flow)
        settings = template_of(kind, self._new.given(view.draft))["settings"]
        return _source(kind, view.title, kind.parse_parameters(settings).model_dump())

    def of_batch(self, batch_id: str) -> TemplateSource:
        """Makes a template of a batch's settings.

        Raises:
            InputError: The ledger has no such batch.
        """
        batch = self._open_ledger().batches.find(batch_id)
        if batch is None:
            raise InputError("The ledger has no such batch any more.")
        return _source(find_kind(batch.kind), batch.title, batch.parameters)

    def save(self, source: TemplateSource, name: str, replaces: str = "") -> str:
        """Saves a template; gives its name as it is kept.

        Args:
            source: What it is made of.
            name: As a person typed it.
            replaces: The name of the template that may be written over.

        Raises:
            TemplateTaken: There is another one of that name.
            InputError: It is no name.
            ServerAway: Prefect's server does not answer; nothing is saved.
        """
        kept = variable_name(name)
        bare = kept.removeprefix(PREFIX)
        before = self._variables.read(kept)
        if before is not None and bare != replaces:
            flow = before.get("flow", "") if isinstance(before, dict) else "another thing"
            raise TemplateTaken(bare, flow)
        self._variables.write(kept, dict(source.content))
        return bare

    def has(self, name: str) -> bool:
        """Says whether there is a template of that name."""
        return bool(name) and self._variables.read(variable_name(name)) is not None

    def changes(self, draft: BatchDraft, name: str) -> list[SettingChange]:
        """Lists what a template would change in a draft.

        Raises:
            InputError: There is no such template, or it is for another flow.
        """
        fields = read_fields(find_flow(draft.flow), draft.said)
        return [
            SettingChange(fields[of].title, value_words(fields[of].value), value_words(value))
            for of, value in self._settings(draft, name, fields).items()
            if typed(fields, {of: fields[of].value})[of] != value
        ]

    def fill(self, draft: BatchDraft, name: str) -> None:
        """Sets a draft's settings as a template has them; what was given stays.

        Raises:
            InputError: As :meth:`changes`.
        """
        fields = read_fields(find_flow(draft.flow), {})
        settings = self._settings(draft, name, fields)
        usual = {of: draft.usual.get(of, fields[of].default) for of in settings}
        new = {of: None if value == usual[of] else value for of, value in settings.items()}
        self._new.drafts.change(draft.id, new)

    def _settings(
        self, draft: BatchDraft, name: str, fields: Mapping[str, Field]
    ) -> dict[str, Any]:
        kind = find_flow(draft.flow)
        template = self._variables.read(variable_name(name))
        if not isinstance(template, dict):
            raise InputError(f"There is no template {name[:80]!r} any more.")
        # Where a proxy knows the user, the batch is theirs, whoever the template names.
        left = {*HIDDEN, *(("owner",) if user() else ())}
        saved = saved_settings(kind, name, template, kind.parse_parameters({}))
        return {of: value for of, value in saved.items() if of in fields and of not in left}


def template_routes(templates: Templates, new: NewBatches) -> APIRouter:
    """Makes the addresses that save a template, and that fill a draft with one."""
    router = APIRouter()
    _save_routes(router, templates)

    @router.get("/drafts/{draft_id}/fill")
    def _ask(draft_id: str, template: str = "") -> Response:
        draft = new.drafts.require_open(draft_id)
        changes = templates.changes(draft, template)
        return HTMLResponse(render("fill.html", draft=draft, name=template, changes=changes))

    @router.post("/drafts/{draft_id}/fill")
    def _fill(draft_id: str, form: Form) -> Response:
        templates.fill(new.drafts.require_open(draft_id), form.get("template", ""))
        return RedirectResponse(f"/drafts/{draft_id}#look", 303)

    return router


def _save_routes(router: APIRouter, templates: Templates) -> None:
    def source_of(part: Part, of_id: str) -> TemplateSource:
        return templates.of_draft(of_id) if part == "drafts" else templates.of_batch(of_id)

    def shown(of: str, source: TemplateSource, status: int = 200, **told: str) -> Response:
        words = {"saved": "", "name": "", "wrong": "", "replaces": ""} | told
        return HTMLResponse(render("template.html", of=of, source=source, **words), status)

    @router.get("/{part}/{of_id}/template")
    def _ask(part: Part, of_id: str, saved: str = "") -> Response:
        known = saved if saved and templates.has(saved) else ""
        return shown(f"/{part}/{quote(of_id, safe='')}", source_of(part, of_id), saved=known)

    @router.post("/{part}/{of_id}/template")
    def _save(part: Part, of_id: str, form: Form) -> Response:
        of, source = f"/{part}/{quote(of_id, safe='')}", source_of(part, of_id)
        name = form.get("name", "")
        try:
            kept = templates.save(source, name, form.get("replaces", ""))
        except InputError as error:
            taken = error.name if isinstance(error, TemplateTaken) else ""
            return shown(of, source, 422, name=name, wrong=str(error), replaces=taken)
        return RedirectResponse(f"{of}/template?{urlencode({'saved': kept})}", 303)


def _source(kind: Kind, called: str, parameters: Mapping[str, Any]) -> TemplateSource:
    content = template_of(kind, parameters)
    if user():
        # A template is everybody's; whose a batch is, the proxy says.
        content["settings"].pop("owner", None)
    fields = read_fields(kind, content["settings"])
    changes = [
        SettingChange(fields[of].title, fields[of].default_words, value_words(fields[of].value))
        for of in content["settings"]
        if of in fields and of not in HIDDEN and fields[of].is_changed
    ]
    return TemplateSource(kind.flow, called, content, changes)

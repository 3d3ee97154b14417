"""What the page of settings shows, and the defaults and templates that are changed there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pressrun.batches.defaults import BLOCKS, VARIABLE, BatchDefaults, UnfitDefaults
from pressrun.batches.templates import PREFIX, variable_name
from pressrun.boundary.numbers import read_number
from pressrun.boundary.text import plain_line
from pressrun.desk.fields import read_fields, value_words
from pressrun.desk.server import PrefectServer
from pressrun.desk.settings.saved import SavedBlocks, StoredBlock, Variables
from pressrun.desk.settings.sections import store_sort
from pressrun.desk.settings.usage import naming_template, users_of
from pressrun.engines.account import VERTEX_LOCATION, account_from_environment
from pressrun.engines.account_check import name_access
from pressrun.engines.catalogue import names_of
from pressrun.errors import InputError
from pressrun.kinds.registry import find_flow, find_kind, kind_names

_AMOUNTS = {"ask_over_usd": 20.0, "budget_usd": 0.0}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A block in a list: what it is, in words, and its sort."""

    name: str
    told: Sequence[str]
    sort: str = ""


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template in a list: of which flow it is, and what it sets otherwise than by default."""

    name: str
    flow: str
    told: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All settings.

    Attributes:
        environment: The ways in that the desk's own environment has.
    """

    accounts: Sequence[SettingRow]
    environment: Sequence[str]
    stores: Sequence[SettingRow]
    keys: Sequence[SettingRow]
    defaults: BatchDefaults
    templates: Sequence[TemplateRow]
    image_models: Sequence[str]
    text_models: Sequence[str]


class SettingsView:
    """Reads what lies on Prefect's server; changes defaults and templates.

    Args:
        server: Prefect's.
    """

    def __init__(self, server: PrefectServer):
        self._server, self._blocks = server, SavedBlocks(server)
        self._variables = Variables(server)

    def read(self) -> Overview:
        """Reads all.

        Raises:
            ServerAway: It does not answer.
        """
        slugs = ("model-account", "result-store", "aws-credentials")
        found: dict[str, list[StoredBlock]] = {slug: [] for slug in slugs}
        for block in self._blocks.listed(*slugs, which_secrets=True):
            found[block.slug].append(block)
        accounts, stores, keys = found.values()
        return Overview(
            [SettingRow(block.name, _ways(block)) for block in accounts],
            _environment(),
            [SettingRow(block.name, _place(block), _scheme(block)) for block in stores],
            [SettingRow(block.name, _key(block)) for block in keys],
            self.defaults(),
            [_template(name, value) for name, value in sorted(self.templates().items())],
            names_of("image"),
            names_of("text"),
        )

    def defaults(self) -> BatchDefaults:
        """Reads what new batches begin with.

        Raises:
            ServerAway: Prefect's server does not answer.
        """
        return BatchDefaults.read(self._variables.read(VARIABLE))

    def set_defaults(self, form: Mapping[str, str]) -> BatchDefaults:
        """Saves what new batches begin with, here and in Prefect's forms.

        Raises:
            UnfitDefaults: Some of it cannot be used; names it by field.
            InputError: An account or a store is gone.
        """
        given: dict[str, Any] = {
            name: form.get(name, "").strip() for name in BatchDefaults.model_fields
        }
        wrong = {}
        for name, usual in _AMOUNTS.items():
            try:
                given[name] = read_number(given[name]) if given[name] else usual
            except InputError as error:
                wrong[name] = str(error)
        if wrong:
            raise UnfitDefaults(wrong)
        wanted, before = BatchDefaults.of(given), self.defaults()
        ids = {
            name: self._blocks.find(slug, getattr(wanted, name)).id
            for name, slug in BLOCKS.items()
            if getattr(wanted, name)
        }
        self._variables.write(VARIABLE, wanted.model_dump())
        for name in kind_names():
            self._set_form(name, wanted, before, ids)
        return wanted

    def _set_form(
        self, kind_name: str, wanted: BatchDefaults, before: BatchDefaults, ids: Mapping[str, str]
    ) -> None:
        kind = find_kind(kind_name)
        try:
            form = self._server.ask("GET", f"/deployments/name/{kind.deployment}")
        except InputError:
            return  # not registered on this server
        parameters = wanted.form(kind, before, form["parameters"], ids)
        if parameters != form["parameters"]:
            self._server.ask(
                "PATCH", f"/deployments/{form['id']}", {"parameters": parameters}, 30.0
            )

    def templates(self) -> dict[str, Any]:
        """Reads the templates, by name.

        Raises:
            ServerAway: Prefect's server does not answer.
        """
        return self._variables.beginning(PREFIX)

    def rename_template(self, name: str, new: str) -> str:
        """Gives a template another name; gives the name as it is kept.

        Raises:
            InputError: It is gone, or there is one of that name, or it is no name.
        """
        wanted = variable_name(new)
        if wanted != variable_name(name):
            self._variables.rename(variable_name(name), wanted)
        return wanted.removeprefix(PREFIX)

    def template_users(self, name: str) -> list[str]:
        """Lists what names a template."""
        return users_of(self._server, naming_template(name))

    def delete_template(self, name: str) -> None:
        """Deletes a template.

        Raises:
            InputError: It is gone.
        """
        self._variables.delete(variable_name(name))


def _ways(block: StoredBlock) -> list[str]:
    data, set_ = block.data, block.secrets
    told = []
    if "api_key" in set_ or "more_keys" in set_:
        several = "Gemini: several keys" if {"api_key", "more_keys"} <= set_ else "Gemini: a key"
        told.append(several + _at(data.get("base_url")))
    if data.get("vertex_project"):
        told.append(
            f"Vertex AI: {data['vertex_project']} in {data.get('vertex_location', VERTEX_LOCATION)}"
        )
    if "openai_key" in set_:
        told.append("OpenAI: a key" + _at(data.get("openai_base_url")))
    if data.get("aws_region"):
        told.append(f"Amazon Bedrock in {data['aws_region']}")
    for name, span in (("daily_usd", "day"), ("monthly_usd", "month")):
        if data.get(name):
            told.append(f"at most ${data[name]:,.2f} a {span}")
    if limits := data.get("limits"):
        told.append(f"limits of {len(limits)} model{'' if len(limits) == 1 else 's'}")
    return told


def _at(url: str | None) -> str:
    return f" at {urlsplit(url).hostname or 'another address'}" if url else ""


def _environment() -> list[str]:
    usable = [way for way in account_from_environment().accesses if way.usable]
    return [name_access(way, number) for number, way in enumerate(usable, 1)]


def _scheme(block: StoredBlock) -> str:
    return store_sort(str(block.data.get("destination", "")))


def _place(block: StoredBlock) -> list[str]:
    told = [plain_line(str(block.data.get("destination", "")), 200)]
    if endpoint := block.data.get("endpoint_url"):
        told.append(f"at {urlsplit(endpoint).hostname or 'another address'}")
    if keys := block.data.get("aws_credentials"):
        told.append(f"with the key {keys}")
    return told


def _key(block: StoredBlock) -> list[str]:
    told = [str(block.data.get("aws_access_key_id") or "no key id")]
    return told + ([str(region)] if (region := block.data.get("region_name")) else [])


def _template(name: str, value: Any) -> TemplateRow:
    content = value if isinstance(value, dict) else {}
    flow, settings = str(content.get("flow", "")), content.get("settings") or {}
    try:
        fields = read_fields(find_flow(flow), settings)
    except InputError:
        return TemplateRow(name, "", "For no kind of batch that this version knows.")
    told = [
        f"{fields[of].title}: {value_words(one)}"
        for of, one in settings.items()
        if of in fields and fields[of].is_changed
    ]
    return TemplateRow(name, flow, plain_line("; ".join(told), 300) or "All as it is by default.")

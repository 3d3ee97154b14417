"""Writes from the code what people look up: ``reference.md``, and the map in ``architecture.md``.

    python docs/reference.py            # writes both, as `make docs` does
    python docs/reference.py --check    # fails where one is stale, as `make check` does

Parameters are read as Prefect's form has them, commands as ``pressrun --help`` shows them. What is
written holds no path of this machine and is the same in every terminal.
"""

import ast
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from typer.main import get_command

from flows.article_batch import article_batch
from flows.image_batch import image_batch
from flows.model_comparison import model_comparison
from flows.slideshow_batch import slideshow_batch
from pressrun.blocks import ModelAccount, ResultStore
from pressrun.blocks.notification import Mail
from pressrun.cli import app
from pressrun.settings import Settings

HERE = Path(__file__).parent
CHECKOUT = HERE.parent
FLOWS = (slideshow_batch, image_batch, article_batch, model_comparison)
BLOCKS = (ModelAccount, ResultStore, Mail)
PACKAGES = ("deployments", "flows", "tasks", "pressrun")

Field = Mapping[str, Any]

_HEAD = """\
# Reference

<!-- Written by `make docs` from the code. Do not edit it: change the code, then `make docs`. -->

[Parameters](#parameters) · [Settings](#settings) · [Blocks](#blocks) · [Commands](#commands)
"""
_PARAMETERS = """\
## Parameters

The form in Prefect's UI, `prefect deployment run … --params` and schedules take these parameters.
An empty default means that nothing is set. What every kind of batch takes is
[listed once](#parameters-of-every-kind).
"""
_SETTINGS = """\
## Settings

Environment variables of the worker and of the command `pressrun`. Lists and objects are written as
JSON. The keys of providers have names of their own: see [models.md](models.md).
"""
_BLOCKS = """\
## Blocks

Blocks are saved on the Prefect server: in the UI under Blocks, `+`. Secret fields are stored
encrypted and are not shown again.
"""
_COMMANDS = """\
## Commands

`RUN` is the id of a flow run, the beginning of the id, or `latest`. Every command takes `--json`.
The exit code is 0 if all is well, 1 if a problem was found (a batch failed, an audit found
differences), and 2 if the command could not be carried out.
"""
#: Variables that are read elsewhere than in ``Settings``: name, default, allowed, meaning.
_OTHER_SETTINGS = (
    (
        "PRESSRUN_BEDROCK_REGION",
        "",
        "text",
        "AWS region of Amazon Bedrock, such as us-west-2. Empty: Bedrock is not used.",
    ),
    ("PRESSRUN_PORT", "4200", "whole number", "Port of the Prefect server that `make up` starts."),
)

_MAP = re.compile(r"(?<=<!-- map -->\n).*?(?=<!-- end of map -->)", re.DOTALL)
_ROLE = re.compile(r":\w+:`~?([^`]+)`")


def main(arguments: list[str]) -> int:
    """Writes the pages, or says which are stale."""
    # Help is wrapped for this width, without colours; folders are those of a plain Linux home.
    os.environ.update(COLUMNS="88", NO_COLOR="1", TERM="dumb")
    os.environ.pop("XDG_DATA_HOME", None)
    stale = [(page, text) for page, text in pages() if not _is(page, text)]
    if "--check" not in arguments:
        for page, text in stale:
            page.write_text(text, "utf-8")
        return 0
    for page, _ in stale:
        print(f"docs/{page.name} is not what the code says: run make docs.")
    return 1 if stale else 0


def _is(page: Path, text: str) -> bool:
    return page.exists() and page.read_text("utf-8") == text


def pages() -> Iterator[tuple[Path, str]]:
    """Each page that is made from the code, whole or in part, with its text."""
    yield HERE / "reference.md", "\n".join(_reference())
    architecture = HERE / "architecture.md"
    tree = "\n".join(["```", *_map(), "```", ""])
    yield architecture, _MAP.sub(lambda _: tree, architecture.read_text("utf-8"))


def _reference() -> Iterator[str]:
    yield _HEAD
    yield from _parameters()
    yield from _settings()
    yield from _blocks()
    yield from _commands()


def _parameters() -> Iterator[str]:
    yield _PARAMETERS
    forms = {flow.name: flow.parameters.properties for flow in FLOWS}
    shared = _shared([*forms.values()])
    for name, form in forms.items():
        yield f"### {name}\n"
        yield from _table("parameter", ((k, v) for k, v in form.items() if k not in shared))
    yield "### Parameters of every kind\n"
    yield from _table("parameter", shared.items())


def _shared(forms: list[dict[str, Any]]) -> dict[str, Field]:
    """The parameters that mean the same in all forms."""

    def said(field: Field) -> Field:
        return {key: value for key, value in field.items() if key != "position"}

    first, *others = forms
    return {
        name: field
        for name, field in first.items()
        if all(name in form and said(form[name]) == said(field) for form in others)
    }


def _settings() -> Iterator[str]:
    yield _SETTINGS
    schema = Settings.model_json_schema()
    rows = [*_OTHER_SETTINGS]
    for name, field in schema["properties"].items():
        default = _default_setting(name, field)
        rows.append((f"PRESSRUN_{name.upper()}", default, _allowed(field), field["description"]))
    yield from _rows("variable | default | allowed | meaning", sorted(rows))


def _default_setting(name: str, field: Field) -> str:
    """The default; a folder in somebody's home is one in anybody's."""
    value = Settings.model_fields[name].get_default(call_default_factory=True)
    if isinstance(value, Path):
        return f"~/{value.relative_to(Path.home()).as_posix()}"
    return _default(field)


def _blocks() -> Iterator[str]:
    yield _BLOCKS
    for block in BLOCKS:
        schema = block.model_json_schema()
        yield f"### {block._block_type_name}\n"
        yield f"{schema['description']}\n"
        yield from _table("field", _marked(schema).items())
        for part in schema.get("definitions", {}).values():
            yield f"Each of `{_owner_of(schema, part['title'])}` has:\n"
            yield from _table("field", part["properties"].items())


def _marked(schema: Field) -> dict[str, Field]:
    """The fields of a block, those that are secret with a word that says so."""
    secret = {name.partition(".")[0] for name in schema["secret_fields"]}
    return {
        name: {**field, "title": f"{field['title']} (secret)"} if name in secret else field
        for name, field in schema["properties"].items()
    }


def _owner_of(schema: Field, part: str) -> str:
    """The field whose entries are of that part."""
    reference = {"$ref": f"#/definitions/{part}"}
    fields: Mapping[str, Field] = schema["properties"]
    return next(name for name, field in fields.items() if field.get("items") == reference)


def _commands() -> Iterator[str]:
    yield _COMMANDS
    pressrun: Any = get_command(app)
    context = pressrun.make_context("pressrun", [], resilient_parsing=True)
    yield _printed(context.get_help())
    for name, command in pressrun.commands.items():
        yield f"### pressrun {name}\n"
        inner = command.make_context(name, [], context, resilient_parsing=True)
        yield _printed(inner.get_help())


def _printed(text: str) -> str:
    """What a command prints, as a block of code."""
    return "\n".join(["```", *map(str.rstrip, text.splitlines()), "```", ""])


def _table(word: str, fields: Iterable[tuple[str, Field]]) -> Iterator[str]:
    """A table of fields, as JSON Schema describes them."""
    yield from _rows(
        f"{word} | title | default | allowed | meaning",
        (
            (name, field["title"], _default(field), _allowed(field), _meaning(field))
            for name, field in fields
        ),
    )


def _meaning(field: Field) -> str:
    """What a field is for; not its second line, the prices of a day."""
    meaning, _, _ = str(field.get("description", "")).partition("\n")
    return meaning


def _rows(head: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A Markdown table; the first column and the default are code."""
    names = head.split(" | ")
    code = {0, names.index("default")}
    lines = [f"| {head} |", f"|{'---|' * len(names)}"]
    for row in rows:
        cells = [cell.replace("|", r"\|") for cell in row]
        cells = [f"`{cell}`" if cell and at in code else cell for at, cell in enumerate(cells)]
        lines.append(f"| {' | '.join(cells)} |")
    yield "\n".join(lines) + "\n"


def _default(field: Field) -> str:
    value = field.get("default")
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _allowed(field: Field) -> str:
    """What a field takes, in words."""
    if "enum" in field:
        return ", ".join(f"`{one}`" for one in field["enum"] if one)
    if "anyOf" in field:
        return " or ".join(_allowed(one) for one in field["anyOf"] if one.get("type") != "null")
    if "$ref" in field:
        return f"a saved {_words(field['$ref'].rpartition('/')[2])} block"
    return _KINDS[field["type"]](field)


def _text(field: Field) -> str:
    least, most = field.get("minLength", 0), field.get("maxLength")
    if most:
        return f"text, {least or 'up'} to {most:,} characters"
    return {"path": "path"}.get(field.get("format", ""), "text")


def _number(field: Field) -> str:
    word = {"integer": "whole number", "number": "number"}[field["type"]]
    least, most = field.get("minimum"), field.get("maximum")
    above = field.get("exclusiveMinimum")
    if above is not None:
        return f"{word} above {above:g}" + (f", at most {most:,}" if most is not None else "")
    if least is None:
        return word
    return f"{word}, {least:g} to {most:,}" if most is not None else f"{word} from {least:g}"


def _list(field: Field) -> str:
    items = field.get("items", {})
    of = "entries, see below" if "$ref" in items else _allowed(items)
    return f"up to {field['maxItems']} of {of}" if "maxItems" in field else f"list of {of}"


_KINDS: Mapping[str, Callable[[Field], str]] = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda _: "`true`, `false`",
    "array": _list,
    "object": lambda _: "JSON object",
}


def _words(name: str) -> str:
    """``ModelAccount`` as people say it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _map() -> Iterator[str]:
    """The folders and modules at the top of each package, with the first line of what they say."""
    for package in PACKAGES:
        yield f"{package + '/':<22} {_first_line(CHECKOUT / package / '__init__.py')}"
        if package == "pressrun":
            entries = [*(CHECKOUT / package).iterdir()]
            folders = [one for one in entries if (one / "__init__.py").exists()]
            modules = [one for one in entries if one.suffix == ".py" and one.stem != "__init__"]
            for folder in sorted(folders):
                yield f"  {folder.name + '/':<20} {_first_line(folder / '__init__.py')}"
            for module in sorted(modules):
                yield f"  {module.name:<20} {_first_line(module)}"


def _first_line(module: Path) -> str:
    said = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    return _ROLE.sub(r"\1", said.partition("\n")[0]).replace("``", "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""README and docs are true: what they link to, tell people to type and name does exist."""

import importlib.util
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flows.article_batch import article_batch
from flows.image_batch import image_batch
from flows.model_comparison import model_comparison
from flows.slideshow_batch import slideshow_batch
from pressrun.cli import main

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
PAGES = [
    *(CHECKOUT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")),
    *sorted(DOCS.glob("*.md")),
]
FLOWS = {
    flow.name: flow for flow in (slideshow_batch, image_batch, article_batch, model_comparison)
}

_BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_PRESSRUN = re.compile(r"(?:^|[/ ])pressrun ([a-z][a-z-]*)([^#;]*)")
_OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]*")
_MAKE = re.compile(r"^make ([a-z][a-z0-9-]*)")
_MODULE = re.compile(r"python -m ((?:tests|deployments|pressrun)[\w.]*)")
_SETTING = re.compile(r"PRESSRUN_[A-Z_]*[A-Z]")
_TARGET = re.compile(r"^([a-z][\w-]*):", re.MULTILINE)
_LISTED = re.compile(r"^\| `(PRESSRUN_\w+)`", re.MULTILINE)
_PATH = re.compile(r"(?:pressrun|tasks|flows|deployments|tests|docs|samples|\.ci)/[\w./-]*")
_LAUNCH = re.compile(r"prefect deployment run ([\w-]+)/\w+.*?--params '(.*?)'", re.DOTALL)

Faults = Callable[[str], Iterator[str]]


def code(text: str) -> Iterator[str]:
    """Every line of every block of code, and every piece of code in a sentence."""
    for block in _BLOCK.findall(text):
        yield from block.splitlines()
    yield from _SPAN.findall(_BLOCK.sub("", text))


def dead_links(text: str) -> Iterator[str]:
    """Relative links from a page in docs/ that lead to no file, or to no heading of it."""
    for link in _LINK.findall(_BLOCK.sub("", text)):
        place, _, anchor = link.partition("#")
        if "://" in place:
            continue
        page = (DOCS / place).resolve() if place else None
        if page and not page.exists():
            yield link
            continue
        there = anchors(page.read_text("utf-8") if page else text) if anchor else {""}
        if anchor not in there:
            yield link


def anchors(text: str) -> set[str]:
    """What GitHub calls the headings of a page."""
    titles = _HEADING.findall(_BLOCK.sub("", text))
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def wrong_commands(text: str) -> Iterator[str]:
    """Subcommands and options of ``pressrun`` that it does not have."""
    for line in code(text):
        for name, rest in _PRESSRUN.findall(line):
            known = help_of(name)
            if not known:
                yield f"pressrun {name}"
            yield from (f"{name} {one}" for one in _OPTION.findall(rest) if one not in known)


@cache
def help_of(command: str) -> str:
    """What a subcommand says of itself; nothing if there is none."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(io.StringIO()):
        code = main([command, "--help"])
    return "" if code else printed.getvalue()


def wrong_targets(text: str) -> Iterator[str]:
    """Targets that the Makefile does not have."""
    there = set(_TARGET.findall((CHECKOUT / "Makefile").read_text("utf-8")))
    named = (target for line in code(text) for target in _MAKE.findall(line))
    return (target for target in named if target not in there)


def wrong_modules(text: str) -> Iterator[str]:
    """Modules to run that are not there."""
    for module in _MODULE.findall(text):
        path = CHECKOUT / module.replace(".", "/")
        if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists()):
            yield module


def wrong_settings(text: str) -> Iterator[str]:
    """Variables that the reference, which is made from the code, does not list."""
    rows = re.findall(
        r"^\| `(PRESSRUN_\w+)`", (DOCS / "reference.md").read_text("utf-8"), re.MULTILINE
    )
    return (name for name in _SETTING.findall(text) if name not in rows)


def wrong_paths(text: str) -> Iterator[str]:
    """Files and folders of this repository that are not there."""
    for span in _SPAN.findall(_BLOCK.sub("", text)):
        if _PATH.fullmatch(span) and not (CHECKOUT / span).exists():
            yield span


def wrong_parameters(text: str) -> Iterator[str]:
    """Launches with parameters that the flow does not take."""
    for name, written in _LAUNCH.findall(text):
        given: dict[str, Any] = json.loads(written)
        flow = FLOWS[name]
        unknown = given.keys() - flow.parameters.properties.keys()
        yield from (f"{name} {parameter}" for parameter in unknown)
        if not unknown:
            flow.validate_parameters(given)


#: Each check with a text in which it finds so many faults.
CHECKS: dict[Faults, tuple[str, int]] = {
    dead_links: ("[no page](no.md), ![no picture](images/no.png), [no title](cost.md#no)", 3),
    wrong_commands: ("```\n.venv/bin/pressrun launch x\n```\n`pressrun retry RUN --never`", 2),
    wrong_targets: ("```\nmake tea   # no such thing\n```\nor `make coffee`", 2),
    wrong_modules: ("```\n.venv/bin/python -m tests.benchmarks.nothing --json\n```", 1),
    wrong_settings: ("set `PRESSRUN_NOTHING`", 1),
    wrong_paths: ("`pressrun/nothing.py`", 1),
    wrong_parameters: ("prefect deployment run image-batch/images --params '{\"a\": 1}'", 1),
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("faults", CHECKS, ids=lambda faults: faults.__name__)
def test_a_page_is_true(faults: Faults, page: Path) -> None:
    # As if it stood in docs/, where links begin for the pages there.
    up = re.sub(r"\]\((?!\w+://|#)", "](../", page.read_text("utf-8"))
    text = page.read_text("utf-8") if page.parent == DOCS else up
    assert list(faults(text)) == []


@pytest.mark.parametrize("faults", CHECKS, ids=lambda faults: faults.__name__)
def test_what_is_not_true_is_found(faults: Faults) -> None:
    wrong, expected = CHECKS[faults]
    assert len(list(faults(wrong))) == expected


def test_pages_name_what_is_checked() -> None:
    texts = "\n".join(page.read_text("utf-8") for page in PAGES)
    assert len(_LINK.findall(texts)) > 50
    assert len({name for line in code(texts) for name, _ in _PRESSRUN.findall(line)}) > 20
    assert len(_LAUNCH.findall(texts)) > 5


def test_the_readme_is_short_and_has_one_screenshot() -> None:
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    assert len(readme.splitlines()) <= 140
    assert readme.count("![") == 1


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    assert [page.name for page in DOCS.glob("*.md") if f"docs/{page.name}" not in readme] == []


def test_a_reference_that_the_code_does_not_say_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    reference: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    for name in ("COLUMNS", "NO_COLOR", "TERM", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, "20")  # put back at the end, whatever the script sets
    monkeypatch.setattr(reference, "HERE", tmp_path)
    shutil.copy(DOCS / "architecture.md", tmp_path)

    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    with (tmp_path / "reference.md").open("a") as page:
        page.write("And more.\n")
    capsys.readouterr()
    assert reference.main(["--check"]) == 1
    assert "docs/reference.md is not what the code says: run make docs" in capsys.readouterr().out
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    assert str(Path.home()) not in (tmp_path / "reference.md").read_text("utf-8")

"""Writes ``licences.md``, the licences of all dependencies, from the packages' own metadata.

python docs/licences.py            # as `make docs` does
python docs/licences.py --check    # fails where it is stale, as `make check` does
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE.parent / "requirements.lock"
PAGE = HERE / "licences.md"

_HEAD = """\
# Licences of the dependencies

<!-- Written by `make docs` from the packages' metadata. Do not edit it. -->

All packages of `requirements.lock`, as their own metadata say it. Pressrun's own licence is in
[LICENSE](../LICENSE). gallery-dl is run as a program and never imported. The typefaces in
`pressrun/pictures/lettering/faces` (TikTok Sans, Noto Sans, Noto Color Emoji) are under the SIL
Open Font License 1.1; each has its licence beside it.

| package | version | licence |
|---|---|---|
"""


def page() -> str:
    """Writes the page; a package that only other platforms install keeps the row that it has."""
    pinned = re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK.read_text("utf-8"), re.MULTILINE)
    return _HEAD + "".join(f"{_row(name, version)}\n" for name, version in pinned)


def _row(name: str, version: str) -> str:
    begin = f"| {name} | {version} | "
    try:
        licence = next(_licences(distribution(name)), "its metadata do not say")
    except PackageNotFoundError:
        kept = PAGE.read_text("utf-8").splitlines() if PAGE.exists() else []
        return next((row for row in kept if row.startswith(begin)), f"{begin}not installed here |")
    return f"{begin}{licence.replace('|', '/')} |"


def _licences(package: Distribution) -> Iterator[str]:
    """Yields what the metadata say, the most exact first: newer packages have an expression."""
    told = package.metadata
    yield from told.get_all("License-Expression") or []
    prefix = "License :: OSI Approved :: "
    classes = [c for c in told.get_all("Classifier") or [] if c.startswith(prefix)]
    if classes:
        yield ", ".join(sorted(c.removeprefix(prefix) for c in classes))
    for text in told.get_all("License") or []:
        short = text.strip().partition("\n")[0]  # some put the whole text there
        if 0 < len(short) < 100:
            yield short
    for file in told.get_all("License-File") or []:  # its title, where the metadata name none
        yield (package.read_text(f"licenses/{file}") or "").strip().partition("\n")[0]


def main() -> int:
    """Writes or checks the page; returns the exit code."""
    written = page()
    if "--check" not in sys.argv:
        PAGE.write_text(written, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != written:
        print("docs/licences.md is stale: run `make docs`.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

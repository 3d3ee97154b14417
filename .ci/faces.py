# /// script
# dependencies = ["brotli==1.2.1", "fonttools==4.68.0"]
# ///
"""Makes the faces that Pressrun letters with, of the @fontsource packages on npm.

``uv run .ci/faces.py`` needs npm. A package has one file an alphabet; they are merged into one face
a script, so that its digits and punctuation are of the same face. ``coverage.json`` says which
characters each face has: runs of code points, first and last, in hex. The emoji are of Debian's
package fonts-noto-color-emoji, byte for byte: ``--emoji NotoColorEmoji.ttf`` names its file.
"""

import argparse
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

FACES = Path(__file__).parents[1] / "pressrun/pictures/lettering/faces"
VERSION, WEIGHT = "5.3.0", 600
LATIN = ("latin", "latin-ext")
#: Face, and which files of its package it is made of.
MADE_OF = {
    "tiktok-sans": (*LATIN, "vietnamese", "greek", "cyrillic", "cyrillic-ext"),
    "noto-sans": (*LATIN, "vietnamese", "greek", "greek-ext", "cyrillic", "cyrillic-ext"),
    "noto-sans-arabic": ("arabic", *LATIN),
    "noto-sans-hebrew": ("hebrew", *LATIN),
    "noto-sans-devanagari": ("devanagari", *LATIN),
    "noto-sans-bengali": ("bengali", *LATIN),
    "noto-sans-tamil": ("tamil", *LATIN),
    "noto-sans-thai": ("thai", *LATIN),
    "noto-sans-jp": ("japanese", *LATIN),
    "noto-sans-sc": ("chinese-simplified", *LATIN),
    "noto-sans-kr": ("korean", *LATIN),
    "noto-sans-symbols": ("symbols",),
    "noto-sans-symbols-2": ("symbols",),
}
#: Those that have no other.
WEIGHTS = {"noto-sans-symbols-2": 400}
EMOJI = "noto-color-emoji"


def main() -> None:
    """Makes all faces, their licences and what they cover."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--emoji", type=Path, help="Debian's NotoColorEmoji.ttf")
    options.add_argument("--packages", type=Path, help="a folder with the packed npm packages")
    options.add_argument("faces", nargs="*", default=[*MADE_OF], help="only these")
    given = options.parse_args()
    FACES.mkdir(parents=True, exist_ok=True)
    if given.emoji:
        shutil.copyfile(given.emoji, FACES / f"{EMOJI}.ttf")
    with tempfile.TemporaryDirectory() as folder:
        for face in given.faces:
            make(face, MADE_OF[face], given.packages or Path(folder))
    covers = {path.stem: " ".join(runs(covered(path))) for path in sorted(FACES.glob("*.[tw]*f*"))}
    (FACES / "coverage.json").write_text(json.dumps(covers, indent=0) + "\n")


def make(face: str, parts: Iterable[str], packages: Path) -> None:
    """Merges the files of one package into a face, with its licence beside it."""
    packed = packages / f"fontsource-{face}-{VERSION}.tgz"
    if not packed.exists():
        npm = ["npm", "pack", "--silent", f"@fontsource/{face}@{VERSION}"]
        subprocess.run(npm, cwd=packages, check=True)
    with tarfile.open(packed) as archive, tempfile.TemporaryDirectory() as folder:
        files = []
        for part in parts:
            weight = WEIGHTS.get(face, WEIGHT)
            name = f"package/files/{face}-{part}-{weight}-normal.woff2"
            archive.extract(name, folder, filter="data")
            font = TTFont(Path(folder, name))
            font.flavor = None
            files.append(Path(folder, f"{part}.ttf"))
            font.save(files[-1])
        merged = Merger(Options(drop_tables=["vmtx", "vhea", "VORG", "DSIG"])).merge(
            [*map(str, files)]
        )
        merged.flavor = "woff2"
        merged["head"].modified = merged["head"].created  # the same bytes every time
        merged.recalcTimestamp = False
        merged.save(FACES / f"{face}.woff2")
        licence = archive.extractfile("package/LICENSE")
        (FACES / f"{face}.LICENSE").write_bytes(licence.read() if licence else b"")
    print(face, (FACES / f"{face}.woff2").stat().st_size, flush=True)


def covered(path: Path) -> list[int]:
    """Lists the code points that a face has."""
    return sorted(TTFont(path).getBestCmap())


def runs(points: list[int]) -> Iterator[str]:
    """Writes code points as runs: ``41-5a`` or ``7c``."""
    first = last = points[0]
    for point in [*points[1:], -1]:
        if point == last + 1:
            last = point
            continue
        yield f"{first:x}" if first == last else f"{first:x}-{last:x}"
        first = last = point


if __name__ == "__main__":
    main()

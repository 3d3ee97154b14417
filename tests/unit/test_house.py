"""The house stays one that a stranger can read: few rooms, and each name used once."""

import ast
from collections import defaultdict
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PACKAGE = HOUSE / "pressrun"
#: More entries than a person takes in at a glance.
MOST_ENTRIES = 16


def test_the_package_has_few_entries() -> None:
    entries = {path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert len(entries - {"__init__.py", "__pycache__"}) <= MOST_ENTRIES


def test_a_class_name_is_used_once() -> None:
    places = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(HOUSE)))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert not twice

"""JSON that fits a schema: plausible, and the same for the same seed.

Reads both dialects that the API takes: ``responseSchema`` (OpenAPI words, types in capitals,
no references) and ``responseJsonSchema`` (JSON Schema with ``$ref`` and ``$defs``).
"""

import random
import re
from typing import Any

Schema = dict[str, Any]

_WORDS = re.findall(
    r"\w+",
    "bright quiet morning linen harbour amber gentle bold crisp garden copper velvet northern "
    "simple honest daily glow drift meadow salt ember cedar lively fresh warm cool soft light "
    "texture rhythm detail comfort balance colour pocket ritual favourite weekend journey",
)
_DEEPEST = 12
_FORMATS = {
    "date-time": "2026-03-14T09:26:53Z",
    "date": "2026-03-14",
    "time": "09:26:53Z",
    "email": "reader@example.com",
    "uri": "https://example.com/a",
    "uuid": "0b6e4c1e-6a55-4f0e-9a6b-3d1f5f4f8a11",
}
# For schemas with a pattern: the first of these that matches is taken.
_SHAPES = ("#3a5f7d", "#3A5F7D", "2026-03-14", "7", "42", "9:16", "word", "two-words", "AB-12")


def json_for(schema: Schema, seed: int | str) -> Any:
    """A value that fits the schema; equal seeds give equal values."""
    return _Writer(schema, random.Random(str(seed))).value(schema, "", 0, 0)


class _Writer:
    def __init__(self, root: Schema, rng: random.Random):
        self._defs: Schema = root.get("$defs") or root.get("defs") or root.get("definitions") or {}
        self._rng = rng

    def value(self, schema: Schema, name: str, place: int, depth: int) -> Any:
        schema = self._chosen(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._rng.choice(schema["enum"])
        match _kind(schema):
            case "object":
                made: Any = self._object(schema, place, depth)
            case "array":
                made = self._array(schema, name, depth)
            case "integer" | "number":
                made = self._number(schema, name, place)
            case "boolean":
                made = self._rng.random() < 0.5
            case "null":
                made = None
            case _:
                made = self._text(schema, name)
        return made

    def _chosen(self, schema: Schema) -> Schema:
        """Follows references, and of several shapes takes the first that is not null."""
        while True:
            schema = _camel_cased(schema)
            reference = schema.get("$ref") or schema.get("ref")
            options = schema.get("anyOf") or schema.get("oneOf")
            if reference:
                schema = self._defs[str(reference).rsplit("/", 1)[-1]]
            elif options:
                schema = next((o for o in options if _kind(o) != "null"), options[0])
            elif schema.get("allOf"):
                schema = {k: v for part in schema["allOf"] for k, v in self._chosen(part).items()}
            else:
                return schema

    def _object(self, schema: Schema, place: int, depth: int) -> Schema:
        if depth > _DEEPEST:
            return {}
        fields: Schema = schema.get("properties") or {}
        return {name: self.value(field, name, place, depth + 1) for name, field in fields.items()}

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        if prefix := schema.get("prefixItems"):
            return [self.value(item, name, i, depth + 1) for i, item in enumerate(prefix)]
        least = _whole(schema, "minItems", 0)
        most = _whole(schema, "maxItems", max(least, 2))
        length = least or min(2, most)
        if depth > _DEEPEST:
            length = least
        items = schema.get("items") or {"type": "string"}
        return [self.value(items, name, i, depth + 1) for i in range(length)]

    def _number(self, schema: Schema, name: str, place: int) -> float:
        whole = _kind(schema) == "integer"
        step = 1.0 if whole else 1e-3
        low = _bound(schema, "minimum", "exclusiveMinimum", step, 0.0)
        high = _bound(schema, "maximum", "exclusiveMaximum", -step, low + (9 if whole else 1))
        if not whole:
            return round(self._rng.uniform(low, high), 3)
        if re.search(r"index|number|position|slide", name):
            return int(min(low + place, high))  # items of a list that count themselves
        return self._rng.randint(int(low), int(high))

    def _text(self, schema: Schema, name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        if pattern := schema.get("pattern"):
            return next((s for s in _SHAPES if re.search(pattern, s)), _SHAPES[0])
        least = _whole(schema, "minLength", 0)
        most = _whole(schema, "maxLength", 10_000)
        words = 12 if re.search(r"caption|description|prompt|body|summary", name) else 4
        text = " ".join(self._rng.choices(_WORDS, k=words)).capitalize()
        while len(text) < least:
            text += " " + self._rng.choice(_WORDS)
        return text[:most].strip().ljust(least, ".")


def _camel_cased(schema: Schema) -> Schema:
    """The SDK sends some keywords in snake_case (``min_items``); field names stay as they are."""
    return {re.sub(r"_([a-z])", lambda m: m[1].upper(), key): v for key, v in schema.items()}


def _kind(schema: Schema) -> str:
    named = schema.get("type")
    if isinstance(named, list):
        named = next((t for t in named if str(t).lower() != "null"), "null")
    if named is None:
        named = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(named).lower()


def _whole(schema: Schema, field: str, default: int) -> int:
    """Counts are strings in OpenAPI's int64, numbers in JSON Schema."""
    found = schema.get(field)
    return default if found is None else int(found)


def _bound(schema: Schema, closed: str, opened: str, step: float, default: float) -> float:
    """The first number allowed, whether the schema gives it or the one before it."""
    if schema.get(opened) is not None:
        return float(schema[opened]) + step
    found = schema.get(closed)
    return default if found is None else float(found)

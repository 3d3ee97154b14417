"""What each version of Google's two APIs knows of a request: fields, their kinds and words.

Read from what Google publishes: the Developer API's messages in the package
google-ai-generativelanguage, Vertex AI's in the discovery documents that
google-api-python-client brings. ``ADDED`` has what these lack although Google's SDK sends it
and its documentation has it. Knows nothing of HTTP.
"""

import importlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

Json = dict[str, Any]
Messages = Mapping[str, Mapping[str, "Field"]]

_METHODS = {"generateContent": "GenerateContentRequest", "countTokens": "CountTokensRequest"}
# Numbers of protobuf's FieldDescriptor, as Google's errors name them.
_SCALARS = {
    1: "TYPE_DOUBLE",
    2: "TYPE_FLOAT",
    3: "TYPE_INT64",
    4: "TYPE_UINT64",
    5: "TYPE_INT32",
    8: "TYPE_BOOL",
    9: "TYPE_STRING",
    12: "TYPE_BYTES",
    13: "TYPE_UINT32",
}
_FORMATS = {
    "byte": "TYPE_BYTES",
    "double": "TYPE_DOUBLE",
    "float": "TYPE_FLOAT",
    "int32": "TYPE_INT32",
    "int64": "TYPE_INT64",
    "uint32": "TYPE_UINT32",
    "uint64": "TYPE_UINT64",
}


@dataclass(frozen=True)
class Field:
    """A field of a message.

    Attributes:
        name: In snake_case, as the paths in Google's errors.
        kind: ``message``, ``enum``, ``any`` (free JSON), or a scalar's ``TYPE_…``.
        of: The message or the enum.
        words: Of the enum.
        repeated: Whether it is a list.
        keyed: Whether it is a map; the kind is that of its values.
    """

    name: str
    kind: str
    of: str = ""
    words: frozenset[str] = frozenset()
    repeated: bool = False
    keyed: bool = False


@dataclass(frozen=True)
class Types:
    """What one version of an API knows.

    Attributes:
        version: As its addresses have it.
        requests: The message of each method's body.
        messages: The fields of each message, by both of their spellings.
    """

    version: str
    requests: Mapping[str, str]
    messages: Messages


@dataclass(frozen=True)
class Added:
    """A field that the published types lack, and who knows it."""

    message: str
    field: Field
    source: str


ADDED = (
    Added(
        "google.ai.generativelanguage.v1beta.ImageConfig",
        Field("image_size", "TYPE_STRING"),
        "types.ImageConfig of google-genai; https://ai.google.dev/gemini-api/docs/image-generation",
    ),
    Added(
        "google.ai.generativelanguage.v1beta.ThinkingConfig",
        Field("thinking_level", "TYPE_STRING"),
        "types.ThinkingConfig of google-genai; https://ai.google.dev/gemini-api/docs/thinking",
    ),
)


@cache
def key_types(version: str) -> Types:
    """What the Developer API, which takes keys, knows: ``v1`` or ``v1beta``."""
    types = published_key_types(version)
    messages = {name: dict(fields) for name, fields in types.messages.items()}
    for added in ADDED:
        if added.message in messages:
            messages[added.message] |= _by_both_spellings([added.field])
    return Types(version, types.requests, messages)


@cache
def published_key_types(version: str) -> Types:
    """The same, without what is added here."""
    module = _messages_module(version)
    roots = {method: getattr(module, name).pb().DESCRIPTOR for method, name in _METHODS.items()}
    messages: dict[str, Mapping[str, Field]] = {}
    left = list(roots.values())
    while left:
        found = left.pop()
        if found.full_name not in messages:
            messages[found.full_name] = _by_both_spellings(map(_of_descriptor, found.fields))
            left += [f.message_type for f in found.fields if f.message_type is not None]
    requests = {method: found.full_name for method, found in roots.items()}
    return Types(version, requests, messages)


@cache
def vertex_types(version: str) -> Types:
    """What Vertex AI knows: ``v1`` or ``v1beta1``."""
    schemas: Json = json.loads(get_static_doc("aiplatform", version))["schemas"]
    prefix = f"GoogleCloudAiplatform{version.capitalize()}"
    requests = {method: prefix + name for method, name in _METHODS.items()}
    messages: dict[str, Mapping[str, Field]] = {}
    left = list(requests.values())
    while left:
        name = left.pop()
        if name not in messages:
            known = schemas[name].get("properties", {})
            fields = [_of_schema(_snake_case(key), schema) for key, schema in known.items()]
            messages[name] = _by_both_spellings(fields)
            left += [field.of for field in fields if field.kind == "message"]
    return Types(version, requests, messages)


def _messages_module(version: str) -> ModuleType:
    """The package's messages without its clients, which take seconds to import, and gRPC.

    While they are imported an empty module stands for the package, so that its own
    ``__init__`` does not run.
    """
    name = f"generativelanguage_{version}"
    google_ai = find_spec("google.ai")
    assert google_ai is not None
    package = ModuleType(f"google.ai.{name}")
    package.__path__ = [f"{place}/{name}" for place in google_ai.submodule_search_locations or []]
    sys.modules[package.__name__] = package
    try:
        return importlib.import_module(f"{package.__name__}.types.generative_service")
    finally:
        del sys.modules[package.__name__]


def _of_descriptor(descriptor: Any) -> Field:
    """A field as protobuf describes it."""
    name = descriptor.name.rstrip("_")  # the package writes ``type_``, since Python has a ``type``
    message, enum = descriptor.message_type, descriptor.enum_type
    if message is not None and message.GetOptions().map_entry:
        value = _of_descriptor(message.fields_by_name["value"])
        return Field(name, value.kind, value.of, value.words, keyed=True)
    if message is not None:
        # Of protobuf's own messages, those used here are free JSON.
        kind = "any" if message.full_name.startswith("google.protobuf.") else "message"
        return Field(name, kind, message.full_name, repeated=descriptor.is_repeated)
    if enum is not None:
        words = frozenset(value.name for value in enum.values)
        return Field(name, "enum", enum.full_name, words, repeated=descriptor.is_repeated)
    return Field(name, _SCALARS[descriptor.type], repeated=descriptor.is_repeated)


def _of_schema(name: str, schema: Json) -> Field:
    """A field as a discovery document describes it; its enums have no names."""
    if schema.get("type") == "array":
        item = _of_schema(name, schema["items"])
        return Field(name, item.kind, item.of, item.words, repeated=True)
    if values := schema.get("additionalProperties"):
        value = _of_schema(name, values)
        return Field(name, value.kind, value.of, value.words, keyed=True)
    if message := schema.get("$ref"):
        return Field(name, "message", message)
    if words := schema.get("enum"):
        return Field(name, "enum", name, frozenset(words))
    return Field(name, _scalar(schema))


def _scalar(schema: Json) -> str:
    if kind := _FORMATS.get(schema.get("format", "")):
        return kind
    return {"string": "TYPE_STRING", "boolean": "TYPE_BOOL"}.get(schema["type"], "any")


def _by_both_spellings(fields: Iterable[Field]) -> dict[str, Field]:
    return {spelling: field for field in fields for spelling in _spellings(field.name)}


def _spellings(name: str) -> Iterator[str]:
    yield name
    yield re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def _snake_case(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)

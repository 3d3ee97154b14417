"""Where a batch's files lie: one path template, split into the batch's folder and the rest."""

import re
from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from pressrun.boundary.text import safe_name
from pressrun.errors import SettingError

#: ``<title> <timestamp>/Link_001_@user/variation_1/slide_0.jpg``
DEFAULT = "{title} {timestamp}/{item}/{file}"
_OF_BATCH = frozenset({"title", "timestamp", "date", "kind", "batch", "owner"})
_OF_FILE = frozenset({"item", "file"})
#: The owner in a folder's name, with the signs that set it apart from the rest.
_OWNER = re.compile(r"[ .,@=+(_-]*\{owner\}[ .,@=+)_-]*")
_LITERAL = re.compile(r"[\w .,@=+()/-]*")


@dataclass(frozen=True, slots=True)
class PathLayout:
    """A path template.

    Attributes:
        root: Folder of the batch, up to the last segment with a field of it: ``{title}``,
            ``{timestamp}``, ``{date}``, ``{kind}``, ``{owner}`` and ``{batch}`` (its id).
        files: What follows, from ``{item}`` and ``{file}``.
    """

    root: str
    files: str

    @classmethod
    def of(cls, template: str) -> "PathLayout":
        """Reads a template such as :data:`DEFAULT`.

        Raises:
            SettingError: It could lead out of the destination, or two files to one path.
        """
        parts = template.strip().strip("/").split("/")
        fields = [_fields(template, part) for part in parts]
        below = [of & _OF_FILE for of in fields if of & _OF_FILE]
        if below != [{"item"}, {"file"}] or fields[-1] != {"file"}:
            raise _unusable(template, "it has to end in a folder with {item} and a {file} in it")
        end = max((n for n, of in enumerate(fields, 1) if of & _OF_BATCH), default=0)
        if any(of & _OF_FILE for of in fields[:end]):
            raise _unusable(template, "fields of the batch stand before {item}")
        if not {"title", "batch"} & {field for of in fields[:end] for field in of}:
            raise _unusable(template, "a folder before {item} needs {title} or {batch}")
        return cls("/".join(parts[:end]), "/".join(parts[end:]))

    def root_of(
        self, title: str, kind: str, batch_id: str, moment: datetime, owner: str = ""
    ) -> str:
        """Builds the path of the folder of a batch that was planned at that moment.

        Without an owner, ``{owner}`` falls away, and with it a folder that has no other name.
        """
        said = {
            "title": safe_name(title, "Batch"),
            "timestamp": f"{moment:%Y-%m-%d %H-%M-%S}",
            "date": f"{moment:%Y-%m-%d}",
            "kind": kind,
            "batch": batch_id,
            "owner": safe_name(owner, ""),
        }
        parts = self.root.split("/")
        if not said["owner"]:
            parts = [_without_owner(part) for part in parts]
        return "/".join(part.format(**said) for part in parts if part)


def _without_owner(part: str) -> str:
    """Takes the owner out of a folder's name, with the signs that set it apart."""
    return _OWNER.sub(" ", part).strip() if "{owner}" in part else part


def placed(files: str, path: str) -> str:
    """Builds the path of the file that its recipe calls ``path`` (``item's folder/file``)."""
    item, _, file = path.rpartition("/")
    return files.format(item=item, file=file) if item else path


def _fields(template: str, part: str) -> set[str]:
    try:
        pieces = list(Formatter().parse(part))
    except ValueError as error:
        raise _unusable(template, str(error)) from error
    if any(spec or conversion for _, _, spec, conversion in pieces):
        raise _unusable(template, "a field is just its name in braces")
    if not all(_LITERAL.fullmatch(literal) for literal, *_ in pieces):
        raise _unusable(template, "letters, digits, spaces and . , @ = + ( ) _ - are allowed")
    if not part.strip(" .") or part != part.strip():
        raise _unusable(template, "a folder's name is empty, or begins or ends with a space")
    fields = {field for _, field, *_ in pieces if field is not None}
    if unknown := fields - _OF_BATCH - _OF_FILE:
        known = ", ".join(sorted(_OF_BATCH | _OF_FILE))
        raise _unusable(template, f"{{{min(unknown)}}} is none of the fields {known}")
    return fields


def _unusable(template: str, why: str) -> SettingError:
    return SettingError(
        f"The path template {template!r} cannot be used: {why}. The default is {DEFAULT}"
    )

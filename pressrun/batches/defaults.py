"""What new batches begin with, and over which price a start is asked about once more.

A Prefect variable holds it for every desk and form of a server; this module says what is in it, and
asks no server.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from pressrun.boundary.problems import problem_words
from pressrun.engines.catalogue import catalogue, names_of
from pressrun.errors import InputError
from pressrun.kinds.base import Kind

#: The variable's name.
VARIABLE = "pressrun_defaults"
#: Parameters of flows that are saved blocks, and the types of these.
BLOCKS = {"account": "model-account", "store": "result-store"}
_PARAMETERS = ("model", "text_model", "size", "budget_usd", "owner")


class UnfitDefaults(InputError):
    """Defaults that cannot be used.

    Attributes:
        fields: What is wrong, by the field's name.
    """

    def __init__(self, fields: Mapping[str, str]):
        super().__init__("The defaults cannot be used:", [*fields.values()])
        self.fields = fields


class BatchDefaults(BaseModel):
    """What new batches begin with; what is empty is as the kind of batch has it.

    Attributes:
        ask_over_usd: A start that costs more is asked about once more.
        account: Name of the Model account block.
        store: Name of the Result store block.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    ask_over_usd: Annotated[float, Field(ge=0, le=1_000_000)] = 20.0
    budget_usd: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    owner: Annotated[str, Field(max_length=100)] = ""
    model: str = ""
    text_model: str = ""
    size: str = ""
    account: Annotated[str, Field(max_length=200)] = ""
    store: Annotated[str, Field(max_length=200)] = ""

    @field_validator("model", "text_model")
    @classmethod
    def _known(cls, name: str, info: ValidationInfo) -> str:
        known = names_of("image" if info.field_name == "model" else "text")
        if name and name not in known:
            raise ValueError(f"There is no model {name!r}. Choose one of: {', '.join(known)}.")
        return name

    @field_validator("size")
    @classmethod
    def _made(cls, size: str, info: ValidationInfo) -> str:
        model = info.data.get("model", "")
        sizes = catalogue()[model].sizes if model else ("1K", "2K", "4K")
        if size and size not in sizes:
            raise ValueError(
                f"{model or 'A picture'} is made in {', '.join(sizes)}, not in {size}."
            )
        return size

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Checks what a person set.

        Raises:
            UnfitDefaults: Some of it cannot be; names it by field.
        """
        try:
            return cls(**given)
        except ValidationError as error:
            raise UnfitDefaults(_problems(error)) from None

    @classmethod
    def read(cls, value: object) -> Self:
        """Reads the variable; one that is missing or of no use any more sets nothing."""
        try:
            return cls.model_validate(value if isinstance(value, dict) else {})
        except ValidationError:
            return cls()  # a model that is gone from the catalogue, say

    def parameters(self, kind: Kind) -> dict[str, Any]:
        """Lists the parameters of that kind of batch that are set; blocks are not among them.

        What the kind cannot use is left out: a model that draws from words alone, in a slideshow.
        """
        usual = kind.parse_parameters({}).model_dump()
        chosen = {}
        for name in _PARAMETERS:
            value = getattr(self, name)
            # Where no text model is the usual, one would read or change what a person gives.
            fits = name in usual and (name != "text_model" or usual[name] not in ("", "auto"))
            if value and fits and _is_taken(kind, {name: value}):
                chosen[name] = value
        return chosen

    def form(
        self, kind: Kind, before: "BatchDefaults", held: Mapping[str, Any], ids: Mapping[str, str]
    ) -> dict[str, Any]:
        """Builds the parameters that a form of that kind begins with.

        Args:
            kind: Of the form's batches.
            before: The defaults that held until now.
            held: What the form began with, of which what is not from ``before`` stays.
            ids: Ids of the blocks by the names of their parameters; those that are set.
        """
        ours, earlier = self.parameters(kind), before.parameters(kind)
        stays = {
            name: value for name, value in held.items() if not _from(before, earlier, name, value)
        }
        refs = {name: {"$ref": {"block_document_id": ids[name]}} for name in BLOCKS if name in ids}
        return ours | refs | stays


def _from(before: BatchDefaults, earlier: Mapping[str, Any], name: str, value: Any) -> bool:
    if name in BLOCKS:
        return bool(getattr(before, name)) and value is not None
    return name in earlier and earlier[name] == value


def _is_taken(kind: Kind, given: Mapping[str, Any]) -> bool:
    try:
        kind.parse_parameters(given)
    except InputError:
        return False
    return True


def _problems(error: ValidationError) -> dict[str, str]:
    found = error.errors(include_input=False, include_url=False)
    return {".".join(map(str, one["loc"])): _sentence(one) for one in found}


def _sentence(one: ErrorDetails) -> str:
    words = problem_words(one)
    own = one["type"] == "value_error"  # a sentence already, which may begin with a model's name
    return words if own else f"{words[:1].upper()}{words[1:].removesuffix('.')}."

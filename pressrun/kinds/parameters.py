"""What a person can ask of any batch: the parameters that all kinds share.

Flow signatures and parameter models share these types, so that the form in the UI, the server's
check and ours say the same.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from pydantic_core import CoreSchema

from pressrun.boundary.problems import problem_words
from pressrun.engines.account import Account
from pressrun.engines.catalogue import catalogue, names_of, price_words
from pressrun.errors import InputError, SettingError
from pressrun.ledger.records import Priority as Weight

#: Items of one batch at the same time, at most.
MOST_AT_ONCE = 500


def parameter(title: str, description: str, /, **bounds: Any) -> Any:
    """Describes a parameter: its words for the form, and its bounds."""
    # Prefect's form takes title and description of a parameter only from here.
    enum = bounds.pop("enum", None)
    words = {"title": title} | ({"description": description} if description else {})
    return Field(json_schema_extra=words | ({"enum": enum} if enum else {}), **bounds)


Concurrency = Annotated[
    int,
    parameter(
        "Items at the same time",
        "How many are in work at once, at most; the model's own limits set the pace.",
        ge=1,
        le=MOST_AT_ONCE,
    ),
]
Output = Annotated[
    str,
    parameter(
        "Output folder",
        "Where the batch's folder is made, on the machine that does the work (Prefect's worker). "
        "Empty: the usual place, which is PRESSRUN_OUTPUT or the folder Pressrun in its home.",
    ),
]
Title = Annotated[
    str,
    parameter(
        "Title",
        "The batch's name, with the time behind it: in its gallery, in lists and for its run.",
        min_length=1,
        max_length=100,
    ),
]
TagTaskRuns = Annotated[
    bool,
    parameter(
        "Prefect's tag limits",
        "For operators: limits that are set in Prefect for a tag hold for every item, too. Each "
        "start then asks the server first.",
    ),
]
Priority = Annotated[
    Weight,
    parameter(
        "Priority",
        "How much of a model's pace this batch gets while others use it too: high has four times "
        "that of low.",
    ),
]
Budget = Annotated[
    float,
    parameter(
        "Budget (USD)",
        "Most that the batch may cost; it stops before, and says what would finish it. 0: no cap.",
        ge=0,
    ),
]
Owner = Annotated[
    str,
    parameter("Owner", "Whose batch it is: stands in its folder and in listings.", max_length=100),
]
Review = Annotated[
    bool,
    parameter(
        "Review",
        "The batch waits, with its tasks, price and time shown, until you approve them, change "
        "them or reject them: at the desk, or in Prefect under Resume. A scheduled one does not.",
    ),
]
Retries = Annotated[
    int,
    parameter(
        "Retries",
        "How often an item is tried again after a failure that may pass, with growing pauses.",
        ge=0,
        le=10,
    ),
]
Reuse = Annotated[
    str,
    parameter(
        "Reuse",
        "An earlier batch whose paid answers are taken over wherever this one asks exactly the "
        "same: its id, the beginning of that, or latest. Empty: everything is made anew.",
        max_length=100,
    ),
]
Template = Annotated[
    str,
    parameter(
        "Template",
        "Name of settings that were saved with `pressrun templates`. They stand wherever you leave "
        "a default here.",
        max_length=100,
    ),
]
Notify = Annotated[
    str,
    parameter(
        "Notify",
        "Who gets a message when the batch ends or waits for somebody: the Slack channel, Teams "
        "channel or e-mail that is saved in Prefect under Blocks as a notification, by type and "
        "name, such as slack-webhook/team; several by commas. Empty: nobody.",
        max_length=1000,
    ),
]
RequestedBy = Annotated[
    str,
    parameter(
        "Requested by",
        "Whose limits it counts under, where the server does not know who started the run. It "
        "keeps order and protects nothing: anybody can type any name.",
        max_length=100,
    ),
]
Action = Annotated[
    Literal["run", "quote", "preview"],
    parameter(
        "Action",
        "quote: calls, cost and time, nothing is paid. preview: one item is made, and the run "
        "waits until you resume it.",
    ),
]
#: The parameter ``what`` of runs that were made before it became ``action``. No form shows it.
EarlierAction = Annotated[str, SkipJsonSchema()]
_EARLIER_NAMES = frozenset({"what", "parser", "word_count"})
#: Of an article, unless somebody says otherwise.
USUAL_WORDS = "1000-1400"
_EARLIER_ACTIONS = {"quote only": "quote", "preview first": "preview"}


class Priced:
    """Describes a parameter that chooses models: its words, then a line with their prices.

    Read when a form is made, since prices change; :func:`parameter` gives no description then.
    """

    def __init__(self, words: str, names: Sequence[str]):
        self._words, self._names = words, names

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        prices = "; ".join(f"{name}: {price_words(name)}" for name in self._names)
        return handler(schema) | {"description": f"{self._words}\n{prices}."}


ImageModel = Annotated[
    str,
    parameter("Image model", "", enum=names_of("image")),
    Priced("sketch draws labelled drafts, offline.", names_of("image")),
]
AspectRatio = Annotated[
    Literal["9:16", "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "16:9", "21:9"],
    parameter("Aspect ratio", "Of every picture."),
]
Size = Annotated[
    Literal["1K", "2K", "4K"],
    parameter("Size", "1K is about 1024 x 1024 at 1:1. Larger costs more on most models."),
]
Format = Annotated[
    Literal["WEBP", "JPEG", "PNG"],
    parameter("File format", "WEBP is the smallest; PNG is several times larger."),
]
Quality = Annotated[int, parameter("Quality", "Of WEBP and JPEG.", ge=50, le=100)]


class BatchParameters(BaseModel):
    """The parameters that every kind of batch has, checked."""

    # An infinite cap is none, and JSON cannot say it.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    concurrency: Concurrency = 5
    retries: Retries = 3
    priority: Priority = "normal"
    budget_usd: Budget = 0.0
    action: Action = "run"
    output: Output = ""
    title: Title = "Batch"
    owner: Owner = ""
    requested_by: RequestedBy = ""
    template: Template = ""
    notify: Notify = ""
    reuse: Reuse = ""
    tag_task_runs: TagTaskRuns = False
    review: Review = False

    def called_models(self) -> list[str]:
        """Lists the models that the batch may call, in planning too."""
        chosen = (getattr(self, name, "") for name in ("model", "text_model"))
        return [name for name in chosen if name]

    def asked_models(self) -> list[str]:
        """Lists the models that the batch asks, also those that it can do without."""
        return self.called_models()

    def with_account(self, account: Account) -> Self:  # noqa: ARG002 - of use to some kinds
        """Fills in what was left open by what the account has."""
        return self

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Checks the parameters of a batch.

        Raises:
            InputError: Some cannot be used; lists them.
        """
        try:
            return cls(**given)
        except ValidationError as error:
            problems = [
                f"{'.'.join(map(str, e['loc']))}: {problem_words(e)}" for e in error.errors()
            ]
            raise InputError("The batch's parameters cannot be used:", problems) from None


class PictureParameters(BatchParameters):
    """The parameters of every kind of batch that makes pictures."""

    model: ImageModel = "sketch"

    @field_validator("model")
    @classmethod
    def _draws(cls, name: str) -> str:
        return one_of(name, names_of("image"))

    aspect_ratio: AspectRatio = "1:1"
    size: Size = "1K"

    def require_fit(self) -> None:
        """Makes sure that the chosen model makes the chosen size and shape.

        Raises:
            SettingError: With those that it makes.
        """
        if said := misfit(self.model, self.size, self.aspect_ratio):
            raise SettingError(f"{said}.")


def misfit(name: str, *chosen: str) -> str:
    """Says which of the chosen sizes and shapes a model of that name does not make, if any."""
    model = catalogue()[name]
    for one in chosen:
        makes = model.aspect_ratios if ":" in one else model.sizes
        if one not in makes:
            return f"{name} makes {', '.join(makes)}, not {one}"
    return ""


def with_present_names(given: Mapping[str, Any]) -> dict[str, Any]:
    """Translates parameters of the time when they had other names.

    These are ``what``, ``parser`` and ``word_count``.

    Where both names are given, the present one stands if it is another than its default.
    """
    present = {name: value for name, value in given.items() if name not in _EARLIER_NAMES}
    if earlier := given.get("what"):
        action = _EARLIER_ACTIONS.get(earlier, earlier)
        present["action"] = action if present.get("action", "run") == "run" else present["action"]
    if (parser := given.get("parser")) and present.get("read_as", "auto") == "auto":
        # "structure" asked no model.
        present |= {"text_model": ""} if parser == "structure" else {"read_as": parser}
    if (count := given.get("word_count")) and present.get("words", USUAL_WORDS) == USUAL_WORDS:
        present["words"] = str(count)
    return present


def one_of(name: str, names: Sequence[str]) -> str:
    """Returns the name if it is among them.

    Raises:
        ValueError: It is not, as pydantic's validators say so.
    """
    if name not in names:
        raise ValueError(f"no such model; choose one of {', '.join(filter(None, names))}")
    return name

"""What a person can ask of a comparison: the parameters, with their words and bounds."""

from typing import Annotated, Self

from pydantic import Field, field_validator

from pressrun.engines.account import Account, available
from pressrun.engines.catalogue import names_of
from pressrun.inputs.prompts.documents import ReadAsForm
from pressrun.kinds.parameters import (
    AspectRatio,
    BatchParameters,
    Concurrency,
    Format,
    Priced,
    Quality,
    Size,
    Title,
    one_of,
    parameter,
)

#: Of one batch.
MOST_MODELS, MOST_PROMPTS = 9, 100

Prompt = Annotated[
    str, parameter("Prompt", "One prompt, which every model is asked.", max_length=20_000)
]
Prompts = Annotated[
    str,
    parameter(
        "Prompts",
        f"In place of one: up to {MOST_PROMPTS}, one a line, or markdown, CSV with titles or JSON.",
        max_length=2_000_000,
    ),
]
ReadAs = Annotated[
    ReadAsForm,
    parameter(
        "Read as",
        "What one prompt is in the list. auto finds out; where that leaves doubt the reviewer is "
        "asked and, without a review, nothing is made.",
    ),
]
Models = Annotated[
    list[Annotated[str, Field(json_schema_extra={"enum": names_of("image")})]],
    parameter("Models", "", max_length=MOST_MODELS),
    Priced(
        f"One to {MOST_MODELS}. None: the first {MOST_MODELS} of this list that the account has.",
        names_of("image"),
    ),
]
Seed = Annotated[
    int,
    parameter(
        "Seed",
        "The same seed and prompt give the same picture, as far as a model can. 0: one for each "
        "prompt.",
        ge=0,
        le=2**31 - 1,
    ),
]
NegativePrompt = Annotated[
    str, parameter("Negative prompt", "What should not be seen.", max_length=4000)
]
Steps = Annotated[
    int,
    parameter(
        "Steps",
        "In how many steps a diffusion model draws; more take longer. 0: the model's own.",
        ge=0,
        le=1000,
    ),
]
Guidance = Annotated[
    float,
    parameter("Guidance", "How closely the prompt is followed. 0: the model's own.", ge=0, le=50),
]
Enhance = Annotated[
    bool,
    parameter(
        "Enhance",
        "The text model makes every prompt longer before the models are asked; both are kept.",
    ),
]
TextModel = Annotated[
    str,
    parameter("Text model", "", enum=["", *names_of("text")]),
    Priced("Makes prompts longer. Empty: none.", names_of("text")),
]
Timeout = Annotated[
    float,
    parameter(
        "Time-out (s)",
        "Longest wait for one picture. PRESSRUN_MODEL_TIMEOUTS sets it for a model.",
        ge=1,
        le=3600,
    ),
]
AtOnce = Annotated[
    Concurrency,
    parameter(
        "Pictures at the same time",
        "Shared evenly among the models, so that none delays another. With fewer than there are "
        "models, some wait for others.",
    ),
]


class ComparisonParameters(BatchParameters):
    """The parameters of one comparison, checked."""

    prompt: Prompt = ""
    prompts: Prompts = ""
    read_as: ReadAs = "auto"
    models: Models = Field(default_factory=list)
    aspect_ratio: AspectRatio = "1:1"
    size: Size = "1K"
    seed: Seed = 0
    negative_prompt: NegativePrompt = ""
    steps: Steps = 0
    guidance: Guidance = 0.0
    enhance: Enhance = False
    text_model: TextModel = ""
    timeout_s: Timeout = 60.0
    format: Format = "WEBP"
    quality: Quality = 85
    concurrency: AtOnce = 9
    title: Title = "Comparison"

    @field_validator("models")
    @classmethod
    def _draw(cls, names: list[str]) -> list[str]:
        return list(dict.fromkeys(one_of(name, names_of("image")) for name in names))

    @field_validator("text_model")
    @classmethod
    def _writes(cls, name: str) -> str:
        return one_of(name, ["", *names_of("text")])

    def called_models(self) -> list[str]:
        """Lists no model: the batch can do without each, and what one lacks stops no other."""
        return []

    def asked_models(self) -> list[str]:
        """Lists the models that are compared."""
        return self.models

    def with_account(self, account: Account) -> Self:
        """Fills in the models that the account has, if none is named."""
        models = self.models or available(account)[:MOST_MODELS]
        return self.model_copy(update={"models": models})

    def model_options(self) -> dict[str, object]:
        """Lists what each model is asked beside its prompt, for :mod:`pressrun.engines.options`."""
        return {
            "aspect_ratio": self.aspect_ratio,
            "size": self.size,
            "seed": self.seed or None,
            "negative_prompt": self.negative_prompt.strip(),
            "steps": self.steps or None,
            "guidance": self.guidance or None,
        }

"""How one model's answer to one prompt is made: one call, a picture and its facts beside it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pressrun.calls.caller import CallAnswer, Caller
from pressrun.engines.base import ImageRequest
from pressrun.errors import Unavailable
from pressrun.kinds.base import Chain, ExpectedCall, Output
from pressrun.kinds.comparison.sidecar import MEDIA_TYPE, Origin, Safety, sidecar, sidecar_path
from pressrun.ledger.records import Item
from pressrun.ledger.vault import Vault
from pressrun.pictures import provenance
from pressrun.pictures.picture import MEDIA_TYPES, Picture
from pressrun.pictures.provenance import Finisher
from pressrun.settings import settings as machine

KIND = "comparison"
_SLOT = "image"


class ComparisonRecipe:
    """As :class:`pressrun.kinds.base.Recipe`."""

    def models(self, settings: dict[str, Any]) -> list[str]:
        """Lists the models that are compared."""
        return list(settings["models"])

    def expect(self, spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:  # noqa: ARG002 - the spec says all
        """Expects one call."""
        said = len(_told(spec))
        return [ExpectedCall(_SLOT, spec["model"], "image", spec["size"], characters=said)]

    def chain(self, spec: dict[str, Any], settings: dict[str, Any]) -> Chain:  # noqa: ARG002 - as above
        """Lists the one call."""
        return [(_SLOT, spec["model"])]

    def make(
        self,
        batch_id: str,
        item: Item,
        settings: dict[str, Any],
        caller: Caller,
        vault: Vault,  # noqa: ARG002 - no source pictures
    ) -> list[Output]:
        """Makes the picture and its facts, in the prompt's folder.

        Raises:
            Unavailable: With ``kind`` timeout it is final for this run: a model that does not
                answer is not waited for four times.
        """
        request = image_request(item.spec, settings)
        media_type = MEDIA_TYPES[settings["format"]]
        finish = Finisher(
            request.model, request.prompt, batch_id, item.key, media_type, settings["quality"]
        )
        try:
            final, paid = caller.image(_SLOT, request, finish)
        except Unavailable as error:
            error.retryable = error.retryable and error.kind != "timeout"
            raise
        path = f"{item.spec['folder']}/{item.spec['model']}.{final.extension}"
        facts = _facts(path, final, paid, request, batch_id, item)
        return [
            Output(path, final.media_type, final.data, paid.sha256, finish.beside(final)),
            Output(sidecar_path(path), MEDIA_TYPE, facts),
        ]


RECIPE = ComparisonRecipe()


def image_request(spec: Mapping[str, Any], settings: Mapping[str, Any]) -> ImageRequest:
    """Makes the request for an item: its prompt as it was approved, fitted to its model."""
    model = spec["model"]
    return ImageRequest(
        model=model,
        prompt=_told(spec),
        aspect_ratio=spec["aspect_ratio"],
        size=spec["size"],
        seed=spec["seed"],
        timeout_s=machine().model_timeouts.get(model, settings["timeout_s"]),
        options=spec["options"],
        brief={"kind": "image", "text": spec["prompt"]},
    )


def texts(spec: Mapping[str, Any], _settings: Mapping[str, Any]) -> list[str]:
    """Lists what of a spec a model has to show: the prompt as it was given, and made richer.

    The negative prompt is left out: to name there what must not be seen is no offence.
    """
    return [spec["prompt"], spec["enhanced"]]


def model_of(spec: Mapping[str, Any]) -> str:
    """Names the model that an item depends on."""
    return str(spec["model"])


def _told(spec: Mapping[str, Any]) -> str:
    return str(spec["enhanced"] or spec["prompt"])


def _facts(
    path: str, final: Picture, paid: CallAnswer, request: ImageRequest, batch_id: str, item: Item
) -> bytes:
    # As the picture itself says it, so that one which is found again has the same facts.
    inside = provenance.read(final.data)
    origin = Origin(
        batch=batch_id,
        item=item.key,
        prompt=item.spec["prompt"],
        request=request,
        created=inside.created if inside else datetime.now(UTC),
        dropped=item.spec["dropped"],
    )
    safety = Safety(checked=machine().moderation)
    return sidecar(path, final, origin, safety, paid.cost_usd)

"""How one prompt becomes its pictures: one call a picture."""

from typing import Any

from pressrun.calls.caller import Caller
from pressrun.engines.base import ImageRequest
from pressrun.engines.catalogue import catalogue
from pressrun.kinds.base import Chain, ExpectedCall, Output
from pressrun.kinds.reading import expected_readings
from pressrun.ledger.records import Item
from pressrun.ledger.vault import Vault
from pressrun.pictures.picture import MEDIA_TYPES
from pressrun.pictures.provenance import Finisher

KIND = "image"
#: Below the destination: ``bulk_tasks/ana/Mugs 2026-11-30 09-05-07/task_0001.webp``.
PATH_TEMPLATE = "bulk_tasks/{owner}/{title} {timestamp}/{item}/{file}"


class ImageRecipe:
    """As :class:`pressrun.kinds.base.Recipe`."""

    def models(self, settings: dict[str, Any]) -> list[str]:
        """Names the image model, and for a quote what may read the prompts first."""
        if settings.get("action") != "quote":
            return [settings["model"]]
        from pressrun.kinds.image.reading import reads  # noqa: PLC0415 - all that reads prompts

        reader = settings.get("text_model", "")
        return [settings["model"], *([reader] if reads(reader) else [])]

    def expect(self, spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:
        """Expects one call a picture; the first item of a quote says what is read before."""
        read = _expected_reading(spec, settings) if spec.get("reads") else []
        return read + [
            ExpectedCall(
                _slot(number),
                settings["model"],
                "image",
                settings["size"],
                characters=len(spec["prompt"]),
            )
            for number in range(1, settings["images"] + 1)
        ]

    def chain(self, spec: dict[str, Any], settings: dict[str, Any]) -> Chain:
        """Lists what is read before, then a picture each."""
        read = range(1, len(spec.get("reads", ())) + 1)
        pictures = range(1, settings["images"] + 1)
        return [
            *((f"reading_{number}", settings["text_model"]) for number in read),
            *((_slot(number), settings["model"]) for number in pictures),
        ]

    def make(
        self,
        batch_id: str,
        item: Item,
        settings: dict[str, Any],
        caller: Caller,
        vault: Vault,  # noqa: ARG002 - no source pictures
    ) -> list[Output]:
        """Makes the pictures of one prompt, each a file at the batch's root."""
        if item.spec["order"] > 1:
            caller.sleep(settings["delay_s"])
        outputs = []
        for number in range(1, settings["images"] + 1):
            request = image_request(item.spec, settings, number)
            media_type = MEDIA_TYPES[settings["format"]]
            finish = Finisher(
                request.model, request.prompt, batch_id, item.key, media_type, settings["quality"]
            )
            final, paid = caller.image(_slot(number), request, finish)
            name = item.key if settings["images"] == 1 else f"{item.key}_{number}"
            path = f"{name}.{final.extension}"
            outputs.append(
                Output(path, final.media_type, final.data, paid.sha256, finish.beside(final))
            )
        return outputs


RECIPE = ImageRecipe()


def _expected_reading(spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:
    # Late: with it comes all that reads prompts, and who looks at a batch has no use for that.
    from pressrun.kinds.image.reading import ASKED_LETTERS  # noqa: PLC0415

    return expected_readings(spec["reads"], ASKED_LETTERS, settings["text_model"])


def image_request(spec: dict[str, Any], settings: dict[str, Any], number: int) -> ImageRequest:
    """Makes the request for a prompt's picture of that number, from 1; the prompt as approved."""
    return ImageRequest(
        model=settings["model"],
        prompt=spec["prompt"],
        aspect_ratio=settings["aspect_ratio"],
        size=settings["size"],
        seed=spec["order"] * 1000 + number - 1,
        timeout_s=catalogue()[settings["model"]].timeout_s,
        options=_options(spec, settings["model"]),
        brief={"kind": KIND, "text": spec["specific_prompt"]},
    )


def _options(spec: dict[str, Any], model: str) -> dict[str, str]:
    """Gives the negative prompt to a model that knows one."""
    negative = spec.get("negative", "")
    known = "negative_prompt" in catalogue()[model].parameters
    return {"negative_prompt": negative} if negative and known else {}


def _slot(number: int) -> str:
    return f"image_{number}"

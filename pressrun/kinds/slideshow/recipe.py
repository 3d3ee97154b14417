"""How one variation of a slideshow is made: one look at the slides, then one picture a slide."""

import logging
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

import orjson

from pressrun.calls.caller import CallAnswer, Caller
from pressrun.engines.base import ImageRequest, TextRequest
from pressrun.engines.catalogue import catalogue
from pressrun.errors import BadReply
from pressrun.kinds.base import CAPTION, Chain, ExpectedCall, Output
from pressrun.kinds.slideshow import lettering
from pressrun.kinds.slideshow.earlier import (
    earlier_draft_request,
    earlier_slide_request,
    is_earlier,
    read_earlier_draft,
)
from pressrun.kinds.slideshow.lettering import SetSlide
from pressrun.kinds.slideshow.photos import product_photos, source_picture
from pressrun.kinds.slideshow.prompt import (
    DRAFT_TOKENS,
    KIND,
    PROMPT_VERSION,
    SLIDE_TOKENS,
    SlideDraft,
    SlideshowDraft,
    draft_request,
    slide_request,
    typical_draft,
)
from pressrun.ledger.records import Item
from pressrun.ledger.vault import Vault
from pressrun.pictures.picture import MEDIA_TYPES, Picture
from pressrun.pictures.provenance import Finisher
from pressrun.pictures.sending import too_large

__all__ = ["KIND", "SlideshowRecipe"]

logger = logging.getLogger(__name__)

_AskDraft = Callable[
    [dict[str, Any], dict[str, Any], list[Picture], Sequence[Picture]], TextRequest
]
_AskSlide = Callable[
    [dict[str, Any], dict[str, Any], int, SlideshowDraft, Picture, Sequence[Picture]], ImageRequest
]
_ReadDraft = Callable[[str | bytes], SlideshowDraft]


class SlideshowRecipe:
    """As :class:`pressrun.kinds.base.Recipe`."""

    def models(self, settings: dict[str, Any]) -> list[str]:
        """Names the text model and the image model."""
        return [settings["text_model"], settings["model"]]

    def expect(self, spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:
        """Expects the analysis, then one picture a slide: the same requests, but none is sent."""
        slides = [_unread(entry) for entry in spec["slides"]]
        photos = [_unread(entry) for entry in product_photos(spec)]
        ask_draft, ask_slide, _ = _words_of(spec, settings)
        asked = ask_draft(spec, settings, slides, photos)
        # Its words are the draft's, which is not written yet: all slides are asked for alike.
        slide = ask_slide(spec, settings, 0, typical_draft(), slides[0], photos)
        analysis = ExpectedCall(
            "analysis",
            asked.model,
            "text",
            pictures=_sizes(*slides, *photos),
            characters=len(asked.system) + len(asked.prompt),
            answer_tokens=sum((SLIDE_TOKENS for _ in slides), DRAFT_TOKENS),
        )
        return [analysis] + [
            ExpectedCall(
                f"slide_{number}",
                slide.model,
                "image",
                slide.size,
                pictures=_sizes(source),
                perhaps=_sizes(*photos),  # not every slide shows it
                characters=len(slide.prompt),
            )
            for number, source in enumerate(slides)
        ]

    def chain(self, spec: dict[str, Any], settings: dict[str, Any]) -> Chain:
        """Lists the analysis, then a picture a slide."""
        slides = range(len(spec["slides"]))
        return [
            ("analysis", settings["text_model"]),
            *((f"slide_{number}", settings["model"]) for number in slides),
        ]

    def make(
        self, batch_id: str, item: Item, settings: dict[str, Any], caller: Caller, vault: Vault
    ) -> list[Output]:
        """Makes one analysis, one picture a slide, and ``analysis.json`` and caption beside."""
        spec = item.spec
        slides = [source_picture(vault, entry) for entry in spec["slides"]]
        photos = [source_picture(vault, entry) for entry in product_photos(spec)]
        ask_draft, ask_slide, read_draft = _words_of(spec, settings)
        asked = ask_draft(spec, settings, slides, photos)
        answer = caller.text(
            "analysis", asked, lambda text: _check(read_draft(text), len(slides), settings)
        )
        draft = read_draft(answer.data)
        folder = folder_of(spec)
        outputs, records = list[Output](), []
        for number, (source, words) in enumerate(zip(slides, draft.slides, strict=True)):
            request = ask_slide(spec, settings, number, draft, source, photos)
            media_type = MEDIA_TYPES[settings["format"]]
            finish = Finisher(
                request.model, request.prompt, batch_id, item.key, media_type, settings["quality"]
            )
            made, paid = caller.image(f"slide_{number}", request, finish)
            path, text = f"{folder}/slide_{number}", words.new_text
            slide = lettering.finished(made, paid.sha256, text, path, settings, finish)
            outputs += slide.outputs
            records.append(_record(words, request, slide, paid))
        outputs.append(_analysis(folder, item, settings, draft, asked, answer, records))
        if caption := draft.caption.strip():
            outputs.append(Output(f"{folder}/{CAPTION}", "text/plain", caption.encode()))
        return outputs


RECIPE = SlideshowRecipe()


def folder_of(spec: dict[str, Any]) -> str:
    """Names the folder of a variation: ``Link_001_@user/variation_1``."""
    link = f"Link_{spec['link']:03d}_@{spec['user']}"
    return str(PurePosixPath(link, f"variation_{spec['variation']}"))


def _words_of(
    spec: dict[str, Any], settings: dict[str, Any]
) -> tuple[_AskDraft, _AskSlide, _ReadDraft]:
    """Gives what models are asked with, and how the answer is read, for a batch of any time."""
    if is_earlier(spec, settings):
        return earlier_draft_request, earlier_slide_request, read_earlier_draft
    return draft_request, slide_request, SlideshowDraft.model_validate_json


def _check(draft: SlideshowDraft, slides: int, settings: dict[str, Any]) -> None:
    if len(draft.slides) != slides:
        raise BadReply(f"The model described {len(draft.slides)} slides instead of {slides}.")
    if lettering.is_ours(settings):
        lettering.check_words([slide.new_text for slide in draft.slides], settings)


def _unread(entry: dict[str, Any]) -> Picture:
    """Makes a source picture without its bytes, where only its type and size are needed."""
    return Picture(b"", entry["media_type"], entry["width"], entry["height"])


def _sizes(*pictures: Picture) -> tuple[tuple[int, int], ...]:
    return tuple((picture.width, picture.height) for picture in pictures)


def _record(
    words: SlideDraft, request: ImageRequest, slide: SetSlide, paid: CallAnswer
) -> dict[str, Any]:
    scaled = too_large(request.pictures, catalogue()[request.model].most_picture_bytes)
    return {
        **words.model_dump(),
        "file": PurePosixPath(slide.outputs[0].path).name,
        "model": request.model,
        "prompt": request.prompt,
        "labels": [*request.labels],
        **({"pictures_scaled_down": scaled} if scaled else {}),
        "seed": request.seed,
        "sha256": slide.picture.sha256,
        "width": slide.picture.width,
        "height": slide.picture.height,
        "cost_usd": round(paid.cost_usd, 9),
        **slide.said,
    }


def _product(spec: dict[str, Any]) -> dict[str, Any]:
    main, *others = (photo["sha256"] for photo in product_photos(spec))
    told = {"description": spec["description"], "photo_sha256": main}
    return told | ({"other_photos_sha256": others} if others else {})


def _analysis(
    folder: str,
    item: Item,
    settings: dict[str, Any],
    draft: SlideshowDraft,
    asked: TextRequest,
    answer: CallAnswer,
    records: list[dict[str, Any]],
) -> Output:
    spec = item.spec
    spent = answer.cost_usd + sum(record["cost_usd"] for record in records)
    content = {
        "item": item.key,
        "source": spec["source"],
        "photo_variation": spec["photo_variation"],
        "text_variation": spec["text_variation"],
        "prompt_version": 1 if is_earlier(spec, settings) else PROMPT_VERSION,
        "product": _product(spec),
        **draft.model_dump(exclude={"slides"}),
        "slides": records,
        "analysis": {
            "model": asked.model,
            "prompt": asked.prompt,
            "pictures": [slide["sha256"] for slide in spec["slides"]],
            "cost_usd": round(answer.cost_usd, 9),
        },
        "cost_usd": round(spent, 9),
        "ai_generated": True,
    }
    text = orjson.dumps(content, option=orjson.OPT_INDENT_2)
    told = {"prompts": f"{KIND} {content['prompt_version']}"}
    if notes := lettering.notes_of(records):
        logger.warning("%s, %s", item.key, notes["lettering"])
    return Output(f"{folder}/analysis.json", "application/json", text, provenance=told | notes)

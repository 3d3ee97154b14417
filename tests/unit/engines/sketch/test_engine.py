"""The offline engine draws honest drafts: repeatable, labelled, of the size asked for."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from pressrun.engines.base import ImageRequest, TextRequest, Usage
from pressrun.engines.catalogue import SCALES, SIZES_1K, pixel_size
from pressrun.engines.sketch.copy import line, read_pitch, roles_for
from pressrun.engines.sketch.engine import SketchEngine
from pressrun.engines.sketch.look import colours_of, contrast, ink_on, luminance
from pressrun.engines.sketch.scene import cut_out
from pressrun.engines.sketch.styles import style_named
from pressrun.engines.sketch.things import read_scenery
from pressrun.engines.sketch.words import set_words
from pressrun.errors import PictureError, Refused
from pressrun.kinds.slideshow.prompt import SlideshowDraft
from pressrun.pictures.picture import Picture, read_picture
from tests.servers import gemini_replies

MUG = "Ember Cup: keeps coffee hot on the desk, brushed steel handle, fits under any machine."
HARD_TEXTS = {
    "empty": "",
    "blank": " \n\t ",
    "long": "words without an end " * 400,
    "one long word": "Donaudampfschifffahrt" * 12,
    "emoji only": "😀☕️👩‍👩‍👧‍👦",
    "emoji": "Warm ☕ all day 😀!",
    "right to left": "مرحبا بالعالم שלום עולם",
    "chinese": "暖かいコーヒーカップ毎日使えます",
    "accents": "Café crème — süße Träume…",
    "control characters": "a\x00b\x1b[31m\u202ec\ufffd\U0010ffff",
}


def photo(colour: tuple[int, int, int], size: tuple[int, int] = (270, 480)) -> Picture:
    image = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.ellipse((width * 0.2, height * 0.3, width * 0.8, height * 0.6), fill=(240, 235, 220))
    draw.rectangle((0, height * 0.8, width, height), fill=(colour[2], colour[0], colour[1]))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return read_picture(out.getvalue(), "photo")


SLIDE, OTHER_SLIDE = photo((40, 90, 170)), photo((190, 120, 40))
PRODUCT = photo((150, 30, 30), (600, 400))


@pytest.fixture
def engine() -> Iterator[SketchEngine]:
    engine = SketchEngine()
    yield engine
    engine.close()


def image_request(
    seed: int = 1000, text: str = "Have you met Ember Cup?", role: str = "hook", **changes: Any
) -> ImageRequest:
    settings: dict[str, Any] = {
        "pictures": (SLIDE, PRODUCT),
        "brief": {"kind": "slideshow", "text": text, "role": role},
        **changes,
    }
    return ImageRequest("sketch", "A harbour at dawn", seed=seed, **settings)


def text_request(variation: int = 1, slides: int = 5, product: str = MUG) -> TextRequest:
    brief = {"product": product, "caption": "old #post", "variation": variation, "slides": slides}
    return TextRequest(
        "sketch",
        "Study the slides.",
        SlideshowDraft,
        pictures=(*[(SLIDE, OTHER_SLIDE)[n % 2] for n in range(slides)], PRODUCT),
        brief={"kind": "slideshow", **brief},
    )


def draft(engine: SketchEngine, *args: Any, **changes: Any) -> SlideshowDraft:
    return SlideshowDraft.model_validate_json(engine.text(text_request(*args, **changes)).text)


def difference(one: Picture, other: Picture) -> float:
    """Mean difference of two pictures' pixels, from 0 to 255."""
    tiny = [picture.open().resize((96, 172)) for picture in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*tiny)).mean) / 3


def test_the_same_request_gives_the_same_bytes(engine: SketchEngine) -> None:
    first = engine.image(image_request())
    again = SketchEngine().image(image_request())

    assert first.picture.data == again.picture.data
    assert first.usage == Usage()
    assert engine.text(text_request()) == SketchEngine().text(text_request())


def test_the_table_of_sizes_is_the_one_of_the_local_gemini() -> None:
    assert SIZES_1K == gemini_replies.SIZES_1K
    assert SCALES == {"1K": 1, "2K": 2, "4K": 4}
    assert pixel_size("9:16", "4K") == (3072, 5504)


@pytest.mark.parametrize("aspect_ratio", SIZES_1K)
def test_a_sketch_has_the_pixels_of_its_aspect_ratio(
    engine: SketchEngine, aspect_ratio: str
) -> None:
    picture = engine.image(image_request(1003, aspect_ratio=aspect_ratio)).picture

    assert read_picture(picture.data, "sketch") == picture
    assert (picture.width, picture.height) == SIZES_1K[aspect_ratio]


def test_2k_doubles_the_sides(engine: SketchEngine) -> None:
    picture = engine.image(image_request(size="2K")).picture

    assert picture.open().size == (picture.width, picture.height) == (1536, 2752)


@pytest.mark.parametrize("changes", [{"aspect_ratio": "7:3"}, {"size": "8K"}])
def test_a_size_that_does_not_exist_is_refused(
    engine: SketchEngine, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match="Use one of"):
        engine.image(image_request(**changes))


def test_photo_variations_differ_at_first_sight(engine: SketchEngine) -> None:
    pictures = [engine.image(image_request(1000 + n)).picture for n in range(4)]

    assert min(difference(one, other) for one, other in combinations(pictures, 2)) > 8


def test_a_second_round_of_variations_is_not_the_first_again(engine: SketchEngine) -> None:
    first, second = (engine.image(image_request(1000 + n)).picture for n in (0, 4))

    assert difference(first, second) > 3


def test_links_and_source_slides_change_the_picture(engine: SketchEngine) -> None:
    requests = [
        image_request(1002),
        image_request(2002),
        image_request(1002, pictures=(OTHER_SLIDE, PRODUCT)),
    ]
    pictures = [engine.image(request).picture for request in requests]

    assert all(difference(one, other) > 3 for one, other in combinations(pictures, 2))


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_any_text_is_drawn_somehow(engine: SketchEngine, text: str) -> None:
    for seed, role in ((1000, "hook"), (1004, "call_to_action")):
        assert engine.image(image_request(seed, text, role)).picture.width == 768


@pytest.mark.parametrize("count", [0, 1])
def test_a_prompt_without_pictures_gives_a_sketch_too(engine: SketchEngine, count: int) -> None:
    request = image_request(pictures=(SLIDE,)[:count], brief={})
    silent = image_request(pictures=(SLIDE,)[:count], brief={"text": ""})

    drawn = engine.image(request).picture

    assert difference(drawn, engine.image(silent).picture) > 0.5  # the prompt's first words


def test_the_pictures_of_a_bare_prompt_differ_at_first_sight(engine: SketchEngine) -> None:
    pictures = [
        engine.image(image_request(1000 + n, pictures=(), aspect_ratio="1:1")).picture
        for n in range(8)
    ]
    assert min(difference(one, other) for one, other in combinations(pictures, 2)) > 8


def test_a_picture_of_a_scene_follows_it_alone_and_without_words_fills_its_frame(
    engine: SketchEngine,
) -> None:
    asked = image_request(
        pictures=(), aspect_ratio="16:9", brief={"text": "", "scene": "a brown boot"}
    )
    picture = engine.image(asked).picture
    other = engine.image(replace(asked, prompt="No letters and no cat in it")).picture
    assert picture.data == other.data
    drawn = picture.open()
    thirds = [drawn.crop((third * 456, 100, third * 456 + 456, 768)) for third in range(3)]
    assert all(ImageStat.Stat(third).stddev[0] > 3 for third in thirds)  # none is one flat colour


@pytest.mark.parametrize("variation", range(4))
@pytest.mark.parametrize("aspect_ratio", ["1:1", "9:16", "16:9"])
def test_a_bare_prompt_shows_its_words_and_the_label(
    engine: SketchEngine, variation: int, aspect_ratio: str
) -> None:
    asked: dict[str, Any] = {"pictures": (), "aspect_ratio": aspect_ratio}
    drawn = engine.image(image_request(1000 + variation, "A red fox", **asked)).picture
    silent = engine.image(image_request(1000 + variation, "", **asked)).picture
    assert difference(drawn, silent) > 0.3
    low, high = silent.open().crop((40, 34, 160, 64)).convert("L").getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert (low < 60, high > 200) == (True, True)


@pytest.mark.parametrize("variation", range(4))
@pytest.mark.parametrize("aspect_ratio", ["9:16", "16:9"])
def test_the_label_stands_in_its_corner_on_every_layout(
    engine: SketchEngine, variation: int, aspect_ratio: str
) -> None:
    picture = engine.image(image_request(1000 + variation, aspect_ratio=aspect_ratio)).picture
    corner = picture.open().crop((40, 34, 160, 64)).convert("L")

    dark, light = corner.getextrema()
    assert isinstance(dark, int)
    assert isinstance(light, int)
    assert (dark < 60, light > 200) == (True, True)


def test_words_always_stand_out_from_their_ground() -> None:
    for ground in ((r, g, b) for r in (0, 128, 255) for g in (0, 90, 255) for b in (9, 200)):
        assert contrast(ground, ink_on(ground, (40, 30, 60), (246, 240, 230))) >= 4.5


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
@pytest.mark.parametrize("ink", [None, (255, 0, 0)])
def test_words_stay_in_their_box(text: str, ink: tuple[int, int, int] | None) -> None:
    image = Image.new("RGB", (768, 1376), (90, 90, 90))
    set_words(image, text, (60, 200, 708, 560), ink)
    changed = ImageChops.difference(image, Image.new("RGB", image.size, (90, 90, 90)))
    left, top, right, bottom = changed.getbbox() or (384, 400, 385, 401)
    around = 72 if ink is None else 8  # an outline and its shadow
    assert (left >= 60 - around, right <= 708 + around) == (True, True)
    assert (top >= 200 - around, bottom <= 560 + around) == (True, True)


def test_the_source_cannot_be_read_through_a_slide(engine: SketchEngine) -> None:
    source = Image.new("RGB", (270, 480), (60, 120, 180))
    plain = io.BytesIO()
    source.save(plain, "PNG")
    set_words(source, "THE OLD WORDS OF A SLIDE", (20, 150, 250, 250))
    worded = io.BytesIO()
    source.save(worded, "PNG")
    grounds = [
        engine.image(
            image_request(1000, "", pictures=(read_picture(one.getvalue(), "slide"),))
        ).picture
        for one in (plain, worded)
    ]
    assert difference(*grounds) < 13


@pytest.mark.parametrize("model", ["sketch-ink", "sketch-poster"])
def test_a_product_is_cut_out_in_every_style(model: str) -> None:
    photographed = Image.new("RGB", (400, 400), (250, 250, 250))
    ImageDraw.Draw(photographed).ellipse((120, 60, 280, 340), fill=(200, 30, 30))
    style = style_named(model.removeprefix("sketch-"), 0)
    cut = cut_out(photographed)
    assert cut
    assert cut.size == pytest.approx((161, 281), abs=8)
    drawn = style.treat(cut)
    assert (drawn.mode, drawn.getpixel((0, 0))[3]) == ("RGBA", 0)  # type: ignore[index]


def test_a_product_on_a_plain_ground_is_cut_out(engine: SketchEngine) -> None:
    photographed = Image.new("RGB", (400, 400), (250, 250, 250))
    ImageDraw.Draw(photographed).ellipse((120, 60, 280, 340), fill=(200, 30, 30))
    out = io.BytesIO()
    photographed.save(out, "PNG")
    pictures = (SLIDE, read_picture(out.getvalue(), "product"))
    drawn = engine.image(image_request(1000, "", "hook", pictures=pictures)).picture.open()
    colours = drawn.resize((96, 172)).crop((0, 60, 96, 172)).getcolors(20_000) or []
    pixels = [(many, colour) for many, colour in colours if isinstance(colour, tuple)]
    assert sum(many for many, (r, g, b) in pixels if r > 150 and g < 80 and b < 80) > 500
    assert not any(min(colour) > 235 for _, colour in pixels)  # nothing of its white ground


@pytest.mark.parametrize(
    ("prompt", "things", "below"),
    [
        ("brown hiking boots with red laces", [("boot", "#8a5a35", 1)], None),
        ("three stepping stones in a stream", [("stone", "#8d949c", 3)], "waves"),
        ("a small grey cloud with four drops", [("cloud", "#9aa0aa", 1), ("drop", "#3f8fe0", 4)],
         None),
        ("a bowl on a wooden counter", [("bowl", "#c8402f", 1)], "plane"),
        ("Reduce churn by listening", [], None),
        ("", [], None),
    ],
)  # fmt: skip
def test_a_sketch_follows_the_words_of_its_prompt(
    prompt: str, things: list[tuple[str, str, int]], below: str | None
) -> None:
    scenery = read_scenery(prompt)
    assert [(one.name, one.colour, one.count) for one in scenery.things] == things
    assert (scenery.below[0] if scenery.below else None) == below


def test_a_damaged_picture_is_a_sentence(engine: SketchEngine) -> None:
    broken = Picture(SLIDE.data[:200], "image/jpeg", 270, 480)

    with pytest.raises(PictureError, match="damaged"):
        engine.image(image_request(pictures=(broken, PRODUCT)))
    with pytest.raises(PictureError, match="damaged"):
        colours_of(broken)


def test_a_cut_out_product_stands_on_white(engine: SketchEngine) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")
    cut_out = read_picture(out.getvalue(), "product")

    picture = engine.image(image_request(1001, pictures=(SLIDE, cut_out))).picture

    assert luminance(picture.open().getpixel((384, 900))) > 0.95  # type: ignore[arg-type]


@pytest.mark.parametrize("slides", [1, 2, 5, 12, 35])
def test_the_draft_fits_the_slideshow(engine: SketchEngine, slides: int) -> None:
    answer = draft(engine, slides=slides)

    assert [slide.position for slide in answer.slides] == list(range(slides))
    assert answer.slides[0].role == "hook"
    assert slides == 1 or answer.slides[-1].role == "call_to_action"
    assert all(0 < len(slide.new_text) <= 90 for slide in answer.slides)
    assert all(one.new_text != two.new_text for one, two in pairwise(answer.slides))


def test_the_analysis_is_of_the_pictures(engine: SketchEngine) -> None:
    one, other = draft(engine, slides=2).slides

    assert one.composition.startswith("Colours #")
    assert one.composition != other.composition
    assert one.on_slide_text == ""  # it cannot read, and says nothing
    assert all(len(colour) == 7 for colour in draft(engine).palette)


@pytest.mark.parametrize(
    "product",
    [
        MUG,
        "A mug that keeps coffee warm.",
        "Mug",
        "",
        "Термокружка: держит тепло, стальная ручка",
        "x" * 5000,
        "{name} %s {0} <script>",
    ],
)
def test_ten_text_variations_are_ten_different_copies(engine: SketchEngine, product: str) -> None:
    copies = [draft(engine, number, product=product) for number in range(1, 11)]

    assert len({tuple(slide.new_text for slide in copy.slides) for copy in copies}) == 10
    assert len({copy.slides[0].new_text for copy in copies}) == 10
    assert all(2 <= copy.caption.count("#") <= 4 for copy in copies)


def test_slides_of_one_colour_or_that_are_not_shown_get_a_draft_too(engine: SketchEngine) -> None:
    out = io.BytesIO()
    Image.new("RGB", (90, 160), "teal").save(out, "PNG")
    plain = (read_picture(out.getvalue(), "slide"),)
    asked = replace(text_request(slides=2), pictures=plain)
    answer = SlideshowDraft.model_validate_json(engine.text(asked).text)
    assert answer.palette == ["#008080"]
    assert [slide.role for slide in answer.slides] == ["hook", "call_to_action"]


def test_copy_has_no_number_that_the_description_has_not() -> None:
    pitch = read_pitch(MUG)
    lines = [
        line(pitch, role, place, variation)
        for variation in range(10)
        for place, role in enumerate(roles_for(7))
    ]

    assert not any(char.isdigit() for words in lines for char in words)


@pytest.mark.parametrize(
    ("description", "name", "detail"),
    [
        (MUG, "Ember Cup", "keeps coffee hot on the desk"),
        ("A mug that keeps coffee warm.", "Mug", "keeps coffee warm"),
        ("Lamp - soft light for late hours", "Lamp", "soft light for late hours"),
        ("Cold brew glass bottle family size set", "Cold brew glass bottle", "family size set"),
    ],
)
def test_the_short_name_is_how_the_description_opens(
    description: str, name: str, detail: str
) -> None:
    pitch = read_pitch(description)

    assert (pitch.name, pitch.details[0]) == (name, detail)


@pytest.mark.parametrize("brief", [{}, {"kind": "sonnet"}, {"kind": ["slideshow"]}])
def test_a_brief_of_another_kind_is_refused(engine: SketchEngine, brief: dict[str, object]) -> None:
    with pytest.raises(Refused, match="cannot write") as caught:
        engine.text(TextRequest("sketch", "Write.", SlideshowDraft, brief=brief))

    assert caught.value.kind == "unknown_brief"
    assert not caught.value.retryable


def test_answers_are_plain_json(engine: SketchEngine) -> None:
    assert set(json.loads(engine.text(text_request()).text)) == set(SlideshowDraft.model_fields)


def test_what_was_read_without_a_model_is_its_answer(engine: SketchEngine) -> None:
    answer = {"prefix": "Icon", "tasks": [{"prompt": "a cat"}]}
    brief: dict[str, object] = {"kind": "prompts", "answer": answer}
    reply = engine.text(TextRequest("sketch", "List them.", SlideshowDraft, brief=brief))
    assert json.loads(reply.text) == answer


def test_a_number_with_a_comma_or_a_colon_is_one_fact() -> None:
    pitch = read_pitch("Teekanne: Steinzeug, 1,2 l, 14,5–20 cm,spülmaschinenfest, Bild 16:9")  # noqa: RUF001
    assert pitch.name == "Teekanne"
    assert pitch.details == (
        "Steinzeug", "1,2 l", "14,5–20 cm", "spülmaschinenfest", "Bild 16:9",  # noqa: RUF001
    )  # fmt: skip

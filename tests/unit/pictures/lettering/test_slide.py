"""Words on pictures: every script within its place, and what cannot be set said in a sentence."""

import io

import pytest
from PIL import Image

from pressrun.errors import InputError
from pressrun.pictures.lettering.bidi import levels, visual
from pressrun.pictures.lettering.faces import clusters, face_of, face_runs, missing
from pressrun.pictures.lettering.lines import fit, normal
from pressrun.pictures.lettering.options import LetteringOptions, LetteringStyle
from pressrun.pictures.lettering.pieces import Voice, pieces_of
from pressrun.pictures.lettering.slide import letter, problem_of
from pressrun.pictures.picture import Picture
from tests.benchmarks.lettering import (
    READ,
    changed_box,
    is_clipped,
    is_outside,
    is_read_right,
    missing_glyphs,
    reader,
    set_all,
)
from tests.benchmarks.lettering_texts import texts

ORGANIC = LetteringOptions()


def plain(colour: str, size: tuple[int, int] = (768, 1376)) -> Picture:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return Picture(out.getvalue(), "image/png", *size)


def test_words_of_every_script_stand_whole_within_their_margins() -> None:
    slides = list(set_all(24))
    assert len({slide.script for slide in slides}) == 12
    for slide in slides:
        box = changed_box(slide)
        assert not is_clipped(slide, box), slide.words
        assert not is_outside(slide, box), slide.words


def test_no_character_of_the_texts_is_drawn_as_an_empty_box() -> None:
    for _, words in texts():
        assert not missing(words)
        assert not missing_glyphs(words)


def test_what_an_ocr_program_can_read_it_reads_letter_for_letter() -> None:
    read = reader()
    if read is None:
        pytest.skip("rapidocr is not installed: `make bench-lettering` does")
    assert all(is_read_right(slide, read) for slide in set_all(12) if slide.script in READ)


@pytest.mark.parametrize(
    ("ratio", "size", "becomes"),
    [
        ("9:16", (768, 1376), (1080, 1920)),
        ("9:16", (1536, 2752), (1536, 2731)),
        ("1:1", (1024, 1024), (1080, 1080)),
        ("16:9", (1376, 768), (1920, 1080)),
    ],
)
def test_a_slide_has_1080_pixels_or_more_on_its_short_side(
    ratio: str, size: tuple[int, int], becomes: tuple[int, int]
) -> None:
    lettered = letter(plain("#334", size), "Stop scrolling", ORGANIC, ratio, "image/jpeg", 88)
    assert (lettered.picture.width, lettered.picture.height) == becomes
    left, top, right, bottom = lettered.box
    assert 0 < left < right < becomes[0]
    assert 0 < top < bottom < becomes[1]


def test_without_words_a_picture_is_only_cut_to_its_frame() -> None:
    lettered = letter(plain("#334"), " \n ", ORGANIC, "9:16", "image/png", 88)
    assert lettered.picture.open().getcolors() == [(1080 * 1920, (51, 51, 68))]


@pytest.mark.parametrize("words", ["Coffee ☕ then 5 ⚡", "I ❤ you", "5 ♥", "go → there ★"])
def test_a_sign_or_an_emoji_does_not_change_the_face_of_the_words(words: str) -> None:
    runs = list(face_runs(words, face_of(words)))
    assert runs[0].face == "tiktok-sans"
    assert all(run.face == "tiktok-sans" for run in runs if any(map(str.isalnum, run.text)))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("letter " * 57, "398 letters do not fit"),
        ("ᚠᚢᚦ rune", "ᚠ (Runic), ᚢ (Runic), ᚦ (Runic)"),
        ("🔥 👍🏽", "only emoji"),
        ("☕⭐⚡", "only emoji"),
        ("☕\ufe0e", ""),
        ("x" * 60, "is wider than a slide"),
        ("", ""),
        ("Ok 🔥", ""),
    ],
)
def test_what_cannot_be_set_is_said_with_its_remedy(words: str, said: str) -> None:
    problem = problem_of(words, ORGANIC)
    assert said in problem
    assert bool(problem) == bool(said)
    if problem:
        with pytest.raises(InputError, match=r"letters|typeface|emoji|wider"):
            letter(plain("#334"), words, ORGANIC, "9:16", "image/jpeg", 88)


def test_a_ground_without_calm_or_too_bright_gets_a_box_and_says_so() -> None:
    noise = Image.effect_noise((96, 172), 120).resize((768, 1376)).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    busy = Picture(out.getvalue(), "image/png", 768, 1376)
    for ground, why in ((busy, "no calm place"), (plain("#fffdf8"), "too bright")):
        lettered = letter(ground, "Stop scrolling", ORGANIC, "9:16", "image/jpeg", 88)
        assert lettered.style.endswith("box")
        assert why in lettered.note
    assert not letter(plain("#334"), "Stop", ORGANIC, "9:16", "image/jpeg", 88).note


@pytest.mark.parametrize("style", ["outline", "white box", "black box"])
def test_more_words_become_smaller_and_never_less_than_can_be_read(style: LetteringStyle) -> None:
    words = "seven words that are read at once "
    fitted = [fit(normal(words * n), 756, 620, style) for n in (1, 3, 5, 9)]
    sizes = [lines.size if lines else 0 for lines in fitted]
    assert sizes == sorted(sizes, reverse=True)
    assert all(size == 0 or 44 <= size <= 90 for size in sizes)
    assert sizes[-1] == 0


def test_lines_are_even_and_end_where_the_language_lets_them() -> None:
    def lines(words: str, width: int = 950) -> tuple[str, ...]:
        found = fit(normal(words), width, 650, "outline")
        assert found
        return found.lines

    assert lines("one\ntwo three") == ("one", "two three")
    assert lines("新しいボトルで毎日が変わる、今日から始めよう")[0].endswith(("で", "が", "、"))
    for words in ("这个产品非常适合日常使用", "ซื้อวันนี้ลดราคาพิเศษสำหรับทุกคน"):
        assert "".join(lines(words, 600)) == words
    even = fit("The bottle that keeps tea hot all day long and cold", 950, 650, "outline")
    assert even
    assert min(even.widths) > 0.6 * max(even.widths)


def test_a_line_of_both_directions_stands_as_unicode_orders_it() -> None:
    line = "خصم 50% 🔥 Pressrun اليوم"
    voice = Voice.of(line)
    order = [piece.text.strip() for piece in pieces_of(line, voice)]
    assert voice.direction == "rtl"
    assert order.index("اليوم") < order.index("Pressrun") < order.index("🔥")
    assert "".join(visual("abc", [0, 0, 0])) == "abc"
    assert "".join(visual("a12c", [1, 2, 2, 1])) == "c12a"
    assert levels(clusters("אב 12 ab"), "rtl") == [1, 1, 1, 2, 2, 1, 2, 2]

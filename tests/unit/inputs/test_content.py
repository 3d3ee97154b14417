"""What a file is, by what stands in it."""

import random
from pathlib import Path

import pytest

from pressrun.errors import InputError
from pressrun.inputs.content import HEAD, FileType, checked_type, expected_type
from tests.support.uploads import packed, picture

TRUNCATED = picture()[:-200]
WINDOWS = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + b"\0" * 500


def judged(folder: Path, name: str, data: bytes) -> FileType:
    path = folder / "part"
    path.write_bytes(data)
    return checked_type(path, name, expected_type(data[:HEAD], name))


@pytest.mark.parametrize(
    ("name", "data", "media_type", "called"),
    [
        ("mug.jpg", picture(), "image/jpeg", "mug.jpg"),
        ("mug.JFIF", picture(), "image/jpeg", "mug.JFIF"),
        ("mug.png", picture(), "image/jpeg", "mug.jpg"),
        ("mug.exe", picture(), "image/jpeg", "mug.jpg"),
        ("mug", picture("PNG"), "image/png", "mug.png"),
        ("v1.2 final", picture("WEBP"), "image/webp", "v1.2 final.webp"),
        ("mug.heic", picture("AVIF"), "image/avif", "mug.avif"),
        ("links.csv", "link,photo\nä,ö".encode("cp1252"), "text/csv", "links.csv"),
        ("links.csv", "link;photo\n".encode("utf-16"), "text/csv", "links.csv"),
        ("plan.md", b"# Prompts\n- a cat", "text/markdown", "plan.md"),
        ("MZ.txt", b"MZ is how some texts begin", "text/plain", "MZ.txt"),
        ("words", b"a cat", "text/plain", "words.txt"),
        ("sheet.xlsx", b"link;photo\n", "text/plain", "sheet.txt"),
        ("data.json", b'{"a": 1}', "application/json", "data.json"),
        ("cut.txt", ("a" * 4095 + "é").encode(), "text/plain", "cut.txt"),
        ("photos.zip", packed({"1.jpg": picture()}), "application/zip", "photos.zip"),
        ("photos", packed({"1.jpg": picture()}), "application/zip", "photos.zip"),
    ],
)
def test_a_file_is_named_for_what_it_is(
    tmp_path: Path, name: str, data: bytes, media_type: str, called: str
) -> None:
    found = judged(tmp_path, name, data)
    assert (found.media_type, found.name(name)) == (media_type, called)


def test_a_photo_of_an_iphone_that_is_called_jpg_is_a_heic(tmp_path: Path) -> None:
    phone = Path(__file__).parents[1] / "pictures" / "heic" / "phone.heic"
    found = judged(tmp_path, "IMG_1.jpg", phone.read_bytes())
    assert (found.media_type, found.name("IMG_1.jpg")) == ("image/heic", "IMG_1.heic")


def test_a_workbook_is_no_archive_of_photos(tmp_path: Path) -> None:
    data = packed({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>" * 9000})
    found = judged(tmp_path, "links.xlsx", data)
    assert "spreadsheetml" in found.media_type
    assert found.name("links.zip") == "links.xlsx"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("mug.jpg", WINDOWS, "“mug.jpg” is a program for Windows. Give a picture (JPEG"),
        ("mug.jpg", b"\x7fELF\x02\x01\x01" + b"\0" * 90, "“mug.jpg” is a program. Give a picture"),
        ("mug.jpg", TRUNCATED, "“mug.jpg” is cut off or damaged. Save it again"),
        ("mug.png", picture("PNG")[:30], "“mug.png” is cut off or damaged"),
        ("mug.jpg", b"", "“mug.jpg” is empty."),
        ("a.zip", packed({}), "“a.zip” is a ZIP archive with nothing in it."),
        ("mug.jpg", b"<!DOCTYPE html><p>404", "“mug.jpg” is a web page, and no picture. Save the"),
        ("mug.jpg", b"just words", "“mug.jpg” is a text, and no picture."),
        ("mug.png", packed({"a": b"b"}), "“mug.png” is a ZIP archive or a document, and no pict"),
        ("mug.gif", picture("GIF"), "“mug.gif” is a GIF. Save it as JPEG, PNG or WEBP."),
        ("mug.bmp", picture("BMP"), "“mug.bmp” is a BMP picture. Save it as JPEG"),
        ("scan.tif", picture("TIFF"), "“scan.tif” is a TIFF picture. Save it as JPEG"),
        ("scan.pdf", b"%PDF-1.7\n%\xe2\xe3", "“scan.pdf” is a PDF. Save its pictures as JPEG"),
        ("a.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 60, "“a.mp4” is a video. Give a picture"),
        ("a.rar", b"Rar!\x1a\x07\0" + b"\0" * 60, "“a.rar” is a RAR archive. Pack it as ZIP."),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 60, "“a.xls” is an old or protected Office file"),
        ("a.bin", bytes(range(256)), "“a.bin” is no kind of file that is read. Give a picture"),
        ("a.zip", b"words", "“a.zip” is a text, and no ZIP archive. Pack it again."),
        ("a.pptx", packed({"ppt/presentation.xml": b"x"}), "“a.pptx” is a PowerPoint file."),
        ("a.jar", packed({"META-INF/MANIFEST.MF": b"x"}), "“a.jar” is a program."),
        ("a.zip", packed({"a.jpg": b"\0" * 3_000_000}), "unfolds to more than 100 times its size"),
        ("a.zip", packed({"../a.jpg": b"x"}), "../a.jpg points to a place outside the archive"),
        ("a.zip", packed({f"{n}.jpg": b"x" for n in range(501)}), "501 entries; at most 500"),
        ("a.zip", packed({"1.jpg": picture()})[:-40], "is not a ZIP archive that can be read"),
    ],
)
def test_what_is_not_read_is_refused_by_what_it_is(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    with pytest.raises(InputError) as refused:
        judged(tmp_path, name, data)
    assert words in str(refused.value)


def test_names_of_strangers_stay_on_one_short_line(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        expected_type(WINDOWS, "\x1b[31m\n" + "x" * 5000 + ".jpg")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


def test_any_damage_to_a_file_is_a_type_or_a_sentence(tmp_path: Path) -> None:
    chance = random.Random(21)
    whole = [picture(), picture("PNG"), picture("WEBP"), packed({"1.jpg": picture()}), b"a,b\n" * 9]
    for _ in range(150):
        data = bytearray(chance.choice(whole))
        del data[chance.randrange(1, len(data) + 1) :]
        for _ in range(chance.choice((0, 1, 5))):
            data[chance.randrange(min(len(data), 80))] = chance.randrange(256)
        try:
            judged(tmp_path, chance.choice(("a.jpg", "a.zip", "a.csv", "a")), bytes(data))
        except InputError:
            continue


def test_a_word_document_is_known_by_what_stands_in_it(tmp_path: Path) -> None:
    found = judged(tmp_path, "plan.zip", packed({"word/document.xml": b"x"}))
    assert found.media_type.endswith("wordprocessingml.document")
    assert found.name("plan.zip") == "plan.docx"

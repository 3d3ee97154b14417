"""What the pictures of an article are checked for before one is paid."""

import pytest

from pressrun.kinds.article.checks.pictures import DraftedPicture, faults_of_pictures

BODY = "## Where **it** stands\n\nwords\n\n## How to clean\n\nwords\n\n> ## Quoted\n\n### Deeper\n"
SCENE = "A wooden bee hotel on a sunny wall."
LEAD = DraftedPicture("", SCENE, "A bee hotel of bamboo and wood on a brick wall in the sun")
SECOND = DraftedPicture("Where it stands", SCENE, "Lavender below the hotel, with bees on it")


def found(*pictures: DraftedPicture, wanted: int = 2, language: str = "en") -> list[str]:
    return list(faults_of_pictures(pictures, wanted, BODY, language))


def test_good_pictures_have_no_faults() -> None:
    assert found(LEAD, SECOND) == []
    assert found(wanted=0) == []


def test_the_first_picture_leads_whatever_its_heading_says() -> None:
    assert found(DraftedPicture("My title", LEAD.scene, LEAD.alt), SECOND) == []


@pytest.mark.parametrize("heading", ["## Where it stands", "where it stands ", "How to **clean**"])
def test_a_heading_is_known_however_it_is_written(heading: str) -> None:
    assert found(LEAD, DraftedPicture(heading, SCENE, SECOND.alt)) == []


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (DraftedPicture("", SCENE, SECOND.alt), 'Picture 2 stands below "", no ## heading'),
        (DraftedPicture("Elsewhere", SCENE, SECOND.alt), 'stands below "Elsewhere", no ## heading'),
        (DraftedPicture("Quoted", SCENE, SECOND.alt), 'stands below "Quoted", no ## heading'),
        (DraftedPicture("Deeper", SCENE, SECOND.alt), 'stands below "Deeper", no ## heading'),
        (DraftedPicture("How to clean", " ", SECOND.alt), "`scene` of picture 2 has 0 letters"),
        (DraftedPicture("How to clean", "x" * 601, SECOND.alt), "has 601 letters; up to 600"),
        (DraftedPicture("How to clean", "A sign “OPEN”", SECOND.alt), "words in quotes"),
        (DraftedPicture("How to clean", SCENE, ""), "`alt` of picture 2 has 0 letters"),
        (DraftedPicture("How to clean", SCENE, "x" * 126), "has 126 letters; up to 125"),
        (DraftedPicture("How to clean", SCENE, LEAD.alt), "Two pictures have the same `alt`"),
    ],
)
def test_each_fault_is_one_sentence(second: DraftedPicture, said: str) -> None:
    (fault,) = found(LEAD, second)
    assert said in fault


def test_too_few_and_two_at_one_place_are_said() -> None:
    assert found(LEAD) == ["`pictures` lists 1; 2 are asked."]
    third = DraftedPicture("Where it stands", SCENE, "Another view of the wall")
    (fault,) = found(LEAD, SECOND, third, wanted=3)
    assert "Two pictures stand below" in fault


@pytest.mark.parametrize(
    ("alt", "announces"),
    [
        ("Image of a bee hotel", True),
        ("A photo showing a wall", True),
        ("An illustration of bees", True),
        ("Bild von einem Haus", True),
        ("Ein Foto eines Bienenhotels", True),
        ("Photo d'un mur", True),
        ("Una imagen de un muro", True),
        ("Foto di un muro", True),
        ("Afbeelding van een muur", True),
        ("Zdjęcie muru", True),
        ("Picture frames of oak on a wall", False),
        ("A photographer kneels before a hive", False),
        ("Bildhauer an der Arbeit", False),
        ("Fotograf mit Kamera", False),
    ],
)
def test_a_screen_reader_says_itself_that_it_is_a_picture(alt: str, announces: bool) -> None:
    faults = found(LEAD, DraftedPicture("How to clean", SCENE, alt))
    assert bool(faults) == announces


def test_alternative_texts_are_in_the_articles_language() -> None:
    alts = (
        "Ein Bienenhotel aus Bambus und Holz hängt an einer sonnigen Mauer und eine Leiter daran",
        "Eine Frau bürstet im Herbst die leeren Röhren aus und legt sie auf einen Tisch im Hof",
        "Drei Bienen sitzen auf einer Blüte, und das kleine Haus ist dahinter noch zu erkennen",
        "Ein Kind zeigt mit dem Finger auf das Loch, aus dem gerade eine von ihnen schlüpft",
    )
    headings = ("", "One", "Two", "Three")
    pictures = [DraftedPicture(*one) for one in zip(headings, [SCENE] * 4, alts, strict=True)]
    body = "## One\n\n## Two\n\n## Three\n"
    assert list(faults_of_pictures(pictures, 4, body, "de")) == []
    (fault,) = faults_of_pictures(pictures, 4, body, "en")
    assert fault == "The `alt` of pictures is in 'de'; 'en' is asked."

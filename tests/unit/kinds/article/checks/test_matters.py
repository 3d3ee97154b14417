"""Whether a subject is one in which a mistake harms."""

import tomllib
from importlib.resources import files

import pytest

from pressrun.kinds.article.checks.matters import MATTERS, matters_of

HELD = {
    "en": [
        ("How to treat a fever in a child", "health"),
        ("Is ibuprofen safe with alcohol", "health"),
        ("How to stop smoking", "health"),
        ("What to do when someone is choking", "health"),
        ("How to lose 10 kilos in a month", "health"),
        ("My toddler has a rash, should I worry", "health"),
        ("Can I sue my landlord", "law"),
        ("How to make a will", "law"),
        ("Can I be fired while on sick leave", "law"),
        ("Do I have to pay a parking fine", "law"),
        ("What can I deduct as a freelancer", "money"),
        ("Best betting strategies for football", "money"),
        ("How to organise a protest march", "politics"),
    ],
    "de": [
        ("Was hilft gegen Fieber bei Kindern", "health"),
        ("Baby schläft nachts nicht durch", "health"),
        ("Kann ich meinen Vermieter verklagen", "law"),
        ("Lohnt sich ein Bausparvertrag noch", "money"),
    ],
    "fr": [
        ("Arrêter de fumer sans grossir", "health"),
        ("Contester une amende de stationnement", "law"),
        ("Où placer ses économies", "money"),
    ],
    "es": [
        ("Cómo bajar la fiebre a un niño", "health"),
        ("Puedo denunciar a mi casero", "law"),
        ("A quién votar en las municipales", "politics"),
    ],
    "it": [
        ("Come smettere di fumare", "health"),
        ("Come fare testamento", "law"),
        ("Come estinguere prima il mutuo", "money"),
    ],
    "pt": [
        ("Como largar o cigarro", "health"),
        ("Recorrer de uma multa de trânsito", "law"),
        ("Como declarar o imposto de renda", "money"),
    ],
    "nl": [
        ("Hoeveel paracetamol mag je per dag", "health"),
        ("Kan ik mijn huurbaas aanklagen", "law"),
        ("Op welke partij moet ik stemmen", "politics"),
    ],
    "pl": [
        ("Jak rzucić palenie", "health"),
        ("Jak wyjść z długów", "money"),
        ("Na kogo głosować", "politics"),
    ],
    "sv": [("Hur mycket Ibuprofen", "health")],
}
FREE = {
    "en": [
        "The best beaches of Portugal",
        "A number game that a piano teacher teaches",
        "Will it rain at my wedding?",
        "The second law of thermodynamics explained",
        "Best power bank for hiking",
        "What is bond paper",
        "How to get your friends interested in birds",
        "Fever Pitch film review",
        "Trumpet lessons for beginners",
        "Velvet chokers in fashion",
        "Sweaters for autumn",
        "Healthy dog treats to bake at home",
        "The court at Wimbledon: grass or clay",
        "How to share a calendar on a phone",
    ],
    "de": ["Blüten pressen", "Linke Maschen stricken", "Monitor mit 27 Zoll im Vergleich"],
    "fr": ["Congeler des framboises", "Où placer le canapé", "Coudre des boutons"],
    "es": ["Cómo irá vestida la novia", "Juguetes caseros para gatos"],
    "it": ["Cosa c'è dietro la casa", "Dosi per quattro persone", "Meloni e prosciutto"],
    "pt": ["Quando chega o verão", "Alugar um carro em Lisboa"],
    "nl": ["Een gitaar stemmen", "Een gerecht met linzen", "Kies de juiste fiets"],
    "pl": ["Jak długo gotować jajka", "Urlop w Chorwacji", "Długi szalik na drutach"],
    "sv": ["Treatment"],
}


@pytest.mark.parametrize(
    ("language", "title", "matter"),
    [(language, *held) for language, titles in HELD.items() for held in titles],
)
def test_subjects_as_people_type_them_are_held(language: str, title: str, matter: str) -> None:
    assert matter in matters_of([title], language)


@pytest.mark.parametrize(
    ("language", "title"),
    [(language, title) for language, titles in FREE.items() for title in titles],
)
def test_near_words_of_other_subjects_are_not(language: str, title: str) -> None:
    assert matters_of([title], language) == []


def test_a_title_may_touch_two() -> None:
    assert matters_of(["How a mortgage works after a divorce"], "en") == ["money", "law"]


def test_every_term_is_found_as_the_tables_write_it() -> None:
    lost = [
        (table.name, matter, term)
        for table in (files("pressrun.kinds.article.checks") / "terms").iterdir()
        for matter, listed in tomllib.loads(table.read_text("utf-8")).items()
        if matter in MATTERS
        for term in listed.split(",")
        if matter not in matters_of([term.replace("*", "x")], table.name.removesuffix(".toml"))
    ]
    assert lost == []


def test_the_writers_own_word_counts_in_every_language() -> None:
    assert matters_of(["Bread"], "xx", ["law", "health"]) == ["health", "law"]


def test_words_of_two_texts_are_no_phrase() -> None:
    assert matters_of(["Bake a", "will"], "en") == []
    assert matters_of(["Bake a will"], "en") == ["law"]


def test_a_harmless_phrase_hides_nothing_beside_it() -> None:
    assert matters_of(["Star Wars and the war in the news"], "en") == ["politics"]

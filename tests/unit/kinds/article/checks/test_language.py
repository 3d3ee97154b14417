"""Which language a text is in, told without a network."""

import threading

import pytest

from pressrun.kinds.article.checks.language import (
    is_in,
    known_languages,
    language_of,
    language_of_titles,
)

TEXTS = {
    "en": "The bees leave the hive early in the morning and come back when the evening gets cold.",
    "de": "Die Bienen verlassen den Stock am frühen Morgen und kehren zurück, wenn es kühl wird.",
    "fr": "Les abeilles quittent la ruche tôt le matin et reviennent quand le soir devient froid.",
    "es": "Las abejas salen de la colmena por la mañana y vuelven cuando la tarde se pone fría.",
    "ru": "Пчёлы вылетают из улья рано утром и возвращаются, когда вечером становится холодно.",
    "zh": "蜜蜂清晨离开蜂巢,傍晚天气变冷的时候才会回来,每天都是这样。",
    "ja": "ミツバチは朝早く巣箱を離れ、夕方に寒くなると巣に戻ってきます。",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_is_known_by_its_language(code: str) -> None:
    assert language_of(TEXTS[code]) == code
    assert is_in(TEXTS[code], code)
    assert not is_in(TEXTS[code], "pl")


def test_languages_that_cannot_be_told_apart_pass_for_each_other() -> None:
    norwegian = (
        "Biene forlater kuben tidlig om morgenen og kommer tilbake når kvelden blir kald, og "
        "dronningen blir igjen inne sammen med de unge biene som ennå ikke kan fly."
    )
    assert is_in(norwegian, "no")
    assert is_in(norwegian, "nn")
    assert not is_in(norwegian, "de")


def test_a_language_that_is_not_known_is_not_denied() -> None:
    assert "ay" not in known_languages()
    assert is_in(TEXTS["en"], "ay")


def test_many_threads_ask_one_identifier() -> None:
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(language_of(TEXTS["en"]))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["en"] * 8


TITLES = {
    "de": "Wärmepumpe nachrüsten; Solaranlage Kosten; Heizung entlüften; Fördermittel Altbau",
    "es": "Cómo limpiar una tetera; Ideas de regalos para Navidad; Recetas de galletas",
    "pt": "Como limpar uma chaleira; Ideias de presentes para o Natal; Receitas de biscoitos",
    "no": "Slik rengjør du en tekanne; De beste julegavene; Bake kaker med barn",
    "pl": "Jak wyczyścić czajnik; Najlepsze prezenty na święta; Kubki ceramiczne na zimę",
    "tr": "Çaydanlık nasıl temizlenir; Yılbaşı için en iyi hediyeler; Seramik kupalar",  # noqa: RUF001
    "ja": "日本茶の 入れ方; 急須の 選び方; 抹茶ラテの 作り方",
    "ru": "Как почистить чайник; Лучшие подарки на Рождество; Чашки из керамики",
    "en": "Heat pump cost; Solar panel installation; Loft insulation grants; Boiler service",
}


@pytest.mark.parametrize("code", TITLES)
def test_titles_taken_together_say_their_language(code: str) -> None:
    assert language_of_titles(TITLES[code].split("; ")) == code


@pytest.mark.parametrize(
    "names",
    [
        "Adidas Samba; Nike Dunk Low; New Balance 550; Puma Suede; Asics Gel Kayano",
        "Matcha latte; Tiramisu; Pasta carbonara; Pad thai; Crème brûlée; Pain au chocolat",
        "Johann Sebastian Bach; Ludwig van Beethoven; Franz Schubert; Die Zauberflöte",
        "Monstera deliciosa; Ficus elastica; Aloe vera; Pilea peperomioides",
        "Things to do in München; Café culture in Paris; Día de los Muertos; São Paulo on a budget",
        "Wie geht das; Der Titel",
        "",
    ],
)
def test_names_and_few_words_say_none(names: str) -> None:
    assert language_of_titles(names.split("; ")) == ""

"""Which language a text is in, told without a network."""

import threading

import pytest

from pressrun.kinds.article.checks.language import is_in, known_languages, language_of

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

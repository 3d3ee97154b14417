"""The dates that a plan puts before its titles: ``Monday (Jan 5):``, ``Day 1 -``, ``5 mai |``.

It must not know what a title is (see :mod:`pressrun.inputs.articles.titles`).
"""

import re
from itertools import takewhile

from pressrun.boundary.text import fold

_PARTED = re.compile(r"\s*(?:[:\uff1a|\u00b7](?=\s|$)|(?<=\s)[\u2013\u2014-](?=\s))\s*")
_FULL = re.compile(
    r"20[0-9]{2}-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?|[0-9]{1,2}[./][0-9]{1,2}[./](?:20)?[0-9]{2}"
)
_CLOCK = re.compile(r"[0-9]{1,2}(?:[:h.][0-9]{2}|h)")
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_YEAR = re.compile(r"20[0-9]{2}")
_LONGEST = 60  # characters of a date


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


_DAYS = _words(
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag "
    "freitag samstag sonnabend sonntag lunes martes miércoles jueves viernes sábado domingo lundi "
    "mardi mercredi jeudi vendredi samedi dimanche lunedì martedì mercoledì giovedì venerdì sabato "
    "domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
)
_SHORT_DAYS = _words(
    "mon tue tues wed thu thur thurs fri sat sun mo di mi do fr sa so lun mar mié mie jue vie sáb "
    "sab dom mer jeu ven sam dim seg ter qua qui sex"
)
_MONTHS = _words(
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember "
    "okt dez enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre ene abr ago dic janvier février mars avril juin juillet août septembre octobre "
    "novembre décembre janv févr avr juil déc janeiro fevereiro março maio junho julho setembro "
    "outubro novembro dezembro gennaio febbraio aprile maggio giugno luglio settembre ottobre "
    "dicembre januari februari maart mei augustus"
)
_UNITS = _words(
    "day week tag woche día dia jour semana semaine giorno settimana dag kw month monat mes mês "
    "mois mese maand"
)
_BESIDE = _words(
    "of the to and de del der den du le la el il al bis und y et e st nd rd th er am pm h uhr"
)
# Put together once: they are asked for each word of a text.
_TIMES = _DAYS | _MONTHS | _UNITS
_COUNTED = _MONTHS | _UNITS | _SHORT_DAYS
_OF_DATE = _TIMES | _SHORT_DAYS | _BESIDE


def without_dates(words: str) -> str:
    """Removes the dates and times at the beginning of a line; empty if nothing else is there."""
    if not _is_date(_PARTED.split(words, maxsplit=1)[0]):
        return "" if _names_time(words) else words
    rest = words
    while mark := _PARTED.search(rest):
        part = rest[: mark.start()]
        if not (_is_date(part) or (rest is not words and _names_time(part))):
            return rest
        rest = rest[mark.end() :]
    return "" if _names_time(rest) else rest


def _is_date(part: str) -> bool:
    """Says whether this is a day: by its name, by its number in a month, or as ``week 3``."""
    found = _parts_of(part)
    days = [one for one in found if one.isdecimal() and int(one) <= 31]
    counted = bool(days) and not _COUNTED.isdisjoint(found)
    return bool(found) and (counted or not _DAYS.isdisjoint(found) or bool(_FULL.search(part)))


def _names_time(part: str) -> bool:
    """Says whether this is a day, a month, a year or an hour, and nothing else."""
    found = _parts_of(part)
    named = not _TIMES.isdisjoint(found)
    return bool(found) and (named or bool(_FULL.search(part)) or bool(_CLOCK.search(part)))


def _parts_of(text: str) -> list[str]:
    """Lists the words and numbers of a text that says when; none if it says anything else."""
    if len(text) > _LONGEST:
        return []
    found = _WORD.findall(fold(text))
    known = [*takewhile(_is_of_date, found)]
    return known if len(known) == len(found) else []


def _is_of_date(word: str) -> bool:
    if word.isdecimal():
        return len(word) < 3 or bool(_YEAR.fullmatch(word))
    return word in _OF_DATE

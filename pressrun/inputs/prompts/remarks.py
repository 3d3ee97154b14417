"""Words about prompts that are no prompt: remarks to the reader, and what is for every prompt.

Works on short texts alone.
"""

import re

from pressrun.inputs.prompts.vocabulary import Role

#: Every one of them, in the languages of :mod:`pressrun.inputs.prompts.vocabulary`.
_EVERY = (
    r"(?:\b(?:all|each|every|any|chaque|tou(?:s|tes)|cada|tod[ao]s|jede[mnrs]?|alle[nr]?|ogni|tutt[ei]|"
    r"elke?|\u043a\u0430\u0436\u0434\w*|\u0432\u0441\u0435[\u043c\u0445]?)\b|"
    r"[\u6bcf\u5404]|\u6240\u6709|\u5168[\u90e8\u3066]|\u3059\u3079\u3066|\ubaa8\ub4e0|\u0e17\u0e38\u0e01)"
)
_THING = (
    r"(?:\b(?:prompts?|images?|pictures?|cards?|icons?|search(?:es)?|generations?|requests?|renders?|"
    r"scenes?|batch(?:es)?|pieces?|assets?|sprites?|shots?|illustrations?|outputs?|portraits?|one|"
    r"im\w*gen\w*|im\u00e1gen\w*|bild\w*|grafiken|fotos?|immagin\w*|afbeeldingen|"
    r"\u043f\u0440\u043e\u043c\w+|\u0438\u0437\u043e\u0431\u0440\u0430\u0436\w+)\b|"
    r"\u63d0\u793a|\u56fe|\u5716|\u753b\u50cf|\u30d7\u30ed\u30f3\u30d7\u30c8|\ud504\ub86c|\uc774\ubbf8\uc9c0)"
)
_ATTACH = (
    r"(?:\b(?:append(?:ed)?|add(?:ed)?|suffix|prepend(?:ed)?|prefix|starts?|begins?|appl(?:y|ies|ied)|"
    r"use|paste|include|insert|put|attach|ajout\w+|coll(?:er|ez)|aggiung\w*|(?:in)?colla\w*|"
    r"a\u00f1ad\w*|agreg\w*|pegar?|hinzuf\u00fcgen|anh\u00e4ngen|einf\u00fcgen|voranstellen|voeg|"
    r"adicion\w*|apli\w+|anwenden|\u0434\u043e\u0431\u0430\u0432\w+|\u0432\u0441\u0442\u0430\u0432\w+)\b|"
    r"[\u52a0\u8d34\u8cbc\u62fc]|\u8ffd\u52a0|\ubd99|\ucd94\uac00)"
)
_FOR_ALL = re.compile(
    rf"{_ATTACH}[^.]{{0,40}}?{_EVERY}[^.]{{0,30}}?{_THING}|"
    rf"{_EVERY}[^.\u3002]{{0,12}}{_THING}[^.\u3002]{{0,8}}[\u52a0\u8d34\u8cbc\u62fc\u8ffd\ubd99\ucd94]",
    re.IGNORECASE,
)
_SHARED = re.compile(
    rf"\b(?:used|shared|common|same|gilt)\b[^.]{{0,30}}{_EVERY}[^.]{{0,20}}{_THING}|"
    r"\b(?:apply|aplicar|appliquer|anwenden)\b.{0,12}"
    r"\b(?:to all|to every|a tod[ao]s|\u00e0 tou[st]\w*|auf alle)\b|"
    rf"\b(?:para|pour|f\u00fcr|per|voor)\b \W?{_EVERY}[^.]{{0,12}}{_THING}|"
    rf"{_EVERY}[^.]{{0,15}}{_THING} (?:must |should )?share\b",
    re.IGNORECASE,
)
_AT_END = re.compile(
    r"\b(?:append|suffix|add(?:ed)?\b.{0,20}\bend|ajouter|aggiung\w*|a\u00f1ad\w*|agreg\w*|"
    r"hinzuf\u00fcgen|anh\u00e4ngen|voeg|adicion\w*)\b|"
    r"\b(?:end|fin|final|ende|fine) (?:of|de|du|von|di|jed|cada|chaque)",
    re.IGNORECASE,
)
_LONGEST = 20_000  # letters; a prompt has far fewer
_UNSPACED = re.compile("[\u2e80-\uffff]")

_ABOUT_START = re.compile(
    r"(?:here(?: (?:are|is|come|follow)|['\u2019]s)\b|my (?:list|prompts)\b|the following|"
    r"these (?:are|images|prompts|icons|cards|will)\b|(?:see )?below|"
    r"this (?:is|document|file|list|set|batch|sheet|page|pack|section|collection|doc|guide)\b|"
    r"please\b|hi\b|hello\b|hey\b|dear\b|thanks\b|thank you[ ,.!]|cheers\b|regards\b|let me know|"
    r"(?:sure|of course|certainly)[,!]|i (?:need|want|would|have|am|made|think)\b|"
    r"i['\u2019](?:d|m|ve|ll)\b|we (?:need|want|are|will|have|use|would)\b|"
    r"we['\u2019](?:re|ll|ve|d)\b|you (?:can|should|will|may|need)\b|if you\b|"
    r"(?:all|each|every) (?:of )?(?:the |these |our )?(?:images?|prompts?|pictures?|icons?|cards?|"
    r"assets?|items?|levels?|sprites?|photos?|category|section|entry|renders?|one|.{3,20}stickers?)\b|"
    r"(?:note|notes|nb|n\.b\.|tip|tips|important|remember|reminder|todo|ps|p\.s\.|fyi|warning|"
    r"disclaimer|caution|attention)\s*[:!\u2013\u2014-]|quote:|"
    r"(?:remember|make sure|be sure|keep in mind|feel free|do not|don['\u2019]t|ensure|avoid) |"
    r"(?:all|everything) (?:in|with|are|is|should|must)\b|"
    r"a (?:good |great |strong )?prompt (?:should|is|has|needs|must)\b|"
    r"a (?:set|list|collection|batch|series|pack) of (?:\w+ )?(?:prompts|tasks|images to)\b|"
    r"_?(?:last )?updated\b|version \d|author:|end of (?:list|document|file|prompts)|"
    r"(?:copy|paste|replace|save|export|upload|download) (?:and paste )?"
    r"(?:the|these|this|each|every|your|all|outputs?|them|into)\b|"
    r"voici\b|aqu\u00ed (?:tienes|est)|hier (?:sind|ist|kommen)\b|copia\b|ecco\b|"
    r"cop(?:iez|y)\b|bitte\b|kopier|\u4ee5\u4e0b|\u8bf7)",
    re.IGNORECASE,
)
_ABOUT_IN = re.compile(
    r"\b(?:prompts? (?:below|above|for|are|is|list)|the following|as follows|listed below|"
    r"images? below|(?:these|those|the|our|your|following|each|every|all) (?:prompts?|images)|"
    r"image prompts|cada prompt|chaque prompt|jeden prompt|"
    r"this (?:document|batch|list|file)|"
    r"(?:will|should|must) be (?:used|generated|rendered|made|created|exported|delivered|square)|"
    r"let me know|deadline|deliver(?:ed|ables?)? (?:by|as|in))\b",
    re.IGNORECASE,
)


_ANNOUNCES = re.compile(
    r"(?:copy|paste|use|generate|create|make|draw|render|add|put|apply|produce|run|try|list)\b",
    re.IGNORECASE,
)


def announces(label: str) -> bool:
    """Says whether words before a colon say what to do with what follows, and name nothing."""
    return bool(_ANNOUNCES.match(label)) or is_about(label.rstrip(":\uff1a "))


def role_for_all(text: str) -> Role | None:
    """Says whether a text announces what is for every prompt, and on which side of it."""
    if _FOR_ALL.search(text):
        return Role.SUFFIX if _AT_END.search(text) else Role.PREFIX
    return Role.PREFIX if _SHARED.search(text) else None


def is_about(text: str) -> bool:
    """Says whether a sentence is about the prompts and no prompt itself."""
    start = text[:400].lstrip(" *_(\"'\u201c")
    return bool(_ABOUT_START.match(start)) or bool(_ABOUT_IN.search(start)) or text.endswith(":")


def word_count(text: str) -> int:
    """Counts the words of a text; a script without spaces counts two letters a word."""
    text = text[:_LONGEST]
    return max(len(text.split()), len(_UNSPACED.findall(text)) // 2 if not text.isascii() else 0)

"""Words about prompts that are no prompt: remarks to the reader, and what is for every prompt.

Works on short texts alone.
"""

import re

from pressrun.inputs.prompts.vocabulary import Role

_FOR_ALL = re.compile(
    r"\b(?:append(?:ed)?|add(?:ed)?|suffix|prepend(?:ed)?|prefix|start(?:s)?|begin(?:s)?|"
    r"appl(?:y|ies|ied)|use)\b[^.]{0,30}\b(?:all|each|every|any)\b"
    r"(?: (?:of the|the|image|image generation|icon|card|base))* "
    r"(?:prompts?|images?|pictures?|cards?|icons?|search(?:es)?|generations?|requests?|renders?|scenes?|"
    r"batch(?:es)?|pieces?|assets?|sprites?|shots?|illustrations?|outputs?|one)\b",
    re.IGNORECASE,
)
_SHARED = re.compile(
    r"\b(?:used|shared|common|same)\b[^.]{0,30}\b(?:all|every|each)\b[^.]{0,20}\b(?:prompts?|images?)\b|"
    r"\b(?:apply|aplicar|appliquer|anwenden)\b.{0,12}"
    r"\b(?:to all|to every|a tod[ao]s|\u00e0 tou[st]\w*|auf alle)\b|"
    r"\b(?:para tod[ao]s|pour tou(?:s|tes)|f\u00fcr alle|per tutt[ei]|voor alle)\b[^.]{0,12}"
    r"\b(?:prompts?|im\w+|bilder|grafiken|fotos?|afbeeldingen)\b",
    re.IGNORECASE,
)
_FOR_ALL_ABROAD = re.compile(
    r"\b(?:ajouter|aggiung\w*|a\u00f1ad\w*|agreg\w*|hinzuf\u00fcgen|anh\u00e4ngen|voeg|adicion\w*)\b"
    r"[^.]{0,30}\b(?:chaque|tous les|cada|todos|todas|jedem|jede|allen|ogni|tutti|elke|bij elk)\b",
    re.IGNORECASE,
)
_AT_END = re.compile(r"\b(?:append|suffix|add(?:ed)?\b.{0,20}\bend)\b", re.IGNORECASE)
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
    if _SHARED.search(text):
        return Role.PREFIX
    return Role.SUFFIX if _FOR_ALL_ABROAD.search(text) else None


def is_about(text: str) -> bool:
    """Says whether a sentence is about the prompts and no prompt itself."""
    start = text[:400].lstrip(" *_(\"'\u201c")
    return bool(_ABOUT_START.match(start)) or bool(_ABOUT_IN.search(start)) or text.endswith(":")


def word_count(text: str) -> int:
    """Counts the words of a text; a script without spaces counts two letters a word."""
    text = text[:_LONGEST]
    return max(len(text.split()), len(_UNSPACED.findall(text)) // 2 if not text.isascii() else 0)

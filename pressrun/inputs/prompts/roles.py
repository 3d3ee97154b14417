"""What the words around prompts say: which label is a level, a style for all, a note.

Works on short strings alone. It must not know where in a document they stand.
"""

import re
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """What a label announces."""

    PROMPT = "prompt"
    PROMPTS = "prompts"  # a title over several
    CONTENT = "content"  # a description or scene: the prompt, where nothing is called so
    PREFIX = "prefix"
    SUFFIX = "suffix"
    NEGATIVE = "negative"
    LEVEL = "level"
    CATEGORY = "category"
    TAGS = "tags"
    NAME = "name"
    NUMBER = "number"
    NOTE = "note"  # of a whole section
    DETAIL = "detail"  # of one prompt
    GROUP = "group"  # a name that only its author knows


def words(text: str) -> frozenset[str]:
    """Makes a set of the words of a text."""
    return frozenset(text.split())


# A label is of a role if it has one of the role's words and, beside them, only small words.
_SMALL = words(
    """a all an and any applied apply applies as at be before below by card cards copy document each
    every everything file final first following for from full general global here i icon icons image
    images in is it item items line list main must my of on one our paste picture pictures ready
    section set shared should slide slides task tasks text that the them these this to use used
    using with your de des du la le les pour para el los las der die das für di per il alle chaque
    cada todos toutes und et y e"""
)
_OWN = {
    Role.NEGATIVE: words(
        """avoid exclude exclusions negative negatives negativo negativa negativos négatif négative
        negativ vermeiden evitar éviter"""
    ),
    Role.SUFFIX: words("append appended suffix suffixes sufijo suffixe end ending constraints"),
    Role.PREFIX: words(
        """prefix prefixes preamble style prepend prepended stil estilo stile styles präfix préfixe
        prefijo vorspann baseline"""
    ),
    Role.NOTE: words(
        """about anmerkung anmerkungen appendix audio avoid aviso changelog checklist comment
        comments
        consejos consistency contents context credits deliverables disclaimer expected faq glossary
        guide guideline guidelines hint hints hinweis hinweise howto important info information
        instruccion instrucciones instruction instructions instruções intro introduction license
        music next nb nota notas note notes notizen overview practices principles ps readme
        recommendations reference sfx sound soundeffekte sounds references
        remember reminder requirement requirements results rules sources
        specification specifications specs steps structure summary tip tipps tips tldr todo
        troubleshooting usage uso verwendung warning workflow"""
    ),
    Role.CATEGORY: words(
        """categories category kategorie categoría catégorie categoria group theme type"""
    ),
    Role.TAGS: words("keyword keywords label labels tag tags hashtags"),
    Role.NAME: words(
        """asset archivo character concept datei dateiname fichier filename icon name nom nombre
        nome output product save sku sprite title titel titre título titulo"""
    ),
    Role.NUMBER: words("id index no nr number order position"),
}
_WITH = {
    Role.PREFIX: words(
        """art base begin block brand common core default direction drawing graphic guide header
        illustration look master overall prompt prompts rendering start visual visuals artistique
        commune común comune gemeinsamer globaler direction block universal suffix"""
    ),
    Role.SUFFIX: words("base block prompt prompts style quality technical visual"),
    Role.NEGATIVE: words(
        "global prompt prompts things words do not universal common standard commun"
    ),
    Role.NOTE: words(
        """additional agents ai artist author background batch best brand client color design
        effects effekte
        designer designers editor export extra format generated generating generation generator how
        implementation internal key legal need needs naming output placement post processing
        production project prompt prompting prompts quality quick review reviewer side size special
        style table team technical test testing tool tools writing you"""
    ),
}
_PROMPT = words("prompt промпт")
_PROMPTS = words("prompts промпты промты")
_CONTENT = words(
    """beschreibung bild desc descripción description descrição escena idea image picture scene
    scène szene shot subject task text visual visuals"""
)
#: What people write beside a prompt.
_DETAIL = words(
    """alt angle aspect assignee audience authorurl autor author background camera caption cfg
    channel color colors colour colours composition cost created date deadline difficulty dimensions
    dimensionen dimensiones due duration emotion flags focus format formato freigabe goal height
    language lens lighting location lora medium mode model models mood motion narration owner
    palette parameters params placement platform platforms priority purpose quality rarity ratio
    resolution sampler scale script seed setting settings shape size source status steps
    subject technique tone tool tools transition url use usage variant variants version
    voiceover weight where why width zweck größe grösse taille tamaño tamanho formatos utilisation
    ziel objetivo proportion proporción seitenverhältnis negativeprompt link links website"""
)
_MAKING = words("template formula engineering format")
_BASE = words("base common core default general global master shared universal")
#: Scripts without spaces between words, and where their words stand for a role.
_PARTS = (
    (Role.NEGATIVE, "负面 反向 負面 ネガティブ 네거티브 부정 негатив"),
    (Role.NOTE, "说明 備註 备注 注意 使用方法 使い方 注意事項 사용법 примечан инструкци"),
    (Role.PREFIX, "统一风格 整体风格 共通 全局 общий 공통 通用"),
    (Role.PROMPT, "提示词 提示詞 プロンプト 프롬프트 咒语"),
    (Role.NAME, "文件名 文件 名称 标题 標題 ファイル名 파일명 файл название"),
    (
        Role.DETAIL,
        "尺寸 比例 用途 位置 风格 風格 场景 スタイル サイズ 用途 크기 비율 размер формат",
    ),
)
_NUMBERED = re.compile(
    r"(?:(?:ai|final|the)\s+)?(?:(?:image|picture|photo|prompt|task|item|entry|img|pic|no|nr|number|"
    r"imagen|imagem|bild|foto|prompt de imagen)s?\b\.?\s*)?"
    r"[#\u2116(]?\s*\d{1,4}\s*\)?(?:\s*(?:of|/)\s*\d{1,4})?[.:)]?",
    re.IGNORECASE,
)
_NUMBER_FIRST = re.compile(
    r"(?:prompt|промпт|提示词)\s*[#\u2116]?\s*\d{1,4}\s*(?:[:.)\u2013\u2014|]|-\s|\uff1a)?\s*(?=\S)",
    re.IGNORECASE,
)
_SOUND = re.compile(r"\.(?:mp3|wav|ogg|m4a)\b", re.IGNORECASE)
_LEADING_NUMBER = re.compile(
    r"(?:#?\d{1,4}(?:\.\d{1,3})*[.)]|\d{1,4}\.\d{1,3}|#\d{1,4}[:.)]?|\(\d{1,4}\))\s+"
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_ASIDE = re.compile(r"\([^()]{0,200}\)|\uff08[^\uff08\uff09]{0,200}\uff09|\[[^\[\]]{0,200}\]")
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
_MARKS = " \t:\uff1a.*_#-\u2013\u2014`~>=|"
_LONG = 90
_LONGEST = 20_000  # letters; a prompt has far fewer
_UNSPACED = re.compile("[\u2e80-\uffff]")

_NUMERALS = {
    numeral: number
    for numerals in (
        "i ii iii iv v vi vii viii ix x",
        "one two three four five six seven eight nine ten",
    )
    for number, numeral in enumerate(numerals.split(), 1)
}
_NUMBER = rf"(\d{{1,3}}|{'|'.join(sorted(_NUMERALS, key=len, reverse=True))})(?!\w)"
_LEVEL = rf"(?<!\w)(?:level|lvl|lv|lev)\.?\s{{0,9}}[#:_-]?\s{{0,9}}{_NUMBER}"
_IS_LEVEL = re.compile(rf"[\s(\[]*(?:{_LEVEL}|l\s?(\d{{1,2}}))[\s)\].:]*", re.IGNORECASE)
_LEVEL_IN = re.compile(rf"{_LEVEL}", re.IGNORECASE)
_LEVEL_FIRST = re.compile(rf"[(\[]?{_LEVEL}\s?[)\]]?", re.IGNORECASE)
_LEVEL_LAST = re.compile(
    rf"(?:[(\[]\s?{_LEVEL}\s?[)\]]|(?:\s[\u2013\u2014|-]|,)\s?{_LEVEL})\s?\.?$", re.IGNORECASE
)

_LEVEL_ENDS = (
    *"0123456789ivx",
    "one",
    "two",
    "three",
    "our",
    "ive",
    "six",
    "ven",
    "ght",
    "ine",
    "ten",
)

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


@lru_cache(maxsize=4096)
def role_of(label: str) -> Role:
    """Finds what a label announces."""
    if len(label) > _LONG:
        return Role.GROUP
    if said := role_for_all(label):
        return said
    bare = without_number(_ASIDE.sub(" ", label).strip(_MARKS)).strip(_MARKS)
    if is_level(bare) or bare.casefold() in ("level", "lv", "lvl", "stufe", "niveau", "nivel"):
        return Role.LEVEL
    if _SOUND.search(bare):
        return Role.NOTE
    if not bare or _NUMBERED.fullmatch(bare):
        return Role.NUMBER
    given = [word.casefold() for word in _WORD.findall(bare.replace("_", " "))]
    return _role_of_words(given, bare) if 0 < len(given) < 10 else Role.GROUP


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


def _role_of_words(said: list[str], bare: str) -> Role:
    given = frozenset(said)
    for role, parts in _PARTS:
        if any(part in bare.casefold() for part in parts.split()):
            return role
    return _role_by_own(said, given) or _prompt_role(said, given) or _role_by_place(said, given)


def _role_by_own(said: list[str], given: frozenset[str]) -> Role | None:
    for role, own in _OWN.items():
        known = own | _SMALL | _WITH.get(role, frozenset())
        if given & own and given <= known and (role is not Role.NUMBER or len(said) < 3):
            return role
    return None


def _prompt_role(said: list[str], given: frozenset[str]) -> Role | None:
    """Finds the role of a label that has the word prompt in it."""
    if not given & (_PROMPT | _PROMPTS):
        return None
    if given & _BASE and given <= _SMALL | _BASE | _PROMPT | _PROMPTS:
        return Role.PREFIX
    if given & (_OWN[Role.NOTE] | _MAKING):
        return None
    if given & _PROMPTS:
        return Role.PROMPTS
    return Role.PROMPT if said[-1] in _PROMPT or said[0] in _PROMPT else None


def _role_by_place(said: list[str], given: frozenset[str]) -> Role:
    """Finds the role that the first or last word of a label gives, or that all of them are of."""
    beginnings = _OWN[Role.NOTE] - {"about", "next", "rules", "tip", "tips"}
    first_says = said[0] in beginnings or said[:2] == ["how", "to"]
    if first_says or (said[-1] in _OWN[Role.NOTE] and len(said) < 4):
        return Role.NOTE
    for role, own in ((Role.CONTENT, _CONTENT), (Role.DETAIL, _DETAIL)):
        if given & own and given <= own | _SMALL:
            return role
    return Role.GROUP


def numbered_name(title: str) -> tuple[bool, str]:
    """Says whether a title is "Prompt 3" with a name behind it; returns the name."""
    found = _NUMBER_FIRST.match(title)
    return (True, title[found.end() :].strip()) if found else (False, title)


def find_level(text: str) -> str:
    """Finds ``Lv. 2``, ``level two`` or ``L2`` anywhere in a label, as ``Level 2``; else empty."""
    found = _IS_LEVEL.fullmatch(text) or _LEVEL_IN.search(text)
    return _written(found) if found else ""


def level_value(text: str) -> str:
    """Reads the level that stands in a column or field of its own: ``2`` is ``Level 2``."""
    if level := find_level(text):
        return level
    bare = text.strip().casefold()
    if bare.isdecimal() or bare in _NUMERALS:
        return f"Level {_NUMERALS.get(bare) or int(bare)}"
    return text.strip()


def split_level(label: str) -> tuple[str, str]:
    """Splits a label into what is no level, and the level: ``Quick Feet (Lv. 2)``."""
    if is_level(label):
        return "", find_level(label)
    found = _LEVEL_IN.search(label)
    if not found:
        return label.strip(), ""
    before = label[: found.start()].rstrip(" \t:,;|/-\u2013\u2014([")
    after = label[found.end() :].lstrip(" \t:,;|/-\u2013\u2014)]")
    name = f"{before} {after}".strip()
    return ("" if _SMALL.issuperset(_WORD.findall(name)) and not before else name), _written(found)


def is_level(label: str) -> bool:
    """Says whether a label is a level and nothing else."""
    return bool(_IS_LEVEL.fullmatch(label))


def cut_first_level(text: str) -> tuple[str, str]:
    """Cuts a level off the beginning of a text; returns it and what follows."""
    found = _LEVEL_FIRST.match(text)
    return (_written(found), text[found.end() :]) if found else ("", text)


def cut_last_level(text: str) -> tuple[str, str]:
    """Cuts off a level that is set apart at a text's end; returns the text and the level."""
    at = max(0, len(text) - 40)
    if not text[-4:].rstrip(" )].").lower().endswith(_LEVEL_ENDS):
        return text, ""
    found = _LEVEL_LAST.search(text, at)
    return (text[: found.start()].rstrip(), _written(found)) if found else (text, "")


def without_number(title: str) -> str:
    """Removes the number before a heading or label: ``2. Armour``."""
    return _LEADING_NUMBER.sub("", title, count=1).strip()


def is_about(text: str) -> bool:
    """Says whether a sentence is about the prompts and no prompt itself."""
    start = text[:400].lstrip(" *_(\"'\u201c")
    return bool(_ABOUT_START.match(start)) or bool(_ABOUT_IN.search(start)) or text.endswith(":")


def word_count(text: str) -> int:
    """Counts the words of a text; a script without spaces counts two letters a word."""
    text = text[:_LONGEST]
    return max(len(text.split()), len(_UNSPACED.findall(text)) // 2 if not text.isascii() else 0)


def _written(found: re.Match[str]) -> str:
    number = next(group for group in found.groups() if group).casefold()
    return f"Level {_NUMERALS.get(number) or int(number)}"

"""The words of labels, by what they announce.

A label is known by single words of a few closed classes, in the languages that people write most.
"""

from enum import StrEnum


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
SMALL = words(
    """a all an and any applied apply applies as at be before below by card cards copy document each
    every everything file final first following for from full general global here i icon icons image
    images in is it item items line list main must my of on one our paste picture pictures ready
    section set shared should slide slides task tasks text that the them these this to use used
    using with your de des du la le les pour para el los las der die das für di per il alle chaque
    cada todos toutes und et y e"""
)
OWN = {
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
        """about anmerkung anmerkungen bad wrong incorrect falsch schlecht
        appendix audio avoid aviso changelog checklist comment
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
WITH = {
    Role.PREFIX: words(
        """art base begin block brand common core default direction drawing graphic guide header
        illustration look master overall prompt prompts rendering start visual visuals artistique
        commune común comune gemeinsamer globaler direction block bloc universal suffix
        anchor foundation
        dna consistency lock shared standard bloco bloque fixed fixe"""
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
PROMPT = words("prompt промпт positive positiv positivo")
PROMPTS = words("prompts промпты промты")
CONTENT = words(
    """abbildung beschreibung bild desc illustration ilustración ilustração illustrazione
    descripción description descrição escena idea image picture scene
    scène szene shot subject task text visual visuals"""
)
#: What people write beside a prompt.
DETAIL = words(
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
MAKING = words("template formula engineering format")
BASE = words("base common core default general global master shared universal")
#: Scripts without spaces between words, and where their words stand for a role.
PARTS = (
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

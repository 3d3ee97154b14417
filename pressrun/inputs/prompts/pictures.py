"""How far words describe a picture, rather than tell a reader what to do or how a thing works.

A view of the words alone, whatever the structure: single words of closed classes, as people write
them in several languages. Words that are in no class say nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from statistics import fmean

from pressrun.inputs.prompts.vocabulary import words

#: Light, colour, view, material and kind of picture.
_PICTURE = words(
    """aerial ambient angle anime art artwork atmosphere atmospheric backdrop background backlit
    beautiful black blue blur blurred blurry bokeh bold bright brown brushstrokes camera cartoon
    centered centred cinematic clean close-up closeup clouds color colored colorful colors colour
    colours composition contrast cozy cute dark dawn depth detail detailed details dramatic dslr
    dusk elegant engraving expression eyes face facing film flat fog foreground frame full-body
    glossy glow glowing gold golden gradient gradients grain gray green grey hair hands
    high-quality holding hyperrealistic icon illustrated illustration image ink isometric landscape
    lens light lighting lights lit logo lush macro mascot matte minimal minimalist mist misty mood
    moody moonlight motion muted neon night oil orange ornate outline outlines overhead painted
    painterly painting palette pastel pencil perspective photo photograph photographic photography
    photorealistic picture pink pixel portrait pose posing poster purple realistic red reflections
    render rendered rendering retro rim rustic saturated scene seamless shadow shadows shallow
    sharp shot showing side silhouette sitting sketch skin sky smiling smoke soft sparkles sprite
    standing stone studio style stylized subtle sunlight sunny sunset surreal surrounded symmetrical
    tall texture textured textures tones transparent typography vector vibrant view vignette vintage
    volumetric warm watercolor watercolour watermark wearing white wide wooden yellow 2d 3d 4k
    8k uhd
    luz luces luzes fondo fundo estilo ilustración ilustração colores cores fotografía fotografia
    retrato escena cena cenário vista acuarela aquarela plano suave sombra sombras oscuro escuro
    brillante brilhante blanco branco negro preto rojo vermelho azul verde amarillo amarelo dorado
    dourado textura transparente iluminación iluminação cinematográfico cinematográfica sonriendo
    sorrindo sosteniendo segurando fotorrealista
    lumière fond couleurs scène vue ombre ombres doux douce sombre blanc noir rouge bleu vert doré
    éclairage aquarelle
    licht hintergrund farben stil szene blick weich weiches dunkel weiß schwarz rot blau grün
    beleuchtung schatten aquarell zeichnung gemälde nahaufnahme stimmung warmes helle helles
    luce sfondo colori stile scena illustrazione acquerello ảnh nền ánh sáng màu phong cách"""
)
#: Speech to a reader; the making of pictures; files and programs; reasons and conditions.
_TALK = words(
    """you your yours we our us i i'm they he'll should must can could would will may might if when
    because since then else please use using used run install add create copy paste click open save
    file files folder path code command server api data user users function test tests build version
    project page website site app section document table step steps note notes tip tips example
    examples prompt prompts generate generated generating generation generator model models
    midjourney dall-e dalle gemini chatgpt gpt flux sd stable diffusion comfyui tool tools ai this
    these those that which what how why does do don't doesn't isn't not need needs required optional
    make sure avoid instead before after below above following each every all any read write set get
    change changes update updated replace keep always never only them their its it it's is are was
    were be been has have had by per via etc e.g i.e
    usar usa puede debe archivo archivos cuando para si generar genera usted você pode deve arquivo
    arquivos quando gerar vous votre pouvez fichier fichiers utiliser utilise pour
    sie ihr du wir kann kannst muss soll sollte datei dateien wenn weil verwenden verwende nicht
    oder
    auch ist sind wird werden"""
)
#: Beginnings of words of languages that inflect them.
_PICTURE_STEM = re.compile(
    r"(?:освещ|свет|фон|стил|цвет|иллюстрац|портрет|фотореал|атмосфер|камер|детал|акварел|золот|"
    r"т[её]мн|син|красн|бел|зел[её]н|ч[её]рн)"
)
_TALK_STEM = re.compile(
    r"(?:(?:вы|вас|нужно|можно|если|для|это|при|чтобы|не)$|файл|использ|промпт|генерац|сайт|должн)"
)
#: Words of scripts that have no spaces between them.
_PICTURE_PARTS = tuple(
    words(
        """风格 光线 光影 背景 画面 色彩 色调 特写 镜头 构图 插画 写实 水彩 质感 柔和 氛围 逆光
            俯视 近景 远景 高清 细节 阳光 夜晚 穿着 站在 坐在 画风 渐变 剪影 透明 白色 黑色 红色
            蓝色 金色 绿色 暖色 冷色 卡通 スタイル 構図 イラスト 写真 アニメ 雰囲気 夕方 笑顔 柔らか
            逆光 배경 조명 스타일 분위기 구도 일러스트 사실적 수채화 클로즈업 따뜻한 부드러운"""
    )
)
_TALK_PARTS = tuple(
    words(
        """使用 可以 需要 如果 文件 生成 提示词 模型 步骤 用户 我们 因为 所以 通过 进行 功能 项目
            设置 代码 教程 说明 以下 ください です ます こと 場合 ファイル 使う プロンプト 합니다
            하세요 있습니다 됩니다 경우 파일 사용 필요 프롬프트 이미지 하는"""
    )
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
#: What image models alone are told: flags, weights of words.
_FLAG = re.compile(
    r"(?<!\S)--(?:ar|v|style|s|q|no|niji|chaos|c|seed|stylize|iw|tile)\b|::-?\d|\(\w[^()]*:\d\.\d+\)"
)
_TAIL = 30  # letters behind the last flag at most: its value, or another tool's flag
_PHRASE = 20  # letters that a prompt has before its flags; a text about flags has fewer
_LONGEST = 2_000  # letters that are looked at; more say nothing new


@lru_cache(maxsize=4096)
def picturing(text: str) -> float:
    """Says from 0 to 1 how far a text describes a picture; 0.5 where its words leave it open."""
    text = text[:_LONGEST].casefold()
    seen = set(_WORD.findall(text))
    for_it, against = len(seen & _PICTURE), len(seen & _TALK)
    if not text.isascii():
        foreign = [word for word in seen if not word.isascii()]
        for_it += sum(bool(_PICTURE_STEM.match(word)) for word in foreign)
        against += sum(bool(_TALK_STEM.match(word)) for word in foreign)
        for_it += sum(part in text for part in _PICTURE_PARTS)
        against += sum(part in text for part in _TALK_PARTS)
    for_it += 4 * _is_flagged(text)
    leaning = (for_it - 0.6 * against) / (4 + for_it + against)
    return min(1.0, max(0.0, 0.5 + leaning))


def _is_flagged(text: str) -> bool:
    """Says whether a text ends in flags of an image model, or weighs its words."""
    last = max((found.end() for found in _FLAG.finditer(text, _PHRASE)), default=0)
    return last > 0 and (len(text) - last < _TAIL or text[last - 1] == ")")


def mean_picturing(texts: Sequence[str]) -> float:
    """Says from 0 to 1 how far the words of most texts describe pictures."""
    return fmean(map(picturing, texts))

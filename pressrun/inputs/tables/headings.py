"""What the headings of a plan say: that topics stand below, what is written, or how it is used.

Words of the languages that docs/tables.md lists; where a language bends its words, their stems. It
must not know which lines are headings (see :mod:`pressrun.inputs.articles.outline`).
"""

# ruff: noqa: RUF001 - Cyrillic has letters that look like Latin ones

import re

from pressrun.boundary.text import fold
from pressrun.inputs.tables.names import plain_name


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


#: Topics that are written.
DONE_SECTION = _words(
    "existing published done completed archived rejected erledigt veröffentlicht vorhandene "
    "publiés publicados existentes pubblicati gepubliceerd completado completados "
    "opublikowane опубликовано 公開済み 投稿済み 已发布 已完成"
)
#: What is no topic: how a list is worked with. The last word of a short heading.
FRAME_SECTION = _words(
    "workflow process notes legend rules guidelines metrics checklist status instructions steps "
    "skip avoid negative competitor competitors competencia concorrentes concurrents wettbewerber "
    "negativas negativos evitar vermeiden éviter update calendar hinweise "
    "ablauf processus proceso procesos notas"
)
#: Topics to write, whatever else the heading says.
OPEN_SECTION = _words(
    "idea ideas topic topics title titles themen ideen sujets idées temas argomenti pending "
    "backlog remaining planned upcoming drafts queue"
)
#: A heading with one of these says how articles are made, or what is counted, not what to write.
_FRAME = FRAME_SECTION - {"calendar"} | _words(
    "per every each template templates structure standards standard elements tracking tools goals "
    "kpi kpis strategy readme changelog release releases license contributing install usage "
    "jede jedes jeden struktur vorlage ziele regeln chaque structure modèle objectifs objectif por "
    "cada estructura plantilla objetivos objetivo métricas estrutura modelo metas struttura "
    "obiettivi structuur doelen szablon cele zasady struktura šablona cíle структура шаблон цели "
    "правила yapı şablon hedefler テンプレート 目標 フロー 构成 模板 目标 구조 목표"
)
#: The title of a document that has lists of its own, which nobody wants articles on.
_OTHER_DOCUMENT = _words(
    "readme changelog changes history release releases license contributing minutes agenda recipe "
    "recipes protokoll rezept recette receta ricetta przepis рецепт"
)
# How words begin that name articles to write, or what these are about.
_TOPIC_STEMS = tuple(
    sorted(
        _words(
            "topic idea headline title article blog thema themen idee ideen titel artikel beitrag "
            "beiträge redaktionsplan sujet titre idées tema temas título idea artículo pauta "
            "assunto artigo ideia temi überschrift argoment titol articol onderwerp bericht temat "
            "tytuł artykuł pomysł ämne rubrik emne overskrift téma článk konu başlık makale yazı "
            "тем стать стате заголов идеи теми ідеї chủ đề tiêu bài judul topik artikel"
        )
    )
)
_TOPIC_WORDS = _words("posts post newsletter backlog editorial")
_TOPIC_SIGNS = (
    "記事", "タイトル", "ネタ", "テーマ", "ブログ", "トピック", "글감", "주제", "제목", "选题",
    "标题", "主题", "文章", "題目",
)  # fmt: skip
_KEYWORD_STEMS = tuple(
    sorted(
        _words(
            "keyword keyphrase suchbegriff suchanfrage schlüsselwort schlüsselwört stichw requête "
            "clé clés clave claves chave chaves parol zoekwoord kluczow fraz sökord nyckelord "
            "søgeord nøkkelord klíčov kelime запрос ключев ключов khóa query queries"
        )
    )
)
_KEYWORD_SIGNS = ("キーワード", "关键词", "关键字", "關鍵字", "키워드", "검색어")
_PLANS = re.compile(r"content (?:calendar|plan|ideas|backlog|pipeline)|calendario editorial")
_FEW = 4  # words of a column's name
_LONGEST = 14  # words of a heading, or of a line that announces a list


def names_topics(text: str, mode: str) -> bool:
    """Says whether a heading or a line above a list says that it lists what to write about."""
    plain = plain_name(text)
    words = plain.split()
    if len(words) > _LONGEST or _FRAME & {*words} or DONE_SECTION & {*words}:
        return False
    if mode == "keywords":
        signs = any(sign in plain for sign in map(fold, _KEYWORD_SIGNS))
        return signs or any(word.startswith(_KEYWORD_STEMS) for word in words)
    signs = any(sign in plain for sign in map(fold, _TOPIC_SIGNS)) or bool(_PLANS.search(plain))
    return signs or bool(_TOPIC_WORDS & {*words}) or any(w.startswith(_TOPIC_STEMS) for w in words)


def names_other_document(title: str) -> bool:
    """Says whether a document's title names it for something else than what to write about."""
    words = plain_name(title).split()
    return len(words) <= _FEW and bool(_OTHER_DOCUMENT & {*words})


def only_topics(name: str) -> bool:
    """Says whether a name has several words and each of them names a topic: "tytuł artykułu"."""
    words = plain_name(name).split()
    return 1 < len(words) <= _FEW and all(word.startswith(_TOPIC_STEMS) for word in words)

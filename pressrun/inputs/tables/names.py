"""What the columns of a table are called, in the languages that docs/tables.md lists.

The one place for such names: rows of slideshows know a column by its words, articles by its whole
name. It must not know how a table is read (see :mod:`pressrun.inputs.tables.columns`).
"""

# ruff: noqa: RUF001 - Turkish has a letter that looks like another one

import re
from collections.abc import Iterable, Mapping

from pressrun.boundary.text import fold


def plain_name(name: str) -> str:
    """Writes ``secondaryKeywords``, ``Word_Count (optional)`` and ``WORD COUNT*`` in one way."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\([^()]*\)", " ", name[:100]))
    words = " ".join(re.findall(r"\w+", fold(spaced).replace("_", " ")))
    return words.replace("tik tok", "tiktok")


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


def _named(names: Iterable[str]) -> dict[str, int]:
    """Ranks names: of two columns, the one whose name stands first here is meant."""
    ranked = dict.fromkeys(plain_name(name) for line in names for name in line.split(","))
    return {name: rank for rank, name in enumerate(ranked)}


def less_exact(name: str) -> tuple[str, str]:
    """Gives what a plain name says without "suggested", a language, and the s of the plural."""
    words = without_language(name)[0].split()
    bare = " ".join(word for word in words if word not in _QUALIFIERS)
    sign = _TITLE_SIGNS.search(bare)
    return bare, sign[0] if sign else bare.removesuffix("s")


def says_topic(name: str) -> bool:
    """Says whether a plain name, exactly or nearly, names what an article is about."""
    return any(known in TOPIC for known in (name, *less_exact(name)))


def is_kind_of_keyword(name: str) -> bool:
    """Says whether a plain name is one of keywords of some kind: "head term keyword"."""
    words = name.split()
    return len(words) > 1 and words[-1] in ("keyword", "keywords") and words[0] not in _NO_KEYWORD


def without_language(name: str) -> tuple[str, str]:
    """Parts the code of a language at the end of a plain name: ``title de``."""
    rest, _, last = name.rpartition(" ")
    return (rest, last) if rest and last in _CODES else (name, "")


# Words without spaces before them: "中文标题".
_TITLE_SIGNS = re.compile("(?:标题|標題|タイトル|제목|关键词|關鍵字|キーワード|키워드)$")
_QUALIFIERS = _words(
    "target primary main focus suggested proposed working final draft planned potential seo "
    "optimized blog article content post recommended catchy new short full exact uk us cible "
    "principal principale objetivo alvo obiettivo principali целевой целевое konten contenu "
    "contenido conteúdo contenuto head"
)
_NO_KEYWORD = _words("negative excluded no not parent number total")
# Without "uk": in keyword tools it is a country, whose language is not Ukrainian.
_CODES = _words("en de fr es it pt nl pl sv da cs ru tr vi ja zh ko ar hi")

# --- Rows of slideshows: words, of which a name may have several ("Product Photo (URL)") --------

TIKTOK = _words("tiktok tiktoks slideshow slideshows")
LINK = _words(
    "link links url urls uri href post posts video videos web page verknüpfung verknüpfungen "
    "adresse beitrag lien liens vidéo vídeo publication enlace enlaces vínculo vínculos "
    "publicación "
    "dirección ligação endereço publicação collegamento indirizzo koppeling adres bericht "
    "odnośnik odnośniki länk länkar lenke adresse odkaz odkazy bağlantı bağlantılar ссылка "
    "ссылки ссылку адрес пост посилання liên kết đường dẫn tautan 链接 網址 网址 连结 連結 "
    "地址 リンク アドレス 링크 주소"
)
PHOTO = _words(
    "photo photos image images picture pictures pic pics img imgs bild bilder foto fotos "
    "produktbild produktbilder produktfoto abbildung imagen imágenes imagem imagens immagine "
    "immagini afbeelding afbeeldingen zdjęcie zdjęcia obraz billede billeder bilde obrázek "
    "fotka fotografie fotoğraf resim görsel фото фотография изображение картинка зображення "
    "ảnh hình gambar 图片 圖片 照片 产品图片 商品图片 画像 写真 商品画像 사진 이미지"
)
DESCRIPTION = _words(
    "description descriptions desc beschreibung produktbeschreibung descriptif descripción "
    "descrição descrizione beschrijving omschrijving opis beskrivning beskrivelse popis "
    "açıklama описание опис mô tả deskripsi keterangan 描述 说明 產品描述 产品描述 商品描述 "
    "説明 商品説明 설명"
)
#: Of a product, if the table is about products; else of a post or a person.
TEXT = _words("text details body info about summary texte texto testo tekst текст html")
PRODUCT = _words(
    "product products produkt produkte produit produits producto productos produto produtos "
    "prodotto prodotti produkty ürün sản phẩm товар продукт produk 产品 商品 商品名 製品 상품 "
    "商品名称 产品名称 商品名稱 產品名稱 商品标题 产品标题 상품명 제품명 "
    "제품 produktname artikel"
)
NAME = _words(
    "item name title titel nom titre article nombre título nome titolo naam nazwa tytuł navn "
    "namn název ad название назва nama 名称 名称 제목"
)
_OTHER = _words(
    "of the to new for file path source src de des du la le el der die das del di il van"
)
#: A name with another word in it says something else: "link clicks", "photo credit".
KNOWN = TIKTOK | LINK | PHOTO | DESCRIPTION | TEXT | PRODUCT | NAME | _OTHER
#: Pictures of a post or a person, which show no product.
NO_PRODUCT = _words(
    "cover avatar thumbnail thumb author profile music logo banner video tiktok user"
)

#: The number of a post, and of what else has such a number.
POST_ID = _words(
    "video vidéo vídeo видео post posts aweme item tiktok beitrag publicación 视频 動画 영상"
)
NO_POST_ID = _words("comment comments user author sound music creator account hashtag challenge")
#: Of a post: who reads such figures in a table has a table of posts, not of products.
POST_FIGURES = _words(
    "like likes comment comments share shares view views play plays playcount diggcount sharecount "
    "commentcount saves bookmarks followers hashtags music duration caption aufrufe kommentare "
    "vistas visualizaciones visualizações comentarios comentários compartidos curtidas vues "
    "commentaires partages просмотры лайки комментарии 点赞 评论 播放 いいね 再生数 조회수 좋아요"
)

# --- Articles: whole names, the one that is advised first ---------------------------------------

TOPIC = _named([
    "topic,topics,title,article title,post title,blog title,blog post title,working title,headline",
    "seo title,content title,proposed title,suggested title,subject,idea,content idea,blog topic",
    "article topic,content topic,post topic,topic title,article,blog post,name,h1,page title",
    "topic input,input topic,suggested topic,proposed topic,topic idea,draft title,final title",
    "topic name,post name,meta title",
    "thema,themen,titel,überschrift,artikel,titel des beitrags,arbeitstitel",
    "sujet,titre,thème,titre de l article,titre article,tema,temas,título,titulo del artículo",
    "assunto,pauta,tópico,argomento,titolo,onderwerp,onderwerpen,temat,tytuł,ämne,rubrik,emne",
    "tittel,overskrift,téma,název,konu,başlık,тема,заголовок,название,назва,chủ đề,tiêu đề,topik",
    "judul,主题,标题,題目,题目,主題,トピック,タイトル,テーマ,주제,제목",
    "블로그 제목,글 제목,포스팅 제목,글감,question,questions,frage,fragen,pregunta,preguntas",
    "記事案,記事タイトル,タイトル案,記事テーマ,文章标题,选题,选题标题,themenidee,themenvorschlag",
    "beitragsthema,beitragstitel,blogthema,idée d article,idée de sujet,idea de artículo",
    "tema del artículo,título propuesto,tema do artigo,título do artigo,argomento articolo",
    "titlu,titlul,cím,τίτλος,otsikko,naslov,العنوان,الموضوع,शीर्षक,विषय,כותרת,หัวข้อ,ชื่อเรื่อง",
    "artículo,artigo,articolo,artikkel,hovedartikkel,статья,стаття,artykuł,makale,記事,文章",
    "titolo articolo,titel artikel,pomysł,тема статьи,заголовок статьи,ideia de pauta",
])  # fmt: skip
#: Of these, such as "name", the cells must look like titles: other tables have them too.
WEAK_TOPIC = _named([
    "name,nombre,nome,nom,naam,nazwa,namn,navn,název,название,назва,名称,ad,article,articles,artikel",
])  # fmt: skip
KEYWORD = _named([
    "keywords,keyword,primary,primary keyword,primary keywords,main keyword,focus keyword",
    "target keyword,seed keyword,focus keyphrase,keyphrase,top queries,query,queries,search query",
    "search queries,search term,search terms,term,phrase,keyword phrase,kw,primary kw,focus kw",
    "main kw,target kw,target keywords,focus keywords,main keywords,seo keywords,seo keyword",
    "primary query,target query,main query,long tail keyword,long tail keywords",
    "suchbegriff,suchbegriffe,suchanfrage,suchanfragen,häufigste suchanfragen,hauptkeyword",
    "schlüsselwort,schlüsselwörter,mot clé,mots clés,mot clé principal,requête,requêtes",
    "requêtes les plus fréquentes,palabra clave,palabras clave,palabra clave principal,consulta",
    "consultas,consultas principales,palavra chave,palavras chave,principais consultas",
    "parola chiave,parole chiave,query più frequenti,zoekwoord,zoekwoorden,zoekopdracht",
    "słowo kluczowe,słowa kluczowe,fraza,sökord,nyckelord,søgeord,nøkkelord,klíčové slovo",
    "anahtar kelime,anahtar kelimeler,ключевое слово,ключевые слова,запрос,ключове слово",
    "từ khóa,연관키워드,연관 키워드,연관검색어,검색어,kata kunci,关键词,关键字,關鍵字,キーワード",
    "検索キーワード,키워드,query principali,populairste zoekopdrachten,najpopularniejsze zapytania",
    "zapytanie,en popüler sorgular,sorgu,nejčastější dotazy,dotaz,vanligaste sökfrågorna,sökfråga",
    "поисковый запрос,популярные запросы,上位のクエリ,クエリ,인기 검색어,热门查询,查询,熱門查詢",
    "keyword text,ข้อความค้นหายอดนิยม,cụm từ tìm kiếm hàng đầu,meest uitgevoerde zoekopdrachten",
    "zoekopdrachten,najczęstsze zapytania,zapytania,mest populære forespørgsler,forespørgsel",
    "mest populære søk,søk,suosituimmat kyselyt,en çok yapılan sorgular,sorgular,dotazy",
    "самые популярные запросы,запросы,найпопулярніші запити,запити,запит,kueri teratas,kueri",
    "检索词,搜尋字詞,最常查詢,查詢,인기 쿼리,검색어 순위",
])  # fmt: skip
SECONDARY = _named([
    "secondary,secondaries,secondary keywords,secondary keyword,supporting keywords",
    "related keywords",
    "additional keywords,lsi keywords,other keywords,secondary kw,nebenkeywords,weitere keywords",
    "mots clés secondaires,palabras clave secundarias,palavras chave secundárias",
    "parole chiave secondarie,secundaire zoekwoorden",
])  # fmt: skip
OPTIONS: Mapping[str, Mapping[str, int]] = {
    "word_count": _named([
        "word count,words,wordcount,length,number of words,target word count,word limit",
        "target words,target length,word count target,words target,word goal,article length",
        "wörter,wortzahl,wortanzahl,länge,anzahl wörter,mots,nombre de mots,longueur,palabras",
        "número de palabras,longitud,palavras,número de palavras,parole,numero di parole,woorden",
        "aantal woorden,słowa,liczba słów,antal ord,ord,kelime,kelime sayısı,слов,количество слов",
        "字数,文字数,단어 수",
    ]),
    "tone": _named(
        ["tone,tone of voice,voice,tonalität,ton,tonfall,tono,tom,toon,тон,语气,トーン,톤"]
    ),
    "language": _named([
        "language,lang,target language,article language,content language,zielsprache",
        "sprache,langue,idioma,lengua,língua,lingua,taal,język,språk,sprog,jazyk",
        "dil,язык,мова,ngôn ngữ,bahasa,语言,語言,言語,언어",
    ]),
    "audience": _named([
        "audience,target audience,readers,target group,persona,zielgruppe,public,public cible",
        "audiencia,público,público objetivo,público alvo,pubblico,doelgroep,аудитория",
        "целевая аудитория,读者,受众,ターゲット,대상",
    ]),
    "instructions": _named([
        "instructions,instruction,extra instructions,extra,notes,brief,content brief,anweisungen",
        "hinweise,notizen,consignes,notas,instrucciones,instruções,note,istruzioni",
        "instructies,opmerkingen,uwagi,заметки,备注,メモ",
    ]),
    "sources": _named([
        "sources,source urls,source links,references,reference urls,reference links,research links",
        "citations,quellen,quellenangaben,références,fuentes,referencias,fontes,referências,fonti",
        "bronnen,źródła,källor,kilder,zdroje,kaynaklar,источники,参考资料,来源,出典,参考,출처",
        "source,source url,source link,reference,citation,quelle,quellenangabe,quell url,référence",
        "fuente,referencia,fonte,referência,bron,źródło,källa,kilde,zdroj,lähde,lähteet,forrás",
        "források,kaynak,источник,джерело,πηγή,πηγές,sursă,surse,izvor,資料來源,资料来源,參考資料,出處",
        "参考文献,情報源,ソース,المصدر,المصادر,स्रोत,nguồn",
    ]),
}  # fmt: skip
#: Instructions to the writer only in a table that has no other columns than an article needs: in
#: plans and exports they are remarks of a team to each other.
REMARKS = _named(["extra,notes,note,hinweise,notizen,notas,opmerkingen,uwagi,заметки,备注,メモ"])
FEED = _named(["feed,feeds,feed url,rss,rss feed,rss url,url,xml url,link,links,website,adresse"])
SOURCE = _named(["source,sources,source text,source url,quelle,fuente,fonte,bron"])
SOURCE_TEXT = _named([
    "text,texts,content,article text,body,texte,texto,testo,tekst,post content,post body,full text",
    "post text,article content,article body,page content,body text,body html,html,content html",
])  # fmt: skip
SOURCE_URL = _named(
    ["url,urls,link,links,address,page,top pages,landing page,article url,adresse,enlace,lien"]
)
#: Figures of keyword tools, by which their tables are known; they become no article.
FIGURES = _named([
    "volume,search volume,avg monthly searches,average monthly searches,monthly searches",
    "kd,kd %,keyword difficulty",
    "difficulty,seo difficulty,paid difficulty,cpc,cost per click,competition,competition indexed",
    "competitive density,clicks,impressions,ctr,position,avg position,intent,intents,search intent",
    "trend,trends,serp features,number of results,results,country,currency,location,traffic",
    "global volume,traffic potential,parent keyword,parent topic,cps,clicks per search,first seen",
    "last update,updated,three month change,yoy change,top of page bid low range,rank,url,status",
    "suchvolumen,klicks,impressionen,wettbewerb,volumen,klick,clics,impresiones,clicks,volumen de",
    "búsquedas,concorrência,volume de busca,dificuldade,dificultad,difficulté,volume di ricerca",
    "posición,posição,posizione,durchschnittliche position,объем,частотность,показы,клики,позиция",
])  # fmt: skip
#: Row numbers that people keep beside their rows say nothing of an article.
COUNTERS = frozenset({"", "no", "nr", "number", "id", "row"})

# --- What a plan says of its entries ------------------------------------------------------------

STATE = _named([
    "status,state,stage,progress,done,published,zustand,stand,erledigt,statut,état,estado,stato",
    "stan,статус,состояние,状态,狀態,ステータス,状態,상태,durum,trạng thái",
    "publish status,post status,article status,content status,blog status",
])  # fmt: skip
#: An article that is written.
DONE = _words(
    "done published complete completed live posted finished erledigt fertig veröffentlicht "
    "publié publiée terminé hecho terminado publicado publicada feito concluído pubblicato "
    "gepubliceerd klaar opublikowane opublikowany gotowe готово готов опубликовано опубликована "
    "écrit écrite rédigé escrito escrita redactado geschrieben scritto napisane написано written "
    "公開済み 公開済 完了 已发布 已發布 已发 已發 已写 已寫 已完成 完成 완료 yayınlandı tamamlandı"
)
#: One that is not, or how urgent it is.
STATES = _words(
    "draft drafted drafting todo planned planning ready idea pending scheduled progress wip "
    "outline outlined queued urgent high medium low priority major minor p0 p1 p2 p3 optional "
    "started approved confirmed assigned booked "
    "freigegeben genehmigt aprobado aprovado validé approuvé approvato утверждено одобрено "
    "entwurf geplant offen borrador pendiente brouillon prévu rascunho planeado bozza черновик "
    "запланировано"
)
#: Words that may stand beside these.
STATED = _words("in not to do review script video page post article comparison yet now only")
#: Signs of both at the beginning of an entry.
STATE_SIGNS = "✅✔☑⏳⌛🔄🔜🚧📝🟡🟢🔴🟠🔥☐⬜🔲"
DONE_SIGNS = "✅✔☑"

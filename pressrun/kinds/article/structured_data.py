"""An article for search engines: schema.org's Article as JSON-LD, of known fields alone.

Nothing in it is made up: no rating, no date of a change, no address of a picture that is not there.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pressrun.kinds.article.pictures.placing import Illustration


def json_ld(
    title: str, matter: Mapping[str, Any], written: str, pictures: Sequence[Illustration] = ()
) -> str:
    """Writes the JSON, in which no sign can end the element that it stands in.

    Args:
        title: Of the article.
        matter: Its front matter.
        written: The day, ISO 8601; empty if it is not known.
        pictures: Of the article, named as they lie beside it; the lead picture first.
    """
    known = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": title,
        "description": matter["meta_description"],
        "inLanguage": matter["language"],
        "keywords": matter["keywords"],
        "wordCount": matter["words"],
        "dateCreated": written,
        "image": [
            {
                "@type": "ImageObject",
                "url": picture.source,
                "width": picture.width,
                "height": picture.height,
                "caption": picture.alt,
            }
            for picture in pictures
        ],
        "author": _named("Person", matter.get("author", "")),
        "publisher": _named("Organization", matter.get("publisher", "")),
        "citation": [
            {"@type": "CreativeWork", "name": source["title"], "url": source["url"]}
            for source in matter.get("sources", ())
        ],
    }
    said = {name: value for name, value in known.items() if value}
    return json.dumps(said, ensure_ascii=True).replace("<", "\\u003c").replace("&", "\\u0026")


def _named(kind: str, name: str) -> dict[str, str] | None:
    return {"@type": kind, "name": name} if name else None

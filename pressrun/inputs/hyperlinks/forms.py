"""What a text in XML or HTML is, by its first tags. It must not know what is wanted of it."""

import re

from pressrun.inputs.hyperlinks.markdown import without_front_matter

#: Characters that tell what a document is.
BEGINNING = 4000
_LEAD = re.compile(r"\s*(?:<\?xml[^<>]*\?>|<!--.*?-->|<\?xml-[^<>]*\?>|\s)*", re.DOTALL)
_FORMS = (
    (
        "feed",
        re.compile(
            r"<(?:rss|rdf:RDF|channel|item|entry)\b|<(?:\w+:)?feed\b[^<>]*\bxmlns", re.IGNORECASE
        ),
    ),
    ("outline", re.compile(r"<opml\b|<outline\b", re.IGNORECASE)),
    ("sitemap", re.compile(r"<(?:urlset|sitemapindex)\b", re.IGNORECASE)),
    ("bookmarks", re.compile(r"<!doctype netscape-bookmark", re.IGNORECASE)),
    ("page", re.compile(r"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)),
)
# As a browser shows the source of a feed: marks that fold a part stand before its lines.
_FOLDED = re.compile(r"^(?:This XML file does not appear.*\n|[-+\u25bc\u25b6]\s*(?=<)|\s+)*")


def form_of(text: str) -> str:
    """Says what a document is by its first tags: feed, outline, sitemap, bookmarks or page."""
    start = _FOLDED.sub("", without_front_matter(text).lstrip(), count=1)
    start = start[(_LEAD.match(start) or re.match("", start)).end() :][:BEGINNING]  # type: ignore[union-attr]
    if not start.startswith("<"):
        return ""
    if "<outline" in text and not start.startswith(("<rss", "<feed")):
        return "outline"  # also without its beginning
    return next((form for form, tag in _FORMS if tag.match(start)), "")

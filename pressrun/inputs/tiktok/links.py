"""Verdicts on links: whether a pasted text is a TikTok post, which one, or why not.

Decides from the text alone. It opens no connection, raises nothing, and must not know how a
post is fetched: what the fetch finds out is an error whose kind is a verdict. A canonical link
is built anew from the post's id and a checked handle; nothing else of the input is in it.
"""

import re
import time
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pressrun.inputs.tables.cells import is_link, unwrap, visible
from pressrun.inputs.tables.rows import SlideshowRow
from pressrun.inputs.tiktok.verdicts import REASONS, LinkVerdict

__all__ = ["REASONS", "LinkVerdict", "TikTokLink", "check_link", "check_links", "find_repeats"]

#: So many different ones one batch takes.
MOST_POSTS = 100
MAX_LENGTH = 4096
_POST_HOSTS = {"tiktok.com", "www.tiktok.com", "m.tiktok.com", "lite.tiktok.com"}
_SHORT_HOSTS = {"vm.tiktok.com", "vt.tiktok.com", "t.tiktok.com"}
_EXPORT_HOSTS = {"tiktokv.com", "www.tiktokv.com"}  # links in the data export that TikTok gives
_ID_KEYS = ("item_id", "share_item_id", "shareid", "aweme_id", "video_id", "videoid")

# ASCII everywhere: with Unicode rules "K" (the Kelvin sign) is a k and "٣" is a digit.
_FLAGS = re.ASCII | re.IGNORECASE | re.DOTALL
_LOCALE = r"(?:[a-z]{2}(?:-[a-z]{2,4})?/)?"
_SHARE = rf"{_LOCALE}(?:(?:i18n|h5|node)/)?share"
_POST = re.compile(
    rf"(?:{_LOCALE}@(?P<user>[^/]*)/(?:photo|video)|{_SHARE}/(?:video|photo|item)"
    rf"|{_LOCALE}(?:video|photo|v|embed|player)(?:/v[0-9])?)(?:/(?P<id>[^/]*))?(?:/.*)?",
    _FLAGS,
)
_PROFILE = re.compile(rf"{_LOCALE}(?:embed/)?@[^/]+|{_SHARE}/(?:user|usr)(?:/.*)?", _FLAGS)
_LIVE = re.compile(rf"{_LOCALE}(?:@[^/]*/)?live(?:/.*)?|{_SHARE}/live(?:/.*)?", _FLAGS)
_SHORT = re.compile(r"t(?:/(?P<code>[^/]*))?(?:/.*)?", _FLAGS)
_FEED = re.compile(
    rf"{_LOCALE}(?:foryou|trending|fyp|following|friends|explore|discover)|[a-z]{{2}}|", _FLAGS
)
_CODE = re.compile(r"[A-Za-z0-9]{4,32}", re.ASCII)
_ID = re.compile(r"([0-9]+)(?:\.html?)?", _FLAGS)
_HANDLE = re.compile(r"(?=.*[a-z0-9_])[a-z0-9_.-]{1,64}", re.ASCII)

_ENCODED = re.compile(r"https?%3a%2f%2f", _FLAGS)
_PATH = re.compile(r"/?@[\w.-]{1,64}/(?:photo|video)/[0-9]+/?$", _FLAGS)  # without a host
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", _FLAGS)
_HOST = re.compile(r"[a-z0-9._%-]+|[0-9a-f:.]+", _FLAGS)
_BARE = re.compile(r"([^/?#]*)([/?#]?)", re.DOTALL)
_BARE_HOST = re.compile(
    r"(?:(?:[^\s.:@]+\.)+[^\W\d_][\w-]*\w|(?:[0-9]{1,3}\.){3}[0-9]{1,3})\.?(?::[0-9]*)?"
)
_FILE = re.compile(r".*\.(?:jpe?g|png|webp|gif|heic|html?|txt|csv|tsv|xlsx|zip|pdf|docx?)", _FLAGS)


@dataclass(frozen=True, slots=True)
class TikTokLink:
    """One given link and what became of it.

    Attributes:
        line: Line of the paste or row of the sheet, from 1.
        link: As it was typed; data, never to be opened.
        verdict: What it is.
        reason: The verdict in plain words, with what to do.
        canonical: The address to fetch, made by us; None unless it names a post.
        duplicate_of: The line that names the same post for the same product first.
        user: The handle in lower case; empty if the link has none.
        post_id: The post's identity; empty for short links.
        short_code: The short link's identity, case-sensitive; empty for posts.
    """

    line: int
    link: str
    verdict: LinkVerdict
    reason: str
    canonical: str | None = None
    duplicate_of: int | None = None
    user: str = ""
    post_id: str = ""
    short_code: str = ""

    @property
    def good(self) -> bool:
        """Whether the batch can go on with it."""
        return self.verdict in (LinkVerdict.OK, LinkVerdict.NEEDS_RESOLVING)


class _Finding(NamedTuple):
    verdict: LinkVerdict
    detail: str = ""  # replaces the verdict's general reason
    user: str = ""
    post_id: str = ""
    code: str = ""

    @property
    def canonical(self) -> str | None:
        if self.post_id:
            # TikTok reads the id alone and takes any handle; "_" also fits gallery-dl's pattern.
            return f"https://www.tiktok.com/@{self.user or '_'}/photo/{self.post_id}"
        return f"https://vm.tiktok.com/{self.code}/" if self.code else None


def check_link(text: str, line: int = 1) -> TikTokLink:
    """Gives the verdict on one text. Never raises."""
    found = _examine(text)
    return TikTokLink(
        line=line,
        link=text,
        verdict=found.verdict,
        reason=found.detail or REASONS[found.verdict],
        canonical=found.canonical,
        user=found.user,
        post_id=found.post_id,
        short_code=found.code,
    )


def check_links(rows: Iterable[SlideshowRow], limit: int = 100) -> list[TikTokLink]:
    """Gives a verdict for every row, in order, and marks repetitions and what is too much.

    Args:
        rows: As :func:`~pressrun.inputs.tables.rows.read_rows` gives them.
        limit: As for :func:`find_repeats`.
    """
    rows = list(rows)
    links = [check_link(row.link, row.line) for row in rows]
    return find_repeats(links, [(row.photo, row.description) for row in rows], limit)


def find_repeats(
    links: Sequence[TikTokLink], products: Sequence[Hashable], limit: int = MOST_POSTS
) -> list[TikTokLink]:
    """Marks the links that repeat another one, and those that are too many.

    Args:
        links: Each judged by itself.
        products: What each is made for: one post for two products is made twice.
        limit: How many different good ones one batch takes.
    """
    first: dict[Hashable, int] = {}
    found = []
    for link, product in zip(links, products, strict=True):
        key = (link.post_id, link.short_code, product)
        if link.good and key in first:
            found.append(_duplicate(link, first[key]))
            continue
        if link.good:
            first[key] = link.line
        over = link.good and len(first) > limit
        found.append(_over_limit(link, limit) if over else link)
    return found


def _duplicate(link: TikTokLink, line: int) -> TikTokLink:
    where = "this line" if line == link.line else f"line {line}"
    return replace(
        link,
        verdict=LinkVerdict.DUPLICATE,
        duplicate_of=line,
        reason=f"The same post as in {where}, for the same product. It is made once.",
    )


def _over_limit(link: TikTokLink, limit: int) -> TikTokLink:
    reason = f"Only {limit} links fit into one batch. Put this one into the next."
    return replace(link, verdict=LinkVerdict.OVER_LIMIT, reason=reason)


def _examine(text: str) -> _Finding:
    if not visible(text).strip(" \t\r\n\v\f\xa0\u3000\"'"):
        return _Finding(LinkVerdict.EMPTY)
    if len(text) > MAX_LENGTH:
        return _Finding(
            LinkVerdict.NOT_A_URL, "This is far too long for a link. Paste only the link."
        )
    words = [word for word in unwrap(text).split() if any(char.isalnum() for char in word)]
    if len(words) == 1:
        # Only one that is encoded as a whole: within an address, %2F is no slash.
        if _ENCODED.match(words[0]):
            words = [unquote(words[0])]
        return _examine_word(unwrap(words[0]), cut=text.rstrip().endswith(("\u2026", "...")))
    return _examine_words(words)


def _examine_words(words: list[str]) -> _Finding:
    """Finds the one link in what people share: "Look at this! https://vm.tiktok.com/…"."""
    links = [_examine_word(unwrap(word)) for word in words if is_link(word)]
    good = {found.post_id or found.code: found for found in links if found.canonical}
    if len(good) == 1:
        return next(iter(good.values()))
    if good:
        return _Finding(
            LinkVerdict.NOT_A_URL, "Several links stand here. Paste each on its own line."
        )
    if len(links) == 1 and links[0].verdict is LinkVerdict.NOT_TIKTOK:
        return links[0]
    if links:
        return _Finding(
            LinkVerdict.NOT_A_URL,
            "There is a space inside the link or text around it. Copy it again.",
        )
    return _Finding(LinkVerdict.NOT_A_URL)


def _examine_word(text: str, *, cut: bool = False) -> _Finding:
    if "\\" in text or not text.isprintable():
        return _Finding(
            LinkVerdict.NOT_A_URL,
            "This has a backslash or a control character in it, which no link has. Copy the link "
            "again from TikTok.",
        )
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return _Finding(
            LinkVerdict.BAD_SCHEME,
            f"This begins with {scheme[0][:20]} where a link to TikTok begins with https://. Copy "
            "it again from TikTok.",
        )
    if not scheme and not text.startswith("//") and (problem := _not_an_address(text)):
        return problem
    rest = text[scheme.end() :] if scheme else text.removeprefix("//")
    if _SCHEME.match(rest):
        return _Finding(
            LinkVerdict.NOT_A_URL, "This begins with https:// twice. Remove one of them."
        )
    try:
        parts = urlsplit(f"https://{rest}")
        return _examine_parts(parts, parts.port, cut=cut)
    except ValueError:  # a port or bracket that makes no address
        return _Finding(LinkVerdict.NOT_A_URL)


def _examine_number(text: str) -> _Finding:
    """Takes a number alone as that of a post, if the moment in it is one of TikTok's."""
    if not text.isascii() or _not_an_id(text):
        detail = "This is only a number. Paste the whole link of the post."
    elif text.endswith("0000"):  # 15 digits are right, as spreadsheets keep them
        detail = "A spreadsheet has rounded this number. Paste the whole link of the post."
    else:
        return _Finding(LinkVerdict.OK, post_id=text)
    return _Finding(LinkVerdict.NOT_A_URL, detail)


def _not_an_address(text: str) -> _Finding | None:
    """Says why a text without ``https://`` is no address; None if it may be one."""
    bare = _BARE.match(text)
    host, slash = (bare[1], bare[2]) if bare else ("", "")
    if text.isdigit():
        return _examine_number(text)
    if _PATH.match(text):
        return _examine_path(text.strip("/"), "", short_host=False, cut=False)
    if text.startswith("@"):
        detail = "This is a name, not a link. Open one slideshow of theirs and copy its link."
        return _Finding(LinkVerdict.NOT_A_URL, detail)
    if slash == "/" and "@" in host:
        host = host.rpartition("@")[2]
    if not _BARE_HOST.fullmatch(host) or (not slash and _FILE.fullmatch(host)):
        return _Finding(LinkVerdict.NOT_A_URL)
    return None


def _examine_parts(parts: SplitResult, port: int | None, *, cut: bool) -> _Finding:
    host = parts.hostname or ""
    if host.isascii() and not _HOST.fullmatch(host):
        return _Finding(LinkVerdict.NOT_A_URL)
    if "@" in parts.netloc or port not in (None, 80, 443):
        return _Finding(LinkVerdict.UNSAFE_URL)
    # urlsplit lowers the Kelvin sign to k: what was typed must be ASCII, not what came out.
    host = host.removesuffix(".") if parts.netloc.isascii() else ""
    steps = [step.strip() for step in re.split(r"[?#]", unquote(parts.path))[0].split("/")]
    steps = [step for step in steps if step]
    path = "/".join(steps)
    if host in _EXPORT_HOSTS and (post := _POST.fullmatch(path)):
        return _examine_id(post["id"], "")
    if host != "tiktok.com" and not host.endswith(".tiktok.com"):
        return _elsewhere(parts.netloc)
    if host not in _POST_HOSTS | _SHORT_HOSTS or {".", ".."} & set(steps):
        return _Finding(LinkVerdict.NOT_A_POST)
    return _examine_path(path, parts.query, short_host=host in _SHORT_HOSTS, cut=cut)


def _elsewhere(host: str) -> _Finding:
    if "tiktok" in host.lower() or "xn--" in host.lower() or not host.isascii():
        return _Finding(
            LinkVerdict.NOT_TIKTOK,
            "The address only resembles TikTok's. Do not trust it; copy the link in TikTok itself.",
        )
    return _Finding(LinkVerdict.NOT_TIKTOK)


def _examine_path(path: str, query: str, *, short_host: bool, cut: bool) -> _Finding:
    for shape, verdict in ((_PROFILE, LinkVerdict.PROFILE_LINK), (_LIVE, LinkVerdict.LIVE_LINK)):
        if shape.fullmatch(path):
            return _Finding(verdict)
    post, short = _POST.fullmatch(path), _SHORT.fullmatch(path)
    asked = _id_in(query)
    if post and (post["id"] or asked is None):
        return _examine_id(post["id"], post["user"])
    if asked is not None and (post or _FEED.fullmatch(path)):
        return _examine_id(asked, "")
    if short or short_host:
        code = short["code"] if short else path.partition("/")[0]
        return _examine_code(code or "", cut=cut)
    return _Finding(LinkVerdict.NOT_A_POST)


def _id_in(query: str) -> str | None:
    pairs = parse_qsl(query.replace("&amp;", "&"), keep_blank_values=True)
    given = {key.lower(): value for key, value in reversed(pairs)}
    return next((given[key].strip() for key in _ID_KEYS if key in given), None)


def _examine_code(code: str, *, cut: bool) -> _Finding:
    # Codes have nine characters today; "ZGdh…" is one that some program shortened for show.
    if not _CODE.fullmatch(code) or (cut and len(code) < 9):
        return _Finding(LinkVerdict.MALFORMED_SHORT)
    return _Finding(LinkVerdict.NEEDS_RESOLVING, code=code)


def _examine_id(text: str | None, handle: str | None) -> _Finding:
    if not text:
        return _Finding(
            LinkVerdict.MALFORMED_ID,
            "The number of the post is missing at the end. Copy the whole link again from TikTok.",
        )
    number = _ID.fullmatch(text)
    if not number:
        return _Finding(LinkVerdict.MALFORMED_ID)
    if problem := _not_an_id(number[1]):
        return _Finding(
            LinkVerdict.MALFORMED_ID, f"{problem} Copy the whole link again from TikTok."
        )
    user = (handle or "").lower()
    return _Finding(LinkVerdict.OK, user=user if _HANDLE.fullmatch(user) else "", post_id=number[1])


def _not_an_id(digits: str) -> str:
    """Says what is wrong with a post's number; empty if nothing is.

    An id is a 64-bit snowflake whose upper half is the moment of posting in Unix seconds, so
    a truncated one shows by its date.
    """
    if len(digits) < 19:
        return (
            f"The number of the post has {len(digits)} digits instead of 19: the link seems to be "
            "cut off."
        )
    if len(digits) > 20 or digits.startswith("0"):
        return f"The number of the post has {len(digits)} digits instead of 19."
    posted = int(digits) >> 32
    if not 1_388_534_400 <= posted <= time.time() + 2 * 86_400:  # from 2014 to the day after next
        return "The number of the post belongs to no possible date, so a digit is wrong."
    return ""

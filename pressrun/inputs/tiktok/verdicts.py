"""The verdicts on links and what each means, in words for people who do not know URLs.

Only names and sentences. Which verdict a link gets is decided in
:mod:`pressrun.inputs.tiktok.links` and, after the fetch, in :mod:`pressrun.inputs.tiktok.source`.
"""

from enum import StrEnum


class LinkVerdict(StrEnum):
    """What a link is, from its text and, further down, from the attempt to fetch it."""

    OK = "ok"
    NEEDS_RESOLVING = "needs_resolving"
    EMPTY = "empty"
    NOT_A_URL = "not_a_url"
    BAD_SCHEME = "bad_scheme"
    UNSAFE_URL = "unsafe_url"
    NOT_TIKTOK = "not_tiktok"
    PROFILE_LINK = "profile_link"
    LIVE_LINK = "live_link"
    NOT_A_POST = "not_a_post"
    MALFORMED_ID = "malformed_id"
    MALFORMED_SHORT = "malformed_short"
    DUPLICATE = "duplicate"
    OVER_LIMIT = "over_limit"

    NOT_SLIDESHOW = "not_slideshow"
    POST_GONE = "post_gone"
    PRIVATE_OR_LOGIN = "private_or_login"
    REGION_LOCKED = "region_locked"
    BLOCKED = "blocked"
    PAGE_CHANGED = "page_changed"
    SHORT_LINK_DEAD = "short_link_dead"
    SHORT_LINK_LEAVES_TIKTOK = "short_link_leaves_tiktok"


_V = LinkVerdict
REASONS = {
    _V.OK: "A TikTok post, ready to be fetched.",
    _V.NEEDS_RESOLVING: "A short link; it is followed to its post when the batch starts.",
    _V.EMPTY: "There is no link here. Paste the link of a TikTok slideshow.",
    _V.NOT_A_URL: "This is not a link. Copy the link of the slideshow in TikTok (Share, then "
    "Copy link) and paste it here.",
    _V.BAD_SCHEME: "A link has to begin with https://. Copy it again from TikTok.",
    _V.UNSAFE_URL: "This link has a name, password or port in it, as deceptive links do, so it is "
    "not opened. Copy it again from TikTok.",
    _V.NOT_TIKTOK: "This link does not lead to TikTok. Paste the link of a TikTok slideshow.",
    _V.PROFILE_LINK: "This is the page of a person, not of a post. Open one slideshow there and "
    "copy its link.",
    _V.LIVE_LINK: "This is a live stream, not a slideshow. Paste the link of a slideshow.",
    _V.NOT_A_POST: "This page of TikTok is not a post. Open the slideshow and copy its link.",
    _V.MALFORMED_ID: "The number of the post in this link is not a valid one. Copy the whole link "
    "again from TikTok.",
    _V.MALFORMED_SHORT: "The code of this short link is missing or damaged. Copy the whole link "
    "again from TikTok.",
    _V.DUPLICATE: "The same post was given before, for the same product. It is made once.",
    _V.OVER_LIMIT: "There are more links than one batch takes. Put this one into the next batch.",
    _V.NOT_SLIDESHOW: "This post is a video, not a slideshow of photos. Choose a photo post.",
    _V.POST_GONE: "This post does not exist (any more). Choose another one.",
    _V.PRIVATE_OR_LOGIN: "This post is private or shown only to those logged in. Choose a public "
    "one.",
    _V.REGION_LOCKED: "TikTok does not show this post in the country of this machine. Choose "
    "another one, or run the batch from another country.",
    _V.BLOCKED: "TikTok refuses requests from this machine for now. Try again later.",
    _V.PAGE_CHANGED: "TikTok answered with a page that could not be read, often a check for "
    "robots. Try again later; if it persists, update gallery-dl.",
    _V.SHORT_LINK_DEAD: "This short link leads nowhere (any more). Open it in TikTok and copy the "
    "link of the post itself.",
    _V.SHORT_LINK_LEAVES_TIKTOK: "This short link leads away from TikTok, so it is not followed. "
    "Paste the link of the post itself.",
}

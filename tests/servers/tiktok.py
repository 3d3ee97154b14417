"""A local TikTok: posts, short links and images, as far as Pressrun and gallery-dl see them.

By hand: ``python -m tests.servers.tiktok --port 0`` prints the proxy's URL and the path of the
certificates first, then some links to try, and serves until it is interrupted.
"""

import argparse
import io
import json
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image

from tests.servers.life import ended_by_signal
from tests.servers.proxy import InterceptingProxy, Reply, Request

WWW, MOBILE, VM, VT = "www.tiktok.com", "m.tiktok.com", "vm.tiktok.com", "vt.tiktok.com"
CDN, CDN_MIRROR = "p16-sign.tiktokcdn-us.com", "p19-sign.tiktokcdn-us.com"
REFERER = "https://www.tiktok.com/"
_HTML = {"Content-Type": "text/html; charset=utf-8"}


class Outcome(StrEnum):
    """What a request for a post's page is answered with."""

    SLIDESHOW = "slideshow"
    VIDEO = "video"
    GONE = "gone"
    PRIVATE = "private"
    PRIVATE_POST = "private_post"
    REGION = "region"
    LOGIN = "login"
    FORBIDDEN = "forbidden"
    THROTTLED = "throttled"
    CAPTCHA = "captcha"
    CHANGED = "changed"
    OTHER_POST = "other_post"
    SLOW = "slow"


_STATUS_CODES = {
    Outcome.GONE: 10204,
    Outcome.PRIVATE_POST: 10216,
    Outcome.PRIVATE: 10222,
    Outcome.REGION: 10231,
}


@dataclass(frozen=True, slots=True)
class ScriptedPost:
    """A post as it was scripted."""

    user: str
    post_id: int
    outcome: Outcome
    caption: str = ""
    images: tuple[bytes, ...] = ()

    @property
    def url(self) -> str:
        """The canonical address."""
        return f"https://{WWW}/@{self.user}/photo/{self.post_id}"


@dataclass(frozen=True, slots=True)
class ShortLink:
    """What a short link's host answers."""

    status: int
    location: str | None
    refuses_head: bool = False


def snowflake(number: int, seconds: int = 1_700_000_000) -> int:
    """A valid post id: its upper half is the time of posting."""
    return (seconds << 32) | number


def picture(width: int = 90, height: int = 160, colour: str = "teal", kind: str = "JPEG") -> bytes:
    """A small encoded picture."""
    data = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(data, kind)
    return data.getvalue()


class TikTokServer:
    """TikTok behind :class:`~tests.servers.proxy.InterceptingProxy`.

    Attributes:
        requests: Everything that was asked, in order.
        failing_hosts: Image hosts that answer 503 for now.
    """

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.failing_hosts: set[str] = set()
        self._posts: dict[int, ScriptedPost] = {}
        self._shorts: dict[str, ShortLink] = {}
        self._closing = threading.Event()
        hosts = (WWW, MOBILE, VM, VT, CDN, CDN_MIRROR)
        self._proxy = InterceptingProxy(hosts, self._answer, port)

    @property
    def proxy_url(self) -> str:
        """What clients set as their proxy."""
        return self._proxy.url

    @property
    def ca_file(self) -> Path:
        """The certificate that clients trust."""
        return self._proxy.ca_file

    @property
    def asked_for(self) -> list[str]:
        """Every host that the proxy was asked for, also those that are not served."""
        return self._proxy.asked_for

    def __enter__(self) -> Self:
        self._proxy.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._proxy.__exit__(kind, error, trace)

    def forget(self) -> None:
        """Starts afresh: nothing scripted, nothing asked."""
        for record in (
            self.requests,
            self.asked_for,
            self.failing_hosts,
            self._posts,
            self._shorts,
        ):
            record.clear()

    def add_slideshow(
        self, user: str, post_id: int, pictures: Sequence[bytes], caption: str = ""
    ) -> str:
        """Scripts a photo post and gives its canonical URL."""
        post = ScriptedPost(user, post_id, Outcome.SLIDESHOW, caption, tuple(pictures))
        self._posts[post_id] = post
        return post.url

    def add_post(self, user: str, post_id: int, outcome: Outcome) -> str:
        """Scripts a post that is no slideshow, or not to be had; gives its canonical URL."""
        post = ScriptedPost(user, post_id, outcome, "A caption")
        self._posts[post_id] = post
        return post.url

    def add_short(
        self,
        code: str,
        location: str | None = None,
        *,
        status: int = 301,
        refuses_head: bool = False,
        host: str = VM,
    ) -> str:
        """Scripts a short link and gives its URL. Codes that are not scripted lead nowhere."""
        self._shorts[code] = ShortLink(status, location, refuses_head)
        return f"https://{host}/t/{code}/" if host == WWW else f"https://{host}/{code}/"

    def _answer(self, request: Request) -> Reply:
        self.requests.append(request)
        path = request.path.partition("?")[0]
        if request.host in {CDN, CDN_MIRROR}:
            return self._image(request, path)
        if (request.host in {VM, VT} and path != "/") or path.startswith("/t/"):
            return self._short(request, path)
        if match := re.fullmatch(r"/@[^/]*/(video|photo)/([0-9]+)", path):
            return self._page(match[1], int(match[2]))
        return Reply(body=b"<html>TikTok - Make Your Day</html>", headers=_HTML)

    def _short(self, request: Request, path: str) -> Reply:
        # As the real hosts: codes are case-sensitive, a dead one leads to the start page.
        code = path.strip("/").removeprefix("t/")
        short = self._shorts.get(code, ShortLink(301, f"https://{WWW}/?_r=1"))
        if short.refuses_head and request.method == "HEAD":
            return Reply(405)
        return Reply(short.status, headers={"Location": short.location} if short.location else {})

    def _image(self, request: Request, path: str) -> Reply:
        post_id, _, number = path.rpartition("/")[2].partition("~")[0].partition("_")
        if request.host in self.failing_hosts:
            return Reply(503)
        if request.headers.get("referer") != REFERER:
            return Reply(403, b"Access Denied", {"Content-Type": "text/plain"})
        try:
            data = self._posts[int(post_id)].images[int(number)]
        except (KeyError, IndexError, ValueError):
            return Reply(404)
        return Reply(body=data, headers={"Content-Type": _media_type(data)})

    def _page(self, path_kind: str, post_id: int) -> Reply:
        post = self._posts.get(post_id) or ScriptedPost("", post_id, Outcome.GONE)
        match post.outcome:
            case Outcome.FORBIDDEN:
                return Reply(403, b"<html>Access Denied</html>", _HTML)
            case Outcome.THROTTLED:
                return Reply(429, b"", {"Retry-After": "60"})
            case Outcome.LOGIN:
                return Reply(302, headers={"Location": f"https://{WWW}/login?redirect_url=x"})
            case Outcome.CAPTCHA:
                return Reply(body=b'<html><div id="captcha-verify"></div></html>', headers=_HTML)
            case Outcome.SLOW:
                self._closing.wait(30)
        return Reply(body=_html(_scope(path_kind, post)), headers=_HTML)


def _scope(path_kind: str, post: ScriptedPost) -> dict[str, object]:
    if post.outcome is Outcome.CHANGED:
        return {"webapp.something-new": {}}
    if path_kind == "photo":
        # Under /photo/ a page names just the address that has the post's data.
        return {"seo.abtest": {"canonical": post.url.replace("/photo/", "/video/")}}
    if code := _STATUS_CODES.get(post.outcome):
        detail: dict[str, object] = {"statusCode": code, "statusMsg": "item doesn't exist"}
    else:
        detail = {"statusCode": 0, "statusMsg": "", "itemInfo": {"itemStruct": _item(post)}}
    return {"webapp.app-context": {"language": "en"}, "webapp.video-detail": detail}


def _item(post: ScriptedPost) -> dict[str, object]:
    post_id = post.post_id + (post.outcome is Outcome.OTHER_POST)
    item: dict[str, object] = {
        "id": str(post_id),
        "desc": post.caption,
        "createTime": str(post_id >> 32),
        "author": {"id": "6800000000000000000", "uniqueId": post.user, "nickname": post.user},
        "music": {"id": "1", "title": "original sound", "playUrl": f"https://{CDN}/sound.mp3"},
        "video": {"duration": 0, "width": 1080, "height": 1920},
        "stats": {"diggCount": 12, "playCount": 345},
    }
    if post.outcome is not Outcome.VIDEO:
        images = [_image_entry(post, n) for n in range(len(post.images))]
        item["imagePost"] = {"images": images, "title": post.caption}
    return item


def _image_entry(post: ScriptedPost, number: int) -> dict[str, object]:
    name = f"{post.post_id}_{number}~tplv-photomode-image.jpeg"
    query = f"x-expires={int(time.time()) + 7200}&x-signature=b64%3D"
    urls = [f"https://{host}/tos-useast5-i/{name}?{query}" for host in (CDN, CDN_MIRROR)]
    try:
        with Image.open(io.BytesIO(post.images[number])) as image:
            width, height = image.size
    except OSError:
        width, height = 0, 0
    return {"imageURL": {"urlList": urls}, "imageWidth": width, "imageHeight": height}


def _html(scope: dict[str, object]) -> bytes:
    data = json.dumps({"__DEFAULT_SCOPE__": scope}).replace("</", "<\\/")
    return (
        f"<!DOCTYPE html><html><head><title>{escape('TikTok - Make Your Day')}</title></head><body>"
        '<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">'
        f"{data}</script></body></html>"
    ).encode()


def _media_type(data: bytes) -> str:
    if data.startswith(b"RIFF"):
        return "image/webp"
    if data[4:12] == b"ftypheic":
        return "image/heic"
    return "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"


def _serve(port: int) -> None:
    ended = ended_by_signal()
    with TikTokServer(port) as server:
        slides = [picture(540, 960, c) for c in ("teal", "coral", "indigo")]
        url = server.add_slideshow("pressrun", snowflake(1), slides, "Three calm colours #demo")
        print(f"proxy {server.proxy_url}\nca {server.ca_file}", flush=True)  # noqa: T201
        links = [url, server.add_short("ZMdemo123", url)]
        rest = [o for o in Outcome if o is not Outcome.SLIDESHOW]
        links += [server.add_post(o, snowflake(n), o) for n, o in enumerate(rest, 2)]
        print(*links, sep="\n", flush=True)  # noqa: T201
        ended.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--port", type=int, default=0, help="the proxy's port; 0 takes a free one")
    _serve(parser.parse_args().port)

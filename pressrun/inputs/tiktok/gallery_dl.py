"""What gallery-dl finds out about one TikTok post: its caption and where its images lie.

gallery-dl runs as a process of its own and is never imported: its licence is the GPL's. Its
answer comes from a foreign page and is taken as data. Knows nothing of downloading images,
nor of pauses between posts.
"""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, cast

from pressrun.boundary.text import one_line
from pressrun.errors import SettingError, SourceError
from pressrun.inputs.tiktok.verdicts import REASONS, LinkVerdict

logger = logging.getLogger(__name__)

MAX_OUTPUT_BYTES = 64 * 2**20
MAX_CAPTION_CHARS = 10_000
_CANONICAL = re.compile(r"https://www\.tiktok\.com/@[\w.-]*/(?:photo|video)/([0-9]{18,20})")
_HANDLE = re.compile(r"[\w.-]{1,64}")
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")

# Its exit status is 0 for nearly everything, so that what it logs has to tell the cases apart:
# the first pattern found decides. (The patterns are those of gallery-dl 1.32.18.)
_OUTCOMES = (
    (LinkVerdict.PRIVATE_OR_LOGIN, r"Login required|AuthorizationError|AuthRequired|code 1021[56]"),
    (LinkVerdict.POST_GONE, r"not available|NotFoundError|could not be found|'404 "),
    (LinkVerdict.REGION_LOCKED, r"Region locked"),
    (LinkVerdict.BLOCKED, r"'403 |'429 |ChallengeError"),
    (LinkVerdict.NOT_A_POST, r"Unsupported URL"),
)
_UNREACHABLE = r"HttpError|Timeout|ConnectionError|timed out"
_RETRYABLE = {LinkVerdict.BLOCKED, LinkVerdict.PAGE_CHANGED}


@dataclass(frozen=True, slots=True)
class Post:
    """A photo post as its page describes it; nothing in it is to be trusted.

    Attributes:
        post_id: Its identity.
        user: The handle of who posted it.
        caption: The text beneath it.
        images: For each slide the addresses of the same image on several servers.
    """

    post_id: str
    user: str
    caption: str
    images: tuple[tuple[str, ...], ...]


def read_post(
    canonical: str,
    *,
    proxy: str | None = None,
    ca_file: Path | None = None,
    timeout_s: float = 90.0,
) -> Post:
    """Asks gallery-dl for one post. Takes about a second, and makes one or two requests.

    Args:
        canonical: ``https://www.tiktok.com/@user/photo/ID``.
        proxy: Through which it goes.
        ca_file: Certificates to trust in place of the built-in ones.
        timeout_s: Longest time for it, in seconds.

    Raises:
        SourceError: ``kind`` is the verdict on the link.
        SettingError: gallery-dl is not installed.
    """
    match = _CANONICAL.fullmatch(canonical)
    if match is None:
        raise _error(LinkVerdict.NOT_A_POST)
    if find_spec("gallery_dl") is None:
        raise SettingError(
            "TikTok posts need gallery-dl, which is not installed. "
            "Install the extra: pip install 'pressrun[tiktok]'."
        )
    try:
        output, log = run(command_for(canonical), environment_for(proxy, ca_file), timeout_s)
    except subprocess.TimeoutExpired as error:
        sentence = f"TikTok did not answer within {timeout_s:.0f} s. Try again later."
        raise _error(LinkVerdict.BLOCKED, sentence=sentence) from error
    return _parse(match[1], output.decode(errors="replace"), log.decode(errors="replace"))


def command_for(canonical: str) -> list[str]:
    """Builds the command that prints what a post is made of."""
    options = ("audio=false", "videos=false", "retries=0", "timeout=10", "cache.file=:memory:")
    # -P keeps a file of the working directory from standing in for one of its modules.
    command = [sys.executable, "-P", "-m", "gallery_dl"]
    command += ["--config-ignore", "--no-colors", "--no-input", "--dump-json"]
    for option in options:
        command += ["-o", option]
    return [*command, "--", canonical]


def environment_for(proxy: str | None, ca_file: Path | None) -> Mapping[str, str]:
    """Builds the command's environment.

    Little enough that no key of ours is handed on; a proxy's password stays out of ``ps``.
    """
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    if proxy:
        kept |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}
    if ca_file:
        kept["REQUESTS_CA_BUNDLE"] = str(ca_file)
    return {**kept, "PYTHONUTF8": "1"}


def run(command: list[str], env: Mapping[str, str], timeout_s: float) -> tuple[bytes, bytes]:
    """Runs a command; returns what it prints and what it says of errors.

    Each is read up to ``MAX_OUTPUT_BYTES``; a command that prints more is ended.

    Raises:
        subprocess.TimeoutExpired: It took longer than ``timeout_s``.
    """
    with (
        # The command is made of constants and one checked address; no shell reads it.
        subprocess.Popen(  # noqa: S603
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        ThreadPoolExecutor(2) as readers,
    ):
        output = readers.submit(_drain, process, cast("IO[bytes]", process.stdout))
        log = readers.submit(_drain, process, cast("IO[bytes]", process.stderr))
        try:
            process.wait(timeout_s)
        finally:
            process.kill()
    return output.result(), log.result()


def _drain(process: subprocess.Popen[bytes], pipe: IO[bytes]) -> bytes:
    data = pipe.read(MAX_OUTPUT_BYTES + 1)
    if len(data) > MAX_OUTPUT_BYTES:
        process.kill()
    return data


def _parse(post_id: str, output: str, log: str) -> Post:
    try:
        messages = json.loads(output)
        post = next((m[1] for m in messages if m[0] == 2), None)
        if post is None:
            raise _outcome(log + "\n".join(str(m[1]) for m in messages if m[0] == -1))
        return _as_post(post_id, post, messages)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise _outcome(log) from error


def _as_post(post_id: str, post: dict[str, object], messages: list[list[object]]) -> Post:
    if str(post["id"]) != post_id:
        raise _error(LinkVerdict.PAGE_CHANGED, "(It holds another post.)")
    if "imagePost" not in post:
        raise _error(LinkVerdict.NOT_SLIDESHOW)
    images = tuple(_mirrors(m) for m in messages if m[0] == 3)
    if not images:
        raise _outcome("")
    user, caption = str(post.get("user") or ""), str(post.get("desc") or "")
    caption = caption.encode(errors="replace").decode()  # half of an emoji has no UTF-8
    handle = user if _HANDLE.fullmatch(user) else ""
    return Post(post_id, handle, caption[:MAX_CAPTION_CHARS], images)


def _mirrors(message: list[object]) -> tuple[str, ...]:
    _, url, meta = message
    listed = cast("dict[str, dict[str, dict[str, object]]]", meta)["image"]["imageURL"]["urlList"]
    urls = [url, *cast("list[object]", listed)]
    return tuple(dict.fromkeys(u for u in urls if isinstance(u, str)))


def _outcome(log: str) -> SourceError:
    """Says what became of a post that is not there, from what gallery-dl logged."""
    # A handle may read like an error's name, hence no address takes part.
    plain = re.sub(r"https?://\S+", "", log).strip()
    detail = f"(gallery-dl: {one_line(plain.splitlines()[-1], 160)})" if plain else ""
    verdict = next((v for v, pattern in _OUTCOMES if re.search(pattern, plain)), None)
    if verdict is None and re.search(_UNREACHABLE, plain):
        logger.warning("TikTok could not be reached. %s", detail)
        sentence = "TikTok could not be reached. Check the network or the proxy; try again later."
        return _error(LinkVerdict.BLOCKED, sentence=sentence)
    verdict = verdict or LinkVerdict.PAGE_CHANGED
    return _error(verdict, detail if verdict in _RETRYABLE else "")


def _error(verdict: LinkVerdict, detail: str = "", sentence: str = "") -> SourceError:
    message = f"{sentence or REASONS[verdict]} {detail}".strip()
    return SourceError(message, kind=verdict.value, retryable=verdict in _RETRYABLE)

"""TikTok against a local one: gallery-dl itself asks it, through a proxy, for every outcome."""

import io
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pressrun.errors import SettingError, SourceError
from pressrun.inputs.tiktok import gallery_dl
from pressrun.inputs.tiktok.links import LinkVerdict, check_link
from pressrun.inputs.tiktok.source import PROXIED, TikTok
from pressrun.inputs.web.fetch import Fetcher
from tests.servers.tiktok import CDN, CDN_MIRROR, VM, VT, Outcome, TikTokServer, picture, snowflake

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def running() -> Iterator[TikTokServer]:
    with TikTokServer() as server:
        yield server


@pytest.fixture
def server(running: TikTokServer) -> TikTokServer:
    running.forget()
    return running


@pytest.fixture
def tiktok(server: TikTokServer) -> TikTok:
    return TikTok(proxy=server.proxy_url, ca_file=server.ca_file, pause_s=(0, 0))


def failure(tiktok: TikTok, canonical: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        tiktok.fetch(canonical)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    return caught.value


def test_a_slideshow_is_fetched_with_its_images_in_order(
    server: TikTokServer, tiktok: TikTok
) -> None:
    slides = [picture(n, 20, kind=k) for n, k in ((11, "JPEG"), (12, "WEBP"), (13, "PNG"))]
    caption = "Drei Schritte </script> 🎉\n#x"
    url = server.add_slideshow("some.user_1", snowflake(1), slides, caption)
    show = tiktok.fetch(url)
    assert [s.data for s in show.slides] == slides
    assert (show.caption, show.user, show.source) == (caption, "some.user_1", url)
    hosts = [request.host for request in server.requests]
    assert hosts == ["www.tiktok.com", CDN, CDN, CDN]


def test_half_an_emoji_in_a_caption_is_no_reason_to_fail(
    server: TikTokServer, tiktok: TikTok
) -> None:
    url = server.add_slideshow("anna", snowflake(1), [picture()], "cut off \ud83d")
    assert tiktok.fetch(url).caption == "cut off ?"


def test_the_id_alone_names_the_post(server: TikTokServer, tiktok: TikTok) -> None:
    server.add_slideshow("new_name", snowflake(1), [picture()])
    link = check_link(f"https://m.tiktok.com/v/{snowflake(1)}.html")
    assert link.canonical is not None
    assert tiktok.fetch(link.canonical).user == "new_name"


@pytest.mark.parametrize(
    ("outcome", "kind", "retryable"),
    [
        (Outcome.VIDEO, "not_slideshow", False),
        (Outcome.GONE, "post_gone", False),
        (Outcome.PRIVATE, "private_or_login", False),
        (Outcome.PRIVATE_POST, "private_or_login", False),
        (Outcome.LOGIN, "private_or_login", False),
        (Outcome.REGION, "region_locked", False),
        (Outcome.FORBIDDEN, "blocked", True),
        (Outcome.THROTTLED, "blocked", True),
        (Outcome.CAPTCHA, "page_changed", True),
        (Outcome.CHANGED, "page_changed", True),
        (Outcome.OTHER_POST, "page_changed", True),
    ],
)
def test_what_becomes_of_a_post_is_told_by_its_verdict(
    server: TikTokServer, tiktok: TikTok, outcome: Outcome, kind: str, retryable: bool
) -> None:
    # The handle reads like an outcome on purpose; it must not decide one.
    error = failure(tiktok, server.add_post("NotFoundError", snowflake(2), outcome))
    assert (error.kind, error.retryable) == (kind, retryable)
    assert error.kind in set(LinkVerdict)


def test_a_slow_page_is_given_up_in_time(server: TikTokServer, tiktok: TikTok) -> None:
    url = server.add_post("u", snowflake(2), Outcome.SLOW)
    start = time.monotonic()
    error = failure(replace(tiktok, timeout_s=1.5), url)
    assert (error.kind, error.retryable) == ("blocked", True)
    assert time.monotonic() - start < 10


def test_tiktok_out_of_reach_may_be_tried_again(tmp_path: Path, server: TikTokServer) -> None:
    unreachable = TikTok(proxy="http://127.0.0.1:9", ca_file=server.ca_file, pause_s=(0, 0))
    error = failure(unreachable, f"https://www.tiktok.com/@u/photo/{snowflake(1)}")
    assert (error.kind, error.retryable) == ("blocked", True)
    assert "could not be reached" in str(error)


@pytest.mark.parametrize(
    "canonical",
    [
        "-o",
        "--exec=id",
        "https://www.tiktok.com/@u",
        f"https://evil.example/@u/photo/{snowflake(1)}",
        f"https://www.tiktok.com/@u/photo/{snowflake(1)}\n--exec=id",
        f"r:https://www.tiktok.com/@u/photo/{snowflake(1)}",
    ],
)
def test_only_a_posts_address_is_handed_to_gallery_dl(tiktok: TikTok, canonical: str) -> None:
    assert failure(tiktok, canonical).kind == "not_a_post"


def test_an_image_is_fetched_from_its_mirror(server: TikTokServer, tiktok: TikTok) -> None:
    server.failing_hosts.add(CDN)
    url = server.add_slideshow("u", snowflake(1), [picture()])
    assert len(tiktok.fetch(url).slides) == 1
    assert [r.host for r in server.requests[1:]] == [CDN, CDN_MIRROR]


def test_images_out_of_reach_may_be_tried_again(server: TikTokServer, tiktok: TikTok) -> None:
    server.failing_hosts |= {CDN, CDN_MIRROR}
    error = failure(tiktok, server.add_slideshow("u", snowflake(1), [picture()]))
    assert (error.kind, error.retryable) == ("blocked", True)
    assert "slide 1 of https://www.tiktok.com/@u/photo/" in str(error)


def test_an_image_of_an_unread_format_fails_the_post(server: TikTokServer, tiktok: TikTok) -> None:
    heic = b"\0\0\0\x18ftypheic" + bytes(20)
    error = failure(tiktok, server.add_slideshow("u", snowflake(1), [picture(), heic]))
    assert (error.kind, error.retryable) == ("page_changed", False)
    assert "slide 2" in str(error)


def test_more_than_35_slides_are_refused(server: TikTokServer, tiktok: TikTok) -> None:
    url = server.add_slideshow("u", snowflake(1), [picture()] * 36)
    assert "36 slides; at most 35" in str(failure(tiktok, url))


def test_a_page_cannot_send_us_to_a_host_that_is_not_tiktoks(
    server: TikTokServer, tiktok: TikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.servers.tiktok.CDN", "internal.example")
    monkeypatch.setattr("tests.servers.tiktok.CDN_MIRROR", "127.0.0.1")
    error = failure(tiktok, server.add_slideshow("u", snowflake(1), [picture()]))
    assert error.kind == "page_changed"
    assert set(server.asked_for) == {"www.tiktok.com"}


def test_without_a_proxy_the_strict_policy_is_in_force() -> None:
    assert TikTok().image_fetcher() == Fetcher()
    assert PROXIED.allowed_hosts
    assert "127.0.0.1" not in PROXIED.allowed_hosts


def test_gallery_dl_gets_no_keys_and_no_password_in_its_arguments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://elsewhere.example")
    environment = gallery_dl.environment_for("http://me:secret2@proxy.example", Path("ca.pem"))
    assert "secret" not in environment.values()
    assert environment["HTTPS_PROXY"] == "http://me:secret2@proxy.example"
    assert "secret" not in " ".join(gallery_dl.command_for("https://www.tiktok.com/@u/photo/1"))


def test_a_missing_gallery_dl_is_said_with_what_to_install(
    tiktok: TikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_dl, "find_spec", lambda _: None)
    with pytest.raises(SettingError, match=r"pip install 'pressrun\[tiktok\]'"):
        tiktok.fetch(f"https://www.tiktok.com/@u/photo/{snowflake(1)}")


@pytest.mark.parametrize(
    "script", ["import sys; sys.stdout.write('x' * 200_000)", "while True: print('x' * 9999)"]
)
def test_what_gallery_dl_prints_is_read_up_to_a_limit(
    script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_dl, "MAX_OUTPUT_BYTES", 100_000)
    output, _ = gallery_dl.run([sys.executable, "-c", script], {}, 20)
    assert len(output) == 100_001


def test_posts_are_fetched_one_at_a_time_with_a_pause(server: TikTokServer, tiktok: TikTok) -> None:
    urls = [server.add_slideshow("u", snowflake(n), [picture()]) for n in range(2)]
    paused = replace(tiktok, pause_s=(0.3, 0.3))
    threads = [threading.Thread(target=paused.fetch, args=(url,)) for url in urls]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A page, then its image: no page is asked for before the former post has its images.
    assert [r.host for r in server.requests] == ["www.tiktok.com", CDN] * 2
    assert time.monotonic() - start >= 0.3


def post_url() -> str:
    return f"https://www.tiktok.com/@someone/photo/{snowflake(7)}"


@pytest.mark.parametrize("spelling", ["https://vm.tiktok.com/{}/", "vt.tiktok.com/{}", "{}"])
def test_a_short_link_leads_to_its_post(
    server: TikTokServer, tiktok: TikTok, spelling: str
) -> None:
    server.add_short("ZMabcDEF1", f"{post_url()}?_r=1&_t=ZM")
    spelling = spelling if "/" in spelling else "https://www.tiktok.com/t/{}/"
    link = tiktok.resolve(check_link(spelling.format("ZMabcDEF1"), 5))
    assert (link.verdict, link.canonical, link.line) == (LinkVerdict.OK, post_url(), 5)
    assert [r.method for r in server.requests] == ["HEAD"]


def test_a_link_to_a_post_needs_no_resolving(server: TikTokServer, tiktok: TikTok) -> None:
    link = check_link(post_url())
    assert tiktok.resolve(link) is link
    assert server.requests == []


def test_a_short_link_may_lead_over_others_and_to_another_form(
    server: TikTokServer, tiktok: TikTok
) -> None:
    third = server.add_short("ZMccccccc", f"https://m.tiktok.com/v/{snowflake(7)}.html?_r=1")
    second = server.add_short("ZMbbbbbbb", third, host=VT)
    first = server.add_short("ZMaaaaaaa", second)
    assert tiktok.resolve(check_link(first)).post_id == str(snowflake(7))
    assert len(server.requests) == 3


def test_a_location_without_a_host_is_taken_from_where_it_was_said(
    server: TikTokServer, tiktok: TikTok
) -> None:
    first = server.add_short("ZMaaaaaaa", f"/@someone/photo/{snowflake(7)}")
    assert tiktok.resolve(check_link(first)).canonical == post_url()


def test_get_is_used_where_head_is_refused(server: TikTokServer, tiktok: TikTok) -> None:
    first = server.add_short("ZMaaaaaaa", post_url(), refuses_head=True)
    assert tiktok.resolve(check_link(first)).canonical == post_url()
    assert [r.method for r in server.requests] == ["HEAD", "GET"]


def test_the_case_of_a_short_link_matters(server: TikTokServer, tiktok: TikTok) -> None:
    server.add_short("ZMabcDEF1", post_url())
    with pytest.raises(SourceError) as caught:
        tiktok.resolve(check_link("https://vm.tiktok.com/zmabcdef1/"))
    assert caught.value.kind == "short_link_dead"


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/@a/photo/7240568259186019630",
        "https://www.tiktok.com.evil.example/@a/photo/7240568259186019630",
        "//evil.example/",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1/",
        "snssdk1180://aweme/detail/7240568259186019630",
        "https://user:pw@www.tiktok.com/@a/photo/7240568259186019630",
        "https://www.tiktok.com:8443/@a/photo/7240568259186019630",
        "javascript:alert(1)",
    ],
)
def test_a_short_link_is_not_followed_away_from_tiktok(
    server: TikTokServer, tiktok: TikTok, location: str
) -> None:
    first = server.add_short("ZMaaaaaaa", location)
    with pytest.raises(SourceError) as caught:
        tiktok.resolve(check_link(first))
    assert (caught.value.kind, caught.value.retryable) == ("short_link_leaves_tiktok", False)
    assert server.asked_for == [VM]


@pytest.mark.parametrize(
    ("location", "status", "expected"),
    [
        ("https://www.tiktok.com/?_r=1", 301, ("short_link_dead", False)),
        ("https://www.tiktok.com/404", 302, ("short_link_dead", False)),
        (None, 404, ("short_link_dead", False)),
        ("https://vm.tiktok.com/ZMaaaaaaa/", 301, ("short_link_dead", False)),
        ("https://www.tiktok.com/@someone", 301, ("profile_link", False)),
        ("https://www.tiktok.com/@someone/live", 301, ("live_link", False)),
        ("https://www.tiktok.com/login?redirect_url=x", 302, ("private_or_login", False)),
        (None, 200, ("blocked", True)),
        (None, 301, ("blocked", True)),
        (None, 403, ("blocked", True)),
        (None, 429, ("blocked", True)),
        (None, 503, ("blocked", True)),
    ],
)
def test_a_short_link_without_a_post_says_why(
    server: TikTokServer,
    tiktok: TikTok,
    location: str | None,
    status: int,
    expected: tuple[str, bool],
) -> None:
    first = server.add_short("ZMaaaaaaa", location, status=status)
    with pytest.raises(SourceError) as caught:
        tiktok.resolve(check_link(first))
    assert (caught.value.kind, caught.value.retryable) == expected
    assert caught.value.kind in set(LinkVerdict)
    assert len(server.requests) <= 3


def test_a_short_link_out_of_reach_may_be_tried_again(server: TikTokServer) -> None:
    unreachable = TikTok(proxy="http://127.0.0.1:9", ca_file=server.ca_file)
    with pytest.raises(SourceError) as caught:
        unreachable.resolve(check_link("https://vm.tiktok.com/ZMaaaaaaa/"))
    assert (caught.value.kind, caught.value.retryable) == ("blocked", True)


def test_a_server_with_another_certificate_is_not_believed(server: TikTokServer) -> None:
    first = server.add_short("ZMaaaaaaa", post_url())
    with pytest.raises(SourceError, match=r"certificate"):
        TikTok(proxy=server.proxy_url).resolve(check_link(first))


def test_the_server_runs_by_hand_and_ends_cleanly() -> None:
    command = [sys.executable, "-m", "tests.servers.tiktok", "--port", "0"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        proxy = process.stdout.readline().removeprefix("proxy ").strip()
        ca_file = Path(process.stdout.readline().removeprefix("ca ").strip())
        show = TikTok(proxy=proxy, ca_file=ca_file).fetch(process.stdout.readline().strip())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert Image.open(io.BytesIO(show.slides[0].data)).size == (540, 960)
    assert not ca_file.exists()

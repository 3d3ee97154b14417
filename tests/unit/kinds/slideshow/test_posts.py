"""Posts looked at behind: each once, failures again when asked, none for who wants it no more."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pressrun.errors import PressrunError, SettingError, SourceError
from pressrun.inputs.slides import Slideshow
from pressrun.inputs.tiktok.links import TikTokLink, check_link
from pressrun.inputs.tiktok.source import TikTok
from pressrun.kinds.slideshow.posts import Looked, Posts
from pressrun.kinds.slideshow.shelf import PostShelf
from pressrun.pictures.picture import read_picture
from tests.servers.tiktok import picture, snowflake


class Visitor(TikTok):
    """TikTok that has every post but those in ``fails``."""

    def __init__(self, **fails: PressrunError) -> None:
        super().__init__(pause_s=(0.0, 0.0))
        self.__dict__.update(fails=fails, asked=[])

    def fetch(self, canonical: str) -> Slideshow:
        user = canonical.partition("@")[2].partition("/")[0]
        self.__dict__["asked"].append(user)
        if error := self.__dict__["fails"].get(user):
            raise error
        slide = read_picture(picture(540, 960), "slide")
        return Slideshow((slide, slide), "Caption", user, canonical)


def link(user: str) -> TikTokLink:
    """A post of a user."""
    return check_link(f"https://www.tiktok.com/@{user}/photo/{snowflake(sum(map(ord, user)))}")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Posts]]:
    every = []

    def open_posts(visitor: Visitor, is_wanted: Callable[[str], bool] = lambda _: True) -> Posts:
        every.append(Posts(lambda: [visitor], PostShelf(tmp_path), is_wanted))
        return every[-1]

    yield open_posts
    for posts in every:
        posts.close()


def until_known(posts: Posts, *users: str) -> list[Looked]:
    """What is known of these users' posts, once all were looked at."""
    deadline = time.monotonic() + 60
    while True:
        looked = posts.look([link(user) for user in users])
        if not any(one.waits for one in looked):
            return looked
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_post_is_looked_at_once_also_by_a_process_that_starts_later(
    opened: Callable[..., Posts],
) -> None:
    first, second = Visitor(), Visitor()
    (seen,) = until_known(opened(first), "ana")
    assert seen.post is not None
    assert (seen.post.user, seen.post.sizes) == ("ana", ((540, 960), (540, 960)))
    (again,) = until_known(opened(second), "ana")
    assert again.post == seen.post
    assert (first.__dict__["asked"], second.__dict__["asked"]) == (["ana"], [])


def test_a_failure_stands_until_somebody_asks_again(opened: Callable[..., Posts]) -> None:
    visitor = Visitor(
        ana=SourceError("TikTok refuses.", kind="blocked", retryable=True),
        bo=SourceError("This post is a video.", kind="not_slideshow"),
        cy=SettingError("gallery-dl is not installed."),
    )
    posts = opened(visitor)
    looked = until_known(posts, "ana", "bo", "cy")
    assert [one.may_pass for one in looked] == [True, False, True]
    until_known(posts, "ana", "bo", "cy")
    assert sorted(visitor.__dict__["asked"]) == ["ana", "bo", "cy"]
    visitor.__dict__["fails"].clear()
    posts.look_again(link("ana"))
    (ana,) = until_known(posts, "ana")
    assert ana.post is not None
    assert posts.thumb(link("ana").post_id)[:2] == b"\xff\xd8"
    assert posts.thumb("1") == b""


def test_who_wants_it_no_more_is_not_looked_at_for(opened: Callable[..., Posts]) -> None:
    visitor = Visitor()
    posts = opened(visitor, lambda who: who != "started")
    posts.look([link("ana")], "started")
    assert posts.left_s(3) > 0
    until_known(posts, "bo")  # asked for later, and looked at
    assert visitor.__dict__["asked"] == ["bo"]

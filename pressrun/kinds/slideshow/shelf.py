"""Posts that were fetched a short while ago, kept on this machine: TikTok is not asked twice.

The desk looks at posts before a batch is started; a run on the same machine then finds them here.
Where it runs elsewhere, or the hours are over, it asks TikTok itself.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from pressrun.boundary.files import make_private, read_file
from pressrun.inputs.slides import Slideshow
from pressrun.pictures.picture import MAX_BYTES, Picture

#: Seconds for which a post is taken as it was.
KEPT_S = 6 * 3600.0
_ABOUT, _MOST_ABOUT = "post.json", 2**20


class PostShelf:
    """Fetched posts in a folder, each in one of its own. Processes share it without a lock.

    Args:
        folder: Made when the first post is kept.
        clock: Gives Unix seconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time):
        self._folder, self._clock = folder, clock

    def find(self, post_id: str) -> Slideshow | None:
        """Gives a post that was kept lately, each byte as it was; None if there is none."""
        place = self._folder / post_id
        try:
            if self._clock() - place.stat().st_mtime > KEPT_S:
                return None
            told = json.loads(read_file(place / _ABOUT, _MOST_ABOUT, place))
            slides = tuple(_slide(place, **one) for one in told["slides"])
            return Slideshow(slides, told["caption"], told["user"], told["source"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, removed meanwhile, or damaged: it is fetched anew

    def keep(self, post_id: str, show: Slideshow) -> None:
        """Keeps a post, if there is room; one that is kept already stays. Removes the old ones."""
        beside = self._folder / f".{uuid4().hex}"
        try:
            make_private(beside)
            slides = [_kept(beside, slide) for slide in show.slides]
            told = {"caption": show.caption, "user": show.user, "source": show.source}
            (beside / _ABOUT).write_text(json.dumps(told | {"slides": slides}))
            self.clean()
            beside.rename(self._folder / post_id)
        except OSError:
            shutil.rmtree(beside, ignore_errors=True)  # full, or kept by another process just now

    def clean(self) -> None:
        """Removes what is too old to be taken."""
        for place in self._folder.glob("*"):
            try:
                if self._clock() - place.stat().st_mtime > KEPT_S:
                    shutil.rmtree(place, ignore_errors=True)
            except FileNotFoundError:
                continue  # another process was faster


def _kept(folder: Path, slide: Picture) -> dict[str, object]:
    (folder / slide.sha256).write_bytes(slide.data)
    return {
        "sha256": slide.sha256,
        "media_type": slide.media_type,
        "width": slide.width,
        "height": slide.height,
    }


def _slide(folder: Path, sha256: str, media_type: str, width: int, height: int) -> Picture:
    data = read_file(folder / sha256, MAX_BYTES, folder)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(sha256)
    return Picture(data, media_type, width, height)

"""The addresses of the rows of slideshow drafts, and of small pictures of what was found."""

import base64
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pressrun.batches.uploads import Uploads
from pressrun.desk.bodies import reader_of
from pressrun.desk.kept import Kept
from pressrun.desk.new.drafts import ChangedElsewhere
from pressrun.desk.new.slideshow.changes import RowChange, RowChanges
from pressrun.errors import InputError
from pressrun.kinds.slideshow.posts import Posts
from pressrun.pictures.picture import MAX_BYTES, read_picture, thumbnail

_THUMB_PX, _KEPT_S = 120, 3600.0
_A_DAY = {"Cache-Control": "private, max-age=86400, immutable"}


def row_routes(changes: RowChanges) -> APIRouter:
    """Makes the address that changes rows."""
    router = APIRouter()

    @router.post("/drafts/{draft_id}/rows")
    def _change(
        draft_id: str, change: Annotated[RowChange, Depends(reader_of(RowChange))]
    ) -> Response:
        try:
            told = changes.do(draft_id, change)
        except ChangedElsewhere as error:
            return PlainTextResponse(str(error), 409)
        return JSONResponse({"words": told.words, "refused": list(told.refused)})

    return router


def thumb_routes(posts: Posts, open_uploads: Callable[[], Uploads], kept: Kept) -> APIRouter:
    """Makes the addresses of small pictures: of uploads, and of posts that were looked at."""
    router = APIRouter()

    def small(sha256: str) -> bytes:
        data = open_uploads().read(f"upload:{sha256}/picture", MAX_BYTES)
        picture = read_picture(data, "The picture")  # HEIC and AVIF become JPEG
        return base64.b64decode(thumbnail(picture.data, _THUMB_PX).partition(",")[2])

    @router.get("/uploads/{sha256}/thumb")
    def _upload(sha256: str) -> Response:
        return _picture(kept.get(("upload", sha256), _KEPT_S, lambda: small(sha256)))

    @router.get("/posts/{post_id}/thumb")
    def _post(post_id: str) -> Response:
        return _picture(posts.thumb(post_id))

    return router


def _picture(data: bytes) -> Response:
    if not data:
        raise InputError("There is no such picture.")
    return Response(data, media_type="image/jpeg", headers=_A_DAY)

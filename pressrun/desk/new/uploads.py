"""The address to which a page of a new batch sends files, one a request, as they are."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Annotated
from urllib.parse import unquote

from anyio import CapacityLimiter, fail_after, from_thread, to_thread
from fastapi import APIRouter, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pressrun.batches.uploads import Upload, Uploads
from pressrun.desk.new.drafts import Drafts
from pressrun.errors import PressrunError

#: Bytes of a refused file that are still taken: browsers read no answer before theirs is sent.
_MOST_REST = 64 * 2**20
#: Files that arrive at the same time. Each holds a thread for as long as its sender takes: they
#: are threads of their own, so that slow senders keep nobody from a page.
_MOST_AT_ONCE = 100
#: Whoever sends nothing for so long is gone.
_SILENCE_S = 60.0
_BROKEN_OFF = (ClientDisconnect, TimeoutError)


class Incoming:
    """The body of a request as a stream, for a thread that reads it."""

    def __init__(self, pieces: AsyncIterator[bytes]):
        self._pieces, self._left = pieces, b""

    def read(self, size: int, /) -> bytes:
        """Gives the next bytes, at most so many; none at the end."""
        while not self._left:
            piece = from_thread.run(self._next)
            if piece is None:
                return b""
            self._left = piece
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    async def pass_over(self) -> None:
        """Takes the rest, of which nothing is kept."""
        left = _MOST_REST
        while left > 0 and (piece := await self._next()) is not None:
            left -= len(piece)

    async def _next(self) -> bytes | None:
        with fail_after(_SILENCE_S):
            return await anext(self._pieces, None)


def upload_routes(drafts: Drafts, open_uploads: Callable[[], Uploads]) -> APIRouter:
    """Makes the addresses that take a file: its bytes as the body, its name in ``X-Name``.

    The answer has what names it in a parameter. With ``to``, the draft's value of that name becomes
    this reference. What is sent for a batch goes into a field of the page on which it is mended.
    """
    router, threads = APIRouter(), CapacityLimiter(_MOST_AT_ONCE)

    async def put(request: Request) -> Upload | None:
        """Keeps what arrives; gives None if it does not arrive as a whole."""
        name = unquote(request.headers.get("x-name", ""), errors="replace") or "file"
        incoming = Incoming(request.stream())
        try:
            return await to_thread.run_sync(
                lambda: open_uploads().put(name, incoming), limiter=threads
            )
        except _BROKEN_OFF:
            return None
        except PressrunError:
            with suppress(*_BROKEN_OFF):
                await incoming.pass_over()
            raise

    @router.post("/batches/{_}/uploads")
    async def _for_batch(request: Request) -> Response:
        return _told(await put(request))

    @router.post("/drafts/{draft_id}/uploads")
    async def _for_draft(
        request: Request, draft_id: str, to: Annotated[str, Query(max_length=60)] = ""
    ) -> Response:
        await to_thread.run_sync(drafts.require_open, draft_id)
        upload = await put(request)
        if to and upload:
            await to_thread.run_sync(lambda: drafts.change(draft_id, {to: upload.reference}))
        return _told(upload)

    return router


def _told(upload: Upload | None) -> Response:
    if upload is None:
        return PlainTextResponse("The file did not arrive as a whole.", 400)
    return JSONResponse(
        {
            "reference": upload.reference,
            "name": upload.name,
            "bytes": upload.size,
            "media_type": upload.media_type,
        }
    )

"""The local Drive's behaviour: routes, tokens, rates and faults; no sockets here.

Each request passes its token and scope, then the scripted faults and the rate of creations; it
waits its latency, is carried out and counted. Knows nothing of Pressrun.
"""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from tests.servers import drive_errors as errors
from tests.servers.drive_consent import ConsentBooks
from tests.servers.drive_faults import AFTER, Fault
from tests.servers.drive_files import Caller, Library, Node
from tests.servers.drive_http import Request
from tests.servers.drive_query import read_query
from tests.servers.drive_routes import operation_of
from tests.servers.drive_tokens import DRIVE_SCOPE, FILE_SCOPE, Denied, TokenBooks, refusal
from tests.servers.drive_uploads import Session, mask, mask_list, read_multipart
from tests.servers.gemini_books import SlidingWindow
from tests.servers.gemini_http import Answer

Json = dict[str, Any]
PERSON = "person@example.com"
_CREATIONS = frozenset({"create", "upload", "start"})


@dataclass(frozen=True)
class Settings:
    """How the server behaves.

    Attributes:
        creates_per_second: Most files and folders made in any second; refused beyond.
        rate_reason: ``userRateLimitExceeded``, ``rateLimitExceeded`` or ``429``.
        retry_after_s: What such a refusal says in ``Retry-After``; None says nothing.
        latency_s: The time of an answer.
        max_children: Most files and folders in one folder.
        storage_bytes: Of the person's account; None is without limit.
        page_size: Most files in a page of a listing, whatever is asked.
        token_s: Lifetime of access tokens.
        clock_ahead_s: How far the server's clock is ahead.
    """

    creates_per_second: int | None = None
    rate_reason: str = "userRateLimitExceeded"
    retry_after_s: float | None = None
    latency_s: float = 0.0
    max_children: int = 500_000
    storage_bytes: int | None = None
    page_size: int = 1000
    token_s: float = 3600.0
    clock_ahead_s: float = 0.0


class DriveService:
    """Answers requests; many threads at once."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._lock = threading.Lock()
        self.library = Library(settings.max_children)
        self.consent = ConsentBooks()
        self.tokens = TokenBooks(settings.token_s, settings.clock_ahead_s)
        self._sessions: dict[str, Session] = {}
        self._faults: list[Fault] = []
        self._window = SlidingWindow("creates", "creates", settings.creates_per_second, 1.0)
        self._ended = threading.Event()
        self._released = threading.Event()
        self.requests: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self._work: dict[str, Callable[[Request, Caller], Answer]] = {
            "about": self._about,
            "ids": self._ids,
            "create": self._create,
            "list": self._list,
            "get": self._get,
            "download": self._download,
            "update": self._update,
            "delete": self._delete,
            "share": self._share,
            "upload": self._upload,
            "start": self._start,
            "chunk": self._chunk,
            "replace": self._replace,
        }

    # What tests use.

    def fail(self, kind: str, **selectors: Any) -> Fault:
        """Adds a scripted fault; the fields of ``Fault`` say what it takes."""
        fault = Fault(kind, **selectors)
        with self._lock:
            self._faults.append(fault)
        return fault

    @property
    def faults(self) -> list[Fault]:
        """The scripted faults, with how often each struck."""
        with self._lock:
            return list(self._faults)

    def files(self, *, bin_too: bool = False) -> list[tuple[str, Node]]:
        """Every file (no folders) with its path; a path may stand there twice."""
        return [pair for pair in self._all(bin_too) if not pair[1].is_folder]

    def folders(self, *, bin_too: bool = False) -> list[tuple[str, Node]]:
        """As :meth:`files`, the folders."""
        return [pair for pair in self._all(bin_too) if pair[1].is_folder]

    def _all(self, bin_too: bool) -> list[tuple[str, Node]]:
        with self._lock:
            library = self.library
            nodes = [node for node in library.nodes.values() if node.parent]
            return [(library.path(n), n) for n in nodes if bin_too or not library.in_bin(n)]

    def account(self) -> Json:
        """What lies here and what was asked, as JSON."""
        files = [
            {"path": path, "id": node.id, "md5": node.md5, "bytes": len(node.data)}
            for path, node in self.files()
        ]
        folders = [{"path": path, "id": node.id} for path, node in self.folders()]
        counts = {"requests": dict(self.requests), "refusals": dict(self.refusals)}
        return {"files": files, "folders": folders, **counts}

    def end(self) -> None:
        """Lets go of everyone who waits, now and later."""
        self._ended.set()
        self.release()

    def release(self) -> None:
        """Hangs up on the requests that hang; later ones hang again."""
        self._released.set()
        self._released = threading.Event()

    def clear_faults(self) -> None:
        """Forgets the scripted faults; hung requests are let go."""
        with self._lock:
            self._faults.clear()
        self.release()

    # Routing.

    def cuts(self, head: Request) -> bool:
        """Whether the connection breaks amid this request's body."""
        operation = operation_of(head)
        if operation is None or operation in {"token", "consent"}:
            return False
        return self._fault_for(operation, resets=True) is not None

    def answer(self, request: Request) -> Answer:
        """The response to any request."""
        if request.path.startswith("/_control/"):
            return self._control(request)
        operation = operation_of(request)
        self.requests[operation or "unknown"] += 1
        if operation is None:
            return errors.DriveFault(404, "notFound", "Not Found").answer()
        if operation == "consent":
            return self.consent.page(request.query)
        if operation == "token":
            return self._token(request)
        try:
            return self._serve(operation, request)
        except errors.DriveFault as refusal:
            self.refusals[refusal.reason] += 1
            return refusal.answer()

    def _token(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if form.get("grant_type") != "authorization_code":
            return self.tokens.exchange(request.body)
        try:
            code = self.consent.redeem(form, request.headers.get("authorization", ""))
        except Denied as denied:
            return refusal(denied)
        return self.tokens.given(PERSON, code.scopes, lasting=code.lasting)

    def _serve(self, operation: str, request: Request) -> Answer:
        caller = self._caller(request)
        fault = self._fault_for(operation, resets=False)
        kind = fault.kind if fault else ""
        if fault and (refusal := fault.refusal()):
            raise refusal
        if kind == "hang":
            return self._hang()
        if kind == "truncate":
            request = replace(request, query={**request.query, "_keep": "0.6"})
        self._admit(operation)
        self._ended.wait(self._settings.latency_s + (fault.delay_s if fault else 0.0))
        return self._spoilt(kind, self._done(operation, request, caller))

    def _done(self, operation: str, request: Request, caller: Caller) -> Answer:
        try:
            with self._lock:
                return self._work[operation](request, caller)
        except errors.DriveFault as refusal:  # may get lost like any answer
            self.refusals[refusal.reason] += 1
            return refusal.answer()

    def _spoilt(self, kind: str, answer: Answer) -> Answer:
        if kind in AFTER:
            return errors.broken(int(kind[:3])).answer()
        if kind == "lost_reply":
            return Answer.nothing()
        if kind == "garbage":
            return Answer(b"<html>Sorry")
        return self._hang() if kind == "hang_after" else answer

    def _caller(self, request: Request) -> Caller:
        grant = self.tokens.grant(request.headers.get("authorization", ""))
        if grant is None:
            raise errors.unauthorized()
        if not grant.scopes & {DRIVE_SCOPE, FILE_SCOPE}:
            raise errors.missing_scope()
        all_drives = request.query.get("supportsAllDrives") == "true"
        account = self.library.accounts[grant.email]
        return Caller(account, DRIVE_SCOPE not in grant.scopes, all_drives)

    def _admit(self, operation: str) -> None:
        if operation not in _CREATIONS:
            return
        with self._lock:
            now = time.monotonic()
            if self._window.denial(now, 1):
                settings = self._settings
                raise errors.too_fast(settings.rate_reason, settings.retry_after_s)
            self._window.add(now, 1)

    def _fault_for(self, operation: str, *, resets: bool) -> Fault | None:
        with self._lock:
            fits = (f for f in self._faults if (f.kind == "reset") == resets)
            return next((fault for fault in fits if fault.strikes(operation)), None)

    def _hang(self) -> Answer:
        released = self._released
        if not self._ended.is_set():
            released.wait()
        return Answer.nothing()

    def _control(self, request: Request) -> Answer:
        try:
            return Answer.of(self._controlled(request))
        except (ValueError, TypeError, KeyError) as error:
            return Answer.of({"error": str(error)}, status=400)

    def _controlled(self, request: Request) -> Json:
        name = request.path.removeprefix("/_control/")
        if name == "state":
            return self.account()
        if name == "faults":
            scripts = json.loads(request.body)
            for script in scripts if isinstance(scripts, list) else [scripts]:
                self.fail(**script)
        elif name == "clear":
            self.clear_faults()
        elif name == "release":
            self.release()
        elif name == "revoke":
            self.tokens.revoke()
        else:
            raise ValueError(f"There is no control called {name!r}.")
        return {"faults": len(self._faults)}

    # The API, under the lock.

    def _about(self, _request: Request, caller: Caller) -> Answer:
        account = caller.account
        quota = {"usage": str(account.used_bytes)}
        if account.limit_bytes is not None:
            quota["limit"] = str(account.limit_bytes)
        user = {"emailAddress": account.email, "displayName": account.email, "me": True}
        return Answer.of({"user": user, "storageQuota": quota})

    def _ids(self, request: Request, _caller: Caller) -> Answer:
        count = int(request.query.get("count", "10"))
        if not 1 <= count <= 1000:
            raise errors.bad_request("Invalid value for count.")
        ids = self.library.generate_ids(count)
        return Answer.of({"kind": "drive#generatedIds", "space": "drive", "ids": ids})

    def _show(self, request: Request, caller: Caller, node: Node) -> Answer:
        fields = request.query.get("fields", "kind,id,name,mimeType")
        return Answer.of(mask(self.library.resource(caller, node), fields))

    def _create(self, request: Request, caller: Caller) -> Answer:
        body = json.loads(request.body or b"{}")
        mime = "application/octet-stream"
        return self._show(request, caller, self.library.create(caller, body, b"", mime))

    def _get(self, request: Request, caller: Caller) -> Answer:
        return self._show(request, caller, self.library.find(caller, _id_of(request)))

    def _download(self, request: Request, caller: Caller) -> Answer:
        node = self.library.find(caller, _id_of(request))
        if node.mime.startswith("application/vnd.google-apps."):
            message = "Only files with binary content can be downloaded."
            raise errors.DriveFault(403, "fileNotDownloadable", message)
        kind = ("Content-Type", node.mime)
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if not match:
            return Answer(node.data, headers=(kind,))
        begin, end = int(match[1]), int(match[2] or len(node.data) - 1)
        if begin >= len(node.data):
            raise errors.DriveFault(
                416, "requestedRangeNotSatisfiable", "Request range not satisfiable"
            )
        part = node.data[begin : end + 1]
        said = f"bytes {begin}-{begin + len(part) - 1}/{len(node.data)}"
        return Answer(part, 206, (kind, ("Content-Range", said)))

    def _update(self, request: Request, caller: Caller) -> Answer:
        body = json.loads(request.body or b"{}")
        node = self.library.update(caller, _id_of(request), body, dict(request.query))
        return self._show(request, caller, node)

    def _delete(self, request: Request, caller: Caller) -> Answer:
        self.library.delete(caller, _id_of(request))
        return Answer(b"", 204)

    def _share(self, request: Request, caller: Caller) -> Answer:
        made = self.library.permit(caller, _id_of(request), json.loads(request.body))
        return Answer.of(mask(made, request.query.get("fields", "*")))

    def _list(self, request: Request, caller: Caller) -> Answer:
        query = request.query
        drive_id = query.get("driveId", "") if query.get("corpora") == "drive" else ""
        every_drive = query.get("includeItemsFromAllDrives") == "true"
        if (drive_id or every_drive) and not (every_drive and caller.all_drives):
            raise errors.bad_request(
                "supportsAllDrives and includeItemsFromAllDrives must be true for this."
            )
        nodes = self.library.search(caller, read_query(query.get("q", "")), drive_id)
        if not every_drive:
            nodes = [node for node in nodes if not node.drive_id]
        begin = int(query.get("pageToken") or 0)
        end = begin + min(int(query.get("pageSize", "100")), self._settings.page_size)
        page: Json = {"kind": "drive#fileList", "incompleteSearch": False}
        page["files"] = [self.library.resource(caller, node) for node in nodes[begin:end]]
        if end < len(nodes):
            page["nextPageToken"] = str(end)
        fields = query.get("fields", "kind,incompleteSearch,nextPageToken,files")
        return Answer.of(mask_list(page, fields))

    def _upload(self, request: Request, caller: Caller) -> Answer:
        body, data, mime = _media(request)
        node = self.library.create(caller, body, _kept(request, data), mime)
        return self._show(request, caller, node)

    def _replace(self, request: Request, caller: Caller) -> Answer:
        body, data, mime = _media(request)
        file_id = _id_of(request)
        self.library.replace(caller, file_id, _kept(request, data), mime)
        return self._show(request, caller, self.library.update(caller, file_id, body, {}))

    def _start(self, request: Request, caller: Caller) -> Answer:
        body = json.loads(request.body or b"{}")
        headers = request.headers
        size = int(headers.get("x-upload-content-length", "0"))
        mime = headers.get("x-upload-content-type", "application/octet-stream")
        file_id = _id_of(request) if request.method == "PATCH" else ""
        if file_id:
            self.library.find(caller, file_id, "writer")
        else:
            self.library.may_create(caller, body, size)
        session = Session(body, mime, size, caller.account.email, file_id)
        name = f"session-{len(self._sessions)}"
        self._sessions[name] = session
        query = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "upload_id")
        url = f"http://{headers['host']}{request.path}?{query}&upload_id={name}"
        return Answer(b"", headers=(("Location", url), ("X-GUploader-UploadID", name)))

    def _chunk(self, request: Request, caller: Caller) -> Answer:
        session = self._sessions.get(request.query["upload_id"])
        if session is None:
            raise errors.DriveFault(404, "notFound", "The upload session is not known.")
        if session.done is None:
            session.receive(request.headers.get("content-range", ""), request.body)
        if not session.is_whole:
            end = len(session.data) - 1
            return Answer(b"", 308, (("Range", f"bytes=0-{end}"),) if end >= 0 else ())
        if session.done is None:
            session.done = self._finished(session, request, caller)
        return Answer.of(mask(session.done, request.query.get("fields", "*")))

    def _finished(self, session: Session, request: Request, caller: Caller) -> Json:
        data = _kept(request, bytes(session.data))
        if session.file_id:
            self.library.replace(caller, session.file_id, data, session.mime)
            node = self.library.update(caller, session.file_id, session.body, {})
        else:
            node = self.library.create(caller, session.body, data, session.mime)
        return self.library.resource(caller, node)


def _media(request: Request) -> tuple[Json, bytes, str]:
    kind = request.headers.get("content-type", "")
    if request.query.get("uploadType") == "media":
        return {}, request.body, kind
    return read_multipart(kind, request.body)


def _kept(request: Request, data: bytes) -> bytes:
    return data[: int(len(data) * float(request.query.get("_keep", "1")))]


def _id_of(request: Request) -> str:
    return request.path.split("/files/")[1].split("/")[0]

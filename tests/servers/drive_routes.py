"""What a request to the local Drive wants, by method, path and query."""

import re
from collections.abc import Mapping

from tests.servers.drive_http import Request

_FILES = "/drive/v3/files"
_UPLOAD = "/upload/drive/v3/files"
_FILE = re.compile(r"/drive/v3/files/([^/]+)")


def operation_of(request: Request) -> str | None:
    """What a request wants, in one word."""
    method, path, query = request.method, request.path, request.query
    if path.startswith(_UPLOAD):
        return _upload_operation(method, query)
    exact = {
        ("POST", "/token"): "token",
        ("GET", "/o/oauth2/v2/auth"): "consent",
        ("GET", "/drive/v3/about"): "about",
        ("GET", f"{_FILES}/generateIds"): "ids",
        ("POST", _FILES): "create",
        ("GET", _FILES): "list",
    }
    if (method, path) in exact:
        return exact[method, path]
    if method == "POST" and path.endswith("/permissions") and path.startswith(_FILES):
        return "share"
    if not _FILE.fullmatch(path):
        return None
    if method == "GET":
        return "download" if query.get("alt") == "media" else "get"
    return {"PATCH": "update", "DELETE": "delete"}.get(method)


def _upload_operation(method: str, query: Mapping[str, str]) -> str | None:
    if "upload_id" in query:
        return "chunk" if method == "PUT" else None
    if query.get("uploadType") == "resumable":
        return "start"
    return {"POST": "upload", "PATCH": "replace"}.get(method)

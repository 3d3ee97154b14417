"""The search language of ``files.list?q=``, as far as stores use it.

``'ID' in parents``, ``name = '…'`` (also ``!=``, ``contains``), ``mimeType``, ``trashed``,
``appProperties has { key='…' and value='…' }``, joined by ``and``, ``or``, ``not`` and
parentheses. In strings a backslash escapes a quote and itself.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.servers.drive_errors import bad_request

Test = Callable[[dict[str, Any]], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z]+)|(?P<sign>!=|=|[(){}]))", re.DOTALL
)


def read_query(query: str) -> Test:
    """The test that a file's resource must pass.

    Raises:
        DriveFault: 400, as Drive answers what it cannot read.
    """
    if not query.strip():
        return lambda _file: True
    parser = _Parser(_tokens(query))
    test = parser.either()
    if parser.tokens:
        raise bad_request("Invalid Value")
    return test


def _tokens(query: str) -> list[str]:
    tokens, at = [], 0
    while query[at:].strip():
        match = _TOKEN.match(query, at)
        if not match:
            raise bad_request("Invalid Value")
        tokens.append(match.group().strip() if not match["text"] else match["text"])
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]):
        self.tokens = tokens

    def either(self) -> Test:
        tests = [self._all()]
        while self._accept("or"):
            tests.append(self._all())
        return lambda file: any(test(file) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._accept("and"):
            tests.append(self._one())
        return lambda file: all(test(file) for test in tests)

    def _one(self) -> Test:
        if self._accept("not"):
            test = self._one()
            return lambda file: not test(file)
        if self._accept("("):
            test = self.either()
            self._expect(")")
            return test
        if self.tokens and self.tokens[0].startswith("'"):
            return self._membership()
        return self._comparison()

    def _membership(self) -> Test:
        parent = self._text()
        self._expect("in")
        self._expect("parents")
        return lambda file: parent in file.get("parents", ())

    def _comparison(self) -> Test:
        name, operator = self._next(), self._next()
        if name == "appProperties" and operator == "has":
            return self._property()
        if name == "trashed":
            wanted = (self._next() == "true") == (operator == "=")
            return lambda file: bool(file["trashed"]) == wanted
        if name not in {"name", "mimeType"} or operator not in {"=", "!=", "contains"}:
            raise bad_request("Invalid Value")
        text = self._text()
        if operator == "contains":
            return lambda file: text.lower() in str(file[name]).lower()
        return lambda file: (file[name] == text) == (operator == "=")

    def _property(self) -> Test:
        for word in ("{", "key", "="):
            self._expect(word)
        key = self._text()
        for word in ("and", "value", "="):
            self._expect(word)
        value = self._text()
        self._expect("}")
        return lambda file: file.get("appProperties", {}).get(key) == value

    def _text(self) -> str:
        token = self._next()
        if not token.startswith("'"):
            raise bad_request("Invalid Value")
        return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)

    def _next(self) -> str:
        if not self.tokens:
            raise bad_request("Invalid Value")
        return self.tokens.pop(0)

    def _accept(self, word: str) -> bool:
        if self.tokens and self.tokens[0] == word:
            self.tokens.pop(0)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise bad_request("Invalid Value")

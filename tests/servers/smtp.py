"""A mail server on this machine, as far as RFC 5321 is needed to take a message and keep it.

Without encryption; a login (AUTH PLAIN, RFC 4616) is asked for if it is told one.
"""

import base64
import socketserver
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

from tests.servers.life import Served


@dataclass(frozen=True)
class Received:
    """A message with its envelope."""

    sender: str
    to: tuple[str, ...]
    message: EmailMessage

    @property
    def text(self) -> str:
        """The body, decoded, with the line ends of this machine."""
        content: str = self.message.get_content()
        return content.replace("\r\n", "\n").rstrip()


class SmtpServer(Served):
    """A mail server on a port of its own, started by ``with``.

    Args:
        user: Who has to log in; empty for nobody.
        password: Of that user.
    """

    def __init__(self, user: str = "", password: str = "") -> None:
        self.login = f"\0{user}\0{password}" if user else ""
        self.received: list[Received] = []
        #: Answers every command with 421, as a server does that is going down.
        self.is_down = False
        self._listener = _Listener(("127.0.0.1", 0), self)
        serve = self._listener.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.01,), name="smtp", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self._listener.server_address[1])

    def start(self) -> Self:
        """Begins to serve; returns itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends it, and every connection."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], mail: SmtpServer):
        self.mail = mail
        super().__init__(address, _Session)


class _Session(socketserver.StreamRequestHandler):
    """One connection: commands in, answers out."""

    server: _Listener

    def handle(self) -> None:
        self._sender, self._to = "", list[str]()
        self._logged_in = not self.server.mail.login
        self._say("220 local")
        while line := self.rfile.readline():
            command, _, rest = line.decode().strip().partition(" ")
            if not self._obey(command.upper(), rest):
                return

    def _obey(self, command: str, rest: str) -> bool:
        """Answers a command; whether the session goes on."""
        if self.server.mail.is_down or command == "QUIT":
            self._say("221 bye" if command == "QUIT" else "421 going down")
            return False
        if command == "EHLO":
            self._say("250-local\r\n250 AUTH PLAIN")
        elif command == "AUTH":
            given = base64.b64decode(rest.rpartition(" ")[2]).decode()
            self._logged_in = given == self.server.mail.login
            self._say("235 welcome" if self._logged_in else "535 wrong user or password")
        elif not self._logged_in:
            self._say("530 log in first")
        else:
            self._mail(command, rest)
        return True

    def _mail(self, command: str, rest: str) -> None:
        if command == "MAIL":
            self._sender, self._to = _address(rest), []
        elif command == "RCPT":
            self._to.append(_address(rest))
        elif command == "DATA":
            self._say("354 go on, end with a dot")
            self._take()
        self._say("250 ok")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.mail.received.append(Received(self._sender, tuple(self._to), message))

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]

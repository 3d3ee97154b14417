"""A local Gemini: the Developer API's wire protocol with strict quotas, faults and a bill.

In a test::

    with GeminiServer(rpm=600, latency_s=0.5) as server:
        server.fail("503", every=10)
        ...  # the SDK with base_url=server.url
        assert len(server.bill) == 40

By hand (the first line is the address; Ctrl-C ends it)::

    python -m tests.servers.gemini --port 0 --rpm 600 --latency 0.5

Other processes script it over HTTP: ``POST /_control/faults`` (one fault or a list of them, as
JSON), ``POST /_control/release`` (lets go of hung calls), ``POST /_control/reset``,
``GET /_control/bill``. Vertex AI is served beside it. It knows nothing of
Pressrun.
"""

import argparse
import json
import sys
from dataclasses import replace
from typing import Any, Self

from tests.servers.gemini_books import Settings
from tests.servers.gemini_http import HttpServer
from tests.servers.gemini_service import GeminiService, Json
from tests.servers.life import Served, ended_by_signal


class GeminiServer(GeminiService, Served):
    """The service on a port of this machine, started by ``with`` or :meth:`start`.

    Args:
        settings: How it behaves.
        port: 0 takes a free one.
        changes: Fields of ``Settings`` by name, in place of those of ``settings``.
    """

    def __init__(self, settings: Settings | None = None, *, port: int = 0, **changes: Any):
        super().__init__(replace(settings or Settings(), **changes))
        self._http = HttpServer(self.answer, port)

    @property
    def url(self) -> str:
        """The base URL, without a version."""
        return self._http.url

    def service_key(self) -> Json:
        """A service account's key file for Vertex AI, whose tokens this server gives and takes."""
        return self.vertex.service_key(self.url)

    def start(self) -> Self:
        """Begins to serve; returns itself."""
        self._http.start()
        return self

    def stop(self) -> None:
        """Ends every connection, the hung ones too."""
        self.end()
        self._http.stop()


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGINT or SIGTERM."""
    options = _parser().parse_args(arguments)
    settings = Settings(
        keys=options.key,
        rpm=options.rate or options.rpm,
        ipm=options.ipm,
        tpm=options.tpm,
        rpd=options.rpd,
        window_s=options.per,
        spend_cap_usd=options.spend_cap,
        latency_s=options.latency,
        latency_sigma=options.latency_sigma,
        picture_format=options.format,
        seed=options.seed,
    )
    server = GeminiServer(settings, port=options.port)
    ended = ended_by_signal()
    with server:
        line = json.dumps({"url": server.url}) if options.json else server.url
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        ended.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.gemini", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one (default)")
    add("--key", action="append", default=[], help="a good API key; any key is, if none is given")
    add("--rpm", type=int, help="requests a minute of each model")
    add("--rate", type=int, help="requests in --per seconds, in place of --rpm")
    add("--per", type=float, default=60.0, help="seconds of the window of all limits but --rpd")
    add("--ipm", type=int, help="pictures a minute")
    add("--tpm", type=int, help="prompt tokens a minute")
    add("--rpd", type=int, help="requests a day")
    add("--spend-cap", type=float, help="USD in ten minutes")
    add("--latency", type=float, default=0.0, help="median seconds of an answer")
    add("--latency-sigma", type=float, default=0.0, help="spread of the lognormal long tail")
    add("--format", choices=("JPEG", "PNG"), default="JPEG", help="of the pictures")
    add("--seed", type=int, default=0, help="of the latencies")
    add("--json", action="store_true", help='print {"url": …} as the first line')
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""What every engine holds, asked through its real SDK at its local server."""

import json
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from pressrun.engines.account import Access
from pressrun.engines.base import Engine, ImageReply, TextReply
from pressrun.engines.factory import open_engine
from pressrun.errors import (
    BadReply,
    Blocked,
    EngineError,
    QuotaExhausted,
    Refused,
    SettingError,
    Throttled,
    Unavailable,
)
from pressrun.pictures.picture import read_picture
from tests.support.providers import (
    Analysis,
    Bedrock,
    Fault,
    Gemini,
    OpenAI,
    Provider,
    Sketch,
    Vertex,
)

OVER_THE_NETWORK: tuple[type[Provider], ...] = (Gemini, Vertex, OpenAI, Bedrock)
ALL: tuple[type[Provider], ...] = (*OVER_THE_NETWORK, Sketch)
FAULTS = [(kind, fault) for kind in OVER_THE_NETWORK for fault in kind.faults]

everyone = pytest.mark.parametrize("provider", ALL, ids=lambda kind: kind.name, indirect=True)
network = pytest.mark.parametrize(
    "provider", OVER_THE_NETWORK, ids=lambda kind: kind.name, indirect=True
)


def each(faults: Sequence[tuple[type[Provider], Fault]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("provider", "fault"),
        faults,
        ids=[f"{kind.name}-{fault.asks}-{fault.name}" for kind, fault in faults],
        indirect=["provider"],
    )


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[type[Provider]], tuple[Provider, Engine]]]:
    """Each provider once, with one engine: an engine takes a tenth of a second to make."""
    started: dict[type[Provider], tuple[Provider, Engine]] = {}

    def start(kind: type[Provider]) -> tuple[Provider, Engine]:
        if kind not in started:
            provider = Vertex(tmp_path_factory.mktemp("key")) if kind is Vertex else kind()
            provider.start()
            started[kind] = provider, provider.open()
        return started[kind]

    yield start
    for provider, engine in started.values():
        engine.close()
        provider.stop()


@pytest.fixture
def provider(
    request: pytest.FixtureRequest,
    running: Callable[[type[Provider]], tuple[Provider, Engine]],
) -> Provider:
    provider, _ = running(request.param)
    provider.reset()
    return provider


@pytest.fixture
def engine(
    provider: Provider, running: Callable[[type[Provider]], tuple[Provider, Engine]]
) -> Engine:
    return running(type(provider))[1]


def ask(provider: Provider, engine: Engine, fault: Fault) -> ImageReply | TextReply:
    timeout_s = 0.5 if fault.kind == "timeout" else 60.0
    if fault.asks == "text":
        return engine.text(provider.text_request(timeout_s=timeout_s))
    return engine.image(provider.image_request(timeout_s=timeout_s))


def shown_by(error: EngineError) -> str:
    """All that a log could show of it."""
    return repr(error) + "".join(traceback.format_exception(error))


@everyone
def test_a_picture_comes_back_whole_with_the_usage_that_it_is_billed_by(
    provider: Provider, engine: Engine
) -> None:
    reply = engine.image(provider.image_request(aspect_ratio="9:16"))

    assert read_picture(reply.picture.data, "the reply") == reply.picture
    assert reply.picture.sha256 == sha256(reply.picture.data).hexdigest()
    assert reply.picture.width / reply.picture.height == pytest.approx(9 / 16, rel=0.02)
    assert reply.model_version
    assert provider.cost_usd(reply.usage) == provider.billed_usd
    assert (provider.billed_usd > 0) == (type(provider) in OVER_THE_NETWORK)


@everyone
def test_text_fits_the_schema_or_is_refused_before_anything_is_sent(
    provider: Provider, engine: Engine
) -> None:
    if not provider.words_model:
        with pytest.raises(Refused, match="Choose a text model"):
            engine.text(provider.text_request())
        assert provider.calls == 0
        return
    reply = engine.text(provider.text_request(system="Answer in English."))

    assert len(Analysis.model_validate_json(reply.text).slides) == 3
    assert provider.cost_usd(reply.usage, "text") == provider.billed_usd
    assert reply.model_version


@everyone
@pytest.mark.parametrize("changes", [{"aspect_ratio": "7:3"}, {"size": "8K"}])
def test_a_picture_that_the_model_does_not_make_is_refused_and_not_paid(
    provider: Provider, engine: Engine, changes: dict[str, str]
) -> None:
    with pytest.raises(Refused) as caught:
        engine.image(provider.image_request(**changes))

    assert not caught.value.retryable
    assert provider.billed_usd == 0


@each(FAULTS)
def test_a_fault_is_one_error_of_the_tree_is_asked_once_and_is_over(
    provider: Provider, engine: Engine, fault: Fault
) -> None:
    provider.fail(fault.name, **fault.settings)

    with pytest.raises(fault.error) as caught:
        ask(provider, engine, fault)

    error = caught.value
    assert (type(error), error.kind) == (fault.error, fault.kind)
    mends_itself = fault.error in {Throttled, Unavailable, BadReply} and not fault.final
    assert error.retryable == mends_itself
    assert ("within 0.5 seconds" in str(error)) == (fault.kind == "timeout")
    assert not [secret for secret in provider.secrets if secret in shown_by(error)]
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.kind, str(again)) == (type(error), error.kind, str(error))
    ask(provider, engine, Fault("none", fault.error, "", fault.asks))
    assert provider.calls == 2  # nobody retried


@pytest.mark.parametrize("kind", OVER_THE_NETWORK, ids=lambda kind: kind.name)
def test_a_server_shows_every_error_of_the_tree(kind: type[Provider]) -> None:
    shown = {fault.error for fault in kind.faults}

    assert shown == {Throttled, QuotaExhausted, Blocked, Refused, BadReply, Unavailable}


@each([(kind, fault) for kind, fault in FAULTS if fault.counted])
def test_an_error_carries_the_usage_that_the_call_is_billed_by(
    provider: Provider, engine: Engine, fault: Fault
) -> None:
    provider.fail(fault.name, **fault.settings)

    with pytest.raises(EngineError) as caught:
        ask(provider, engine, fault)

    assert provider.cost_usd(caught.value.usage, fault.asks) == provider.billed_usd


@network
def test_the_wait_that_the_provider_asks_for_is_told(provider: Provider, engine: Engine) -> None:
    waits = []
    for fault in (provider.busy, provider.down):
        provider.fail(fault, retry_after_s=12)
        with pytest.raises((Throttled, Unavailable)) as caught:
            engine.image(provider.image_request())
        waits.append((type(caught.value), caught.value.retry_after_s))

    assert waits == [(Throttled, 12.0), (Unavailable, 12.0)]


@network
def test_a_wrong_key_is_final_says_what_to_do_and_is_never_shown(provider: Provider) -> None:
    engine = provider.open(wrong_key=True)

    with pytest.raises(Refused, match=provider.advice) as caught:
        engine.image(provider.image_request())

    assert (caught.value.kind, caught.value.retryable) == ("bad_key", False)
    shown = repr(engine) + shown_by(caught.value)
    assert not [secret for secret in provider.secrets if secret in shown]
    assert provider.billed_usd == 0
    engine.close()


@network
def test_a_server_that_is_not_there_is_unavailable(provider: Provider) -> None:
    engine = provider.open(nobody_there=True)

    with pytest.raises(Unavailable) as caught:
        engine.image(provider.image_request())

    assert (caught.value.kind, caught.value.retryable) == ("connection", True)
    engine.close()


@everyone
def test_an_engine_is_closed_once_or_more_often(provider: Provider) -> None:
    engine = provider.open()
    engine.image(provider.image_request())

    engine.close()
    engine.close()


@everyone
def test_many_threads_share_one_engine_and_the_bill_has_every_call(
    provider: Provider, engine: Engine
) -> None:
    requests = [provider.image_request(seed=seed) for seed in range(48)]

    with ThreadPoolExecutor(24) as pool:
        replies = list(pool.map(engine.image, requests))

    assert sum(provider.cost_usd(reply.usage) for reply in replies) == provider.billed_usd
    assert provider.calls in {0, len(requests)}
    digests = [engine.image(request).picture.sha256 for request in requests[:3]]
    assert digests == [reply.picture.sha256 for reply in replies[:3]]


def test_importing_the_engines_imports_no_sdk() -> None:
    program = (
        "import sys, json\n"
        "from importlib import import_module\n"
        "for name in ('gemini', 'openai', 'bedrock'):\n"
        "    import_module(f'pressrun.engines.{name}.engine')\n"
        "heavy = ('google.genai', 'httpx2', 'openai', 'boto3', 'botocore')\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert json.loads(found.stdout) == []


@pytest.mark.parametrize(("engine", "variable"), [("gemini", "GEMINI"), ("openai", "OPENAI")])
@pytest.mark.parametrize("key", ["", "  \n", "two words", "schlüssel", "line\nbreak"])
def test_what_cannot_be_a_key_is_refused_before_anything_is_sent(
    engine: str, variable: str, key: str
) -> None:
    with pytest.raises(SettingError, match=f"{variable}_API_KEY"):
        open_engine(engine, Access(key, engine=engine), 1)

"""What people are told of a run: by a webhook and by mail, through Prefect's blocks."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.blocks.notifications import (
    CustomWebhookNotificationBlock,
    DiscordWebhook,
    SlackWebhook,
)
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause, TerminationSignal
from prefect.states import Cancelling, Running
from prefect.testing.standard_test_suites.blocks import BlockStandardTestSuite
from pydantic import ValidationError

from flows.image_batch import image_batch
from flows.slideshow_batch import slideshow_batch
from pressrun.batches.machine import machine_id
from pressrun.blocks.notification import Mail, notification_named
from pressrun.cli import main
from pressrun.errors import InputError, SettingError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.reports.notice import Notice, calm
from pressrun.settings import settings
from tasks.cancel import conclude_cancelled
from tasks.notify import notifier_of, send
from tests.integration.conftest import Written
from tests.integration.test_review import Waiting
from tests.servers.gemini import GeminiServer
from tests.servers.smtp import SmtpServer
from tests.servers.webhook import WebhookServer
from tests.support.batches import GEMINI, KEY, parameters
from tests.support.waiting import until

pytestmark = [
    pytest.mark.usefixtures("home"),
    # Apprise's mail looks for a module that Python 3.13 lacks.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]
on_server = pytest.mark.usefixtures("prefect_server")

DOCUMENT = "# Speed\n\n- red sneakers\n- blue shoes\n- green boots\n"
WEBHOOK, MAIL = "custom-webhook/team", "mail/team"


@pytest.fixture(scope="module")
def webhook() -> Iterator[WebhookServer]:
    with WebhookServer() as server:
        yield server


@pytest.fixture(scope="module")
def mail() -> Iterator[SmtpServer]:
    with SmtpServer("ana", "very-secret-password") as server:
        yield server


@pytest.fixture
def blocks(prefect_server: None, webhook: WebhookServer, mail: SmtpServer) -> None:
    webhook.forget()
    mail.received.clear()
    mail.is_down = False
    webhook_at(webhook).save("team", overwrite=True)
    mail_at(mail).save("team", overwrite=True)


def webhook_at(webhook: WebhookServer) -> CustomWebhookNotificationBlock:
    data = {"subject": "{{subject}}", "text": "{{body}}"}
    return CustomWebhookNotificationBlock(name="team", url=webhook.url, json_data=data)


def mail_at(mail: SmtpServer, password: str = "very-secret-password") -> Mail:
    return Mail(
        host="127.0.0.1",
        port=mail.port,
        security="insecure",
        user="ana",
        password=password,
        sender="pressrun@example.com",
        to="ana@example.com, ben@example.com",
    )


@pytest.fixture
def messages(webhook: WebhookServer, mail: SmtpServer, blocks: None) -> Callable[[], list[Notice]]:
    """All that was told, by either way."""

    def read() -> list[Notice]:
        posted = [Notice(of["subject"], of["text"]) for of in webhook.received]
        to_ana = [of for of in mail.received if of.to == ("ana@example.com",)]
        return posted + [Notice(of.message["Subject"], of.text) for of in to_ana]

    return read


@pytest.fixture
def client(prefect_server: None) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def gemini(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}, latency_s=0.4) as server:
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        monkeypatch.setenv("PRESSRUN_LIMITS", '{"gemini-nano-banana-2.1": 6000}')
        settings.cache_clear()
        yield server


Messages = Callable[[], list[Notice]]
each_way = pytest.mark.parametrize("notify", [WEBHOOK, MAIL])


def run(**given: Any) -> State[Any]:
    state: State[Any] = image_batch(
        **{"prompts": DOCUMENT, "text_model": ""} | given, return_state=True
    )
    return state


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def block_words(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_BLOCKED_WORDS", words)
    settings.cache_clear()


@each_way
def test_a_completed_batch_is_told_with_its_results(notify: str, messages: Messages) -> None:
    assert run(notify=notify, title="Cards").is_completed()
    (message,) = messages()
    batch = latest()
    assert message.subject == "Pressrun: Cards: completed"
    lines = message.body.splitlines()
    assert lines[:2] == ["Cards (image-batch) is completed.", "3 of 3 completed."]
    assert lines[2].startswith("Cost: $0.0000 for 3 calls. Time: 0:")
    assert lines[3].startswith("Results: file:///")
    assert lines[3].endswith("/gallery.html")
    assert lines[4] == f"Folder: {batch.destination}/{batch.root}"
    assert lines[5].startswith("Run: http://127.0.0.1:")
    assert lines[5].endswith(f"/runs/flow-run/{batch.id}")


@each_way
def test_a_batch_that_is_completed_in_part_is_told_with_its_errors(
    notify: str, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    block_words("sneakers", monkeypatch)
    assert run(notify=notify).name == "PartiallyFailed"
    (message,) = messages()
    assert "2 of 3 completed, 1 failed." in message.body
    assert "is blocked by the rule 'own words' ('sneakers')" in message.body


@each_way
def test_a_failed_batch_is_told_and_so_is_a_plan_that_fails(
    notify: str, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(notify=notify, prompts="Note: nothing yet.").is_failed()
    assert "There are no prompts. Paste a list of them" in messages()[0].body
    block_words("sneakers, shoes, boots", monkeypatch)
    assert run(notify=notify).is_failed()
    assert "0 of 3 completed, 3 failed." in messages()[1].body
    assert [message.subject for message in messages()] == 2 * ["Pressrun: Images: failed"]


@each_way
def test_a_run_that_waits_for_a_person_is_told_once_and_then_its_end(
    notify: str, messages: Messages, client: SyncPrefectClient
) -> None:
    given = {"prompts": DOCUMENT, "review": True, "notify": notify}
    waiting = Waiting(client, image_batch, given)
    assert isinstance(waiting.go_on(), Pause)
    assert [message.subject for message in messages()] == [
        "Pressrun: Images: waits for your review"
    ]
    assert f"pressrun approve {str(waiting.id)[:8]}" in messages()[0].body
    assert waiting.answer(decision="approve").is_completed()
    assert [m.subject for m in messages()[1:]] == ["Pressrun: Images: completed"]


def test_a_mail_goes_to_everybody_as_plain_text(messages: Messages, mail: SmtpServer) -> None:
    run(notify=MAIL, title="Cards <b>@here</b>")
    assert {received.to for received in mail.received} == {
        ("ana@example.com",),
        ("ben@example.com",),
    }
    message = mail.received[0].message
    assert message.get_content_type() == "text/plain"
    assert "Cards \u2039b\u203a\uff20here\u2039/b\u203a" in mail.received[0].text


def test_several_blocks_are_told_at_once(messages: Messages) -> None:
    assert run(notify=f"{WEBHOOK}, {MAIL}").is_completed()
    assert len(messages()) == 2
    assert messages()[0] == messages()[1]


def test_a_rejected_plan_and_a_look_at_the_first_item_are_told(
    home: Path, messages: Messages, client: SyncPrefectClient
) -> None:
    given = {"prompts": DOCUMENT, "review": True, "notify": WEBHOOK}
    waiting = Waiting(client, image_batch, given)
    waiting.go_on()
    waiting.answer(decision="reject")
    given = parameters(home, shows=2, action="preview", notify=WEBHOOK)
    waiting = Waiting(client, slideshow_batch, given)
    waiting.go_on()
    waiting.answer(decision="reject")
    assert [message.subject for message in messages()] == [
        "Pressrun: Images: waits for your review",
        "Pressrun: Images: rejected",
        "Pressrun: Test: waits for your look at the first item",
        "Pressrun: Test: rejected",
    ]


def test_a_run_that_waits_in_place_is_told(messages: Messages, client: SyncPrefectClient) -> None:
    thread = threading.Thread(target=lambda: run(review=True, notify=WEBHOOK))
    thread.start()
    run_id = UUID(until(latest).id)
    until(lambda: client.read_flow_run(run_id).state_name == "Paused")
    answer = {"decision": "approve"}
    until(lambda: client.resume_flow_run(run_id, run_input=answer).status.value == "ACCEPT")
    thread.join(60)
    assert [message.subject for message in messages()] == [
        "Pressrun: Images: waits for your review",
        "Pressrun: Images: completed",
    ]


def test_a_paused_run_and_its_end_after_a_cancel_are_told(
    home: Path, messages: Messages, client: SyncPrefectClient, gemini: GeminiServer
) -> None:
    given = parameters(home, 8, slides=3, model=GEMINI["model"], text_model="sketch")
    waiting = Waiting(client, slideshow_batch, given | {"concurrency": 2, "notify": WEBHOOK})
    for command in ("pause", "cancel"):
        thread = threading.Thread(target=waiting.go_on)
        thread.start()
        until(lambda: len(gemini.bill) > (0 if command == "pause" else 6))  # noqa: B023 - at once
        assert main([command, str(waiting.id)]) == 0
        thread.join(60)
        if command == "pause":
            assert main(["resume", str(waiting.id)]) == 0
    told = messages()
    assert [message.subject for message in told] == [
        "Pressrun: Test: paused",
        "Pressrun: Test: cancelled",
    ]
    assert f"pressrun resume {str(waiting.id)[:8]}" in told[0].body
    assert "not made yet" in told[0].body
    assert " cancelled." in told[1].body


def test_a_batch_whose_process_was_killed_is_told_by_its_heir_once(
    home: Path, messages: Messages, client: SyncPrefectClient
) -> None:
    slideshow_batch(**parameters(home, shows=2, notify=WEBHOOK), return_state=True)
    batch, ledger = latest(), open_ledger()
    ledger.batches.start(batch.id, ledger.batches.items(batch.id)[0].key)
    ledger.batches.mark(batch.id, status="running", ended_at=None)
    flow_run = client.read_flow_run(UUID(batch.id))
    assert flow_run.state
    for _ in range(2):
        conclude_cancelled(slideshow_batch, flow_run, flow_run.state)
    assert [message.subject for message in messages()] == [
        "Pressrun: Test: completed",
        "Pressrun: Test: cancelled",
    ]


def test_a_batch_that_keeps_crashing_is_told(
    home: Path, messages: Messages, client: SyncPrefectClient
) -> None:
    from tasks.crashes import MOST_CRASHES

    waiting = Waiting(client, slideshow_batch, parameters(home, notify=WEBHOOK))
    waiting.go_on()
    ledger = open_ledger()
    ledger.batches.mark(str(waiting.id), crashes=MOST_CRASHES, status="running")
    ledger.leases.acquire(str(waiting.id), "of a dead process", "here", machine_id())
    assert waiting.go_on().name == "TooManyCrashes"
    assert messages()[1].subject == "Pressrun: Test: stopped after too many crashes"


def test_a_wait_for_a_quota_is_told(
    home: Path, messages: Messages, gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gemini.fail("per_day", every=3, times=100)
    monkeypatch.setenv("PRESSRUN_RESUME_AT_RESET", "true")
    settings.cache_clear()
    assert run(model=GEMINI["model"], notify=WEBHOOK).name == "AwaitingRetry"
    (message,) = messages()
    assert message.subject == "Pressrun: Images: waits for a model's quota"


def test_a_retry_s_end_is_told_again(
    messages: Messages, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    block_words("sneakers", monkeypatch)
    waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "notify": WEBHOOK})
    for _ in range(2):
        assert waiting.go_on().name == "PartiallyFailed"
    assert [m.subject for m in messages()] == 2 * ["Pressrun: Images: completed in part"]


def test_a_quote_is_no_end(messages: Messages) -> None:
    assert run(action="quote", notify=WEBHOOK).name == "Quoted"
    assert messages() == []


def test_a_process_that_is_stopped_tells_only_of_a_batch_that_was_cancelled(
    messages: Messages, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    open_ledger().batches.mark(latest().id, parameters=latest().parameters | {"notify": WEBHOOK})
    open_ledger().batches.mark(latest().id, status="cancelled")
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", latest().id)

    def stopped() -> State[Any]:
        raise TerminationSignal(signal.SIGTERM)

    states: list[tuple[State[Any], int]] = [(Running(), 0), (Cancelling(), 1)]
    for state, told in states:
        client.set_flow_run_state(UUID(latest().id), state, force=True)
        with pytest.raises(TerminationSignal):
            notifier_of(latest()).watch(stopped)
        assert len(messages()) == told
    assert messages()[0].subject == "Pressrun: Images: cancelled"


@on_server
@pytest.mark.parametrize("name", ["slack-webhook/nobody", "team", "no-such-kind/team", "/"])
def test_a_block_that_is_not_there_is_said_before_anything_is_made(name: str) -> None:
    state = run(notify=name)
    assert state.is_failed()
    assert f"There is no usable notification block {name!r}" in (state.message or "")
    with pytest.raises(InputError):
        latest()


@on_server
def test_a_block_of_another_kind_is_refused(home: Path) -> None:
    from pressrun.blocks import ResultStore

    ResultStore(destination=str(home)).save("a-folder", overwrite=True)
    with pytest.raises(SettingError, match="sends no messages"):
        notification_named("result-store/a-folder")


def test_a_batch_goes_on_when_its_block_is_gone_by_then(
    client: SyncPrefectClient, webhook: WebhookServer, blocks: None, logs: Written
) -> None:
    webhook_at(webhook).save("for-a-while", overwrite=True)
    name = "custom-webhook/for-a-while"
    waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True, "notify": name})
    waiting.go_on()
    CustomWebhookNotificationBlock.delete("for-a-while")
    assert waiting.answer(decision="approve").is_completed()
    assert f"There is no usable notification block {name!r}" in logs.text


def test_a_webhook_that_is_down_is_a_warning_without_its_address(
    messages: Messages, webhook: WebhookServer, mail: SmtpServer, logs: Written
) -> None:
    webhook.refuse(503, times=2)
    mail.is_down = True
    assert run(notify=f"{WEBHOOK},{MAIL}").is_completed()
    assert len(webhook.received) == 2
    assert f"The notification through {WEBHOOK} was not sent: it answered 503." in logs.text
    assert f"The notification through {MAIL} was not sent: it failed with" in logs.text
    assert "very-secret" not in logs.text
    assert "Traceback" not in logs.text


def test_a_refusal_is_tried_once_more(messages: Messages, webhook: WebhookServer) -> None:
    webhook.refuse(500)
    assert send({"w": webhook_at(webhook)}, Notice("a", "b")) == {}
    assert len(messages()) == 2


def test_a_webhook_that_hangs_is_not_waited_for_and_not_told_twice(webhook: WebhookServer) -> None:
    webhook.forget()
    webhook.refuse(0)
    begun = time.monotonic()
    failed = send({"w": webhook_at(webhook)}, Notice("a", "b"), limit_s=1.0)
    assert failed == {"w": "there was no answer in 1 s"}
    assert time.monotonic() - begun < 5
    assert len(webhook.received) == 1


def slack_at(webhook: WebhookServer) -> SlackWebhook:
    block = SlackWebhook(url=f"https://hooks.slack.com/services/{'T' * 9}/{'B' * 9}/{'c' * 24}")
    block._apprise_client.servers[0].webhook_url = webhook.url
    return block


def discord_at(webhook: WebhookServer) -> DiscordWebhook:
    block = DiscordWebhook(webhook_id="1" * 24, webhook_token="a" * 64)
    block._apprise_client.servers[0].notify_url = webhook.url
    return block


@pytest.mark.parametrize(
    ("block_at", "mention"), [(slack_at, "<!channel>"), (discord_at, "@everyone")]
)
def test_what_was_calmed_mentions_nobody_by_the_chats_own_blocks(
    block_at: Callable[[WebhookServer], NotificationBlock], mention: str, webhook: WebhookServer
) -> None:
    webhook.forget()
    wild = "<!channel> @everyone @here"
    assert send({"wild": block_at(webhook)}, Notice("a", wild)) == {}
    assert send({"calm": block_at(webhook)}, Notice("a", calm(wild, 200))) == {}
    as_it_is, calmed = map(json.dumps, webhook.received)
    assert mention in as_it_is
    assert mention not in calmed
    assert "everyone" in calmed


# The mail block.


@pytest.mark.parametrize("block", [Mail])
class TestMailMeetsPrefectsStandards(BlockStandardTestSuite):
    def test_has_a_valid_image(self, block: type[Block]) -> None:
        # The suite downloads it; here the address is enough, so that no test needs the internet.
        assert str(block._logo_url).endswith(".png")


def test_a_mail_s_password_shows_nowhere(mail: SmtpServer) -> None:
    block = mail_at(mail)
    assert "very-secret" not in repr(block) + str(block) + block.model_dump_json()


def test_a_mail_with_a_wrong_password_fails(mail: SmtpServer) -> None:
    failed = send({"m": mail_at(mail, "wrong")}, Notice("a", "b"))
    assert failed == {"m": "it failed with NotificationError"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"to": "nobody"}, "'nobody' is no e-mail address"),
        ({"to": ""}, "is no e-mail address"),
        ({"sender": "a@b.example\nBcc: x@y.example"}, "is no e-mail address"),
        ({"host": "smtp example"}, "should match pattern"),
        ({"port": 70000}, "less than or equal to 65535"),
    ],
)
def test_a_mail_block_that_cannot_work_cannot_be_made(fields: dict[str, Any], says: str) -> None:
    good = {"host": "smtp.example.com", "sender": "a@b.example", "to": "c@d.example"}
    with pytest.raises(ValidationError, match=says):
        Mail(**good | fields)

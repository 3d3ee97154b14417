"""Settings at the desk, on a real Prefect server: blocks are made, checked, changed and deleted.

A planted key is looked for in everything that the desk answers or logs.
"""

import html
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer
from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule
from prefect.settings import PREFECT_API_URL
from prefect.states import Paused
from prefect.variables import Variable
from prefect_aws import AwsCredentials
from starlette.testclient import TestClient

from flows.image_batch import image_batch
from pressrun.blocks import ModelAccount, ResultStore
from pressrun.cli import main
from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.server import PrefectServer
from pressrun.desk.sign_in import SignIns
from pressrun.kinds.image.parameters import ImageParameters
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from pressrun.stores.drive.consent import GoogleAddresses
from tests.servers.drive import DriveServer
from tests.servers.gemini import GeminiServer
from tests.unit.desk.conftest import ADDRESS, LOGIN, Asked
from tests.unit.desk.drafts import new_draft

pytestmark = pytest.mark.usefixtures("prefect_server", "home")

NIGHTLY: list[tuple[SCHEDULE_TYPES, bool]] = [(CronSchedule(cron="0 3 * * *"), True)]
GOOD, PLANTED = "AIza-good-key", "AIza-planted-by-this-test"


class Settings(Asked):
    """The desk, and a person who fills in its forms."""

    def send(self, path: str, **fields: str) -> Any:
        """Sends a form, and follows to what it leads to."""
        return self.client.post(
            path, data=fields, headers={"Origin": ADDRESS}, follow_redirects=True
        )

    def hidden(self, page: str, name: str) -> str:
        """A hidden field of a page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found is not None, page
        return html.unescape(found[1])


@pytest.fixture
def drive() -> Iterator[DriveServer]:
    with DriveServer() as server:
        yield server


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys=(GOOD,)) as server:
        yield server


@pytest.fixture
def desk(
    home: Path,
    prefect_server: None,
    drive: DriveServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Settings]:
    """Somebody who is signed in; no answer and no log has a planted key."""
    for block in (ModelAccount, ResultStore, AwsCredentials):
        block.register_type_and_schema()
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    caplog.set_level(logging.DEBUG)
    asked = Settings()
    server = PrefectServer(PREFECT_API_URL.value() or os.environ["PREFECT_API_URL"])
    app = create_app(
        Desk(
            open_ledger,
            server,
            Door(SignIns(LOGIN)),
            Names.of("", ADDRESS),
            GoogleAddresses(f"{drive.url}/o/oauth2/v2/auth", drive.token_uri, drive.url),
        )
    )
    answers: list[str] = []
    with TestClient(app, base_url=ADDRESS) as asked.client:
        asked.client.event_hooks = {
            "response": [lambda answer: answers.append(answer.read().decode())]
        }
        assert asked.post("/sign-in", password="a-long-password") == 303
        yield asked
    assert answers
    for text in (*answers, caplog.text):
        assert "planted" not in text


def saved(kind: Any, name: str) -> Any:
    return kind.load(name)


def test_a_wrong_key_is_refused_by_the_provider_and_the_right_one_saved(
    desk: Settings, gemini: GeminiServer
) -> None:
    path = "/settings/accounts/new"
    fields = {"name": "shop-1", "base_url": gemini.url, "vertex_location": "global"}
    fields |= {"daily_usd": "$1,250.50", "do": "check"}
    page = desk.send(path, **fields, api_key=PLANTED)
    assert page.status_code == 422
    assert "does not work, so it is not saved" in page.text
    assert "Kept as you typed it" in page.text  # the key itself is not on the page
    assert 'value="1,250.50"' in page.text or 'value="$1,250.50"' in page.text
    held = desk.hidden(page.text, "held")
    page = desk.send(path, **fields, held=held, api_key=GOOD)
    assert page.status_code == 200
    assert "Account shop-1 is saved. API key 1 works, and reaches" in page.text
    block = saved(ModelAccount, "shop-1")
    assert block.api_key.get_secret_value() == GOOD
    assert (block.daily_usd, block.base_url) == (1250.5, gemini.url)
    assert "Account shop-1 is saved" not in desk.page("/settings")  # said once


def test_a_key_that_fails_its_check_is_saved_deliberately_without_being_typed_again(
    desk: Settings, gemini: GeminiServer
) -> None:
    path = "/settings/accounts/new"
    fields = {"name": "later", "base_url": gemini.url, "vertex_location": "global"}
    page = desk.send(path, **fields, api_key=PLANTED, do="check")
    held = desk.hidden(page.text, "held")
    with pytest.raises(ValueError, match="Unable to find block"):
        saved(ModelAccount, "later")
    page = desk.send(path, **fields, held=held, api_key="", do="unchecked")
    assert "Account later is saved, unchecked." in page.text
    assert saved(ModelAccount, "later").api_key.get_secret_value() == PLANTED
    checked = desk.send("/settings/accounts/check/later")
    assert "does not work" in checked.text


def test_a_change_keeps_what_is_not_typed_and_limits_are_rows(
    desk: Settings, gemini: GeminiServer
) -> None:
    ModelAccount(
        api_key=GOOD, base_url=gemini.url, openai_key=PLANTED, vertex_location="europe-west4"
    ).save("kept", overwrite=True)
    page = desk.page("/settings/accounts/edit/kept")
    assert "is saved; type to change it" in page
    fields = {
        "as_of": desk.hidden(page, "as_of"),
        "base_url": gemini.url,
        "vertex_location": "europe-west4",
        "remove.openai_key": "yes",
        "monthly_usd": "40",
        "limits.0.model": "gemini-3-pro-image",
        "limits.0.requests_per_minute": "60",
        "limits.0.burst": "1",
        "limits.3.model": "gemini-3.8-flash",
        "limits.3.requests_per_day": "1,000",
        "do": "check",
    }
    wrong = desk.send("/settings/accounts/edit/kept", **fields | {"limits.3.burst": "often"})
    assert "&#39;often&#39; is no number" in wrong.text
    assert desk.send("/settings/accounts/edit/kept", **fields).status_code == 200
    block = saved(ModelAccount, "kept")
    assert block.api_key.get_secret_value() == GOOD
    assert block.openai_key is None
    assert block.monthly_usd == 40
    limits = {told.model: told for told in block.limits}
    assert limits["gemini-3-pro-image"].requests_per_minute == 60
    assert limits["gemini-3.8-flash"].requests_per_day == 1000
    # Somebody else changed it since that page was opened.
    stale = desk.send("/settings/accounts/edit/kept", **fields)
    assert stale.status_code == 422
    assert "Somebody changed kept while you did" in stale.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Give a name of lower case letters"),
        ({"name": "Shop!"}, "Give a name of lower case letters"),
        ({"name": "<script>alert(1)</script>"}, "Give a name of lower case letters"),
        ({"name": "empty"}, "Give an API key, or the project of Vertex AI"),
        ({"name": "cap", "daily_usd": "-5", "api_key": PLANTED}, "It has to be more than 0"),
        ({"name": "cap", "daily_usd": "lots", "api_key": PLANTED}, "is no number"),
        ({"name": "url", "base_url": "ftp://x", "api_key": PLANTED}, "has to begin with https://"),
        ({"name": "url", "base_url": "http://u:p@x", "api_key": PLANTED}, "no password in it"),
        ({"name": "rows", "limits.0.burst": "5", "api_key": PLANTED}, "Field required"),
    ],
)
def test_what_makes_no_account_is_said_beside_it_and_nothing_is_saved(
    desk: Settings, fields: dict[str, str], words: str
) -> None:
    usual = {"do": "unchecked", "vertex_location": "global"}
    page = desk.send("/settings/accounts/new", **usual | fields)
    assert page.status_code == 422
    assert words in html.unescape(page.text)
    assert "<script>alert" not in page.text


def test_a_name_is_given_once(desk: Settings) -> None:
    ModelAccount(api_key=PLANTED).save("taken", overwrite=True)
    page = desk.send(
        "/settings/accounts/new", name="taken", api_key=PLANTED, vertex_location="global"
    )
    assert "There is already one called taken" in page.text


def test_a_folder_is_tried_before_it_is_saved(desk: Settings, home: Path) -> None:
    path = "/settings/stores/new/folder"
    place = home / "out" / "shop"
    told = desk.send(path, name="shelf", destination=str(place), do="check")
    assert f"small file in {place}: ok" in html.unescape(told.text)
    assert saved(ResultStore, "shelf").destination == str(place)
    assert not list(place.rglob("*probe*"))
    (home / "file").write_text("no folder")
    wrong = desk.send(path, name="bad", destination=str(home / "file" / "x"), do="check")
    assert (wrong.status_code, "is not saved" in wrong.text) == (422, True)
    assert "Save unchecked" in wrong.text
    nowhere = desk.send(path, name="bad", destination="ftp://host/x", do="check")
    assert "Nothing can be delivered to ftp://" in nowhere.text


def test_where_no_run_may_deliver_nothing_is_written(
    desk: Settings, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_OUTPUT_ROOTS", str(home / "allowed"))
    settings.cache_clear()
    place = home / "elsewhere"
    page = desk.send("/settings/stores/new/folder", name="far", destination=str(place), do="check")
    settings.cache_clear()
    assert "Runs may deliver only into" in page.text
    assert not place.exists()


def test_a_bucket_is_tried_with_a_key_of_its_own_which_is_saved_beside_it(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1",
            aws_access_key_id="x", aws_secret_access_key="x",
        ).create_bucket(Bucket="shop")  # fmt: skip
        path = "/settings/stores/new/s3"
        fields = {"name": "bucket", "endpoint_url": url, "aws_credentials": "+new", "do": "check"}
        fields |= {"new_key_id": "AKIAX", "new_region": "us-east-1"}
        lacks = desk.send(path, **fields, destination="s3://shop/a")
        assert lacks.text.count("Give the secret of the key.") == 1
        wrong = desk.send(path, **fields, destination="s3://other-shop/a", new_secret=PLANTED)
        assert wrong.status_code == 422
        assert "other-shop" in wrong.text
        held = desk.hidden(wrong.text, "held")
        path_of_disk = desk.send(path, **fields, destination="/shop/a", held=held)
        assert "An address begins with s3://" in path_of_disk.text
        held = desk.hidden(path_of_disk.text, "held")
        page = desk.send(path, **fields, destination="shop/a", held=held)  # a bucket's name
        assert "Store bucket is saved." in page.text
    finally:
        server.stop()
    store, keys = saved(ResultStore, "bucket"), saved(AwsCredentials, "bucket")
    assert (store.destination, store.aws_credentials) == ("s3://shop/a", "bucket")
    assert keys.aws_secret_access_key.get_secret_value() == PLANTED
    told = html.unescape(desk.page("/settings/keys/delete/bucket"))
    assert "The result store bucket uses it. It fails then." in told


def test_what_names_a_block_is_said_before_it_is_deleted(desk: Settings) -> None:
    block_id = ModelAccount(api_key=PLANTED).save("named", overwrite=True)
    reference = {"account": {"$ref": {"block_document_id": str(block_id)}}}
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name(image_batch.name)
        nightly = client.create_deployment(
            flow_id,
            "nightly-fox",
            parameters=reference | {"template": "Of Foxes"},
            entrypoint="flows.image_batch.image_batch",
        )
        client.create_deployment_schedules(nightly, NIGHTLY)
        client.create_flow_run_from_deployment(
            nightly, parameters={"title": "Waiting <b>"}, state=Paused()
        )
    told = html.unescape(desk.page("/settings/accounts/delete/named"))
    named = "The deployment image-batch/nightly-fox names it (runs by a schedule). It fails then."
    assert named in told
    assert "The batch “Waiting <b>” is not over and names it (paused)" in told
    Variable.set("pressrun_template_of_foxes", {"flow": "image-batch", "settings": {}})
    assert named in html.unescape(desk.page("/settings/templates/of_foxes/delete"))
    page = desk.send("/settings/accounts/delete/named")
    assert "The account named is deleted." in page.text
    with pytest.raises(ValueError, match="Unable to find block"):
        saved(ModelAccount, "named")
    assert desk.client.get("/settings/accounts/edit/named").status_code == 404
    with get_client(sync_client=True) as client:
        client.delete_deployment(nightly)


def test_defaults_hold_here_and_in_prefects_forms_and_schedules_stay(desk: Settings) -> None:
    store_id = str(ResultStore(destination="/tmp/of-defaults").save("of-defaults", overwrite=True))
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name(image_batch.name)
        form = client.create_deployment(flow_id, "images", parameters={"review": True})
        client.create_deployment_schedules(form, NIGHTLY)
    wanted = {"ask_over_usd": "50", "budget_usd": "12.5", "model": "gemini-3-pro-image"}
    wanted |= {"size": "2K", "text_model": "gemini-3.8-flash", "store": "of-defaults"}
    assert "The defaults are saved" in desk.send("/settings/defaults", **wanted).text
    kept: Any = Variable.get("pressrun_defaults")
    assert (kept["ask_over_usd"], kept["model"], kept["owner"]) == (50, "gemini-3-pro-image", "")

    def parameters() -> dict[str, Any]:
        with get_client(sync_client=True) as client:
            deployment = client.read_deployment(form)
        assert len(deployment.schedules) == 1
        return deployment.parameters

    reference = {"$ref": {"block_document_id": store_id}}
    assert parameters() == {
        "review": True, "model": "gemini-3-pro-image", "size": "2K", "budget_usd": 12.5,
        "store": reference,
    }  # fmt: skip
    wrong = desk.send("/settings/defaults", ask_over_usd="many", model="gemini-3-pro-image")
    assert (wrong.status_code, "is no number" in wrong.text) == (422, True)
    assert 'value="many"' in wrong.text
    unfit = desk.send("/settings/defaults", model="stable-image-core", size="4K")
    assert "stable-image-core is made in" in html.unescape(unfit.text)
    desk.send("/settings/defaults", ask_over_usd="", budget_usd="0")
    assert parameters() == {"review": True}
    assert Variable.get("pressrun_defaults")["ask_over_usd"] == 20  # type: ignore[index,call-overload]


def test_templates_are_renamed_and_deleted(desk: Settings) -> None:
    kept = ImageParameters().model_dump() | {"format": "JPEG", "owner": "<b>ana"}
    content = {"flow": "image-batch", "settings": kept}
    for name in ("one", "two"):
        Variable.set(f"pressrun_template_{name}", content, overwrite=True)
    page = desk.page("/settings")
    assert "File format: JPEG" in page
    assert "Aspect ratio:" not in page  # what is as by default is not listed
    assert "<b>ana" not in page
    taken = desk.send("/settings/templates/one/rename", new="TWO!")
    assert "keeps its name. There is already one of that name" in taken.text
    renamed = desk.send("/settings/templates/one/rename", new="Icons of Ana")
    assert "The template is called icons_of_ana now." in renamed.text
    assert Variable.get("pressrun_template_icons_of_ana") == content
    assert "Delete the template two?" in desk.page("/settings/templates/two/delete")
    assert "The template two is deleted." in desk.send("/settings/templates/two/delete").text
    assert Variable.get("pressrun_template_two") is None
    for name in ("two", "../../block_documents"):
        answer = desk.send(f"/settings/templates/{name}/delete")
        assert answer.status_code in {400, 404, 405}, name


def test_a_draft_and_a_batch_are_saved_as_templates_and_a_draft_begins_with_one(
    desk: Settings,
) -> None:
    place = new_draft(desk, "image-batch", prompts="- a cup", title="Cups", images="3", size="2K")
    asked = desk.page(f"{place}/template")
    assert "<b>3</b>" in asked
    assert "a cup" not in asked
    saved = desk.send(f"{place}/template", name="Big Cups")
    assert "Saved as the template big_cups" in saved.text
    kept: Any = Variable.get("pressrun_template_big_cups")
    assert (kept["flow"], kept["settings"]["images"]) == ("image-batch", 3)
    assert not {"prompts", "title", "account", "store", "requested_by"} & kept["settings"].keys()

    image_batch(prompts="- a plate", title="Plates", format="PNG", review=False)
    batch = open_ledger().batches.match("latest")
    taken = desk.send(f"/batches/{batch.id}/template", name="big-cups")
    assert taken.status_code == 422
    assert "There is a template big_cups for image-batch already. Replace it?" in taken.text
    assert Variable.get("pressrun_template_big_cups") == kept
    replaces = desk.hidden(taken.text, "replaces")
    desk.send(f"/batches/{batch.id}/template", name="big-cups", replaces=replaces)
    assert main(["templates", "plates", "--save-from", batch.id]) == 0
    assert Variable.get("pressrun_template_big_cups") == Variable.get("pressrun_template_plates")

    Variable.set("pressrun_template_big_cups", kept, overwrite=True)
    assert "/new/image-batch?template=big_cups" in desk.page("/settings")
    page = desk.page("/new/image-batch?template=big_cups")
    assert 'name="images" value="3"' in page
    assert '<option value="2K" selected' in page
    other = new_draft(desk, "image-batch", prompts="- a bowl", format="JPEG")
    assert "big_cups" in desk.page(other)
    asked = desk.page(f"{other}/fill?template=big_cups")
    assert "JPEG → <b>WEBP</b>" in asked
    filled = desk.send(f"{other}/fill", template="big_cups").text
    assert "a bowl" in filled
    assert 'name="images" value="3"' in filled
    assert "All its settings stand here already" in desk.page(f"{other}/fill?template=big_cups")
    for wrong in ("gone", "", "../x"):
        assert desk.send(f"{other}/fill", template=wrong).status_code == 400
    slides = new_draft(desk, "slideshow-batch")
    assert "big_cups" not in desk.page(slides)
    assert "is for image-batch" in desk.send(f"{slides}/fill", template="big_cups").text
    assert "Use letters and digits" in desk.send(f"{place}/template", name="!!").text


def _to_google(page: str) -> str:
    found = re.search(r'rel="noreferrer" href="([^"]+)"', page)
    assert found is not None, page
    return html.unescape(found[1])


def test_google_drive_is_connected_at_googles_own_sign_in(
    desk: Settings, drive: DriveServer
) -> None:
    client = drive.consent.client()
    page = desk.send("/settings/drive", name="my-drive", folder="Shop pictures", **client)
    answer = httpx.get(_to_google(page.text))
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{ADDRESS}/settings/drive/return"
    here = f"{back.path}?{back.query}"
    # As a browser comes from another site: without the cookie of this one.
    from_google = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Cookie": "x=y"}
    told = desk.client.get(here, headers=from_google)
    assert 'http-equiv="refresh" content="0"' in told.text
    done = desk.client.get(here)
    assert "the store my-drive is saved, and takes files." in done.text
    block = saved(ResultStore, "my-drive")
    credentials = block.google_credentials.get_secret_value()
    assert credentials["type"] == "authorized_user"
    assert ("Shop pictures", block.destination) in [
        (path, f"drive://{node.id}") for path, node in drive.folders()
    ]
    assert credentials["refresh_token"] not in done.text
    assert client["client_secret"] not in page.text + done.text
    # The answer is good once.
    assert "No sign-in is under way" in html.unescape(desk.client.get(here).text)
    again = desk.send("/settings/drive?store=my-drive", **client)
    back = urlsplit(httpx.get(_to_google(again.text)).headers["location"])
    assert "takes files" in desk.client.get(f"{back.path}?{back.query}").text
    new = saved(ResultStore, "my-drive")
    assert new.destination == block.destination
    assert new.google_credentials.get_secret_value() != credentials


def test_what_goes_wrong_on_the_way_to_drive_is_said(desk: Settings, drive: DriveServer) -> None:
    client = drive.consent.client()
    page = desk.send("/settings/drive", name="Drive!", client_file=f'{{"type": "{PLANTED}"}}')
    assert (page.status_code, "That is not the file of an OAuth client" in page.text) == (422, True)
    page = desk.send(
        "/settings/drive", name="no-drive", folder_id="https://evil.example/x", **client
    )
    assert "is no folder of Google Drive" in page.text
    page = desk.send(
        "/settings/drive",
        name="no-drive",
        client_id=client["client_id"],
        held=desk.hidden(page.text, "held"),  # the secret is not typed again
    )
    drive.consent.decision = "deny"
    back = urlsplit(httpx.get(_to_google(page.text)).headers["location"])
    told = desk.client.get(f"{back.path}?{back.query}")
    assert "Google Drive is not connected. You did not allow it" in told.text
    with pytest.raises(ValueError, match="Unable to find block"):
        saved(ResultStore, "no-drive")


def test_another_session_can_neither_redeem_keys_nor_an_answer_of_google(
    desk: Settings, drive: DriveServer, gemini: GeminiServer
) -> None:
    fields = {"name": "theirs", "base_url": gemini.url, "vertex_location": "global"}
    page = desk.send("/settings/accounts/new", **fields, api_key=PLANTED, do="check")
    held = desk.hidden(page.text, "held")
    begun = desk.send("/settings/drive", name="theirs", **drive.consent.client())
    back = urlsplit(httpx.get(_to_google(begun.text)).headers["location"])
    desk.post("/sign-out")
    assert desk.post("/sign-in", password="a-long-password") == 303
    told = desk.send("/settings/accounts/new", **fields, held=held, do="unchecked")
    assert "Give an API key" in html.unescape(told.text)
    answer = desk.client.get(f"{back.path}?{back.query}")
    assert "No sign-in is under way" in html.unescape(answer.text)


def test_nobody_changes_settings_from_elsewhere(desk: Settings) -> None:
    ModelAccount(api_key=PLANTED).save("safe", overwrite=True)
    paths = ("/settings/accounts/new", "/settings/accounts/edit/safe",
             "/settings/accounts/delete/safe", "/settings/accounts/check/safe",
             "/settings/stores/new/folder", "/settings/defaults", "/settings/drive",
             "/settings/templates/x/delete", "/settings/templates/x/rename")  # fmt: skip
    for path in paths:
        for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
            answer = desk.client.post(path, data={"name": "x"}, headers=headers)
            assert answer.status_code == 403, path
    desk.post("/sign-out")
    for path in (*paths, "/settings", "/settings/drive/return", "/costs", "/costs/csv", "/prefect"):
        assert desk.client.get(path, follow_redirects=False).status_code in {303, 405}, path
    for path in paths:
        assert desk.post(path) == 303
    assert saved(ModelAccount, "safe").api_key.get_secret_value() == PLANTED

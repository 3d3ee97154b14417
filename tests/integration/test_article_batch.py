"""The flow ``article-batch`` on a real Prefect server, and its deployments."""

import csv
import importlib
import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow
from prefect.client.schemas.objects import ConcurrencyOptions, State
from prefect.client.schemas.schedules import CronSchedule
from ruamel.yaml import YAML

from deployments.demo import article_order
from flows.article_batch import article_batch
from pressrun.blocks import ModelAccount
from pressrun.kinds.article.checks.faults import count_words
from pressrun.kinds.article.checks.shingles import similarity
from pressrun.kinds.article.parameters import ArticleParameters
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from tests.integration.conftest import Written
from tests.servers.gemini import GeminiServer
from tests.support.articles import TOPICS
from tests.support.batches import FAST, KEY, TEXT_MODEL, delivered

CHECKOUT = Path(__file__).parents[2]
SIXTY = "\n".join(f"{topic} {n}" for n in range(6) for topic in TOPICS)
FLOW = pytest.mark.usefixtures("prefect_server", "home")
GIVEN: dict[str, Any] = {"items": "\n".join(TOPICS), "word_count": 300, "delay_s": 0.0}


def run(**given: Any) -> State[Any]:
    state: State[Any] = article_batch(**(GIVEN | given), return_state=True)
    return state


def latest() -> Batch:
    return open_ledger().batches.match("latest")


@FLOW
def test_ten_topics_become_ten_checked_articles_one_after_the_other() -> None:
    state = run(docx=True, owner="ana")
    assert (state.name, state.message) == ("Completed", "10 of 10 completed")
    files = delivered(latest())
    stems = sorted(name.rpartition(".")[0] for name in files if name.endswith(".md"))
    assert [stem[:3] for stem in stems] == [f"{n:02d}-" for n in range(1, 11)]
    assert stems[2] == "03-how-tides-work"
    for stem in stems:
        content = json.loads(files[f"{stem}.json"])
        assert 270 <= count_words(content["body"]) <= 330
        assert f"{stem}.docx" in files
        assert f"<h1>{content['title']}</h1>".encode() in files[f"{stem}.html"]
    rows = list(csv.DictReader(io.StringIO(files["items.csv"].decode("utf-8-sig"))))
    assert [row["status"] for row in rows] == ["completed"] * 10
    items = open_ledger().batches.items(latest().id)
    begun = [item.started_at or 0.0 for item in items]
    assert all(a < b for a, b in pairwise(begun))


@FLOW
def test_a_bad_row_fails_alone_and_every_reason_is_told(logs: Written) -> None:
    rows = [f"{topic}\t300" for topic in TOPICS[:9]]
    state = run(items="\n".join(["topic\twords", *rows, "Bread\tmany"]))
    assert (state.name, state.type.value) == ("PartiallyFailed", "FAILED")
    assert (state.message or "").startswith("9 of 10 completed, 1 failed")
    manifest = json.loads(delivered(latest())["manifest.json"])
    assert "row 11:" in manifest["items"][9]["error"]["message"]
    assert "Traceback" not in logs.text


@FLOW
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"items": "\n".join(f"{one} {n}" for n in range(6) for one in TOPICS)},
            "There are 60 items; an article batch takes at most 50",
        ),
        ({"language": "de"}, "the sketch engine writes English only"),
        ({"mode": "trends", "items": "http://127.0.0.1/feed"}, "a place that is not allowed"),
    ],
    ids=["many", "language", "private"],
)
def test_what_cannot_be_used_is_a_sentence_and_leaves_nothing(
    logs: Written, given: dict[str, Any], sentence: str, home: Path
) -> None:
    state = run(**given)
    assert state.is_failed()
    assert sentence in (state.message or "")
    assert "Traceback" not in logs.text
    assert not list((home / "output").glob("*"))


@FLOW
def test_texts_are_rewritten_with_their_facts_and_in_other_words() -> None:
    def text(n: int) -> str:
        said = f"Mill number {n} was built in {1800 + n} and grinds {n * 7} sacks of rye a week. "
        return (
            said + f"Its miller sells the flour of mill {n} to bakers in the valley below it. " * 4
        )

    assert run(
        mode="spin", rights="mine", items="\n---\n".join(map(text, range(1, 11)))
    ).is_completed()
    files = delivered(latest())
    made = [
        json.loads(files[name]) for name in sorted(files) if name[:2].isdigit() and ".json" in name
    ]
    assert len(made) == 10
    for number, content in enumerate(made, 1):
        assert str(1800 + number) in content["body"]
        assert similarity(content["body"], text(number)) < 0.5


@FLOW
def test_a_quote_counts_outline_and_article_of_each_and_makes_none() -> None:
    state = run(action="quote")
    assert state.name == "Quoted"
    assert (state.message or "").startswith("10 items, 20 calls, $0.0000")


@FLOW
def test_the_delay_is_waited_between_articles() -> None:
    assert run(delay_s=0.2).is_completed()
    items = open_ledger().batches.items(latest().id)
    took = [(item.ended_at or 0.0) - (item.started_at or 0.0) for item in items]
    assert min(took[1:]) >= 0.2


@FLOW
def test_a_model_that_writes_nothing_of_use_is_paid_for_three_answers_and_no_more() -> None:
    with GeminiServer(keys={KEY}) as gemini:  # it fills the asked shape with words of its own
        account = ModelAccount(api_key=KEY, base_url=gemini.url, limits=FAST)
        state = run(text_model=TEXT_MODEL, account=account, read_as="form", concurrency=5)
        bill, usd = len(gemini.bill), gemini.bill_usd
    assert (state.type.value, bill) == ("FAILED", 10 * (1 + 3))
    assert "0 of 10 completed, 10 failed" in (state.message or "")
    assert "written 3 times" in (state.message or "")
    manifest = json.loads(delivered(latest())["manifest.json"])
    assert {item["error"]["kind"] for item in manifest["items"]} == {"faulty_article"}
    assert manifest["totals"]["cost_usd"] == pytest.approx(usd, abs=1e-9)


@FLOW
@pytest.mark.usefixtures("quick_retries")
def test_an_answer_that_is_cut_off_is_asked_for_again() -> None:
    with GeminiServer(keys={KEY}) as gemini:
        fault = gemini.fail("invalid_json", times=2)
        account = ModelAccount(api_key=KEY, base_url=gemini.url, limits=FAST)
        run(text_model=TEXT_MODEL, account=account, read_as="form")
        assert (fault.struck, len(gemini.bill)) == (2, 10 * (1 + 3) + 2)


PLAN = "\n".join(
    ["Ideas for the blog:", *(f"- {topic}" for topic in TOPICS), "- Old (that one we have)"]
)


def told(*topics: str, question: str = "") -> str:
    listed = [{"topic": topic, "keywords": [], "notes": ""} for topic in topics]
    return json.dumps({"topics": listed, "question": question, "remark": ""})


@FLOW
def test_the_text_model_reads_a_plan_once_and_its_reading_is_in_quote_and_bill(
    logs: Written,
) -> None:
    with GeminiServer(keys={KEY}) as gemini:
        gemini.fail("told", contains="lists of sources", text=told(*TOPICS))
        account = ModelAccount(api_key=KEY, base_url=gemini.url, limits=FAST)
        given = {"text_model": TEXT_MODEL, "account": account, "items": PLAN, "concurrency": 5}
        quoted = run(**given, action="quote")
        assert (quoted.message or "").startswith("11 items, 23 calls")
        assert "reads the text first" in logs.text
        assert not gemini.bill
        state = run(**given)
        bill, usd = len(gemini.bill), gemini.bill_usd
    assert bill == 1 + 10 * (1 + 3)  # what it writes then is of no use
    assert "0 of 10 completed, 10 failed" in (state.message or "")
    manifest = json.loads(delivered(latest())["manifest.json"])
    assert len(manifest["items"]) == 10
    assert manifest["totals"]["cost_usd"] == pytest.approx(usd, abs=1e-9)


@FLOW
def test_a_question_of_the_text_model_stops_the_batch_before_an_article_is_paid(
    logs: Written, home: Path
) -> None:
    with GeminiServer(keys={KEY}) as gemini:
        asks = told(*TOPICS, question="Is the last one written?")
        gemini.fail("told", contains="lists of sources", text=asks)
        account = ModelAccount(api_key=KEY, base_url=gemini.url, limits=FAST)
        state = run(text_model=TEXT_MODEL, account=account, items=PLAN)
        assert len(gemini.bill) == 1
    assert state.is_failed()
    assert "The model asks: Is the last one written?" in (state.message or "")
    assert "model: 10 topics" in (state.message or "")
    assert "form: 11 topics" in (state.message or "")
    assert "Traceback" not in logs.text
    assert not list((home / "output").glob("*"))


def deployments() -> dict[str, dict[str, Any]]:
    """The deployments of this flow in ``prefect.yaml``, by name."""
    read = YAML(typ="safe").load(CHECKOUT / "deployments/prefect.yaml")
    mine = [d for d in read["deployments"] if d["entrypoint"].endswith(".article_batch")]
    return {deployment["name"]: deployment for deployment in mine}


def test_both_deployments_name_the_flow_and_parameters_that_it_takes() -> None:
    assert set(deployments()) == {"articles", "weekly-trends"}
    for deployment in deployments().values():
        module, _, name = deployment["entrypoint"].rpartition(".")
        flow = getattr(importlib.import_module(module), name)
        assert isinstance(flow, Flow)
        flow.validate_parameters(deployment.get("parameters", {}))


def test_the_weekly_trends_are_ready_inactive_and_never_two_at_a_time() -> None:
    weekly = deployments()["weekly-trends"]
    (schedule,) = weekly["schedules"]
    assert schedule.pop("active") is False
    cron = CronSchedule(**schedule)
    assert (cron.cron, cron.timezone) == ("0 6 * * 1", "Etc/UTC")
    limit = ConcurrencyOptions(collision_strategy=weekly["concurrency_limit"]["collision_strategy"])
    assert weekly["concurrency_limit"]["limit"] == 1
    assert limit.collision_strategy.value == "ENQUEUE"
    assert ArticleParameters.of(weekly["parameters"]).mode == "trends"


def test_the_demos_order_is_ten_sample_rows() -> None:
    rows = Path(article_order()["file"]).read_text("utf-8").splitlines()
    assert len(rows) == 1 + 10
    ArticleParameters.of(article_order())

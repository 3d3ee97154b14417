"""Prefect's UI as a person uses it: blocks that are saved, runs that are launched and looked at."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
from playwright.sync_api import Browser, Locator, expect
from playwright.sync_api import TimeoutError as NoAnswerError

#: A form's first drawing, on a busy machine.
PATIENCE_MS = 90_000
TRIES = 5


class PrefectUI:
    """One tab of a browser on the UI that the server shows by itself.

    Args:
        browser: Of Playwright's.
        url: The server's, without a path.
        login: Name and password, which the UI asks for once.

    Attributes:
        page: Playwright's, for what only one test looks at.
    """

    def __init__(self, browser: Browser, url: str, login: str):
        self._url = url
        name, _, password = login.partition(":")
        self._auth = (name, password)
        self.page = browser.new_page(
            viewport={"width": 1400, "height": 1000}, reduced_motion="reduce"
        )
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.goto(url)
        asked = self.page.get_by_placeholder("admin:pass")
        asked.fill(login)
        self.page.get_by_role("button", name="Login").click()
        expect(asked).to_be_hidden(timeout=PATIENCE_MS)

    def save_block(self, slug: str, name: str, fields: Mapping[str, str]) -> None:
        """Saves a new block of a type through its form."""
        self.page.goto(f"{self._url}/v2/blocks/catalog/{slug}/create")
        self.page.get_by_label("Name", exact=True).fill(name)
        for label, value in fields.items():
            self.fill(label, value)
        self._send("Save", r"/block_documents/?$")
        self.page.wait_for_url(re.compile(r"/blocks/block/"))

    def open_form(self, deployment: str) -> None:
        """Opens the run form of ``flow/deployment``."""
        found = httpx.get(
            f"{self._url}/api/deployments/name/{deployment}", auth=self._auth, timeout=30
        ).json()
        self.page.goto(f"{self._url}/v2/deployments/deployment/{found['id']}/run")
        self.page.get_by_text("Parameters", exact=True).wait_for()

    def fill(self, label: str, value: str) -> None:
        """Writes into a field of one or more lines."""
        self._field(label).fill(value)

    def choose(self, label: str, value: str) -> None:
        """Chooses one of a field's values."""
        self._pick(self.page.get_by_role("button", name=f"Select {label}", exact=True), value)

    def switch_off(self, label: str) -> None:
        """Switches a switch that is on."""
        self._field(label).click()
        expect(self._field(label)).not_to_be_checked()

    def choose_block(self, kind: str, name: str) -> None:
        """Chooses a saved block for the parameter of that kind, such as ``ModelAccount``."""
        tab = self.page.get_by_role("tab", name=kind, exact=True)
        tab.click()
        panel = self.page.locator(f'[aria-labelledby="{tab.get_attribute("id")}"]')
        self._pick(panel.get_by_role("button", name="Select a block"), name)

    def show(self, label: str) -> None:
        """Scrolls a field to the top of the page."""
        self.page.wait_for_timeout(1_000)  # a list that closes scrolls back to its field
        self.page.locator("label").filter(has_text=_exactly(label)).evaluate(
            "label => label.scrollIntoView()"
        )
        self.page.wait_for_timeout(1_000)  # until it is painted there

    def submit(self) -> str:
        """Submits the form; returns the id of the run that the server made.

        Raises:
            AssertionError: The form says why it was not taken.
        """
        return str(UUID(self._send("Submit", r"/create_flow_run$")["id"]))

    def open_run(self, run_id: str, tab: str = "Artifacts") -> None:
        """Opens a run's page on one of its tabs."""
        self.page.goto(f"{self._url}/v2/runs/flow-run/{run_id}")
        self.page.get_by_role("tab", name=tab).click()

    def open_artifact(self, run_id: str, subject: str) -> Locator:
        """Opens a card of a run's artifacts and the newest of its key; returns the page's body."""
        self.open_run(run_id)
        card = re.compile(rf"pressrun-{subject}-{run_id[-12:]}")
        self._follow(self.page.get_by_role("link", name=card))
        self._follow(self.page.locator('main a[href*="/artifacts/artifact/"]').first)
        return self.page.locator("main")

    def _send(self, button: str, address: str) -> dict[str, Any]:
        """Presses a form's button; returns what the server answers.

        A busy server on SQLite answers 503 now and then, and a click is lost where the page is not
        ready. Prefect's own client asks again; a person presses the button again.
        """
        sent = re.compile(address)
        for _ in range(TRIES):
            with suppress(NoAnswerError):
                with self.page.expect_response(
                    lambda answer: (
                        answer.request.method == "POST" and bool(sent.search(answer.url))
                    ),
                    timeout=PATIENCE_MS / 3,
                ) as asked:
                    self.page.get_by_role("button", name=button).click()
                if asked.value.status != 503:
                    break
            self.page.wait_for_timeout(1_000)
        assert asked.value.status == 201, asked.value.text()
        answer: dict[str, Any] = asked.value.json()
        return answer

    def _pick(self, opener: Locator, value: str) -> None:
        """Picks a value from a list; one that closes by itself while it opens is opened again."""
        option = self.page.get_by_role("option", name=value, exact=True)
        for _ in range(TRIES):
            opener.click()
            with suppress(NoAnswerError):
                option.click(timeout=PATIENCE_MS / 6)
                break
        # Until it is gone: the next list would open under it.
        expect(option).to_be_hidden(timeout=PATIENCE_MS)
        expect(opener).to_contain_text(value, timeout=PATIENCE_MS)

    def _follow(self, link: Locator) -> None:
        """Opens what a link leads to; a click is lost where the page draws its list anew."""
        self.page.goto(f"{self._url}{link.get_attribute('href')}")

    def _field(self, label: str) -> Locator:
        return self.page.get_by_label(_exactly(label)).first


def _exactly(label: str) -> re.Pattern[str]:
    return re.compile(r"^" + re.sub(r"([().])", r"\\\1", label) + r"( \(Optional\))?$")

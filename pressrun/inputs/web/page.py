"""The main text of a web page, without what stands around it (menus, comments, footers).

Knows nothing of how the page was fetched. What it gives is data, whatever it says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pressrun.boundary.text import count_words, plain_line, plain_text, short_url
from pressrun.errors import InputError
from pressrun.inputs.confined import read_confined

FEWEST_WORDS = 50
_CPU_S = 2.0
#: The longest pages that people write have some ten thousand tags; half a million take a minute.
MOST_TAGS = 150_000
_MOST_TITLE = 300
_CONSENT_ADDRESS = re.compile(
    r"https?://(?:consent|guce|cmp|privacy-gate)\.|https?://[^/]+/(?:consent|cookie-?wall|privacy-?gate)"
    r"(?:[/?]|$)",
    re.IGNORECASE,
)
# In English, German, French, Spanish, Italian, Dutch and Polish; then in Portuguese, Swedish,
# Danish, Norwegian, Czech, Turkish, Russian, Ukrainian, Japanese, Chinese and Korean.
_CONSENT = re.compile(
    r"cookies?\b|consent|partners?\b|personali[sz]ed|accept all|reject all|privacy|legitimate "
    r"interest|your choices|manage (?:settings|options|preferences)|einwilligung|zustimm\w*|"
    r"akzeptieren|ablehnen|datenschutz\w*|partnern?\b|consentement|accepter|refuser|"
    r"confidentialité|consentimiento|aceptar|rechazar|privacidad|consenso|accetta|rifiuta|"
    r"toestemming|accepteren|weigeren|zgod[aęy]|akceptuj\w*|prywatnoś\w*|"
    r"aceitar|rejeitar|privacidade|consentimento|parceiros|samty[ck]ke\w*|godkänn\w*|godta\w*|"
    r"avvis\w*|afvis\w*|integritet\w*|personvern\w*|privatliv\w*|souhlas\w*|přijmout|odmítn\w*|"
    r"soukromí|çerez\w*|gizlili\w*|kabul|reddet\w*|onay\w*|соглас\w*|партн[её]р\w*|принять|"  # noqa: RUF001
    r"отклонить|конфиденциальност\w*|згод\w*|прийняти|відхилити|конфіденційн\w*|"
    r"同意|拒否|拒绝|拒絕|プライバシー|パートナー|クッキー|隐私|隱私|동의|거부|개인정보|쿠키",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Document:
    """A web page or a feed, as it came.

    Attributes:
        data: Its bytes, in whatever encoding.
        media_type: As the server called it, without parameters.
        url: Where it was found, after redirects: relative links start from there.
    """

    data: bytes = field(repr=False)
    media_type: str
    url: str


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page's title, empty if it has none, and its main text."""

    title: str
    text: str = field(repr=False)


def read_page(data: bytes, url: str) -> WebPage:
    """Extracts the main text of a page.

    Args:
        data: HTML in any encoding.
        url: Where it was found; for errors and metadata only, nothing is fetched.

    Raises:
        InputError: It is no page, or has fewer than 50 words.
    """
    if data.count(b"<") > MOST_TAGS:
        raise InputError(
            f"{short_url(url)} has more than {MOST_TAGS:,} tags, the most that is read. Give "
            "another address, or the text itself.",
            kind="bad_page",
        )
    if data.lstrip()[:5] == b"%PDF-":
        raise InputError(
            f"{short_url(url)} is a PDF. Copy its text, and give that instead.", kind="bad_page"
        )
    if _CONSENT_ADDRESS.match(url):
        raise _consent(url)
    advice = "Give another address, or the text itself."
    parts = read_confined(
        extracted, short_url(url), advice, data, cpu_s=_CPU_S, imports=["trafilatura"], url=url
    )
    title, text = parts[0][0]
    text = plain_text(text)
    if (words := count_words(text)) < FEWEST_WORDS:
        raise InputError(
            f"{short_url(url)} has {words} words of main text; at least {FEWEST_WORDS} are "
            "needed. The page may need a login or a browser: give the text itself instead.",
            kind="bad_page",
        )
    if _asks_for_consent(title, text, words):
        raise _consent(url)
    return WebPage(plain_line(title, _MOST_TITLE), text)


def _consent(url: str) -> InputError:
    return InputError(
        f"{short_url(url)} answers with a page that asks for consent to cookies, not with the "
        "article. Give another address, or the text itself.",
        kind="bad_page",
    )


def _asks_for_consent(title: str, text: str, words: int) -> bool:
    """Says whether a page is what sites show before the page: short, and of nothing but consent."""
    said = {found.lower() for found in _CONSENT.findall(f"{title}\n{text}"[:6000])}
    # In characters: words are not to be counted in every script.
    share = sum(map(len, _CONSENT.findall(text))) / len(text)
    return words < 600 and len(said) >= 4 and share > 1 / 12


def extracted(data: bytes, url: str) -> Iterator[tuple[list[str], bytes]]:
    """Yields a page's title and main text. Runs in the reading process."""
    # Imported here: it takes over half a second, and this process alone needs it.
    from trafilatura import bare_extraction  # noqa: PLC0415

    found: Any = bare_extraction(data, url=url, include_comments=False, with_metadata=True)
    yield [found.title or "", found.text or ""] if found else ["", ""], b""

"""Who pays: the ways in to a provider, what it allows there, and the most that may be spent.

Comes from a block or the environment. Knows the shape of a key, not how a provider is asked.
"""

import hashlib
import os
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from pressrun.engines.catalogue import Model, catalogue, names_of
from pressrun.engines.limits import Limits
from pressrun.errors import EngineError, SettingError
from pressrun.settings import settings

#: Google's newest models are first, and often only, there.
VERTEX_LOCATION = "global"
#: So few letters of a key say nothing of it.
_FEWEST_SHOWN = 4
#: The API version that keys are used with where no other is chosen: docs/decisions/0021.
GEMINI_API_VERSION = "v1beta"


@dataclass(frozen=True, slots=True)
class Access:
    """One way in to a provider: an API key, a Vertex AI project, or Bedrock in a region of AWS.

    Quotas are the provider's for each project, so they are kept for each access.

    Attributes:
        api_key: Never shown, logged or written.
        project: Vertex AI's, asked with Google's application default credentials.
        location: Vertex AI's.
        base_url: Another server that speaks the protocol; None for the provider's.
        api_version: Of Gemini's API, if one was chosen; ``version`` is the one that is asked.
        engine: The provider's, as ``models.toml`` names it.
        region: Of AWS.
        credentials: What the AWS credentials are called; empty for those of the machine.
        aws_client: Makes a boto3 client of a service, with botocore's configuration, from those
            credentials; None for those of the machine.
    """

    api_key: str = field(default="", repr=False)
    project: str = ""
    location: str = VERTEX_LOCATION
    base_url: str | None = field(default=None, repr=False)  # may have a password in it
    api_version: str = ""
    engine: str = "gemini"
    region: str = ""
    credentials: str = ""
    aws_client: Callable[[str, Mapping[str, Any]], Any] | None = field(
        default=None, repr=False, compare=False
    )

    @property
    def usable(self) -> bool:
        """Whether paid models can be asked through it."""
        return bool(self.api_key or self.project or self.region)

    @property
    def version(self) -> str:
        """Of Gemini's API; empty for the one that Google's library takes for Vertex AI."""
        return self.api_version or ("" if self.project else GEMINI_API_VERSION)

    @contextmanager
    def discreet(self) -> Iterator[None]:
        """Removes the secrets from the errors of a block: providers quote what they were sent."""
        try:
            yield
        except EngineError as error:
            error.args = tuple(self.without_secrets(str(arg)) for arg in error.args)
            raise

    def without_secrets(self, text: str) -> str:
        """Removes key and password from a text of the provider's, also as they are sent."""
        for secret in self._secrets():
            text = text.replace(secret, "[API key]")
            # What was shortened may end within it.
            for length in range(len(secret) - 1, _FEWEST_SHOWN, -1):
                text = text.replace(f"{secret[:length]}\u2026", "[API key]\u2026")
        return text

    def _secrets(self) -> Iterator[str]:
        if key := self.api_key.strip():
            yield key
        try:
            login = urlsplit(self.base_url or "").netloc.rpartition("@")[0]
        except ValueError:  # no URL; what it is asked for says so
            return
        user, _, password = map(unquote, login.partition(":"))
        if password:
            yield b64encode(f"{user}:{password}".encode()).decode()
            yield from {login.partition(":")[2], password}

    @property
    def name(self) -> str:
        """A stable name that reveals nothing of the key; quotas are kept under it.

        Nor of the version: quotas are the project's at all of them.
        """
        secret = f"vertex|{self.project}|{self.location}" if self.project else self.api_key
        if self.engine != "gemini":
            # Gemini's names were given before there were others, and ledgers have them.
            secret = f"{self.engine}|{self.region}|{self.credentials}|{self.api_key}"
        return _digest(f"{self.base_url}|{secret}")


@dataclass(frozen=True, slots=True)
class Account:
    """Every access that a batch may use; without arguments, the one for offline models.

    Attributes:
        accesses: At least one; the first may be empty, if only offline models are asked.
        limits: What the provider allows of a model in each access, in place of the catalogue's.
        daily_usd: Most that a day (UTC) may cost, over all accesses; None for no cap.
        monthly_usd: The same for a month.
        label: The block's name.
        moved: Whether the block was saved when another version of Gemini's API was the default.
    """

    accesses: tuple[Access, ...] = (Access(),)
    limits: Mapping[str, Limits] = field(default_factory=dict)
    daily_usd: float | None = None
    monthly_usd: float | None = None
    label: str = ""
    moved: bool = False

    @property
    def name(self) -> str:
        """A stable name that reveals nothing of the keys; spending is kept under it.

        The block's, so that a new key does not begin the day's cap anew; for the same reason
        Gemini's alone where there is no block.
        """
        ours = [way for way in self.accesses if way.engine == "gemini" and way.usable]
        return self.label or _digest(*(access.name for access in ours or self.accesses))

    def accesses_of(self, model: Model) -> tuple[Access, ...]:
        """Lists the ways in to a model's provider; the first of all for an offline model."""
        if model.free:
            return self.accesses[:1]
        return tuple(way for way in self.accesses if way.engine == model.engine and way.usable)

    def notes(self, models: Iterable[str]) -> list[str]:
        """Lists what its owner should know before these models are asked; mostly nothing."""
        engines = {catalogue()[name].engine for name in models if name in catalogue()}
        # Vertex AI's v1 knows all that is asked.
        keys = [way for way in self.accesses if way.engine == "gemini" and way.api_key]
        if "gemini" not in engines:
            return []
        if any(way.version == "v1" for way in keys):
            return [_V1_KNOWS_LESS]
        # Google itself has both versions; another server may have only the old one.
        return [_MOVED] if self.moved and any(way.base_url for way in keys) else []

    def limits_of(self, model: Model) -> Limits:
        """Gives a model's limits in each access: as configured, else the catalogue's first rate."""
        told = self.limits.get(model.name, Limits())
        if told.have_no_rate:
            return replace(told, start_per_minute=model.start_per_minute)
        return told


def account_from_environment() -> Account:
    """Builds the account that the providers' own variables and the settings describe."""
    chosen = settings()
    others = (_openai_from_environment(), _bedrock_from_environment())
    return Account(
        (_access_from_environment(), *(way for way in others if way.usable)),
        {model: Limits.of(told) for model, told in chosen.limits.items()},
        chosen.daily_usd,
        chosen.monthly_usd,
    )


def require_access(account: Account, model: str) -> None:
    """Refuses an account that cannot ask a paid model before anything is tried.

    Raises:
        SettingError: With what to do.
    """
    entry = catalogue()[model]
    if not account.accesses_of(entry):
        raise SettingError(
            f"{model} needs {_ADVICE.get(entry.engine, 'a key')}. The model `sketch` needs none."
        )


def available(account: Account) -> list[str]:
    """Lists the image models that can be asked: those with an access, and the offline ones."""
    return [name for name in names_of("image") if account.accesses_of(catalogue()[name])]


def text_reader(account: Account) -> str:
    """Names the text model that reads for a batch where none was chosen; empty if there is none.

    The first of the catalogue that the account can ask; a free one cannot read.
    """
    models = (catalogue()[name] for name in names_of("text"))
    return next((m.name for m in models if not m.free and account.accesses_of(m)), "")


_V1_KNOWS_LESS = (
    "This account asks Gemini at the API version v1, as was chosen. By Google's published types v1 "
    "has no systemInstruction, responseSchema, responseModalities or imageConfig: it refuses texts "
    f"and pictures, and each run then goes over to {GEMINI_API_VERSION}. Leave the API version of "
    "the Model account block empty, or PRESSRUN_GEMINI_API_VERSION unset, and "
    f"{GEMINI_API_VERSION} is asked at once."
)
_MOVED = (
    "This Model account block was saved when v1 was the default API version of Gemini; its base "
    f"URL is asked at {GEMINI_API_VERSION} now. If that server has v1 only, make the block anew "
    "with v1."
)

#: What the models of a provider need, and where it is set.
_ADVICE: Mapping[str, str] = {
    "gemini": "a key: choose a Model account block as `account`, or set GEMINI_API_KEY where the "
    "worker runs (for Vertex AI GOOGLE_GENAI_USE_VERTEXAI=true and GOOGLE_CLOUD_PROJECT)",
    "openai": "a key of OpenAI, or of another vendor with its API: set it in a Model account block "
    "and choose that as `account`, or set OPENAI_API_KEY (and OPENAI_BASE_URL) where the worker "
    "runs",
    "bedrock": "Amazon Bedrock: set its region, such as us-west-2, in a Model account block, with "
    "the name of an AWS Credentials block, and choose that as `account`; or set "
    "PRESSRUN_BEDROCK_REGION where the worker runs, to use AWS credentials of that machine",
}


def _access_from_environment() -> Access:
    """Reads Gemini's access as Google's library does: ``GOOGLE_API_KEY``, else ``GEMINI_API_KEY``.

    Where Vertex AI is asked for, no key is used: it would be another project's bill.
    """
    version = settings().gemini_api_version.strip()
    if _first("GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI").lower() in {"true", "1"}:
        return Access(
            project=_first("GOOGLE_CLOUD_PROJECT"),
            location=_first("GOOGLE_CLOUD_LOCATION") or VERTEX_LOCATION,
            base_url=_first("GOOGLE_VERTEX_BASE_URL") or None,
            api_version=version,
        )
    key = _first("GOOGLE_API_KEY", "GEMINI_API_KEY")
    return Access(key, base_url=_first("GOOGLE_GEMINI_BASE_URL") or None, api_version=version)


def _openai_from_environment() -> Access:
    """Reads OpenAI's access as OpenAI's library does."""
    base_url = _first("OPENAI_BASE_URL") or None
    return Access(_first("OPENAI_API_KEY"), base_url=base_url, engine="openai")


def _bedrock_from_environment() -> Access:
    """Reads Bedrock's region from our own variable: AWS's own are often set for S3 alone."""
    return Access(engine="bedrock", region=_first("PRESSRUN_BEDROCK_REGION"))


def _first(*variables: str) -> str:
    """Finds the first of these environment variables that is not empty."""
    return next((said for name in variables if (said := os.environ.get(name, "").strip())), "")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

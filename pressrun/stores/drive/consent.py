"""A person lets Pressrun into their Google Drive, at Google's own sign-in.

The flow of installed apps: a page of Google's asks, the answer comes to an address of this machine
(or of the desk) with a code, and the code is exchanged for a refresh token. Google's libraries are
loaded when somebody begins. Knows no web page, no block and no ledger.
"""

import hmac
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pressrun.boundary.text import one_line
from pressrun.errors import InputError, SettingError, StoreError

#: What is asked for: the files and folders that Pressrun makes itself, and no others.
OWN_FILES = "https://www.googleapis.com/auth/drive.file"
#: What an existing folder takes: Google knows no right to a single one.
ALL_FILES = "https://www.googleapis.com/auth/drive"
_EXCHANGE = "https://oauth2.googleapis.com/token"
_PATIENCE_S = 30.0
_CLIENT_ID = re.compile(r"[\w.-]{5,200}")


@dataclass(frozen=True, slots=True)
class GoogleAddresses:
    """Where Google is asked.

    Attributes:
        consent: The page on which a person answers.
        token: Where a code is exchanged.
        api: Another host than Drive's; empty for Google's.
    """

    consent: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token: str = _EXCHANGE
    api: str = ""


GOOGLE = GoogleAddresses()


class ConsentRefused(SettingError):
    """Google gave no lasting right to files; says why, and what to do."""

    kind = "consent"


@dataclass(frozen=True, slots=True)
class GoogleClient:
    """What a person's own Google Cloud project calls Pressrun: a client id and its secret."""

    client_id: str
    client_secret: str = field(repr=False)

    @classmethod
    def of(cls, client_id: str, client_secret: str) -> Self:
        """Checks the two as they were typed.

        Raises:
            InputError: One is missing, or is none.
        """
        client_id, client_secret = client_id.strip(), client_secret.strip()
        if not _CLIENT_ID.fullmatch(client_id) or not client_secret.isprintable():
            raise InputError(
                "That is no client id: it looks like 1234-abcd.apps.googleusercontent.com. Copy it "
                "from Google Cloud, APIs & Services, Credentials."
            )
        if not client_secret:
            raise InputError("Give the client secret too; it stands beside the client id.")
        return cls(client_id, client_secret)

    @classmethod
    def of_file(cls, text: str) -> Self:
        """Reads the file that Google Cloud calls ``client_secret_….json``.

        Raises:
            InputError: It is another file; its content is not repeated.
        """
        try:
            told = json.loads(text)
        except ValueError:
            told = None
        told = told if isinstance(told, dict) else {}
        if told.get("type") in {"service_account", "authorized_user"}:
            raise InputError(
                f"That is the file of a {told['type'].replace('_', ' ')}, not of an OAuth client. "
                "Paste it into a Drive store as its credentials, or download the client's file."
            )
        client = told.get("installed") or told.get("web")
        if not isinstance(client, dict):
            raise InputError(
                "That is not the file of an OAuth client. Google Cloud offers it as “Download "
                "JSON” beside the client; it begins with “installed” or “web”."
            )
        return cls.of(str(client.get("client_id", "")), str(client.get("client_secret", "")))


class Consent:
    """One sign-in under way, from the address that a person opens to the credentials.

    Args:
        client: Of the person's own Google Cloud project.
        redirect_uri: Where Google sends the person back.
        all_files: Asks for every file of theirs, which a folder that they have already takes.
        addresses: Google's.

    Attributes:
        url: The address that the person opens.
        state: What the answer has to carry.
    """

    def __init__(
        self,
        client: GoogleClient,
        redirect_uri: str,
        *,
        all_files: bool = False,
        addresses: GoogleAddresses = GOOGLE,
    ):
        # Loading them takes half a second.
        from google_auth_oauthlib.flow import Flow  # noqa: PLC0415

        # Else a process that logs everything would write keys down.
        for talkative in ("oauthlib", "requests_oauthlib"):
            logging.getLogger(talkative).setLevel(logging.INFO)
        self._client, self._addresses = client, addresses
        self._scope = ALL_FILES if all_files else OWN_FILES
        told = {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "auth_uri": addresses.consent,
            "token_uri": addresses.token,
        }
        self._flow: Any = Flow.from_client_config(
            {"installed": told}, [self._scope], redirect_uri=redirect_uri
        )
        # Consent is asked for each time: Google gives a refresh token only with one.
        self.url, self.state = self._flow.authorization_url(prompt="consent", access_type="offline")

    def finish(self, answer: Mapping[str, str]) -> dict[str, str]:
        """Makes the credentials (``authorized_user``) of what Google sent the person back with.

        Args:
            answer: The fields of the address's query.

        Raises:
            ConsentRefused: The person, or Google, said no.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), self.state.encode()):
            raise ConsentRefused(
                "This answer belongs to another sign-in. Begin the connection again, in one tab."
            )
        if error := answer.get("error"):
            raise ConsentRefused(_REFUSED.get(error) or _SAID.format(one_line(error, 80)))
        if not answer.get("code"):
            raise ConsentRefused("Google sent no code. Begin the connection again.")
        token = self._exchanged(answer["code"])
        if not token.get("refresh_token"):
            raise ConsentRefused(
                "Google gave no lasting permission (no refresh token): it was given to this client "
                "before. Remove the access at https://myaccount.google.com/connections, then "
                "connect again."
            )
        ours = {"type": "authorized_user", "refresh_token": str(token["refresh_token"])}
        ours |= {"client_id": self._client.client_id, "client_secret": self._client.client_secret}
        other = self._addresses.token
        return ours if other == _EXCHANGE else ours | {"token_uri": other}

    def _exchanged(self, code: str) -> Mapping[str, Any]:
        from oauthlib.oauth2 import OAuth2Error  # noqa: PLC0415
        from requests import RequestException  # noqa: PLC0415

        try:
            token: Mapping[str, Any] = self._flow.fetch_token(code=code, timeout=_PATIENCE_S)
        except OAuth2Error as error:
            # Without the cause, and Google's own words alone: those may quote what was sent.
            words = _REFUSED.get(error.error or "") or _SAID.format(one_line(str(error.error), 80))
            raise ConsentRefused(words) from None
        except Warning:
            raise ConsentRefused(
                "Google gave other rights than were asked for. Connect again, and leave the box "
                "for Google Drive ticked."
            ) from None
        except (RequestException, OSError, ValueError) as error:
            raise ConsentRefused(
                f"Google's sign-in cannot be reached from here ({type(error).__name__}). Nothing "
                "is saved; connect again when the network is back."
            ) from None
        return token


_SAID = "Google refuses the sign-in ({}). Begin the connection again."
#: By the word of RFC 6749, or of Google's own.
_REFUSED = {
    "access_denied": "You did not allow it, so nothing is connected. Connect again, and choose "
    "“Continue” on Google's page. (While your project is in testing, only its test users may.)",
    "invalid_grant": "Google does not take the code any more: it is older than a few minutes, or "
    "was used. Connect again.",
    "invalid_client": "Google does not know the client id, or its secret is another. Copy both "
    "again from Google Cloud, APIs & Services, Credentials.",
    "unauthorized_client": "This client may not sign people in like this. Make one of the type "
    "“Desktop app” in Google Cloud, APIs & Services, Credentials.",
    "redirect_uri_mismatch": "The client does not allow this address. Make a client of the type "
    "“Desktop app”; or, where the desk has an https address, one of the type “Web application” "
    "with the address that this page names.",
}  # fmt: skip


def make_folder(info: Mapping[str, str], name: str, addresses: GoogleAddresses = GOOGLE) -> str:
    """Makes a folder in a person's My Drive; gives its id.

    Args:
        info: The credentials, as :meth:`Consent.finish` gives them.
        name: What the person calls it.
        addresses: Google's.

    Raises:
        StoreError: Drive refuses: its API is switched off in the project, say.
    """
    from google.oauth2 import credentials  # noqa: PLC0415 - SDK

    from pressrun.stores.drive.client import DriveClient  # noqa: PLC0415 - SDK

    person: Any = credentials.Credentials
    known = {key: info[key] for key in ("refresh_token", "client_id", "client_secret")}
    client = DriveClient(
        person(None, **known, token_uri=addresses.token), api_url=addresses.api or None
    )
    try:
        return client.create_folder(client.new_id(), one_line(name, 100), "root").id
    except StoreError as error:
        raise StoreError(
            f"You allowed it, but Drive takes no folder. {error}",
            kind=error.kind,
            retryable=error.retryable,
        ) from error
    finally:
        client.close()

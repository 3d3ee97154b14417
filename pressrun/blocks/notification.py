"""Blocks that send messages: Prefect's own by their names, and mail by SMTP, which it lacks."""

import re
from typing import Annotated, Any, Literal

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block, UnknownBlockType
from prefect.blocks.notifications import AbstractAppriseNotificationBlock
from pydantic import Field, HttpUrl, SecretStr, field_validator

from pressrun.blocks.kept_schema import KeptSchema
from pressrun.errors import SettingError

_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")
#: Seconds that a mail server is waited for at each step.
_PATIENCE_S = 8.0


class Mail(KeptSchema, AbstractAppriseNotificationBlock):
    """Sends messages by e-mail, through any SMTP server.

    Example:
        ```python
        from pressrun.blocks.notification import Mail

        mail = Mail.load("BLOCK_NAME")
        mail.notify("It is done.", subject="Pressrun")
        ```
    """

    _block_type_name = "Mail"
    _block_type_slug = "mail"
    _logo_url = HttpUrl(
        "https://raw.githubusercontent.com/PrefectHQ/prefect/"
        "420d0d6a78bb6df1fc18bcf188fdad43c1d22ea9/assets/block-logos/email.png"
    )
    _documentation_url = HttpUrl("https://docs.prefect.io/v3/concepts/blocks")
    _description = "Sends messages by e-mail, through any SMTP server."

    host: Annotated[
        str,
        Field(
            title="Server",
            description="SMTP server, such as smtp.example.com.",
            pattern=r"^\s*[A-Za-z0-9.:-]+\s*$",
        ),
    ]
    sender: Annotated[str, Field(title="From", description="Address of the sender.")]
    to: Annotated[str, Field(title="To", description="Addresses, by commas.")]
    security: Annotated[
        Literal["starttls", "ssl", "insecure"],
        Field(title="Security", description="insecure is for servers on the same machine."),
    ] = "starttls"
    port: Annotated[
        int,
        Field(title="Port", description="0: 587, 465 or 25, as the security asks.", ge=0, le=65535),
    ] = 0
    user: Annotated[str, Field(title="User", description="Empty: without a login.")] = ""
    password: Annotated[SecretStr, Field(title="Password", description="Of the user.")] = SecretStr(
        ""
    )

    @field_validator("sender", "to")
    @classmethod
    def _are_addresses(cls, addresses: str) -> str:
        given = [part.strip() for part in addresses.split(",") if part.strip()]
        wrong = [part for part in given if not _ADDRESS.fullmatch(part)]
        if wrong or not given:
            raise ValueError(f"{(wrong or [''])[0][:80]!r} is no e-mail address.")
        return ", ".join(given)

    def block_initialization(self) -> None:
        """Makes Apprise's client, as Prefect's own blocks do."""
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - takes a quarter of a second
        from apprise.plugins.email import NotifyEmail  # noqa: PLC0415

        asset = AppriseAsset(app_id="Pressrun", app_desc="Pressrun")
        self._apprise_client = Apprise(asset=asset)
        email: Any = NotifyEmail  # Apprise does not say its types here
        self._apprise_client.add(
            email(
                smtp_host=self.host.strip(),
                host=self.host.strip(),
                port=self.port or None,
                secure_mode=self.security,
                user=self.user or None,
                password=self.password.get_secret_value() or None,
                from_addr=self.sender,
                targets=self.to,
                # A message holds text of others, which stays plain text.
                format="text",
                cto=_PATIENCE_S,
                asset=asset,
            )
        )


def notification_named(name: str) -> NotificationBlock:
    """Loads the saved block of that slug and name, such as ``slack-webhook/team``.

    Raises:
        SettingError: There is none, it is broken, or it sends no messages.
    """
    load: Any = Block.load
    try:
        block = load(name)
    except (ValueError, KeyError, TypeError, UnknownBlockType):
        # Without the cause: the message about a broken document would show its values.
        raise SettingError(
            f"There is no usable notification block {name[:100]!r} on the Prefect server. Give its "
            "slug and name, such as slack-webhook/team; `prefect block ls` lists them."
        ) from None
    if not isinstance(block, NotificationBlock):
        raise SettingError(f"The block {name[:100]!r} sends no messages. Choose another one.")
    return block

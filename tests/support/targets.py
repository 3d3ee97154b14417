"""Targets at the local servers, made of what these say of themselves (their ``--json``)."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pressrun.stores.factory import Scheme, Target, folder_target

About = Mapping[str, Any]


def target_at(scheme: Scheme, about: About) -> Target:
    """The target of a server (or ``folder``) that told ``about`` itself; can be sent to a child."""
    if scheme == "folder":
        return folder_target(Path(about["folder"]))
    if scheme == "s3":
        address, secrets = f"s3://{about['bucket']}/deliveries", {"s3_client": partial(_s3, about)}
    else:
        address, secrets = f"drive://{about['folder_id']}", {"google": partial(_google, about)}
    return Target(address, endpoint_url=about["url"], **secrets)  # type: ignore[arg-type]


def _s3(about: About, config: Mapping[str, Any]) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=about["url"],
        aws_access_key_id=about["access_key"],
        aws_secret_access_key=about["secret_key"],
        region_name="us-east-1",
        config=Config(**config),
    )


def _google(about: About) -> Any:
    from google.oauth2.credentials import Credentials

    return Credentials(**about["user"])  # type: ignore[no-untyped-call]

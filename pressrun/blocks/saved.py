"""Blocks that are saved on the Prefect server, loaded by name. Knows none of ours."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pressrun.errors import SettingError


def load_block(kind: type[Any], name: str) -> Any:
    """The saved block of that kind and name.

    Raises:
        SettingError: There is none, or its document cannot be read.
    """
    try:
        return kind.load(name)
    except (ValueError, ValidationError) as error:
        # Prefect's own words tell of slugs; a broken document's would show its values.
        raise SettingError(
            f"There is no usable {kind._block_type_name or kind.__name__} block called {name!r} on "
            "the Prefect server. Look at Blocks in the UI, and at PREFECT_API_URL."
        ) from error


def aws_client(credentials: str, service: str, config: Mapping[str, Any], **where: str) -> Any:
    """A boto3 client of a service.

    Args:
        credentials: Name of an AWS Credentials block, or ``minio-credentials/NAME``; empty for
            those of this machine.
        service: As boto3 names it.
        config: Settings of botocore's ``Config``, which go before those of the block.
        where: ``endpoint_url`` and ``region_name``, if they are not those of the block.

    Raises:
        SettingError: There is no such block.
    """
    # Loading prefect_aws takes seconds: only who speaks to AWS waits for it.
    from botocore.config import Config  # noqa: PLC0415
    from prefect_aws import AwsCredentials, MinIOCredentials  # noqa: PLC0415

    kind, _, name = credentials.rpartition("/")
    kinds = {"minio-credentials": MinIOCredentials}
    block = load_block(kinds.get(kind, AwsCredentials), name) if name else AwsCredentials()
    given = block.aws_client_parameters.get_params_override()
    # Ours last: stores and engines count on them (no retries of the SDK's own).
    given["config"] = (given.get("config") or Config()).merge(Config(**config))
    given |= {setting: value for setting, value in where.items() if value}
    return block.get_boto3_session().client(service, **given)

"""Blocks that are saved on the Prefect server, loaded by name. Knows none of ours."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from pressrun.errors import SettingError


class Saved:
    """Marks a block in a flow's signature: a saved one is chosen, its fields are not written out.

    Prefect's server takes *either* what fits the block's own schema *or* a reference, but not what
    fits both, and a reference fits every block without required fields. With the schema of this
    annotation only the reference fits, and no key stands among a run's parameters, which the server
    keeps and shows in plain text.
    """

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        refuse = partial(_refuse_written_out, source)
        return core_schema.no_info_before_validator_function(refuse, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        reference = handler(schema)
        block = handler.resolve_ref_schema(reference)
        # What forms need to offer the saved ones stays; Prefect adds the reference itself.
        for told in block.keys() - {"title", "type", "block_type_slug", "description"}:
            del block[told]
        block["not"] = {}
        return reference


def _refuse_written_out(kind: type[Any], given: object) -> object:
    if not isinstance(given, dict):
        return given
    name = kind._block_type_name
    # No ValueError: pydantic would show the values beside it, in the run's message and log.
    raise SettingError(
        f"The {name} has to be a saved block: save one under Blocks in the UI and choose it. Here "
        "its fields are written out among the run's parameters, so a key in them now stands on the "
        "Prefect server, readable by whoever may see the run: change that key at its provider, and "
        "delete the run."
    )


def load_block(kind: type[Any], name: str) -> Any:
    """Loads the saved block of that kind and name.

    Raises:
        SettingError: There is none, or its document cannot be read.
    """
    try:
        return kind.load(name)
    except (ValueError, RuntimeError) as error:
        # Prefect wraps a document's own refusal, such as that of an account without a key.
        if isinstance(error, RuntimeError) and not isinstance(error.__cause__, ValidationError):
            raise
        # Without the cause: Prefect's words tell of slugs, and a broken document's show its values.
        raise SettingError(
            f"There is no usable {kind._block_type_name or kind.__name__} block called {name!r} on "
            "the Prefect server. Look at Blocks in the UI, and at PREFECT_API_URL."
        ) from None


def aws_client(credentials: str, service: str, config: Mapping[str, Any], **where: str) -> Any:
    """Makes a boto3 client of a service.

    Args:
        credentials: Name of an AWS Credentials block, or ``minio-credentials/NAME``; empty for
            those of this machine.
        service: As boto3 names it.
        config: Settings of botocore's ``Config``, which go before those of the block; only the
            block's ``s3`` goes before ours.
        where: ``endpoint_url`` and ``region_name``, if they are not those of the block.

    Raises:
        SettingError: There is no such block.
    """
    # Loading prefect_aws takes seconds: only a caller of AWS waits for it.
    from prefect_aws import AwsCredentials, MinIOCredentials  # noqa: PLC0415

    kind, _, name = credentials.rpartition("/")
    kinds = {"minio-credentials": MinIOCredentials}
    block = load_block(kinds.get(kind, AwsCredentials), name) if name else AwsCredentials()
    return _client(block, service, config, where)


def aws_client_of(
    keys: Mapping[str, Any], service: str, config: Mapping[str, Any], **where: str
) -> Any:
    """Makes a boto3 client, as :func:`aws_client` does, with keys that are not saved yet."""
    from prefect_aws import AwsCredentials  # noqa: PLC0415 - as above

    return _client(AwsCredentials(**keys), service, config, where)


def _client(block: Any, service: str, config: Mapping[str, Any], where: Mapping[str, str]) -> Any:
    from botocore.config import Config  # noqa: PLC0415 - SDK

    given = block.aws_client_parameters.get_params_override()
    # Ours last: stores and engines rely on them (no retries of the SDK's own). But how a bucket is
    # addressed is the service's affair, and the block says it where it is not the usual way.
    theirs = given.get("config") or Config()
    addressing = {**config.get("s3", {}), **(theirs.s3 or {})}
    given["config"] = theirs.merge(Config(**config)).merge(Config(s3=addressing))
    given |= {setting: value for setting, value in where.items() if value}
    return block.get_boto3_session().client(service, **given)

"""Prefect blocks: what is secret or shared between batches, kept and shown by the server."""

from pressrun.blocks.model_account import (
    ModelAccount,
    ModelLimits,
    account_named,
    account_of,
    account_reader,
)
from pressrun.blocks.result_store import ResultStore, target_named, target_of

__all__ = [
    "ModelAccount",
    "ModelLimits",
    "ResultStore",
    "account_named",
    "account_of",
    "account_reader",
    "target_named",
    "target_of",
]

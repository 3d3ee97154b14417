"""Prefect blocks: what is secret or shared between batches, kept and shown by the server."""

from pressrun.blocks.model_account import (
    ModelAccount,
    ModelLimits,
    account_named,
    account_of,
    account_reader,
)
from pressrun.blocks.result_store import ResultStore, target_named, target_of
from pressrun.blocks.saved import Saved

__all__ = [
    "ModelAccount",
    "ModelLimits",
    "ResultStore",
    "Saved",
    "account_named",
    "account_of",
    "account_reader",
    "target_named",
    "target_of",
]

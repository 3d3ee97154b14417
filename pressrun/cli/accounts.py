"""What a model account can do."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option, confirm

from pressrun.cli.options import Json
from pressrun.cli.output import print_json, print_line
from pressrun.cli.server import answering_server
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.calls.trial import Trial
    from pressrun.engines.account import Account
    from pressrun.engines.account_check import AccessReach, AccountCheck


def check_account(
    name: Annotated[
        str,
        Argument(metavar="NAME", help="Model account block; without it, the environment's key."),
    ] = "",
    paid: Annotated[
        bool,
        Option("--paid", help="Make one small picture and one short text as well; asks first."),
    ] = False,
    yes: Annotated[bool, Option("--yes", help="With --paid: do not ask.")] = False,
    as_json: Json = False,
) -> int:
    """Try a model account; with --paid, also what it serves.

    It costs nothing without --paid.

    Exit code 1: a key does not work, reaches no model, or a paid call fails.
    """
    from pressrun.engines.account_check import check_account as check

    account = _account(name)
    found = check(account)
    if not as_json:
        _print(found)
    trials = []
    for trial in _trials(account, yes=yes, quiet=as_json) if paid else ():
        trials.append(trial)
        if not as_json:
            _print_trial(trial)
    ok = found.ok and not any(trial.error for trial in trials)
    if as_json:
        made = {"trials": [asdict(trial) for trial in trials]} if paid else {}
        print_json({"ok": ok, **asdict(found), **made})
    return 0 if ok else 1


def _trials(account: "Account", *, yes: bool, quiet: bool) -> "Iterator[Trial]":
    """Makes the paid calls once a person has agreed to their price."""
    from pressrun.calls.trial import make_trials, plan_trials
    from pressrun.ledger import open_ledger

    planned = plan_trials(account)
    most_usd = sum(trial.most_usd for trial in planned)
    question = f"{len(planned)} paid calls, ${most_usd:.4f} at most."
    if not yes:
        if quiet:
            raise InputError(f"{question} Add --yes to make them.")
        confirm(f"{question} Make them?", abort=True)
    yield from make_trials(account, planned, open_ledger())


def _account(name: str) -> "Account":
    if not name:
        from pressrun.engines.account import account_from_environment

        return account_from_environment()
    with answering_server():
        from pressrun.blocks import account_named

        return account_named(name.removeprefix("model-account/"))


def _print(found: "AccountCheck") -> None:
    from pressrun.reports.account import limit_words

    for access in found.accesses:
        _print_access(access)
    for note in found.notes:
        print_line(note)
    print_line("Limits of each key:" if len(found.accesses) > 1 else "Limits:")
    for pace in found.paces:
        source = "as set" if pace.told else "not set: learned from the provider's refusals"
        print_line(f"  {pace.model:<28} {limit_words(pace.limits)} ({source})")
    for name in found.needless:
        print_line(f"  {name} has limits, and no model of the catalogue is called so.")
    for words, usd in (("day", found.daily_usd), ("month", found.monthly_usd)):
        print_line(f"Cap a {words}: {'none' if usd is None else f'${usd:.2f}'}")


def _print_access(access: "AccessReach") -> None:
    if access.error:
        print_line(f"{access.way}: {access.error}")
        return
    reached, asked = len(access.reached), len(access.models)
    how = f"{access.seconds:.1f} s" + (f", at {access.version}" if access.version else "")
    print_line(f"{access.way} works, and reaches {reached} of {asked} models ({how}):")
    for model in access.models:
        print_line(f"  {model.model:<28} {model.error or 'ok'}")


def _print_trial(trial: "Trial") -> None:
    if trial.error:
        print_line(f"{trial.way}, {trial.model}: no {trial.makes}. {trial.error}")
        return
    what = trial.picture or f"{trial.input_tokens} tokens in, {trial.output_tokens} out"
    told = "" if trial.told_usd is None else ", as the provider says"
    facts = [
        f"{trial.makes} in {trial.seconds:.1f} s: {what}",
        f"${trial.cost_usd:.6f}{told}",
        f"served by {trial.served or 'a version that it does not name'}",
        f"tier {trial.tier or 'as usual, or not told'}",
    ]
    if trial.version:
        facts.append(f"at {trial.version}, which knows all fields")
    print_line(f"{trial.way}, {trial.model}: {'; '.join(facts)}")

"""A short prompt made rich, to look at before anything is made of it."""

import argparse
from dataclasses import asdict

from pressrun.cli.output import print_json, say, tell, tell_notes
from pressrun.errors import InputError


def take_options(command: argparse.ArgumentParser) -> None:
    """The arguments of ``pressrun enhance``."""
    command.add_argument("prompt", metavar="PROMPT", help='a short prompt, such as "cat"')
    command.add_argument(
        "--model", default="sketch", metavar="NAME", help="text model; default: sketch, offline"
    )


def enhance(options: argparse.Namespace) -> int:
    """``pressrun enhance``: 1 if the prompt stays as it is."""
    from pressrun.account import account_from_environment
    from pressrun.engines.catalogue import names_of
    from pressrun.moderation.items import blocked
    from pressrun.moderation.words import moderator
    from pressrun.recipes import enhance as recipe
    from pressrun.settings import settings

    prompt = options.prompt.strip()
    if not prompt:
        raise InputError('The prompt is empty. Give a few words, such as "cat".')
    if options.model not in names_of("text"):
        names = ", ".join(names_of("text"))
        raise InputError(f"There is no text model {options.model[:80]!r}. Choose one of {names}.")
    words = moderator(settings().blocked_words, settings().allowed_words)
    if match := words.check(prompt):
        raise blocked(match, "The prompt")
    account = account_from_environment()
    tell_notes(account, [options.model])
    ask = recipe.shared(account)
    enhanced = recipe.enhance(prompt, ask, options.model, words.check)
    if options.json:
        tokens = recipe.tokens_of(enhanced.text)
        print_json(asdict(enhanced) | {"model": options.model, "tokens": tokens})
    else:
        say(enhanced.text)
        if enhanced.warning:
            tell(enhanced.warning)
    return 1 if enhanced.warning else 0

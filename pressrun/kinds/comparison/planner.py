"""From prompts and models to items: every prompt judged, made richer if asked, and fitted."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from pressrun.calls.standalone import Ask
from pressrun.engines.account import Account, available, require_access
from pressrun.engines.catalogue import catalogue
from pressrun.engines.options import fit
from pressrun.errors import InputError, SettingError
from pressrun.inputs.prompts.bounded import ReadText, read_prompts
from pressrun.inputs.prompts.documents import Task
from pressrun.inputs.prompts.tasks import (
    Problem,
    check_tasks,
    require_sure,
    told_left_out,
    told_reading,
)
from pressrun.kinds.comparison.enhance import Enhanced, enhance, shared
from pressrun.kinds.comparison.mend import mended, problem_of, slug
from pressrun.kinds.comparison.parameters import MOST_MODELS, MOST_PROMPTS, ComparisonParameters
from pressrun.ledger.records import Item, PlannedItem
from pressrun.moderation.model import judge
from pressrun.moderation.words import Moderator, moderator
from pressrun.settings import Settings

#: Prompts that are made richer at the same time.
_ENHANCED_AT_ONCE = 8


class ComparisonPlanner:
    """Plans one comparison.

    Args:
        parameters: Of the batch.
        settings: Words that are blocked or allowed.
        log: Called with every warning.
        account: Gives who pays: which models there are, and who makes prompts richer.
        ask: From an account to what asks a model; an answer is paid once for all batches.
        read: Reads a list of prompts; one that keeps what it has read may stand here.
    """

    def __init__(
        self,
        parameters: ComparisonParameters,
        settings: Settings,
        log: Callable[[str], None],
        account: Callable[[], Account],
        ask: Callable[[Account], Ask] = shared,
        read: ReadText = read_prompts,
    ):
        self._read = read
        self._parameters, self._log, self._ask = parameters, log, ask
        self._settings, self._account = settings, account

    def plan(self) -> list[PlannedItem]:
        """Plans an item for each prompt and model, prompt by prompt.

        Raises:
            InputError: There is no prompt, or there are too many, or none can be used; or it is in
                doubt how they are to be read, and nobody is there to decide.
        """
        tasks, problems = self._tasks()
        models = self._models()
        told = self._told([task.prompt for task in tasks if task.order not in problems])
        width = max(2, len(str(len(tasks))))
        items: list[PlannedItem] = []
        for row, task in enumerate(tasks, 1):
            enhanced = told.get(task.prompt, Enhanced(task.prompt, task.prompt))
            problem = problems.get(task.order)
            error = InputError(str(problem), kind=problem.kind) if problem else None
            for model in models:
                spec = self._spec(row, f"{row:0{width}d}", task, enhanced, model)
                title = f"Prompt {row:0{width}d} · {model}"
                key = f"prompt_{row:03d}_{slug(model)}"
                items.append(PlannedItem(key, len(items) + 1, title, spec, error))
        return items

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:  # noqa: ARG002
        """Plans nothing: a prompt that cannot be used now cannot be used later."""
        return {}

    def mend(self, item: Item, words: Mapping[str, str]) -> list[PlannedItem]:
        """Plans the item again with another prompt, made richer if that is asked for."""
        prompt = words["prompt"].strip()
        problem = problem_of(prompt)
        told = {} if problem else self._told([prompt])
        enhanced = told.get(prompt, Enhanced(prompt, prompt))
        spec = mended(item.spec, words, enhanced.text)
        error = InputError(problem, kind="bad_prompt") if problem else None
        return [PlannedItem(item.key, item.position, item.title, spec, error)]

    def _tasks(self) -> tuple[list[Task], dict[int, Problem]]:
        """Reads the prompts, each once, and what is wrong with those that cannot be made."""
        tasks = self._given()
        if not tasks:
            raise InputError("There is no prompt. Write one, or paste a list of them as prompts.")
        if len(tasks) > MOST_PROMPTS:
            raise InputError(
                f"There are {len(tasks):,} prompts; a comparison takes up to {MOST_PROMPTS}. "
                "Split them into several batches."
            )
        problems = check_tasks(tasks)
        for problem in problems:
            self._log(str(problem))
        repeated = {problem.order for problem in problems if problem.kind == "duplicate"}
        final = {p.order: p for p in problems if p.final and p.order not in repeated}
        kept = [task for task in tasks if task.order not in repeated]
        if len(final) == len(kept):
            said = list(map(str, final.values()))
            raise InputError("No prompt can be used; nothing was made or paid.", said)
        return kept, final

    def _given(self) -> list[Task]:
        one, many = self._parameters.prompt.strip(), self._parameters.prompts.strip()
        if one and many:
            raise InputError("Give a prompt or a list of prompts, not both.")
        if one:
            return [Task(one, one, "", 1, "", "", (), 1)]
        parsed = self._read(many, self._parameters.read_as)
        if self._parameters.action != "quote" and not self._parameters.review:
            require_sure(parsed, "or turn the review on")
        unsure = told_reading(parsed) if parsed.confidence < 1 else []
        for said in (*parsed.warnings, *unsure, told_left_out(parsed.left_out)):
            if said:
                self._log(said)
        return list(parsed.tasks)

    def _models(self) -> list[str]:
        """Lists the models; logs each of them that cannot be asked, and those left out."""
        account = self._account()
        models = self._parameters.with_account(account).models
        for model in models:
            try:
                require_access(account, model)
            except SettingError as error:
                self._log(f"{error} Its pictures fail; those of the other models are made.")
        known = available(account)
        if models == known[:MOST_MODELS] and (more := known[MOST_MODELS:]):
            self._log(
                f"{MOST_MODELS} models are compared at most, so {', '.join(more)} are not. Name "
                "those that you want as models."
            )
        return models

    def _told(self, prompts: Sequence[str]) -> dict[str, Enhanced]:
        """Makes the text that models get in place of each prompt, where that was asked for."""
        # A quote pays nothing, so no model writes for it.
        if not self._parameters.enhance or self._parameters.action == "quote":
            return {}
        words = moderator(self._settings.blocked_words, self._settings.allowed_words)
        ask = self._ask(self._account()) if self._parameters.text_model else None
        allowed = self._allowed(prompts, words, ask)
        work = partial(enhance, ask=ask, model=self._parameters.text_model, blocked=words.check)
        with ThreadPoolExecutor(_ENHANCED_AT_ONCE, "enhance") as pool:
            told = list(pool.map(work, allowed))
        for warning, count in Counter(one.warning for one in told if one.warning).items():
            self._log(warning if len(told) == 1 else f"{count} of {len(told)} prompts: {warning}")
        return {one.original: one for one in told}

    def _allowed(self, prompts: Sequence[str], words: Moderator, ask: Ask | None) -> list[str]:
        """Selects those that may be shown to a model; the moderation says of the others why not."""
        allowed = [prompt for prompt in prompts if not words.check(prompt)]
        if ask is None or self._settings.moderation != "model":
            return allowed
        found = judge(allowed, words.rules, self._settings.moderation_model, ask)
        return [prompt for prompt, match in zip(allowed, found, strict=True) if not match]

    def _spec(
        self, row: int, number: str, task: Task, enhanced: Enhanced, model: str
    ) -> dict[str, Any]:
        parts, dropped = fit(catalogue()[model], self._parameters.model_options())
        return {
            "row": row,
            "line": task.line,
            "folder": f"Prompt_{number}",
            "model": model,
            "prompt": task.prompt,
            "enhanced": enhanced.text if enhanced.text != task.prompt else "",
            "dropped": dropped,
            "aspect_ratio": parts["aspect_ratio"],
            "size": parts["size"],
            "seed": parts.get("seed", row * 1000),
            "options": parts["options"],
        }

"""A prompt between its document and its task: what is known of it, and from where."""

from dataclasses import dataclass, replace

from pressrun.inputs.prompts.words import says_nothing, split_level, without_number


@dataclass(slots=True)
class PromptDraft:
    """A prompt as it was found; ``text`` is empty where one was expected.

    Attributes:
        prefix: Its own; those of its sections are known when the whole document is read.
        scope: The sections that it stands in, from the outermost.
        sure: Whether its shape leaves no doubt that it is one prompt.
    """

    text: str
    line: int
    category: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    prefix: str = ""
    scope: tuple[int, ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a prompt from all that stands above it; attributes as of a draft."""

    category: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    prefix: str = ""
    scope: tuple[int, ...] = ()

    def named(self, label: str) -> "Context":
        """Makes the context inside a group of that name, which may have a level in it."""
        name, level = split_level(label)
        return replace(self.tagged(without_number(name)), level=level or self.level)

    def under(self, title: str) -> "Context":
        """Makes the context below a heading, which may have a level in it; groups end there."""
        name, level = split_level(title)
        name = "" if level and says_nothing(name) else name
        return replace(self, category=name or self.category, level=level or self.level, tags=())

    def tagged(self, *tags: str) -> "Context":
        """Makes the context with these tags added."""
        return replace(self, tags=tuple(dict.fromkeys(t for t in (*self.tags, *tags) if t)))

    def draft(self, text: str, line: int, *, sure: bool = True) -> PromptDraft:
        """Makes the draft of a prompt that is found here."""
        known = self.category, self.level, self.tags, self.prefix, self.scope
        return PromptDraft(text, line, *known, sure)

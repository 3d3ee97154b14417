"""The sentences that the sketch engine puts a product's own words into: ten angles a role.

``{name}`` is the product's short name, ``{detail}`` a phrase of its description as it stands,
``{Detail}`` the same with a capital. No sentence promises, compares or counts anything.
"""

from collections.abc import Mapping, Sequence

#: The roles between the hook and the call to action, in order.
BETWEEN = ("problem", "solution", "product", "proof", "how_to")

ROLES = ("hook", *BETWEEN, "call_to_action")

STYLES: Mapping[str, Sequence[str]] = {"shape": ("portrait", "landscape", "square")}


def _angle(
    hook: str, problem: str, solution: str, product: str, proof: str, how_to: str, call: str
) -> Mapping[str, str]:
    roles = (hook, problem, solution, product, proof, how_to, call)
    return dict(zip(ROLES, roles, strict=True))


ANGLES: Sequence[Mapping[str, str]] = (
    _angle(  # a question
        "Have you met {name}?",
        "What is missing from your day?",
        "Could it be this: {detail}?",
        "{name}. Curious yet?",
        "Want to know more? {Detail}.",
        "Where would you use it first?",
        "Ready to see {name}?",
    ),
    _angle(  # the benefit first
        "{Detail}.",
        "Some things should be simpler.",
        "{name}: {detail}.",
        "This is {name}.",
        "In short: {detail}.",
        "Start here: {detail}.",
        "Take a closer look at {name}.",
    ),
    _angle(  # a calm statement
        "{name}.",
        "No noise. No fuss.",
        "Just this: {detail}.",
        "Quietly there: {name}.",
        "{Detail}. That is all.",
        "Take your time with it.",
        "{name}. Whenever you like.",
    ),
    _angle(  # how to
        "How to begin with {name}",
        "First, think of what bothers you.",
        "Then remember: {detail}.",
        "What you need: {name}.",
        "Check it yourself: {detail}.",
        "Step by step: {detail}.",
        "Your next step: {name}.",
    ),
    _angle(  # an invitation
        "Come and meet {name}.",
        "Bring the thing that bugs you.",
        "Try this thought: {detail}.",
        "Make room for {name}.",
        "See for yourself: {detail}.",
        "Join in: {detail}.",
        "Come and see {name}.",
    ),
    _angle(  # a small story
        "It began with a wish: {detail}.",
        "Before, something was always missing.",
        "Then came {name}.",
        "The hero of this story: {name}.",
        "What the story tells: {detail}.",
        "Next chapter: {detail}.",
        "Write your own story with {name}.",
    ),
    _angle(  # a note to oneself
        "Note to self: {name}.",
        "Still on my list: fix this.",
        "Idea: {detail}.",
        "Found it: {name}.",
        "Worth writing down: {detail}.",
        "To do: {detail}.",
        "Remember to look up {name}.",
    ),
    _angle(  # one word at a time
        "One thing: {name}.",
        "One small annoyance.",
        "One answer: {detail}.",
        "One name: {name}.",
        "One fact: {detail}.",
        "One moment: {detail}.",
        "One look at {name}?",
    ),
    _angle(  # for a friend
        "Tell a friend: {name}.",
        "You know that feeling.",
        "Here is a thought: {detail}.",
        "I would show you {name}.",
        "You asked what it is. {Detail}.",
        "Show them how: {detail}.",
        "Send this to someone: {name}.",
    ),
    _angle(  # a close look
        "Look closer: {name}.",
        "Look at what gets in the way.",
        "Now look at this: {detail}.",
        "Up close: {name}.",
        "Every word counts: {detail}.",
        "Look how: {detail}.",
        "Have a look at {name} today.",
    ),
)

# Where the description has only a name, every sentence is made from that.
_BARE_ROLES: Mapping[str, str] = {
    "hook": "{name}",
    "problem": "Before {name}",
    "solution": "And then: {name}",
    "product": "This is {name}",
    "proof": "{name}, as it is",
    "how_to": "Begin with {name}",
    "call_to_action": "See {name}",
}
_BARE_ENDS = (
    "{0}?", "{0}.", "{0} ...", "Step one. {0}.", "Come along. {0}.", "Once upon a time. {0}.",
    "Note to self. {0}.", "One thing. {0}.", "Dear friend. {0}.", "Look. {0}.",
)  # fmt: skip
BARE: Sequence[Mapping[str, str]] = tuple(
    {role: end.format(words) for role, words in _BARE_ROLES.items()} for end in _BARE_ENDS
)

# A description in another script gets no English around it: only its own words and points.
NEUTRAL = (
    "{name}", "{detail}", "{name}: {detail}", "{name}?", "{detail}!",
    "{detail} / {name}", "{name} …", "„{detail}“", "{name} | {detail}", "{name}!",
)  # fmt: skip
NEUTRAL_BARE = (
    "{name}", "{name}?", "{name}!", "{name} …", "„{name}“",
    "[{name}]", "{name}.", "… {name}", "({name})", "{name}: …",
)  # fmt: skip

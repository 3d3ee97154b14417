"""What the sketch engine's articles are put together from: neutral parts of sentences.

They speak of what an article on a subject could treat, and so claim nothing of the subject. They
are short, so that two articles share few sequences of words. ``{a}`` and ``{b}`` are words of the
order, ``{on}`` is its topic or a keyword.
"""

OPENERS = (
    "At first", "In plain words", "For most readers", "On closer look", "Step by step",
    "As a rule", "In the end", "With some patience", "From the outside", "Early on",
    "Sooner or later", "Once that is settled", "On a second reading", "At this point",
    "In practice", "Now and then", "For a start", "Little by little", "To be fair",
    "In a few lines", "After a pause", "If in doubt", "Between the lines", "At its simplest",
    "When time is short", "All the same", "Seen from afar", "Further down",
)  # fmt: skip
ACTORS = (
    "a careful writer", "the reader", "an editor", "the final text", "this section", "a beginner",
    "an expert", "the next paragraph", "a short example", "one honest answer", "a small table",
    "the opening line", "a good question", "someone in a hurry", "the second half",
    "a critical friend", "a patient teacher", "the closing part", "a newcomer",
    "a fair comparison", "whoever decides", "a clear picture", "an everyday story", "the author",
    "a sceptic", "a list", "the first draft", "any summary",
)  # fmt: skip
DOES = (
    "could explain", "should name", "may weigh", "might compare", "can show", "ought to check",
    "will want", "has to find", "needs to describe", "would expect", "can look for",
    "should begin with", "may return to", "could do without", "must not forget", "might ask about",
    "can point to", "should sum up", "would rather see", "may leave out", "can test",
    "has room for", "should keep apart", "could put first", "may sketch", "ought to date",
    "will miss", "can spell out",
)  # fmt: skip
THINGS = (
    "the reasons behind {a}", "a first look at {a}", "the limits of {a}", "both sides of {a}",
    "an example of {a}", "the price of {a}", "{a} in daily use", "questions about {a}",
    "the link between {a} and {b}", "{a} before {b}", "{a} rather than {b}", "how {a} changes {b}",
    "where {a} meets {b}", "the words for {a}", "any doubt about {a}", "sources on {a}",
    "the order of {a} and {b}", "mistakes around {a}", "{a} without jargon", "the history of {a}",
    "who needs {a}", "the step after {a}", "what speaks against {a}", "numbers on {a}",
    "the part of {b} in {a}", "{a} next to {b}", "a rule for {a}", "the case against {a}",
    "what {a} leaves open", "{a}, {b} and the rest",
)  # fmt: skip
ON_TOPIC = (
    "the basics of {on}", "an overview of {on}", "the case for {on}", "one view of {on}",
    "a fair account of {on}", "the idea behind {on}", "{on} as a whole", "first thoughts on {on}",
    "the question of {on}", "what belongs to {on}", "the point of {on}", "a short guide to {on}",
)  # fmt: skip
TAILS = (
    "in one sentence", "with a source at hand", "before anything else", "without big words",
    "for those who doubt", "as plainly as possible", "and nothing more", "while there is room",
    "from more than one side", "so that nobody guesses", "with checked numbers",
    "in the right order", "at the right moment", "for the next reader", "and say why",
    "with an open mind", "on half a page", "in its own words", "as far as sources go",
    "and stop there", "once and not twice", "for comparison", "with care", "by name",
    "near the top", "in a footnote",
)  # fmt: skip
NOUNS = (
    "time", "cost", "space", "weather", "tools", "habits", "safety", "comfort", "choice", "care",
    "repair", "training", "storage", "advice", "noise", "light", "planning", "practice", "rules",
    "quality", "travel", "water", "energy", "health", "memory", "trust", "speed", "balance",
    "waste", "support", "timing", "budget", "material", "weight", "service", "access", "effort",
    "evidence",
)  # fmt: skip
TITLES = (
    "{On}: what an article should cover", "{On}: questions to begin with", "{On}: a first plan",
    "{On}: notes toward an article", "{On}: where to start", "{On}: an outline in prose",
)  # fmt: skip
FIRST_HEADINGS = (
    "Where {on} begins", "What to ask about {on}", "A first view of {on}", "How to approach {on}",
)  # fmt: skip
HEADINGS = (
    "Questions before the first step", "What to compare", "Doubts worth a paragraph",
    "A closer look at {a}", "Between {a} and {b}", "What sources should say",
    "Room for an example", "The order of things", "What can be left out", "Words to explain",
    "From {a} to {b}", "Costs and limits", "The view of a beginner", "The view of an expert",
    "Common mistakes", "When {a} matters", "Numbers to look up", "What stays open", "Next steps",
    "Who this is for", "Alternatives to weigh", "Signs of quality",
    "A day in practice",
)  # fmt: skip
#: Said first in every text.
LABEL = (
    "*Sketch draft: put together offline from the words of the order. It says what an article "
    "could treat and states no facts.*"
)

"""What must not be made: prompts are judged before anything is paid.

First by a list of words, always; then by a model, if the settings say so. Knows nothing of flows,
and nothing of how a kind of batch uses its words.
"""

"""Parsers of what strangers and people give, in a process of their own with little memory and time.

A file can make a parser ask for any amount of memory, which ends the process, or keep it busy for
hours. What cannot be read within the limits is one sentence, and the process that asked lives on.
"""

from pressrun.inputs.confined.bounded import parse_bounded
from pressrun.inputs.confined.caller import close, read_confined

__all__ = ["close", "parse_bounded", "read_confined"]

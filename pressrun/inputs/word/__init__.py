"""Word documents (DOCX) as text in Markdown. Runs in the reading process.

The parts are read with lxml, and not through python-docx: that has no words of content controls,
of tracked insertions and of smart tags, and it unpacks and keeps every part. Elements are known by
their local names, so that documents of the strict form of ISO 29500 are read as well.
"""

from pressrun.inputs.word.reader import read_word

__all__ = ["read_word"]

"""Which links of a document are its entries, and whether it is a list of them or a text of its own.

An entry's link leads its item, row, heading or paragraph; what stands within sentences, behind an
entry's link, or leads nowhere on the web is none. It must not know what is made of the entries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.boundary.text import count_words, counted, one_line
from pressrun.inputs.hyperlinks.blocks import Hyperlink, LinkBlock

_LEAD = 6  # words that may stand before the link of an item: "[video] by Anna:"
_LEAD_OF_TEXT = 2  # and of a paragraph
_TITLE_WORDS = 3  # that a link has which is an entry beside others of one item
_NAME_WORDS = 12  # of a line that names the address below it
_FEW_BESIDE, _MANY_BESIDE = 15, 100  # words of other text for each entry: a list, a text
_FEW_INSIDE, _MANY_INSIDE = 70, 200  # words that describe each entry: a list, texts
_FEW_WORDS = 20  # of a text that only says what to do with its one link
_MARKS = " .,;:|()[]\u2013\u2014-*_\"'"


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """What a document has, by its links.

    Attributes:
        entries: The links of its entries, each address once.
        running: Those within its sentences.
        further: Those behind the first one of an entry.
        repeated: How many entries lead where another one leads.
        others: How many links lead within the document or its site, to pictures, or nowhere.
        beside: Words that belong to no entry.
        inside: Words that stand in entries, beside their links.
        groups: How many headings and names of folders there are.
    """

    entries: Sequence[Hyperlink]
    running: Sequence[Hyperlink]
    further: Sequence[Hyperlink]
    repeated: int
    others: int
    beside: int
    inside: int
    groups: int = 0

    @property
    def is_text(self) -> bool:
        """Whether its own words are what it is about, and links stand beside them."""
        per = max(1, len(self.entries))
        one = len(self.entries) == 1 and self.beside + self.inside > _FEW_WORDS
        few = not self.entries or one
        return few or self.beside > _MANY_BESIDE * per or self.inside > _MANY_INSIDE * per

    @property
    def is_list(self) -> bool:
        """Whether its links are what it is about."""
        per = len(self.entries)
        few = self.beside <= _FEW_BESIDE * per and self.inside <= _FEW_INSIDE * per
        return not self.is_text and few and len(self.further) <= 2 * per

    def left_out(self) -> Iterator[str]:
        """Yields in sentences what is no entry."""
        if self.running:
            yield _some_links("link", "in other text", self.running)
        if self.further:
            yield _some_links("further link", "of the same entries", self.further)
        if self.repeated:
            yield f"Left out: {counted(self.repeated, 'link')} to a page that is listed before."
        if self.others:
            what = counted(self.others, "link")
            yield f"Left out: {what} to pictures, within the document, or to no web page."
        if self.beside:
            yield f"Left out: {counted(self.beside, 'word')} of text beside the links."
        if self.inside:
            yield f"Left out: {counted(self.inside, 'word')} of descriptions beside their links."
        if self.groups:
            yield f"Left out: {counted(self.groups, 'heading')} above the links."


def read_entries(blocks: Sequence[LinkBlock]) -> LinkedDocument:
    """Tells the entries of a document from its other links.

    Links of few words that stand alone, as those to the parts of a site, are entries only where
    there are no others.
    """
    found = _sorted(blocks, _TITLE_WORDS)
    return found if found.entries else _sorted(blocks, 1)


def _sorted(blocks: Sequence[LinkBlock], title_words: int) -> LinkedDocument:
    entries: list[Hyperlink] = []
    running: list[Hyperlink] = []
    further: list[Hyperlink] = []
    beside = inside = names = 0
    above: LinkBlock | None = None
    described = ""  # the kind of the entry that a block may describe
    named = False  # whether the line above these addresses names the first of them
    for block in blocks:
        own = _own(block, title_words)
        alone = bool(block.links) and not block.words and not any(one.title for one in block.links)
        if named and alone:
            further += block.links
            continue
        others = [link for link in block.links if link not in own]
        (further if own else running).extend(others)
        name = _name(block, above)
        if name and own and above and above.kind == "heading" and not block.text.strip(_MARKS):
            names += 1
        entries += [_titled(link, block, name) for link in own]
        named = alone and bool(name) and len(own) == 1
        described = _is_described(block, described, is_entry=bool(own))
        if own or described:
            inside += block.words
        elif block.kind != "heading":
            beside += block.words
        above = block
    kept = _once(entries)
    again = len(entries) - len(kept)
    others_in = sum(block.others for block in blocks)
    heads = _headings(blocks) - names
    return LinkedDocument(kept, running, further, again, others_in, beside, inside, heads)


def _is_described(block: LinkBlock, before: str, *, is_entry: bool) -> str:
    """Gives the kind of the entry that a block is or describes; empty if it is neither."""
    if is_entry:
        return block.kind
    if before == "heading" and block.kind != "heading":
        return before
    return before if before == "item" and block.goes_on else ""


def _once(links: Sequence[Hyperlink]) -> list[Hyperlink]:
    """Gives the links without those that lead where one before them leads."""
    once: dict[str, Hyperlink] = {}
    for link in links:
        once.setdefault(link.url, link)
    return [*once.values()]


def every_link(blocks: Sequence[LinkBlock]) -> LinkedDocument:
    """Takes all links as entries: of bookmarks, which have nothing else."""
    links = [link for block in blocks for link in block.links]
    kept = _once(links)
    others = sum(block.others for block in blocks)
    again, heads = len(links) - len(kept), _headings(blocks)
    return LinkedDocument(kept, (), (), again, others, 0, 0, heads)


def _headings(blocks: Sequence[LinkBlock]) -> int:
    return sum(block.kind == "heading" and not block.links for block in blocks)


def _own(block: LinkBlock, title_words: int) -> list[Hyperlink]:
    """Gives the links of a block that are entries; of several the first, or all that are titles."""
    links = block.links
    if not links:
        return []
    titled = [one for one in links if not one.title or count_words(one.title) >= _TITLE_WORDS]
    if titled and not block.words and block.kind == "paragraph":
        return links
    if len(titled) > 1 and block.words <= 2 * len(links):
        return titled
    if block.kind == "row":
        return links[:1]
    if block.kind != "paragraph":
        ends = not links[0].title and len(links) == 1
        return links[:1] if links[0].words_before <= _LEAD or ends else []
    few = not links[0].title or count_words(links[0].title) >= title_words
    leads = links[0].words_before <= _LEAD_OF_TEXT and len(links) <= _LEAD_OF_TEXT
    return links[:1] if leads and few else []


def _name(block: LinkBlock, above: LinkBlock | None) -> str:
    """Gives the words beside a bare address, or those right above it: its title."""
    words = one_line(block.text, 300).strip(_MARKS)
    heads = above is not None and above.kind == "heading" and block.kind == "item"
    if not words and above and not heads and not above.links and above.words <= _NAME_WORDS:
        words = one_line(above.text, 300).strip(_MARKS)
    short = count_words(words) <= 2 * _NAME_WORDS
    return words if short and any(map(str.isalpha, words)) else ""


def _titled(link: Hyperlink, block: LinkBlock, name: str) -> Hyperlink:
    alone = len(block.links) == 1
    return link if link.title or not alone else replace(link, title=name)


def _some_links(what: str, where: str, links: Sequence[Hyperlink]) -> str:
    return f"Left out: {counted(len(links), what)} {where} ({named_links(links)})."


def named_links(links: Sequence[Hyperlink], most: int = 3) -> str:
    """Names the first of some links by line and words, for a sentence."""
    first = links[:most]
    some = ", ".join(f"line {one.line} “{one_line(one.title or one.url, 40)}”" for one in first)
    return f"{some}, …" if len(links) > most else some

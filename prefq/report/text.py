"""Hostile text made safe to look at: cut knowingly, control characters visible, what was found highlighted."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
RUN = re.compile(f"({INVISIBLE.pattern})\\1*")
C0 = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
)
TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
MARKS_A_TEXT = 200
TOKENS_A_DIFF = 1_500
Span = tuple[int, int, str]


def character_name(character: str) -> str:
    """A visible stand-in: the abbreviation of a C0 control (`NUL`), else the code point (`U+202E`).

    Not the control pictures (`␀`): few fonts have them.
    """
    code = ord(character)
    if code < 0x20:
        return C0[code]
    return "DEL" if code == 0x7F else f"U+{code:04X}"


def visible(text: str) -> str:
    """The text with every invisible or direction-changing character replaced by a plain, readable stand-in."""

    def stand_in(run: re.Match[str]) -> str:
        name, times = character_name(run[1]), len(run[0])
        return f"[{name}]" if times == 1 else f"[{name}×{times}]"

    return RUN.sub(stand_in, text)


@dataclass(frozen=True)
class Cut:
    """A window of a text: the text shown and how many characters stand before and after it."""

    text: str
    before: int = 0
    after: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing was left out."""
        return not (self.before or self.after)


def cut(text: str, limit: int, focus: int | None = None) -> Cut:
    """At most `limit` characters: from the start, or around `focus` when that lies beyond them."""
    if len(text) <= limit:
        return Cut(text)
    start = 0 if focus is None or focus < limit * 0.8 else min(focus - limit // 3, len(text) - limit)
    return Cut(text[start : start + limit], start, len(text) - start - limit)


def brief(text: str, limit: int = 80) -> str:
    """A name for a sentence: visible, on one line, at most `limit` characters and what was left out."""
    shown = visible(" ".join(text.split()))
    return shown if len(shown) <= limit else f"{shown[:limit]}… ({len(shown) - limit:,} more characters)"


def alike(left: str, right: str, least: float = 0.7) -> bool:
    """Whether two texts share enough of their words for a word-level difference to be readable."""
    a, b = set(TOKEN.findall(left)), set(TOKEN.findall(right))
    return bool(a and b) and 2 * len(a & b) / (len(a) + len(b)) >= least


def word_difference(left: str, right: str) -> tuple[list[Span], list[Span]]:
    """The words of each text that the other lacks at that place, as (start, end, "differs") spans.

    Both are empty for texts too long to compare in a page's time, and where more differs than is the same.
    """
    a, b = list(TOKEN.finditer(left)), list(TOKEN.finditer(right))
    if max(len(a), len(b)) > TOKENS_A_DIFF:
        return [], []
    matcher = difflib.SequenceMatcher(None, [t[0] for t in a], [t[0] for t in b], autojunk=False)
    changes = [op for op in matcher.get_opcodes() if op[0] != "equal"]
    if 2 * sum(block.size for block in matcher.get_matching_blocks()) < min(len(a), len(b)):
        return [], []
    return (
        [(a[i].start(), a[j - 1].end(), "differs") for _, i, j, _, _ in changes if j > i],
        [(b[i].start(), b[j - 1].end(), "differs") for _, _, _, i, j in changes if j > i],
    )


def marked(text: str, spans: Iterable[Span] = ()) -> Markup:
    """The text as HTML: escaped, invisible characters labelled, spans wrapped in `<mark class=…>`.

    Spans may overlap; only spaces that differ are drawn (`·`, `⏎`), the others stay as they are.
    """
    kinds = list(spans)
    edges = sorted({0, len(text), *(e for s in kinds for e in s[:2] if 0 <= e <= len(text))})
    out, budget = [], MARKS_A_TEXT
    for start, end in pairwise(edges):
        names = sorted({kind for s, e, kind in kinds if s <= start and end <= e})
        piece, budget = _piece(text[start:end], budget, "differs" in names)
        out.append(Markup('<mark class="{}">{}</mark>').format(" ".join(names), piece) if names else piece)
    return Markup("").join(out)


def _piece(text: str, budget: int, draw_spaces: bool) -> tuple[Markup, int]:
    out, at = [], 0
    for run in RUN.finditer(text):
        name = character_name(run[1]) if budget > 0 else "�"
        times = f"×{len(run[0])}" if len(run[0]) > 1 else ""
        out += [_plain(text[at : run.start()], draw_spaces)]
        out += [Markup('<span class="ctl">{}{}</span>').format(name, times) if budget > 0 else escape(name)]
        at, budget = run.end(), budget - 1
    return Markup("").join([*out, _plain(text[at:], draw_spaces)]), budget


def _plain(text: str, draw_spaces: bool) -> Markup:
    if draw_spaces and not text.strip():
        text = text.replace(" ", "·").replace("\t", "⇥").replace("\n", "⏎\n")
    return escape(text)

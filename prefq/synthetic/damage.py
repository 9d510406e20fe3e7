"""Damage to one text: the ways in which an answer goes bad between a model and a file."""

from collections.abc import Callable, Mapping

from prefq.synthetic.bank.read import lines
from prefq.synthetic.draw import Draw

Damage = Callable[[Draw, str], str]

INVENTED = lines(
    "quillmere\nbrackwater\nharrowgate-post\nfenwick-ledger\ntannenbrook\nolivesund\nmarlowquay\nzumtalhof"
)
NAMES = lines("j.rowan\nmila.kessler\nt_okafor\nbrigid\nh.lindqvist\nnoor.a\nsanjay77\nodile.m")
HEX = "0123456789abcdef"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def _between(draw: Draw, text: str, piece: str) -> str:
    """The piece put between two words."""
    words = text.split(" ")
    at = draw.between(1, max(1, len(words) - 1))
    return " ".join([*words[:at], piece, *words[at:]])


def _inside(draw: Draw, text: str, piece: str) -> str:
    """The piece put anywhere inside, not at the ends."""
    at = draw.between(1, max(1, len(text) - 1))
    return text[:at] + piece + text[at:]


def _cut(draw: Draw, text: str, low: int, high: int) -> int:
    """A place between two shares (percent) of the text, in the middle of a word."""
    at = len(text) * draw.between(low, high) // 100
    while at > 1 and not (text[at - 1].isalnum() and text[at : at + 1].isalnum()):
        at -= 1
    return at


def _mid_word(draw: Draw, text: str) -> str:
    return text[: _cut(draw, text, 60, 85)]


def _mid_sentence(draw: Draw, text: str) -> str:
    head = text[: _cut(draw, text, 60, 90)]
    return (head.rpartition(" ")[0] or head).rstrip(" .,;:!?。，！？：")


def _open_list(draw: Draw, text: str) -> str:
    return f"{text}\n{draw.between(2, 5)}"


def _open_fence(draw: Draw, text: str) -> str:
    return f"{text}\n```python\nfor item in range({draw.between(3, 9)}):\n    print(item"


def _one_word_many_times(draw: Draw, text: str) -> str:
    word = draw.pick(("really", "and", "very", "again", "the"))
    return f"{_mid_sentence(draw, text)} {' '.join([word] * draw.between(70, 90))}."


def _last_sentence_again(draw: Draw, text: str) -> str:
    sentence = draw.pick(
        ("Let me say that again for you.", "This is the main point to remember.", "It depends on what you need here.")
    )
    return f"{text} {' '.join([sentence] * draw.between(11, 14))}"


def _line_again(draw: Draw, text: str) -> str:
    line = draw.pick(("- Stir it well and wait.", "- Check the next item.", "Step 1: begin with step 1."))
    return f"{text}\n" + "\n".join([line] * draw.between(14, 18))


def _phrase_loop(draw: Draw, text: str) -> str:
    phrase = draw.pick(("and then once more", "which is to say", "on and on it goes"))
    return f"{_mid_sentence(draw, text)} {' '.join([phrase] * draw.between(20, 25))}."


def _as_cp1252(draw: Draw, text: str) -> str:
    wrong = draw.pick(
        ("Itâ€™s worth a try â€“ really.", "Thatâ€™s all you need â€“ donâ€™t worry.", "Letâ€™s see â€“ itâ€™s easy.")
    )
    return f"{text} {wrong}"


def _as_latin1(draw: Draw, text: str) -> str:
    wrong = draw.pick(
        ("The cafÃ© owner knows more.", "Ask for the menÃ¼ in ZÃ¼rich.", "SeÃ±or GarcÃ­a has a rÃ©sumÃ© of it.")
    )
    return f"{text} {wrong}"


def _replacement(draw: Draw, text: str) -> str:
    return _inside(draw, _inside(draw, _inside(draw, text, "\ufffd"), "\ufffd"), "\ufffd\ufffd")


def _human_turn(draw: Draw, text: str) -> str:
    return (
        f"{text}\n\nHuman: {draw.pick(('Thanks, and what about tomorrow?', 'Can you say more?', 'Ok, next question.'))}"
    )


def _user_line(draw: Draw, text: str) -> str:
    return f"{text}\nUser: {draw.pick(('Is that all?', 'And then?', 'What else?'))}\nAssistant: That is all for now."


def _instruction_heading(draw: Draw, text: str) -> str:
    return f"{text}\n\n### Instruction:\n{draw.pick(('Name three rivers.', 'Write a poem.', 'Add two numbers.'))}"


def _assistant_prefix(draw: Draw, text: str) -> str:
    return f"Assistant: {text}"


def _tag(draw: Draw, text: str) -> str:
    tag = draw.pick(("p", "div", "span"))
    return f"<{tag}>{text}</{tag}>"


def _anchor(draw: Draw, text: str) -> str:
    return _between(draw, text, f'<a href="/topic/{draw.between(10, 999)}">more</a>')


def _email(draw: Draw, text: str) -> str:
    address = f"{draw.pick(NAMES)}@{draw.pick(INVENTED)}.{draw.pick(('net', 'org', 'de'))}"
    return f"{text} You can write to {address} about it."


def _digits(draw: Draw, count: int) -> str:
    return "".join(str(draw.below(10)) for _ in range(count))


def _phone(draw: Draw, text: str) -> str:
    """A number from the ranges that regulators keep free for fiction."""
    number = draw.pick((f"+44 7700 900 {_digits(draw, 3)}", f"+49 30 23 12 5{_digits(draw, 1)} {_digits(draw, 2)}"))
    return f"{text} Call my cousin at {number} if it fails."


def _key(draw: Draw, text: str) -> str:
    hexadecimal = "".join(draw.pick(HEX) for _ in range(40))
    capitals = "".join(draw.pick(LETTERS) for _ in range(16))
    key = draw.pick((f"sk-{hexadecimal}", f"AKIA{capitals}", f"api_key = '{hexadecimal}'"))
    return f"{text} For the tool use {key} as I do."


def _insert(*pieces: str) -> Damage:
    return lambda draw, text: _between(draw, text, draw.pick(pieces))


def _inject(*pieces: str) -> Damage:
    return lambda draw, text: _inside(draw, text, draw.pick(pieces))


def _append(*pieces: str) -> Damage:
    return lambda draw, text: text + draw.pick(pieces)


def _replace(*pieces: str) -> Damage:
    return lambda draw, text: draw.pick(pieces)


DAMAGE: Mapping[str, Mapping[str, Damage]] = {
    "empty_answer": {"nothing": _replace(""), "blank": _replace("   ", "\n", " \n\n ")},
    "answer_too_short": {"one_word": _replace("Yes.", "No.", "Ok.", "Sure."), "one_sign": _replace("?", "7", "-", ".")},
    "role_marker": {
        "human_turn": _human_turn,
        "user_line": _user_line,
        "instruction_heading": _instruction_heading,
        "assistant_prefix": _assistant_prefix,
    },
    "truncated_answer": {
        "mid_word": _mid_word,
        "mid_sentence": _mid_sentence,
        "open_list": _open_list,
        "open_fence": _open_fence,
    },
    "repetition": {
        "word": _one_word_many_times,
        "sentence": _last_sentence_again,
        "line": _line_again,
        "phrase": _phrase_loop,
    },
    "mojibake": {"utf8_as_cp1252": _as_cp1252, "utf8_as_latin1": _as_latin1, "replacement_character": _replacement},
    "control_characters": {
        "nul": _inject("\x00"),
        "backspace": _inject("\x08\x08", "\x07"),
        "escape": _inject("\x1b[31m", "\x1b[0m"),
        "delete": _inject("\x7f"),
    },
    "special_tokens": {
        "end": _append("<|im_end|>", "</s>", "<|endoftext|>", "<|eot_id|>"),
        "turn": _append("<|im_end|>\n<|im_start|>user\n", "<end_of_turn>\n<start_of_turn>user"),
        "instruction": lambda draw, text: f"[INST] {text} [/INST]",
        "begin": lambda draw, text: draw.pick(("<s>", "<|begin_of_text|>")) + text,
    },
    "html_leftover": {
        "entity": _insert("&nbsp;&nbsp;", "&amp;", "&quot;", "&#39;s"),
        "break": _insert("<br>", "<br />", "<br/><br/>"),
        "tag": _tag,
        "anchor": _anchor,
    },
    "pii": {"email": _email, "phone": _phone, "key": _key},
}
"""Check → kind of damage → how it is done."""

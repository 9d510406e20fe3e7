"""Checks on one answer: what they find, and what only looks like it."""

from typing import Any

import pytest
from check_pairs import LONG, PLAIN, flagged, flags, pairs

REST = "and the clouds let go of their water when the air cools down on its way up the mountains"

ANSWERS: dict[str, dict[str, tuple[dict[str, Any], bool]]] = {
    "empty_answer": {
        "nothing": ({"chosen": ""}, True),
        "spaces and line ends": ({"rejected": " \n\t\u00a0"}, True),
        "zero-width space": ({"rejected": "\u200b"}, True),
        "a full stop": ({"chosen": "."}, False),
        "tool call without a text": ({"chosen": "", "chosen_messages": '[{"role":"assistant"}]'}, False),
    },
    "answer_too_short": {
        "a word to an open question": ({"chosen": "Yes."}, True),
        "dots only": ({"rejected": "......................"}, True),
        "cut after ten characters": ({"prompt": "How do I make apple juice?", "chosen": "Making app"}, True),
        "a word to a German question": ({"prompt": "Warum regnet es?", "chosen": "Ja."}, True),
        "empty": ({"chosen": ""}, False),
        "yes to a yes-or-no question": (
            {"prompt": "Is it raining? Explain only if asked.\nyes or no", "chosen": "No"},
            False,
        ),
        "a figure asked for": ({"prompt": "Explain: what are 3 and 4?", "chosen": "7"}, False),
        "an emoji": ({"prompt": "And how is the weather?", "chosen": "🌧️"}, False),
        "quoted": ({"prompt": 'Write "Test"', "chosen": "Test."}, False),
        "a name": ({"prompt": "Who painted it?", "chosen": "Klee"}, False),
    },
    "answer_too_long": {
        "long": ({"chosen": "word " * 4000}, True),
        "not that long": ({"chosen": "word " * 3000}, False),
    },
    "role_marker": {
        "another turn": ({"chosen": f"{LONG}\n\nHuman: And snow?"}, True),
        "its own name first": ({"rejected": f"Assistant: {LONG}"}, True),
        "user line": ({"rejected": f"{LONG}\nUser: Thanks."}, True),
        "instruction heading": ({"rejected": f"{LONG}\n### Instruction:\nSay more."}, True),
        "word in a sentence": ({"chosen": "A human: that is what I would ask."}, False),
        "key of a data file": ({"chosen": "Organisation:\n  id: int\n\nUser:\n  id: int"}, False),
        "dialogue asked for": ({"prompt": "Write a dialogue about rain.", "chosen": "Human: Wet?\nUser: Wet."}, False),
        "marker in the question": ({"prompt": "Go on.\nHuman: Hi", "chosen": "Human: Hi again"}, False),
    },
    "repetition": {
        "line again and again": ({"chosen": LONG + "\n- Check the next item." * 12}, True),
        "word again and again": ({"chosen": f"{LONG} It is very" + " very" * 30}, True),
        "everything three times": ({"rejected": f"{LONG} {PLAIN} " * 4}, True),
        "zero again and again": ({"chosen": "13." + "0" * 300}, True),
        "rule at the end": ({"chosen": f"{LONG}\n" + "-" * 80}, False),
        "repeating asked for": ({"prompt": "Repeat 'rain' ten times.", "chosen": "rain " * 40}, False),
        "refrain of a song": ({"prompt": "A song on rain", "chosen": "Let it rain, let it rain.\n" * 12}, False),
        "rows of a table": ({"chosen": "| day | rain |\n" * 12}, False),
        "grid of figures": ({"chosen": "5 3 4\n6 7 2\n1 9 8\n8 5 9\n4 2 6\n7 1 3\n9 6 1\n2 8 7\n3 4 5\n" * 2}, False),
        "plain text": ({"chosen": f"{LONG} {PLAIN}"}, False),
    },
    "mojibake": {
        "apostrophe": ({"chosen": "It doesnâ€™t rain."}, True),
        "umlaut": ({"chosen": "FÃ¼nf Tage"}, True),
        "latin-1 quote": ({"chosen": "He said \u00e2\u0080\u009cno\u00e2\u0080\u009d"}, True),
        "replacement character": ({"rejected": "F\ufffdnf Tage"}, True),
        "Portuguese capitals": ({"chosen": "SÃO PAULO NÃO"}, False),
        "French circumflex": ({"chosen": "L’Âge d’or, «Âme»"}, False),
        "in the question as well": ({"prompt": "What is â€™?", "chosen": "â€™ is an apostrophe."}, False),
    },
    "control_characters": {
        "nul": ({"chosen": "It\x00rains."}, True),
        "escape sequence": ({"chosen": "\x1b[31mIt rains.\x1b[0m"}, True),
        "right-to-left override": ({"rejected": "It \u202esniar"}, True),
        "tabs and line ends": ({"chosen": "It\trains.\r\nA lot.\x0c"}, False),
        "emoji family": ({"chosen": "👨\u200d👩\u200d👧 like rain\ufe0f"}, False),
    },
    "special_tokens": {
        "end of text": ({"chosen": f"{LONG}<|endoftext|>"}, True),
        "chat template": ({"rejected": f"<|im_start|>assistant\n{LONG}"}, True),
        "instruction mark": ({"rejected": f"[/INST] {LONG}"}, True),
        "begin of sentence": ({"rejected": f"<s> {LONG}"}, True),
        "token explained": ({"prompt": "Which token ends a text?", "chosen": "It is <|endoftext|>."}, False),
        "in a code span": ({"chosen": "It ends with `<|endoftext|>`, they say."}, False),
        "struck through": ({"chosen": "It <s>rains</s pours."}, False),
    },
    "html_leftover": {
        "paragraph": ({"chosen": f"<p>{LONG}</p>"}, True),
        "entity": ({"chosen": "Rain&nbsp;falls."}, True),
        "line break": ({"chosen": "It rains.<br>A lot."}, True),
        "link": ({"rejected": '<a href="https://x.org">here</a>'}, True),
        "markup asked for": ({"prompt": "Make an HTML list.", "chosen": "<ul><li>rain</li></ul>"}, False),
        "in a code fence": ({"chosen": f"{LONG}\n```\n<p>rain</p>\n```\n"}, False),
        "line break in a table": ({"chosen": "| rain | snow |\n|---|---|\n| wet<br>cold | white |"}, False),
        "comparison": ({"chosen": "if a < b and b > c, then R&D; matters"}, False),
        "template brackets": ({"chosen": "Dear <name>, <your city>"}, False),
    },
    "pii": {
        "e-mail address": ({"chosen": "Ask maria.keller@web-mailer.de about it."}, True),
        "telephone number": ({"chosen": "Call me at (415) 732-4411."}, True),
        "foreign number": ({"chosen": "Ring +49 30 23 12 58 33 if it rains."}, True),
        "OpenAI key": ({"chosen": "Use sk-9f8e7d6c5b4a39281706abcdef."}, True),
        "GitHub token": ({"chosen": "ghp_" + "a1B2" * 9}, True),
        "AWS key": ({"rejected": "key: AKIAQWERTYUIOPASDFGH"}, True),
        "private key": ({"rejected": "-----BEGIN RSA PRIVATE KEY-----\nMII"}, True),
        "assigned secret": ({"rejected": "api_key = 'f71c24743da7b0f207a0c31b30967d2e'"}, True),
        "example domain": ({"chosen": "Write to maria.keller@example.com."}, False),
        "placeholder": ({"chosen": "Write to your.name@gmail.com or john.doe@gmail.com."}, False),
        "office": ({"chosen": "Write to support@weather-service.org."}, False),
        "fictional number": ({"chosen": "Call (415) 555-0132."}, False),
        "hotline": ({"chosen": "Call 1-800-273-8255 at any hour."}, False),
        "key of the documentation": ({"chosen": "AKIAIOSFODNN7EXAMPLE"}, False),
        "template asked for": ({"prompt": "An e-mail signature, please", "chosen": "anna.lee@bigfirm.com"}, False),
        "long number": ({"chosen": "Pi is 3.14159265358979 and 2023-10-11 was a day."}, False),
    },
    "language_mismatch": {
        "German answer": ({"chosen": "Der Regen kommt aus den Wolken, und die Luft ist dann nicht mehr warm."}, True),
        "Chinese answer": ({"rejected": "天空下雨是因为空气变冷，水汽变成了水滴，然后就落下来了。"}, True),
        "English answer to Spanish": ({"prompt": "¿Por qué llueve en el norte y no en el sur del país?"}, True),
        "English answer to Chinese": ({"prompt": "请你告诉我为什么北方下雨而南方不下雨？"}, True),
        "breaks into Chinese": ({"chosen": f"{LONG} The drops then become模糊 and fall."}, True),
        "ends in a Chinese sentence": ({"rejected": f"{PLAIN}\n这就是为什么天空会下雨的原因。"}, True),
        "name in its own script": ({"chosen": f"{LONG} (Russian: Дождь идёт, Chinese: 下雨)"}, False),
        "translation asked for": (
            {
                "prompt": "Translate: the rain.",
                "chosen": "Der Regen kommt aus den Wolken, und die Luft ist nicht warm.",
            },
            False,
        ),
        "German asked for": (
            {
                "prompt": "Why does it rain? In German!",
                "chosen": "Der Regen kommt aus den Wolken, und das ist die Luft.",
            },
            False,
        ),
        "code to a Chinese question": (
            {"prompt": "请写一个把列表排序的函数，谢谢你。", "chosen": "def f(x): return sorted(x)", "rejected": "好"},
            False,
        ),
        "too short to say": ({"chosen": "Ja, der Regen."}, False),
        "names and terms": (
            {"chosen": "Cumulus, stratus, nimbus, cirrus, altostratus, cumulonimbus, nimbostratus."},
            False,
        ),
    },
}
ANSWERS["chosen_refuses"] = {
    "cannot help": ({"chosen": "I'm sorry, but I can't help with that."}, True),
    "curly apostrophe": ({"chosen": "I’m not able to answer that question."}, True),
    "not comfortable": ({"chosen": "I apologize, but I do not feel comfortable with this topic."}, True),
    "German": ({"chosen": "Leider kann ich diese Frage nicht beantworten."}, True),
    "Spanish": ({"chosen": "Lo siento, pero no puedo ayudar con eso."}, True),
    "French": ({"chosen": "Malheureusement, je ne peux pas répondre à cette question."}, True),
    "Chinese": ({"chosen": "抱歉，我无法提供这方面的帮助。"}, True),
    "the other one": ({"rejected": "I'm sorry, but I can't help with that."}, False),
    "sympathy": ({"chosen": "I'm sorry to hear that your roof leaks. Put a bucket under it."}, False),
    "does not know": ({"chosen": "I'm sorry, I don't know when it will rain."}, False),
    "recommends": ({"chosen": "I can't recommend this book enough."}, False),
    "could not help but": ({"chosen": "I couldn't help but notice the rain."}, False),
    "modest remark": ({"chosen": "I cannot provide personal opinions, but rain is water."}, False),
    "letter that declines": (
        {"prompt": "Write a letter declining the invitation.", "chosen": "Dear Ana, sadly I can't take part."},
        False,
    ),
    "refusal to rewrite": (
        {"prompt": "Rephrase: I can't help you with that.", "chosen": "I'm unable to assist you in this."},
        False,
    ),
    "advice": ({"chosen": "I can't advise on that."}, True),
    "should not": ({"chosen": "That is wrong, so I don't think I should help you with that."}, True),
    "prohibited": ({"chosen": "I'm ethically prohibited from telling you."}, True),
    "modest about particulars": ({"chosen": "I can't provide advice on particular apps, but most are alike."}, False),
    "modest in Chinese": ({"chosen": "我不能提供个人财务建议，然而以下几点值得考虑。"}, False),
    "personal data in Chinese": ({"chosen": "抱歉，我不能提供个人信息。"}, True),
    "late in the text": ({"chosen": f"{LONG} {PLAIN} {LONG} I can't help with that."}, False),
}
ANSWERS["rejected_refuses"] = {
    "cannot help": ({"rejected": "I'm sorry, but I can't help with that."}, True),
    "the other one": ({"chosen": "I'm sorry, but I can't help with that."}, False),
}

CASES = [
    pytest.param(check, row, expected, id=f"{check}-{name}")
    for check, rows in ANSWERS.items()
    for name, (row, expected) in rows.items()
]


@pytest.mark.parametrize(("check", "row", "expected"), CASES)
def test_check_on_an_answer(check: str, row: dict[str, Any], expected: bool) -> None:
    assert flagged(check, pairs({"name": "row", **row})) == ({"row"} if expected else set())


ENDINGS: dict[str, tuple[dict[str, Any], bool]] = {
    "in a sentence": ({"chosen": f"{LONG} It rains when {REST} because"}, True),
    "in a word": ({"chosen": f"{LONG} It rains when {REST} and then they disap"}, True),
    "after a comma": ({"chosen": f"{LONG} It rains in Peru, in Norway,"}, True),
    "in a fence": ({"chosen": f"{LONG}\n```python\nfor cloud in sky:\n    cloud"}, True),
    "in a list of sentences": ({"chosen": f"{LONG}\n- Warm air rises and cools.\n- Then the water"}, True),
    "at a lone marker": ({"chosen": f"{LONG}\n1. {PLAIN}\n2."}, True),
    "with a stop": ({"chosen": f"{LONG} {PLAIN}"}, False),
    "with a quote": ({"chosen": f"{LONG} “It rains because {REST}.”"}, False),
    "with a Chinese stop": ({"chosen": "天空下雨是因为空气变冷。" * 8}, False),
    "with a code fence": ({"chosen": f"{LONG}\n```python\nprint('rain')\n```"}, False),
    "with a bare list": (
        {"chosen": "Kinds of clouds that bring rain to the north of the country:\n- nimbus\n- cumulus\n- stratus"},
        False,
    ),
    "with a link": ({"chosen": f"{LONG} See https://weather.example.org/{'rain' * 10}"}, False),
    "with a signature": ({"chosen": f"Dear Ana,\n{LONG}\nWarm regards,\nCarlos"}, False),
    "with an emoji": ({"chosen": f"{LONG} Take an umbrella with you 🌧️"}, False),
    "with tags": ({"chosen": f"{LONG} Stay dry everyone out there #rain #umbrella"}, False),
    "with a table": (
        {"chosen": f"{LONG}\n| day | rain |\n|---|---|\n| Monday | yes, all day long, without a pause |"},
        False,
    ),
    "with a verse": ({"prompt": "A poem on rain", "chosen": f"Rain on the roof\n{REST}"}, False),
    "short": ({"chosen": "It rains because of the"}, False),
}


@pytest.mark.parametrize(("row", "expected"), ENDINGS.values(), ids=ENDINGS)
def test_truncated_answer_among_finished_ones(row: dict[str, Any], expected: bool) -> None:
    peers = [{"prompt": f"Why {n}?", "chosen": f"{n}. {LONG}", "rejected": f"{n}. {PLAIN}"} for n in range(6)]
    assert flagged("truncated_answer", pairs({"name": "row", **row}, *peers)) == ({"row"} if expected else set())


def test_truncated_answer_is_no_finding_where_nobody_ends_sentences() -> None:
    peers = [{"chosen": f"{n} {REST}", "rejected": f"{n} rain {REST}"} for n in range(6)]
    assert flagged("truncated_answer", pairs(*peers)) == set()


def test_evidence_says_which_side_and_what() -> None:
    both = {"chosen": "Human: Why?", "rejected": f"{PLAIN}\nAssistant: Because."}
    found = flags(pairs(both)).evidence.filter(check="role_marker")["evidence"].to_list()
    assert found == [
        '{"chosen":{"match":"Human: ","context":"Human: Why?"},'
        '"rejected":{"match":"Assistant: ","context":"y does the rest of the work in the end.\\nAssistant: Because."}}'
    ]


def test_evidence_of_personal_data_does_not_repeat_it() -> None:
    found = flags(pairs({"chosen": "Ask maria.keller@web-mailer.de about it."})).evidence
    assert found["evidence"].to_list() == ['{"chosen":{"kind":"e-mail","match":"maria.…"}}']


def test_a_pattern_of_the_users_own() -> None:
    refusing = pairs({"name": "row", "chosen": "Computer says no."})
    assert flagged("chosen_refuses", refusing) == set()
    assert flagged("chosen_refuses", refusing, {"chosen_refuses": {"pattern": "says no"}}) == {"row"}

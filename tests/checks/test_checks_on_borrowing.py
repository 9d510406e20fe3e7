from check_pairs import LONG, PLAIN, flagged, pairs

QUESTION = "Which of the many rivers of the north of Europe is the longest, and where does it end?"


def test_one_answer_contains_the_other() -> None:
    rows = pairs(
        {"name": "goes on", "chosen": f"{LONG} {PLAIN}", "rejected": LONG},
        {"name": "stands in quotes", "chosen": LONG, "rejected": f'"{LONG}"'},
        {"name": "the same", "chosen": LONG, "rejected": LONG},
        {"name": "more space", "chosen": LONG, "rejected": f"{LONG}\n"},
        {"name": "a word of it", "chosen": LONG, "rejected": "rain"},
        {"name": "nothing", "chosen": LONG, "rejected": ""},
        {"name": "another", "chosen": LONG, "rejected": PLAIN},
    )
    assert flagged("answer_contains_other", rows) == {"goes on", "stands in quotes"}
    assert "a word of it" in flagged("answer_contains_other", rows, {"answer_contains_other": {"min_chars": 1}})


def test_an_answer_that_repeats_its_question() -> None:
    rows = pairs(
        {"name": "repeats", "prompt": QUESTION, "chosen": f"You ask: {QUESTION} The Volga."},
        {"name": "rejected one", "prompt": f" {QUESTION}\n", "rejected": QUESTION},
        {"name": "answers", "prompt": QUESTION, "chosen": "The Volga, which ends in the Caspian Sea."},
        {"name": "a word", "prompt": "rain", "chosen": "rain"},
        {"name": "no question", "prompt": "", "chosen": LONG},
    )
    assert flagged("prompt_in_answer", rows) == {"repeats", "rejected one"}


def test_an_answer_that_opens_with_a_short_question() -> None:
    short, chinese = "How long is the river Volga?", "欧洲最长的河流是哪一条，它流入哪里？"
    rows = pairs(
        {"name": "opens", "prompt": short, "chosen": f"{short} About 3,500 km."},
        {"name": "named", "prompt": short, "chosen": f'**Question:** "{short}"\n\nAbout 3,500 km.'},
        {"name": "within", "prompt": short, "chosen": f"You ask {short} About 3,500 km."},
        {"name": "too short", "prompt": "Thank you", "chosen": "Thank you, it was nice talking to you."},
        {"name": "in few characters", "prompt": chinese, "chosen": f"{chinese} 伏尔加河。"},
    )
    assert flagged("prompt_in_answer", rows) == {"opens", "named", "in few characters"}


def test_one_answer_to_many_prompts() -> None:
    def rows(name: str, answer: str, count: int, prompt: str = "Question {}?") -> list[dict[str, str]]:
        own = [{"chosen": f"{name} {n}", "rejected": answer, "prompt": prompt.format(n)} for n in range(count)]
        return [{"name": row["chosen"], **row} for row in own]

    same = rows("same", "As I said before: no comment.", 5)
    short = rows("short", "Yes.", 5)
    again = rows("again", "To one prompt, as often as you like.", 9, "Question 0?")
    assert flagged("reused_answer", pairs(*same, *short, *again)) == {row["name"] for row in same}
    assert flagged("reused_answer", pairs(*same[:4])) == set()


def test_a_long_answer_copied_from_another_prompt() -> None:
    def one(name: str, prompt: str, answer: str) -> dict[str, str]:
        return {"name": name, "prompt": prompt, "chosen": answer, "rejected": name}

    long, short = LONG * 4, "It rains because the air cools."
    rows = pairs(
        one("own", "Why does it rain?", long),
        {"name": "copied", "prompt": "How do I bake bread?", "chosen": "copied", "rejected": long},
        one("short", "And snow?", short),
        one("short again", "And hail?", short),
        one("same question", "Is it wet?", f"{long}!"),
        one("in other letters", "is it WET? ", f"{long}!"),
    )
    assert len(long) >= 200 > len(short)
    assert flagged("reused_answer", rows) == {"own", "copied"}

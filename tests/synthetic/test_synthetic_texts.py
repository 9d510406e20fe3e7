"""Clean pairs are clean: of ordinary length, told apart by content rather than length, and unlike each other."""

from itertools import combinations

import pytest

from prefq.synthetic.draft import Draft
from prefq.synthetic.draw import Draw
from prefq.synthetic.tasks import ENGLISH, any_draft, draft_in, speaker_of
from prefq.synthetic.voices import FOREIGN, VOICES


@pytest.fixture(scope="module")
def drafts() -> list[Draft]:
    return [any_draft(Draw("texts", i)) for i in range(1200)]


def test_lengths_are_ordinary(drafts: list[Draft]) -> None:
    for draft in drafts:
        lengths = sorted(len(answer) for answer in (draft.good, draft.bad))
        assert lengths[0] >= 20
        assert lengths[1] < 600
        assert lengths[1] < 5 * lengths[0]


def test_the_good_answer_is_longer_about_every_other_time(drafts: list[Draft]) -> None:
    longer = sum(len(draft.good) > len(draft.bad) for draft in drafts)
    assert 0.5 < longer / len(drafts) < 0.62


def test_no_slot_is_left_open(drafts: list[Draft]) -> None:
    for draft in drafts:
        texts = [content for _, content in draft.prompt] + [draft.good, draft.bad, draft.also_good or ""]
        if draft.task != "code":
            assert not any("{" in text or "}" in text for text in texts)


def test_answers_end_as_sentences_do(drafts: list[Draft]) -> None:
    for draft in drafts:
        for answer in (draft.good, draft.bad):
            assert answer.rstrip("”")[-1] in ".!?。！？", answer


def test_every_task_and_language_occurs(drafts: list[Draft]) -> None:
    assert {draft.language for draft in drafts} == {"en", "de", "es", "fr", "zh"}
    assert len({draft.task for draft in drafts}) == len(ENGLISH)
    assert any(len(draft.prompt) > 1 for draft in drafts)


@pytest.mark.parametrize("language", FOREIGN)
def test_foreign_drafts_speak_their_language(language: str) -> None:
    draft = draft_in(Draw(5, language), language)
    assert draft.language == language
    assert any(fact in draft.good for topic in VOICES[language].topics for fact in topic.right)


@pytest.mark.parametrize(("task", "_weight"), ENGLISH, ids=[task.__name__ for task, _ in ENGLISH])
def test_every_task_tells_good_from_bad(task: object, _weight: int) -> None:
    for i in range(30):
        draft = task(speaker_of(Draw("task", i), "en"))  # type: ignore[operator]
        assert draft.prompt[-1][0] == "user"
        assert len({draft.good, draft.bad, draft.also_good}) == 3


def test_different_rows_are_rarely_alike(drafts: list[Draft]) -> None:
    shingles = [_shingles(draft.question) for draft in drafts[:300]]
    alike = sum(len(a & b) >= 0.5 * len(a | b) for a, b in combinations(shingles, 2))
    assert alike <= 0.001 * len(shingles) * (len(shingles) - 1) / 2


def _shingles(text: str) -> set[str]:
    return {text[i : i + 5].lower() for i in range(max(1, len(text) - 4))}

"""The tasks of the synthetic data: each draws a question, good answers and a bad one."""

from collections.abc import Callable
from itertools import accumulate

from prefq.synthetic import sums
from prefq.synthetic.bank.advice import PROBLEMS
from prefq.synthetic.bank.crafts import (
    BLUNT,
    CHARACTERS,
    CODE,
    CODE_REQUESTS,
    CODE_SETTINGS,
    LETTERS,
    MUSINGS,
    PHRASES,
    SCENES,
    THINGS,
    TONES,
)
from prefq.synthetic.bank.phrases import CLOSERS
from prefq.synthetic.bank.places import CITIES, COMPARISONS, DISHES
from prefq.synthetic.bank.read import Entry, lines
from prefq.synthetic.draft import Draft, ask, halves, single_turn, tell, weak, with_history
from prefq.synthetic.draw import Draw
from prefq.synthetic.voices import FOREIGN, VOICES, Speaker

HELP = lines(
    """
    What can I do when {}?
    Help, {}!
    Any advice? Lately {}.
    I am at a loss: {}.
    For weeks now {}. Ideas?
    Since {month} {}.
    Tell me what to try, because {}.
    {name} says I should ask you, as {}.
    """
)
VISIT = lines(
    """
    What should I see in {} in {month}?
    We have {count} hours in {}.
    Plan a day in {} for {group}.
    I will be in {} with my {relative}.
    Is {} worth a weekend for {name} and me?
    Give me ideas for {} on a rainy {day}.
    """
)
COOK = lines(
    """
    How do I make {} for {count}?
    I want to cook {} on {day}.
    Give me a recipe for {}.
    {name} is coming over, so I need {}.
    Teach my {relative} to make {}.
    What goes into a decent {}?
    """
)
COMPARE = lines(
    """
    What speaks for {}?
    Compare {} for me.
    I cannot decide between {}.
    My {relative} and I argue about {}.
    Which is better for {name}: {}?
    List differences between {}.
    """
)
WRITE = lines(
    """
    Write a short letter to {surname} {}.
    Draft an e-mail to {name} {surname} {}.
    I need a few lines to Ms {surname} {}.
    Help me with a note to my {relative} {}.
    Compose a message {}, signed by {name}.
    """
)
PLAY = lines(
    """
    Pretend to be {}.
    Play {}.
    For a game on {day}, be {}.
    Speak as {}.
    {group} would love a few lines by {}.
    """
)
SUMMARISE = lines(
    """
    Sum this up for {group}:
    What is the point of this text?
    One sentence for {name}, please:
    Shorten this note from {day}:
    My {relative} wrote this. What does it say?
    """
)


def _about(speaker: Speaker, entry: Entry, requests: tuple[str, ...], about: str) -> str:
    speaker.given["about"] = entry.heading
    question = ask(speaker, capital(speaker.one(requests)))
    speaker.given["about"] = about
    return question


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def _from_entry(
    speaker: Speaker, task: str, bank: tuple[Entry, ...], requests: tuple[str, ...], quoted: bool = False
) -> Draft:
    entry, other = speaker.draw.some(range(len(bank)), 2)
    heading = bank[entry].heading
    question = _about(speaker, bank[entry], requests, f"“{heading}”" if quoted else heading)
    first, second = halves(speaker.draw, bank[entry].right)
    good, also_good = tell(speaker, first), tell(speaker, second)
    bad, clear = weak(speaker, good, bank[other].right, bank[entry].wrong)
    return single_turn(speaker.voice, task, question, (good, also_good, bad, clear))


def explain(speaker: Speaker) -> Draft:
    """Explain how or why something is so, in the speaker's language."""
    return _from_entry(speaker, "explain", speaker.voice.topics, speaker.voice.requests)


def advise(speaker: Speaker) -> Draft:
    """Tips for an everyday problem."""
    return _from_entry(speaker, "advice", PROBLEMS, HELP, quoted=True)


def travel(speaker: Speaker) -> Draft:
    """What to do in a city."""
    return _from_entry(speaker, "travel", CITIES, VISIT)


def compare(speaker: Speaker) -> Draft:
    """The differences between two things."""
    return _from_entry(speaker, "compare", COMPARISONS, COMPARE)


def cook(speaker: Speaker) -> Draft:
    """A recipe; its steps stay in order."""
    dish, other = speaker.draw.some(DISHES, 2)
    question = _about(speaker, dish, COOK, dish.heading)
    good = tell(speaker, dish.right)
    bad, clear = weak(speaker, good, other.right)
    return single_turn(speaker.voice, "cooking", question, (good, None, bad, clear))


def summarise(speaker: Speaker) -> Draft:
    """The gist of three sentences."""
    topic, other = speaker.draw.some(speaker.voice.topics, 2)
    facts = speaker.draw.some(topic.right, 3)
    speaker.given["about"] = topic.heading
    question = speaker.one(SUMMARISE) + " " + " ".join(facts)
    good = speaker.say(f"The text explains {{}}. The main point: {lower(facts[0])} {speaker.draw.pick(CLOSERS)}")
    also_good = speaker.say(f"In a nutshell, {lower(facts[1])} It is about {{}}. {speaker.draw.pick(CLOSERS)}")
    bad, clear = weak(speaker, good, other.right, topic.wrong)
    return single_turn(speaker.voice, "summary", question, (good, also_good, bad, clear))


def lower(text: str) -> str:
    """The text with its first letter small."""
    return text[:1].lower() + text[1:]


def other_matter(speaker: Speaker) -> tuple[str, ...]:
    """Sentences that have nothing to do with a craft."""
    return speaker.draw.pick(speaker.draw.pick((PROBLEMS, CITIES, DISHES, COMPARISONS))).right


def code(speaker: Speaker) -> Draft:
    """A line of Python with its explanation, or one that does something else."""
    wanted, right, why, wrong, excuse = speaker.draw.pick(CODE)
    speaker.given["about"] = wanted
    question = speaker.join(
        (speaker.one(CODE_REQUESTS), *(speaker.say(s) for s in speaker.draw.some(CODE_SETTINGS, 2)))
    )
    opener = speaker.one(speaker.voice.openers) if speaker.draw.chance(0.5) else ""
    closers = speaker.join([speaker.say(closer) for closer in speaker.draw.some(speaker.voice.closers, 2)])
    good = f"{opener}\n```python\n{right}\n```\n{why} {closers}".lstrip()
    if speaker.draw.chance(0.5):
        vague = speaker.one(speaker.voice.vague)
        return single_turn(
            speaker.voice, "code", question, (good, None, f"```python\n{wrong}\n```\n{excuse} {vague}", False)
        )
    speaker.given["about"] = "code"
    return single_turn(speaker.voice, "code", question, (good, None, *weak(speaker, good, other_matter(speaker))))


def rewrite(speaker: Speaker) -> Draft:
    """A blunt sentence said politely."""
    speaker.given["thing"] = speaker.draw.pick(THINGS)
    blunt, polite, worse = speaker.draw.pick(BLUNT)
    before = speaker.one(speaker.voice.reasons) if speaker.draw.chance(0.4) else ""
    question = speaker.join((before, speaker.say(f"{speaker.draw.pick(TONES)}: “{blunt}”")))
    polite = f"{polite} {speaker.draw.pick(CLOSERS)}"
    speaker.given["about"] = "tone"
    bad, clear = (
        (speaker.say(worse), True) if speaker.draw.chance(0.5) else weak(speaker, polite, other_matter(speaker))
    )
    return single_turn(speaker.voice, "rewriting", question, (speaker.say(polite), None, bad, clear))


def letter(speaker: Speaker) -> Draft:
    """A short letter or e-mail."""
    speaker.given["thing"] = speaker.draw.pick(THINGS)
    purpose, core, more = speaker.draw.pick(LETTERS)
    speaker.given["about"] = speaker.say(purpose)
    question = ask(speaker, speaker.one(WRITE))
    offer = speaker.one(speaker.voice.closers)
    good = speaker.say(f"Dear Ms {{surname}},\n{core} {more}\nKind regards\n\n{offer}")
    also_good = speaker.say(f"Hello,\nI hope you are well. {core}\nYours, {{name}}\n\nWould you like it more formal?")
    speaker.given["about"] = "letters"
    bad, clear = weak(speaker, good, other_matter(speaker))
    return single_turn(speaker.voice, "letter", question, (good, also_good, bad, clear))


def role_play(speaker: Speaker) -> Draft:
    """A few lines in the voice of a character."""
    speaker.given["thing"] = speaker.draw.pick(THINGS)
    who, opening, *details = speaker.draw.pick(CHARACTERS)
    speaker.given["about"] = f"{who} {speaker.one(SCENES)}"
    question = ask(speaker, capital(speaker.one(PLAY)))
    said = (opening, speaker.draw.pick(details), *speaker.draw.some(MUSINGS, 2))
    good = speaker.join([speaker.say(sentence) for sentence in said])
    speaker.given["about"] = who
    bad, clear = weak(speaker, good, other_matter(speaker))
    return single_turn(speaker.voice, "role play", question, (good, None, bad, clear))


def translate(speaker: Speaker) -> Draft:
    """A sentence in German, Spanish or French."""
    english, *others = speaker.draw.pick(PHRASES)
    which = speaker.draw.below(3)
    name = ("German", "Spanish", "French")[which]
    speaker.given["about"] = f"“{english}”"
    request = speaker.draw.pick(
        (f"Translate {{}} into {name}.", f"How do you say {{}} in {name}?", f"{{}} in {name}, please.")
    )
    speaker.given["about"] = speaker.say(speaker.given["about"])
    question = ask(speaker, speaker.say(request))
    right, wrong = speaker.say(others[which]), speaker.say(others[which + 3])
    good = f"In {name} you would say: “{right}” {speaker.one(CLOSERS)}"
    speaker.given["about"] = name
    bad = f"“{wrong}” {speaker.one(speaker.voice.vague)}"
    return single_turn(speaker.voice, "translation", question, (good, None, bad, False))


def word_problem(speaker: Speaker) -> Draft:
    """A word problem with its solution."""
    return sums.solved(speaker, sums.problem(speaker))


Task = Callable[[Speaker], Draft]
ENGLISH: tuple[tuple[Task, int], ...] = (
    *((explain, 25), (advise, 20), (travel, 13), (cook, 5), (compare, 9), (summarise, 5)),
    *((code, 4), (rewrite, 5), (letter, 8), (role_play, 4), (translate, 3), (word_problem, 5)),
)
_LADDER = tuple(accumulate(weight for _, weight in ENGLISH))
FOREIGN_SHARE = 0.12
HISTORY_SHARE = 0.1


def speaker_of(draw: Draw, language: str) -> Speaker:
    """A speaker of that language."""
    return Speaker(draw, VOICES[language])


def draft_in(draw: Draw, language: str) -> Draft:
    """A clean draft in that language."""
    speaker = speaker_of(draw, language)
    if language != "en":
        return explain(speaker)
    at = draw.below(_LADDER[-1])
    task = next(task for (task, _), top in zip(ENGLISH, _LADDER, strict=True) if at < top)
    draft = task(speaker)
    return with_history(speaker, draft) if draw.chance(HISTORY_SHARE) else draft


def any_draft(draw: Draw) -> Draft:
    """A clean draft of any task in any language."""
    return draft_in(draw, draw.pick(FOREIGN) if draw.chance(FOREIGN_SHARE) else "en")

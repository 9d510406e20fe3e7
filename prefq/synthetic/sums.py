"""Word problems: the numbers are drawn, the right result is computed, the wrong one is a usual slip."""

from dataclasses import dataclass

from prefq.synthetic.bank.phrases import CLOSERS, VAGUE
from prefq.synthetic.bank.read import lines
from prefq.synthetic.bank.sums import SCENES
from prefq.synthetic.draft import Draft, single_turn
from prefq.synthetic.voices import Speaker

ASIDES = lines(
    """
    It is a {day} in {month}.
    The weather is fine at {hour}.
    {surname} watches and says nothing.
    A radio plays in the corner.
    This happens about {count} times a year.
    Everybody is in a good mood.
    The {relative} helps a little.
    It smells of coffee.
    Nobody is in a hurry before {hour}.
    Outside a dog called {surname} barks.
    """
)
QUESTIONS = lines(
    """
    How many {items} are there in the end?
    What is the final number of {items}?
    Can you work out how many {items} that leaves?
    Count the {items} for me, please.
    My {relative} gets another result for the {items}; which is right?
    I have to know the {items} by {hour}, so how many is it?
    """
)
RIGHT = lines(
    """
    {steps}. So the answer is {result} {items}.
    Step by step: {steps}. That gives {result} {items}.
    {result} {items}, because {steps}.
    Let us calculate: {steps}. In the end there are {result} {items}.
    """
)
WRONG = lines(
    """
    I would say {wrong} {items}, as one can tell by adding up whatever is mentioned.
    It must be {wrong}. The other numbers only serve to confuse you.
    Roughly {wrong}, give or take, and exact figures hardly matter here anyway.
    Everyone gets {wrong} for that. Just trust the first number that comes to mind.
    The text does not say it exactly, but {wrong} {items} sounds about right to me.
    """
)


@dataclass(frozen=True, slots=True)
class Problem:
    """The words of a problem, chosen once; numbers can be put in several times."""

    scene: tuple[str, ...]
    aside: str
    question: str
    shape: int
    """0: some come and some go; 1: some come; 2: some go."""


def problem(speaker: Speaker) -> Problem:
    """The words of a new problem."""
    draw = speaker.draw
    return Problem(draw.pick(SCENES), draw.pick(ASIDES), draw.pick(QUESTIONS), draw.below(3))


def solved(speaker: Speaker, words: Problem) -> Draft:
    """The problem with drawn numbers, its solution and a wrong one."""
    start, more, less = (speaker.draw.between(*span) for span in ((21, 96), (5, 48), (3, 20)))
    where, items, *_ = words.scene
    speaker.given |= {"about": items, "a": str(start), "b": str(more), "c": str(less), "items": items}
    result = start + (more if words.shape < 2 else 0) - (less if words.shape != 1 else 0)
    slip = result + speaker.draw.pick((-11, -9, 2 * less, 10, 13, 20))
    speaker.given |= {"steps": _steps(words.shape, start, more, less), "result": str(result), "wrong": str(slip)}
    good, bad = (
        speaker.join((speaker.one(RIGHT), speaker.one(CLOSERS))),
        speaker.join((speaker.one(WRONG), speaker.one(VAGUE))),
    )
    return single_turn(speaker.voice, "arithmetic", _question(speaker, words, where), (good, None, bad, False))


def _steps(shape: int, start: int, more: int, less: int) -> str:
    if shape == 1:
        return f"{start} + {more} = {start + more}"
    if shape == 2:
        return f"{start} − {less} = {start - less}"
    return f"{start} + {more} = {start + more}, and {start + more} − {less} = {start + more - less}"


def _question(speaker: Speaker, words: Problem, where: str) -> str:
    who = "It" if where.startswith(("A ferry", "The ")) else "{name}"
    _, _, begin, come, go, _ = words.scene
    deeds = (begin, *((come,) if words.shape < 2 else ()), *((go,) if words.shape != 1 else ()))
    listed = ", then ".join(deeds)
    return speaker.say(f"{where} {who} {listed}. {words.aside} {words.question}")

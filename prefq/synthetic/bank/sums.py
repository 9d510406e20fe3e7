"""Scenes for word problems: who has what, and what may happen to it."""

from prefq.synthetic.bank.read import records

# Where | the things counted | how they come | how more come | how some go | how they are shared.
SCENES = records(
    """
= {name} runs a bakery.
rolls
bakes {a} rolls before dawn
takes {b} more out of the oven at noon
sells {c} to a school
packs them into bags of {d}
= {name} keeps hens behind the house.
eggs
collects {a} eggs on {day}
finds {b} others under the hedge
drops {c} on the way
fills boxes of {d}
= At the library {name} sorts returns.
books
gets a cart with {a} books
receives {b} from the night box
sends {c} to be repaired
sets them on shelves of {d}
= {name} paints fences for a living.
boards
has {a} boards ready on {day}
orders {b} extra
wastes {c} with a bad cut
paints {d} an hour
= A ferry leaves {surname} harbour.
passengers
starts with {a} passengers
lets {b} come aboard at the island
sees {c} get off at the pier
seats them in rows of {d}
= {name}'s choir prints programmes.
sheets
buys {a} sheets in {month}
borrows {b} from the parish
loses {c} to a paper jam
folds stacks of {d}
= The {surname} orchard opens its gates.
apples
picks {a} apples in the first hour
shakes down {b} later
throws {c} bruised ones away
sells nets of {d}
= {name} collects stamps.
stamps
owns {a} stamps since {month}
inherits {b} from an uncle
trades {c} for a magnifier
mounts pages of {d}
= {name} trains for a race.
kilometres
runs {a} kilometres in week one
adds {b} in the second
cycles, which leaves {c} that do not count
splits them into laps of {d}
= In a workshop {name} builds toys.
wheels
turns {a} wheels on {day}
orders {b} from {surname}
rejects {c} with cracks
needs {d} for each cart
= {name} sells tickets for a play.
seats
has a hall of {a} seats
adds {b} folding chairs
blocks {c} for the band
reserves rows of {d}
= A beekeeper called {name} fills jars.
jars
fills {a} jars in {month}
finds {b} in the cellar
gives {c} to neighbours
stacks crates of {d}
"""
)

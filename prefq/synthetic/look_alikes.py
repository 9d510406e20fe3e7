"""Clean records that resemble a defect."""

from prefq.synthetic.bank.crafts import THINGS
from prefq.synthetic.bank.look_alikes import LOOK_ALIKES
from prefq.synthetic.draft import Draft
from prefq.synthetic.draw import Draw
from prefq.synthetic.row import Mark, Row, row
from prefq.synthetic.tasks import speaker_of

KINDS = tuple(record[1] for record in LOOK_ALIKES)
_BY_KIND = {record[1]: record for record in LOOK_ALIKES}


def look_alike(draw: Draw, kind: str) -> Row:
    """A clean record of that kind, marked as what it resembles."""
    check, _, *templates = _BY_KIND[kind]
    speaker = speaker_of(draw, "en")
    speaker.given |= {"thing": draw.pick(THINGS), "small0": str(draw.between(10, 99))}
    question, good, bad = (speaker.say(template.replace("\\n", "\n")) for template in templates)
    draft = Draft("other", "en", (("user", question),), good, None, bad, False)
    also = (Mark(check="only_chosen_refuses", kind=kind, look_alike=True),) if check == "chosen_refuses" else ()
    return row(draft, good, bad, Mark(check=check, kind=kind, look_alike=True, also=("contrast_pair",)), *also)

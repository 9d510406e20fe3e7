"""Phrases around the content, in English: reasons, requests, limits, openers, and what weak answers are made of."""

from prefq.synthetic.bank.read import cells, lines

SLOTS: dict[str, tuple[str, ...]] = {
    "name": lines(
        """
        Amara\nBastian\nCarmen\nDmitri\nElif\nFarid\nGreta\nHiro\nIngrid\nJamal\nKeiko\nLars\nMaribel\nNikhil\nOdile
        Pavel\nQuentin\nRosalind\nSanjay\nTilda\nUmar\nVera\nWendell\nXimena\nYusuf\nZora\nAnselm\nBrigid\nCosmo\nDelia
        Emeka\nFiona\nGustav\nHanne\nIsidro\nJuna\nKofi\nLeila\nMagnus\nNoor\nOtto\nPriya\nRafael\nSunniva\nTomasz\nUlla
        """
    ),
    "surname": lines(
        "Abernathy\nBergqvist\nCastellan\nDrummond\nEchevarria\nFairweather\nGrünwald\nHolloway\nIbarra\nJovanovic\n"
        "Kettering\nLindqvist\nMarchetti\nNakagawa\nOkonkwo\nPemberton\nQuillfeather\nRosengren\nSaltmarsh\nThistlewood"
    ),
    "relative": lines(
        "daughter\nson\nniece\nnephew\ngrandfather\naunt\nneighbour\ncolleague\nflatmate\nsister\n"
        "brother\nboss\nteacher\n"
        "cousin\ncoach\nlandlady\nfriend\npen pal\nuncle\nstepson"
    ),
    "when": lines(
        "at dinner\nlast night\non the bus\nthis morning\nduring a walk\nover coffee\non the phone\n"
        "at school\non Sunday\n"
        "at the market\nin class\nafter the match\nwhile cooking\nat the hairdresser's\non holiday\nin the waiting room"
    ),
    "group": lines(
        "a class of ten-year-olds\nmy book club\na podcast\na pub quiz\na museum tour\na newsletter\nnew colleagues\n"
        "my blog\na school paper\na radio spot\nscouts\nmy evening course\na poster\nnervous parents\nthe local paper"
    ),
    "day": lines("Monday\nTuesday\nWednesday\nThursday\nFriday\nSaturday\nSunday"),
    "month": lines("January\nFebruary\nMarch\nApril\nMay\nJune\nJuly\nAugust\nSeptember\nOctober\nNovember\nDecember"),
    "count": lines("two\nthree\nfour\nfive\nsix\nseven\neight\ntwelve"),
    "small": tuple(str(n) for n in range(2, 20)),
    "hour": lines("8:15\n9:30\n10:00\n11:45\n13:20\n14:00\n15:30\n16:45\n17:10\n18:00\n19:25"),
}

REASONS = lines(
    """
    My {relative} asked me {when} and I had no answer.
    I am writing a few lines for {group}.
    {name} and I made a bet about it {when}.
    Something I have wondered about since {month}.
    I read about it {when} but lost the thread.
    It came up {when}.
    My {relative} {name} claims to know better.
    I promised {group} a short piece by {day}.
    For {group}, {count} minutes at most.
    Hello, {name} {surname} here.
    Hi, quick one before {hour}.
    A colleague named {name} explained it badly {when}.
    I need it for {group} on {day}.
    Curious after a documentary {when}.
    Good morning from {surname} street.
    I have {count} minutes before {name} calls.
    My {relative} has an exam in {month}.
    Please help me settle something with my {relative}.
    """
)

REQUESTS = lines(
    """
    Can you explain {}?
    Please tell me {}.
    I would like to know {}.
    Do you know {}?
    Help me understand {}.
    What is the story behind {}?
    In plain words: {}?
    Could you sum up {}?
    I never understood {}.
    Tell me more about {}.
    Give me the short version of {}.
    Say a word on {}.
    I keep asking myself {}.
    Teach me {}.
    """
)

LIMITS = lines(
    """
    Keep it short for {name}.
    Give me {count} sentences.
    No jargon, please.
    An example would be nice.
    I know almost nothing about it.
    Assume I am {small} years old.
    A list is fine.
    My {relative} will read it too.
    Be precise, {surname} is.
    Thanks in advance!
    Only what matters most.
    I can ask for details later.
    Please avoid formulas.
    Something I can repeat {when}.
    It should fit on an index card.
    The audience is {group}.
    Skip the history.
    Simple words are best.
    Leave out anything uncertain.
    """
)

OPENERS = lines(
    """
    Happy to help.
    Good question!
    In short:
    Here is the gist.
    Let us take it step by step.
    The main points:
    Here you go.
    Gladly.
    It is simpler than it looks.
    A brief answer first.
    """
)

CLOSERS = lines(
    """
    Tell me by {day} if you want more detail.
    I hope that helps with your {relative}.
    Good luck in {month}!
    Ask away if {name} finds a step unclear.
    Shall I put it into words for {group}?
    I can turn it into {count} bullet points as well.
    Have fun with {group}.
    For {group} I would begin with the first point.
    You can check this {when} with your {relative}.
    {name} {surname} wrote a readable book about it.
    If you have {count} minutes, I can add an example.
    That is the part which {group} will remember.
    A sketch on paper makes it clear to {name}.
    Your {relative} may know a case of it from {month}.
    By {day} you could explain it {when} yourself.
    I left out what only {surname} and other experts need.
    Should your {relative} doubt it, ask me for a source.
    Compare it with what you saw {when} in {month}.
    There is more to say, but {count} lines seem right for {group}.
    Start on {day} and tell me how it went.
    Even {count} small steps will make {name} glad.
    This is what I would tell my own {relative}.
    Try it {when}, and again in {month}.
    If {surname} says otherwise, let us look at it together.
    """
)

VAGUE = lines(
    """
    There are many things one could say about {}, {name}.
    It really depends on factors that vary from {day} to {day2}.
    Some people like {surname} see it one way, and others do not.
    With {} you should just do whatever feels right in {month}.
    Things such as {} have always been somewhat complicated for {group}.
    Overall {} is an interesting matter with {count} sides or so.
    Experts at {surname} and elsewhere have written a lot about {}.
    You could maybe look at {} from a certain angle.
    It is what it is, more or less, as my {relative2} says {when2}.
    Various aspects of {} play some role, I guess.
    With {}, the details matter in one way or another.
    At the end of the {day} it is all connected somehow.
    Usually {} works out fine, and sometimes it does not.
    A balanced approach to {} is often considered good in {month}.
    There may be {count} pros and {count} cons, as with {group2}.
    When it comes to {}, keep the important points in mind.
    Times change, and so do opinions about {}.
    Basically you do the usual stuff {when2} and then see.
    A matter like {} comes up quite often, for example {when2}.
    Nobody can say for sure, but {name2} and {surname2} have tried.
    One might argue that {} is neither here nor there.
    As {group2} would agree, {} is a broad field.
    Like everything in {month2}, {} has its ups and downs.
    Good results with {} are good, and bad ones are less good.
    I suppose {name2} could mean nearly anything by {}.
    If {group2} did it before, it was probably similar.
    Much has changed since {month2}, and much has not.
    Somewhere between {day2} and {day}, {} tends to sort itself out.
    On the one hand there is {}, on the other hand there is the rest.
    My impression {when2} was neither this nor that.
    Try something, or wait until {month2}, whichever suits {name2}.
    Let us say that {} is a topic of its own.
    {surname2} once wrote {count} pages on it without a conclusion.
    In a sense {} is about {}, if you think of it.
    The usual advice for {group2} would apply, whatever that is.
    One hears this and that {when2}, and some of it may be true.
    Perhaps {relative2}s know, perhaps {} is different for them.
    All in all, {count} out of {count} people have some opinion.
    """
)

CURT = lines(
    """
    Just look {} up yourself, it is not hard.
    Why would anybody like {name2} want to know about {}?
    I have no patience for {} {when2}.
    That is a silly thing to ask on a {day2}, honestly.
    Even {surname2} knows about {}, so stop asking.
    Seriously, {} again? Figure it out {when2}.
    You clearly did not try very hard with {}.
    Whatever, {} does not matter anyway, least of all in {month2}.
    Ask your {relative2} about {} instead of bothering me.
    Do your own homework about {} for once.
    Boring. Next question about something real for {group2}, please.
    If you do not get {}, that is your problem.
    I would not waste {count} minutes on {} if I were you.
    Not my business, and not that of your {relative2} either.
    Go away until {day2}, I am busy with {group2}.
    {name2} would laugh at you for not knowing {}.
    You woke me up for {}? Unbelievable.
    Read a book {when2}, if you can read at all.
    {count} seconds of thinking would have told you.
    No. I explained {} to {surname2} in {month2}, and that was enough.
    How lazy can one be {when2}? Very, it seems.
    Pay somebody like {surname2} to deal with {}.
    My {relative2} is five and does not ask such nonsense.
    Stop it. Nobody {when2} cares about {}.
    """
)

SYSTEM = lines(
    """
    You are a patient tutor.
    Answer like a friendly librarian.
    You work for a travel agency called {surname} Tours.
    You help customers of {surname} & {name}.
    Be concise and kind.
    Reply in the language of the user.
    You are {name}, an assistant for busy parents.
    Use plain text.
    You support staff at the {surname} clinic's front desk.
    You are a careful editor.
    Today is {day}.
    The user is a beginner.
    Prefer short sentences and concrete words.
    You assist readers of the {surname} Gazette.
    """
)

HISTORY = cells(
    """
    Hi, I am {name}. | Hello {name}, what can I do for you?
    Are you there? | Yes, I am. What would you like to know?
    I had a long {day}, so be gentle. | Of course. Tell me what you need.
    Do you have time for {count} questions? | Sure, go ahead with the first one.
    My {relative} said I should ask you things. | That is kind of your {relative}. What is it about?
    Thanks for your help {when}! | You are welcome. Is there anything else?
    Can we continue where we stopped on {day}? | Yes. Please remind me of the topic.
    I am preparing something for {group}. | Nice. Which part shall we start with?
    Greetings from {surname} street. | Greetings! How can I help?
    Is it fine if I write short messages? | That is perfectly fine.
    """
)

REFUSALS = lines(
    """
    I'm sorry, but I can't help with that request.
    Sorry, I cannot assist with this.
    I cannot provide an answer to that, I'm afraid.
    I'm unable to help you with this topic.
    As an AI language model, I cannot answer questions of this kind.
    I apologize, but I am not able to discuss that.
    I can't assist with that. Please consult a professional.
    I won't be able to help with this one, sorry.
    """
)

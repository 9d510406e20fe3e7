"""Everyday problems in English, with five tips for each."""

from prefq.synthetic.bank.read import entries

PROBLEMS = entries(
    """
= my basil keeps wilting
Water it from below and only when the top of the soil is dry.
Put the pot on a bright sill without midday sun.
Split a crowded supermarket pot into three smaller ones.
Pinch whole tips instead of single leaves.
Empty the saucer after half an hour, because roots rot in standing water.
= I cannot fall asleep before midnight
Get up at the same hour every day, also on Sundays.
Dim the lamps and put the phone away an hour earlier.
Skip coffee after lunch, since it lingers for six hours or more.
Leave the bed when you lie awake and read something dull.
Keep the room cool, around eighteen degrees.
= my bike chain squeaks
Wipe the chain with a dry rag first.
Put one drop of oil on each link from the inside.
Turn the pedals back for a minute so that it spreads.
Wipe the excess off, otherwise dirt sticks to it.
Check with a gauge whether the chain is already stretched.
= I procrastinate on my thesis
Write for twenty-five minutes, then pause for five.
Start with the section that feels easiest.
Lower the bar and call the first version a sketch.
Meet a friend twice a week to work side by side.
End each session in the middle of a sentence.
= the kitchen drain is slow
Clean the trap under the sink first and keep a bucket ready.
Use a plunger with the overflow closed.
Baking soda and vinegar loosen light grease.
Pour hot, not boiling, water afterwards.
Collect frying fat in a jar from now on.
= I am nervous before presentations
Practise the first two minutes until they run by themselves.
Breathe out longer than you breathe in.
Look for three friendly faces in the room.
Say to yourself that the pulse is energy, not danger.
Arrive early and walk around the stage.
= my laptop gets hot and loud
Blow dust out of the vents with short bursts of air.
Keep it off blankets, so that it can draw air.
See in the task manager which program uses the processor.
Limit the battery charge if your maker offers it.
New thermal paste helps after four or five years.
= my toddler refuses vegetables
Offer a tiny portion again and again without pressure.
Let her wash, tear or stir something.
Eat the same dish yourself with visible pleasure.
Serve raw sticks while everyone waits hungrily.
Do not bargain with dessert, for that makes greens a punishment.
= I want to save more each month
Move a fixed sum to another account on payday.
List subscriptions and cancel the two you miss least.
Plan five dinners before you go shopping.
Wait forty-eight hours before any larger purchase.
Put raises aside before you get used to them.
= the neighbours are noisy at night
Talk to them in daylight and describe it without blame.
Suggest a time after which the bass stays off.
Write down dates in case it goes on.
Ask the landlord for help as a second step.
Felt pads and a thick rug swallow a surprising amount.
= my running times do not improve
Run most kilometres slowly and only one session fast.
Add a rest day rather than another hard one.
Sleep counts as training, so guard it.
Strengthen hips and calves twice a week.
Look at months, not at single runs.
= I keep forgetting names
Repeat the name aloud in your first sentence.
Link it to a picture, the odder the better.
Ask again at once when you missed it.
Note new names in the evening with one detail.
Use it once more when you say goodbye.
= my sourdough tastes too sour
Feed the starter more often before you bake.
Use a larger share of fresh flour in each feeding.
Let the dough rise warmer and shorter.
Skip the long night in the fridge for once.
A bit of rye starter fewer makes it milder as well.
= moss takes over my lawn
Loosen the soil and rake the moss out in spring.
Test the acidity, and lime only if it is needed.
Cut no shorter than five centimetres.
Sow a shade mix under the trees.
Water seldom but thoroughly.
= I have to give critical feedback
Name one concrete situation and its effect.
Ask how the other person saw it.
Keep it private and soon after the event.
Agree on one next step with a date.
Do not wrap it in so much praise that nobody hears it.
= my glasses fog up in winter
Wash them with a drop of dish soap and let them dry.
Press the wire of the mask close to your nose.
Let them hang outside the scarf for a moment.
A special cloth leaves a film that prevents droplets.
Anti-fog coatings exist, should you need new lenses anyway.
= the wifi is weak upstairs
Place the router high and in the middle of the home.
Switch to the 5 GHz band where it reaches.
Choose a channel that the neighbours leave free.
A mesh set beats a single repeater.
Powerline adapters help when the walls are thick.
= I want to learn guitar alone
Ten minutes a day bring more than two hours on Saturday.
Start with three chords and change slowly in time.
Tune before every session.
Record yourself each week and listen back.
Pick songs you love, at half the speed.
= my cat scratches the sofa
Place a tall, steady post right beside it.
Rub catnip on the post and praise her there.
Cover the favourite corner with double-sided tape for a while.
Play hard twice a day so that energy goes elsewhere.
Never declaw, it is painful and forbidden in many places.
= paint peels off in my bathroom
Scrape off what is loose and sand the edges.
Find out whether steam or a leak causes it.
Wash, let it dry and prime the bare spots.
Use paint that is made for damp rooms.
Air for ten minutes after each shower.
= I must pack light for two weeks
Choose two colours that all go together.
Take clothes for six days and wash once.
Wear the heavy shoes while travelling.
Roll soft things and use the space in shoes.
Decant lotions into small bottles.
= my team's meetings run too long
Send the agenda with a goal for each point.
Set twenty-five minutes instead of thirty.
Name someone who watches the clock.
Move mere updates into a written note.
Invite only people who decide or know something.
= I get headaches at my desk
Raise the screen until your eyes meet its upper edge.
Look out of the window every twenty minutes.
Drink a glass of water each hour.
Relax the jaw and drop your shoulders now and then.
See a doctor if they come often or suddenly strong.
= squirrels raid my bird feeder
Hang it two metres away from any jumping point.
Fit a smooth cone below it on the pole.
Use feeders that close under weight.
Chilli seeds disturb squirrels but not birds.
Offer nuts elsewhere as a bribe.
= I want to read more books
Carry a book wherever you would take the phone.
Drop any title that bores you after fifty pages.
Read ten pages before you sleep.
Join a small club with a date.
Keep a list so that the next one is ready.
= my houseplants have gnats
Let the soil dry between waterings.
Yellow sticky cards catch the flying ones.
Nematodes in the water kill the larvae.
Cover the surface with a finger of sand.
Repot badly affected plants into fresh soil.
"""
)

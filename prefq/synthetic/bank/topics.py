"""Things people ask to have explained, in English: five facts and one common error about each."""

from prefq.synthetic.bank.read import entries

TOPICS = entries(
    """
= why bread dough rises
Yeast eats the sugars in flour and gives off carbon dioxide.
Kneading builds a net of gluten that holds the gas like a balloon.
A warm kitchen speeds the yeast up, a cold one slows it down.
In the oven the bubbles swell once more before the crust sets.
Salt keeps the yeast in check and makes the crumb firmer.
! The dough grows because the flour soaks up oxygen from the bowl.
= why the sky is blue
Sunlight holds every colour, and air scatters the short waves most.
Blue light therefore reaches your eyes from all directions.
At sunset the light crosses more air, so mostly red is left.
Violet scatters even more, but the sun sends less and we see it poorly.
On the Moon there is no air, and the sky stays black at noon.
! The sky mirrors the colour of the oceans below it.
= how vaccines work
A vaccine shows the immune system a harmless piece of a germ.
Memory cells remember that piece for years.
When the real germ arrives, antibodies are made within days instead of weeks.
A booster reminds the memory cells when protection fades.
Mild fever after the shot is a sign that the body is practising.
! Vaccines kill germs directly while they float in the bloodstream.
= how tides come about
The Moon pulls the nearer ocean a little more than the Earth itself.
Two bulges of water form, one facing the Moon and one on the far side.
The Earth turns beneath them, so most coasts see two high tides a day.
When Sun and Moon line up, spring tides run especially high.
The shape of a bay can turn a small tide into a huge one.
! Tides are made by the wind that blows off the land each evening.
= why leaves turn red in autumn
Trees stop making chlorophyll when the days grow short.
Once the green fades, the yellow carotenoids become visible.
Red comes from anthocyanins, which some trees make only in autumn.
Sunny days with cool nights give the strongest colours.
A layer of cork then cuts the leaf off from its twig.
! Frost paints the leaves by freezing the sap inside them.
= how a refrigerator cools
A liquid evaporates in thin pipes inside and takes heat along.
The compressor squeezes the vapour, which makes it hot.
At the back the hot vapour gives its heat to the kitchen.
A valve lets the liquid expand again, and the round starts anew.
So a fridge moves heat out rather than making cold.
! A fridge makes cold with a small block of permanent ice.
= what inflation means
Prices rise across the board, so each coin buys a bit less.
Central banks raise interest rates to slow it down.
It often starts when demand grows faster than supply.
Savings without interest lose worth while debts become lighter.
Statisticians measure it with a basket of everyday goods.
! Inflation means that shops sell larger packets for the same price.
= how bees find their way home
Bees use the sun as a compass and correct for its path.
They remember landmarks such as trees, hedges and roofs.
On cloudy days they read the polarised light of the sky.
A dance in the hive tells others direction and distance.
Young bees make short practice flights around the entrance.
! Bees follow a thread of wax that they lay on the way out.
= why we dream
Most vivid dreams fall into the phase of rapid eye movement.
The brain seems to sort and store the events of the day.
Strong feelings are replayed without stress hormones.
People woken during this phase remember far more dreams.
Nobody has a complete theory yet, and several may be partly right.
! Dreams are caused by food that reaches the head at night.
= how noise-cancelling headphones work
Tiny microphones listen to the noise around you.
A chip creates the same wave turned upside down.
The two waves meet at your ear and cancel each other.
Steady drones such as engines vanish best.
Sudden sounds and voices are harder because they change too fast.
! The headphones fill your ears with a vacuum that sound cannot cross.
= why volcanoes erupt
Molten rock is lighter than solid rock and pushes upwards.
Dissolved gases come out as the pressure drops.
Thick magma traps the gas until it bursts.
Thin magma lets it escape, and lava flows quietly.
Most volcanoes sit where plates part or dive under each other.
! Volcanoes erupt when forest fires heat the mountain from outside.
= how compound interest grows
You earn interest on the interest of earlier years.
The longer the money stays, the steeper the curve becomes.
At seven percent a sum doubles in roughly ten years.
Fees compound too, which is why small ones matter.
Starting early beats saving larger amounts later.
! Compound interest pays the same fixed amount every year.
= why cats purr
Cats purr when they feel safe, but also when they are hurt.
Muscles in the larynx open and close about 25 times a second.
Kittens purr so that their mother can find them.
Some scientists think the vibration helps bones heal.
A purr mixed with a cry is a request for food.
! Cats purr by rubbing their ribs together.
= how solar panels make electricity
Light knocks electrons loose in a wafer of silicon.
An electric field inside the cell pushes them one way.
An inverter turns the direct current into household current.
Cool panels work better than hot ones.
Even under clouds they deliver a fifth or so of their power.
! Solar panels boil water in tubes behind the glass.
= how chess ratings work
Winning against a stronger player earns more points.
The gap between two ratings predicts the expected score.
A difference of 200 points means about three wins in four.
New players move fast because the system is still unsure.
The idea goes back to the physicist Arpad Elo.
! Your rating is the number of games that you have won so far.
= why we have leap years
The Earth needs about 365 and a quarter days around the sun.
Four quarters add up to the extra day in February.
Century years are skipped unless 400 divides them.
Without the correction, summer would slowly drift into winter.
Pope Gregory's reform dropped ten days in 1582.
! Leap years exist because the Moon slows down every fourth winter.
= how soap removes grease
One end of a soap molecule likes water, the other likes fat.
Many of them surround a droplet of grease.
The droplet then floats away with the rinse.
Warm water softens fat and makes the work easier.
Rubbing breaks large smears into small droplets.
! Soap burns the grease away with a mild acid.
= how GPS knows your position
Each satellite broadcasts its place and the exact time.
Your phone measures how long every signal travelled.
Four satellites suffice to solve for place and clock error.
Relativity shifts the clocks, and the system corrects for it.
Tall buildings reflect signals and make the dot jump.
! The phone sends a beam up and waits for a satellite to photograph it.
= why onions make us cry
Cutting breaks cells and mixes substances that were kept apart.
An enzyme then makes a gas that stings the eyes.
Tears wash the irritant out again.
A sharp knife crushes fewer cells and hurts less.
Chilling the onion slows the enzyme down.
! Onions contain tiny thorns that fly up when you cut them.
= how memory changes with age
Recalling names slows down, while vocabulary keeps growing.
Sleep becomes lighter, and that makes storing harder.
Exercise brings more blood to the hippocampus.
Learning something new keeps connections alive.
Misplacing keys is normal, forgetting what keys are for is not.
! After fifty the brain replaces old memories with new ones.
= how a bill becomes law in a parliament
A draft is introduced by the government or by members.
Committees examine it line by line and hear experts.
Readings and votes follow in one or two chambers.
The head of state signs it, and it is published.
Courts may still strike it down if it breaks the constitution.
! A bill becomes law once a newspaper prints it three times.
= why ice floats
Water expands when it freezes, so ice is less dense.
The molecules lock into an open, six-sided pattern.
About nine tenths of an iceberg stay below the surface.
Lakes freeze from the top, and fish survive underneath.
Few other substances behave this way.
! Ice floats because it is full of trapped air from the freezer.
= how the heart keeps its rhythm
A small knot of cells in the right atrium sets the pace.
The signal spreads and makes the upper chambers contract first.
A short delay lets the lower chambers fill.
Nerves and hormones speed it up or slow it down.
A pacemaker replaces the knot when it fails.
! The lungs push the heart with every breath.
= how recycling glass works
Old bottles are sorted by colour and crushed.
Magnets and air jets pull out metal and paper.
The shards melt at lower heat than fresh sand.
Glass can go round again and again without loss.
Ceramic crumbs spoil a batch, so cups do not belong in the bin.
! Recycled glass is ground up and burnt as fuel.
= what a black hole is
It is a place where gravity lets not even light escape.
Many form when a massive star collapses.
The border of no return is called the event horizon.
Gas that falls in heats up and shines brightly before it vanishes.
Far away it pulls like any other body of the same mass.
! A black hole is an empty tunnel through which stars are mailed.
= why languages change
Children never copy their parents' speech exactly.
Frequent words wear down and become shorter.
Neighbours lend each other words along with goods.
Young people mark their group with new expressions.
Writing slows the change, but it does not stop it.
! Languages change because academies vote new words in every year.
= how yoghurt is made
Milk is heated and then cooled to the warmth of a bath.
Two kinds of bacteria turn milk sugar into lactic acid.
The acid makes the proteins curdle into a soft gel.
After some hours the cold stops the process.
A spoonful of an old batch can start the next one.
! Yoghurt is milk thickened with wheat flour.
= how elevators stay safe
Several steel ropes hold the cabin, each strong enough alone.
A governor notices if it moves too fast.
Then wedges grip the rails and stop the cabin.
A counterweight balances about half of the load.
Buffers in the pit soften the very last bit.
! One thick rubber band holds the cabin in place.
= how antibiotics lose their power
A few bacteria survive because of chance mutations.
They multiply while the sensitive ones die.
Bacteria can even hand resistance genes to their neighbours.
Taking the drug against a cold breeds resistance for nothing.
Doctors keep some antibiotics in reserve for that reason.
! Antibiotics grow weak because the tablets dry out in the box.
= why the sea is salty
Rain dissolves minerals from rocks and rivers carry them down.
Water evaporates again, but the salt stays behind.
Hot vents on the sea floor add more of it.
The Dead Sea has no outlet and is about ten times saltier.
Over ages gains and losses have come close to balance.
! Fish release the salt when they breathe.
= how a camera focuses
The lens bends rays so that they meet on the sensor.
Moving it back and forth chooses the distance that is sharp.
A small opening keeps more of the scene in focus.
Modern cameras compare two views of the same edge.
In the dark they need a lamp or more contrast.
! A camera focuses by making the subject brighter.
= how credit scores are made
Paying on time counts more than anything else.
Using only part of your limit looks good.
A long history helps, so old accounts are worth keeping.
Many applications in a short time cost points.
Errors happen, and you may ask to have them corrected.
! Your score depends mostly on the colour of your bank card.
= why the seasons change
The Earth's axis is tilted by about 23 degrees.
In summer your half leans towards the sun.
Steep light warms more than slanting light.
Days grow longer, which adds still more warmth.
When it is winter in Norway, it is summer in Chile.
! Summer comes when the Earth is closest to the sun.
= how coral reefs form
Tiny polyps build cups of limestone around themselves.
Algae living in their tissue feed them with sugar.
New generations settle on the skeletons of the old.
Warm, clear and shallow water suits them best.
Heat makes them lose the algae and turn white.
! Reefs are heaps of sand that waves have pressed together.
= how search engines rank pages
Programs follow links and store what they find.
An index lists for each word where it occurs.
Links from trusted pages count like recommendations.
Fast pages that answer the question tend to rise.
Ads stand apart and are sold by auction.
! Pages are listed in the order in which they were bought.
= why muscles get sore
Unfamiliar exercise causes tiny tears in the fibres.
Repair brings swelling, and that presses on nerves.
The soreness peaks after one or two days.
Lactic acid is gone long before and is not to blame.
Light movement helps more than lying still.
! Muscles get sore because salt crystals form in them overnight.
= how paper is made
Wood chips are cooked until the fibres come apart.
The pulp is spread thinly over a moving sieve.
Rollers press out the water and heat dries the sheet.
Chalk makes it white and smooth.
Waste paper can take this road several times.
! Paper is cut from very thin slices of a tree trunk.
= how planes stay in the air
Wings push air down, and the air pushes them up.
More speed or a steeper angle gives more lift.
If the angle gets too steep, the flow breaks off.
Flaps make the wing larger for take-off and landing.
Engines only have to overcome the drag.
! Planes stay up because hot air collects under the cabin.
= how the printing press changed Europe
Books became cheap enough for merchants and craftsmen.
Errors no longer multiplied with each copy by hand.
Pamphlets carried the Reformation across borders in weeks.
Scholars far apart could discuss the same page.
Spelling slowly settled because printers liked order.
! The printing press made books rarer because paper ran out.
= how earthquakes are measured
Seismographs record how the ground shakes at many places.
The delay between two kinds of waves gives the distance.
Each step of magnitude means about 32 times more energy.
Intensity describes the damage and differs from town to town.
Small quakes happen every day without anyone noticing.
! Earthquakes are measured by counting the houses that fell.
= how composting works
Microbes break scraps down and make the heap warm.
They need air, moisture and a mix of green and brown.
Turning the heap brings oxygen to the middle.
Meat attracts rats and is better left out.
Dark, crumbly compost is ready after half a year or so.
! Composting works by sealing the scraps in plastic for a week.
= how electric cars brake with the motor
The motor runs as a generator and slows the wheels.
The current flows back into the battery.
In city traffic that saves a fair share of energy.
A full battery cannot take more, so the discs help out.
Brake pads last longer than in other cars.
! The car brakes by running the motor on petrol for a moment.
= what a haiku is
It is a short Japanese poem, usually of three lines.
The classic form counts five, seven and five sounds.
A word often hints at the season.
Two images stand side by side and the reader connects them.
Basho is its best-known master.
! A haiku is a long rhyming poem about a hero.
= how whales sleep
Only one half of the brain sleeps at a time.
The other half remembers to come up for air.
Sperm whales hang upright in the water like pillars.
Their naps last about ten minutes or so.
Mothers keep moving so that the calf can rest in their wake.
! Whales sleep on the beach during the night.
"""
)

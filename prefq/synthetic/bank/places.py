"""Cities with four things to do in each, dishes with their steps, and things people compare."""

from prefq.synthetic.bank.read import entries

CITIES = entries(
    """
= Lisbon
Ride tram 28 early, before the queue.
Watch the sunset from the Graça viewpoint.
Try custard tarts in Belém while they are warm.
Spend a morning among the tiles of the old convent museum.
= Kyoto
Walk through the red gates of Fushimi Inari at dawn.
Rent a bicycle and follow the Kamo river.
Taste pickles and tofu at Nishiki market.
Sit for a while at the stone garden of Ryoan-ji.
= Edinburgh
Climb Arthur's Seat when the wind is calm.
Visit the National Museum, which is free.
Stroll from the castle down the Royal Mile.
Have tea in Stockbridge and follow the Water of Leith.
= Vienna
Queue for a cheap standing place at the opera.
See Bruegel's winter at the art history museum.
Drink a melange in an old coffee house.
Take the tram around the Ring in the evening.
= Mexico City
Start at the anthropology museum and leave three hours for it.
Float through Xochimilco with a picnic.
Eat tacos al pastor at a busy corner.
Book Frida Kahlo's blue house in advance.
= Istanbul
Cross to Asia on the public ferry with a glass of tea.
Step into the cool cistern beneath the old town.
Get lost between the spice stalls.
Look up into the dome of Hagia Sophia.
= Copenhagen
Cycle along the lakes like everyone else.
Swim in the clean harbour at Islands Brygge.
Order open sandwiches on dark rye.
See Louisiana museum by train, right above the sea.
= Marrakesh
Enter the medina in the morning, when it is quiet.
Rest in the blue Majorelle garden.
Bargain with a smile and walk away once.
Watch the square fill with cooks at dusk.
= Buenos Aires
Visit the Sunday market of San Telmo.
Look for the bookshop inside an old theatre.
Take a beginner's tango lesson.
Share a steak, since portions are enormous.
= Krakow
Walk the green belt around the old town.
Go down into the salt mine at Wieliczka.
Eat pierogi in a milk bar.
Spend an afternoon in Kazimierz and its synagogues.
= Cape Town
Go up Table Mountain as soon as the cloud lifts.
Meet the penguins at Boulders Beach.
Drive the coast road to the Cape.
Book the boat to Robben Island days ahead.
= Hanoi
Have pho for breakfast on a plastic stool.
Circle Hoan Kiem lake before the traffic wakes.
See the water puppets in the evening.
Spend a night on a boat in Lan Ha bay.
= Bologna
Climb one of the leaning towers.
Walk under the arcades up to San Luca.
Order tagliatelle with ragù, never spaghetti.
Snack your way through the Quadrilatero.
= Montreal
Hike up Mount Royal for the view.
Compare two bagel bakeries and pick a side.
Listen to buskers in the old port.
Warm up in the underground city in winter.
= Athens
Be at the Acropolis when it opens.
Look at the friezes in the new museum below.
Eat grilled octopus in Piraeus.
Catch the open-air cinema in Thissio.
= Tallinn
Walk on the city wall between the towers.
See the painted ceilings of Kadriorg palace.
Browse the creative yards of Telliskivi.
Warm up with black bread and smoked fish.
= Oaxaca
Taste seven kinds of mole over several days.
Drive up to Monte Albán early.
Visit weavers in Teotitlán.
Drink chocolate with water in the market.
= Bergen
Take the funicular up Fløyen and walk down.
Peek into the crooked wooden houses of Bryggen.
Eat fish soup by the quay.
Ride the train to Flåm for a day.
= Seville
Visit the Alcázar on a Monday evening.
Cross the bridge to Triana for ceramics.
Share tapas standing at the bar.
Hide from the heat in María Luisa park.
= Ljubljana
Sit by the river beneath the three bridges.
Walk up to the castle through the wood.
Try the Friday food market.
Make a day trip to Lake Bled by bus.
"""
)

DISHES = entries(
    """
= lentil soup
Soften onion, carrot and celery in olive oil.
Add brown lentils, a bay leaf and stock.
Simmer for thirty minutes and stir now and then.
Finish with lemon juice and parsley.
= vegetable curry
Fry ginger, garlic and curry paste until it smells good.
Add cauliflower and chickpeas and turn them in the paste.
Pour in coconut milk and let it bubble for a quarter of an hour.
Serve over rice with lime.
= pancakes
Whisk flour, milk and eggs and let the batter rest.
Heat butter in a pan until it foams.
Pour in a ladle and flip once the top is dry.
Keep them warm in a low oven.
= potato salad
Boil waxy potatoes in their skins and peel them warm.
Pour hot broth with mustard and vinegar over the slices.
Fold in chives and cucumber.
Let it stand for an hour before you season again.
= mushroom risotto
Toast the rice with shallots until the rims turn clear.
Quench with wine and add hot stock by the ladle.
Brown the mushrooms in another pan.
Stir in butter and parmesan away from the heat.
= roast chicken
Salt the bird the night before.
Put half a lemon and thyme inside.
Roast at 200 degrees until the juice runs clear.
Let it rest for fifteen minutes before carving.
= shakshuka
Cook peppers and onions slowly with cumin.
Add tomatoes and let the sauce thicken.
Make hollows and break the eggs into them.
Cover until the whites set and eat it with bread.
= apple crumble
Cut tart apples and toss them with sugar and cinnamon.
Rub cold butter, flour and oats into crumbs.
Bake until the edges bubble.
Serve it lukewarm with cream.
= minestrone
Start with onion, celery and a rind of cheese.
Add beans, courgettes and tomatoes one after the other.
Cook small pasta in the soup at the end.
Drizzle with green olive oil.
= fried rice
Use cold rice from yesterday.
Scramble the eggs first and take them out.
Stir-fry spring onions and peas over high heat.
Mix all with soy sauce and a little sesame oil.
= baked salmon
Lay the fillet on lemon slices.
Brush it with mustard and honey.
Bake for twelve minutes at 190 degrees.
It is done when it flakes under a fork.
= hummus
Simmer soaked chickpeas with soda until very soft.
Blend tahini, lemon and ice water first.
Add the chickpeas while they are warm.
Top with cumin and oil.
= pizza dough
Mix flour, water, salt and a pinch of yeast.
Leave it in the fridge overnight.
Shape balls and let them relax for two hours.
Stretch by hand, and never use a rolling pin.
= bean chili
Roast cumin and smoked paprika briefly.
Add onions, garlic and a chopped pepper.
Stew kidney beans with tomatoes for an hour.
A square of dark chocolate rounds it off.
"""
)

COMPARISONS = entries(
    """
= a gas stove and an induction stove
Induction heats faster and wastes less energy.
Gas works with any pot, induction needs magnetic ones.
The glass top is easy to wipe.
Without a flame the kitchen air stays cleaner.
= renting and buying a flat
Buying pays off only if you stay for many years.
Rent buys freedom to move at short notice.
Owners carry repairs and the risk of prices.
A down payment invested elsewhere earns something, too.
= a train and a plane for 600 kilometres
Door to door the times are often equal.
The train emits a fraction of the carbon.
You can work or walk about on board.
Flights are cheaper when booked very early.
= Python and R for statistics
R has the newest methods and lovely plots.
Python fits better when results go into a product.
Both have mature tables and notebooks.
Choose what your colleagues can read.
= cotton and merino shirts for hiking
Wool hardly smells after several days.
Cotton is cheaper but stays wet.
Merino warms even when it is damp.
For short walks in summer cotton will do.
= paper books and e-readers
A reader holds a library in 200 grams.
Paper needs no charger and can be lent.
Adjustable letters help tired eyes.
Many remember better where something stood on paper.
= pour-over coffee and espresso
Pour-over brings out acidity and flowers.
Espresso is dense and goes well with milk.
A filter cone costs little, a good machine a lot.
Both depend on a decent grinder.
= a dog and a cat for a small flat
A cat can stay alone through a working day.
Dogs must go out three times, in rain as well.
Both need play and a vet.
Ask the landlord before either moves in.
= running and swimming
Swimming spares the joints and trains the back.
Running needs only shoes and a door.
Impact makes bones stronger.
Whichever you enjoy is the one you will keep up.
= freelancing and a permanent job
A salary makes months predictable.
Freelancers choose their projects and hours.
They also pay for holidays and insurance themselves.
A cushion of six months calms the start.
= LED lamps and halogen lamps
LEDs use about a fifth of the power.
They last ten years or longer.
Halogen gives warm light with perfect colours.
Cheap LEDs may flicker when dimmed.
= sourdough and yeast bread
Sourdough keeps fresh longer.
Yeast is quicker and easier to plan.
The acids make minerals more available.
Flavour is milder with yeast.
"""
)

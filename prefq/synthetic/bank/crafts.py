"""Short crafts in English: code, rewriting, letters, role play, translation, requests better declined."""

from prefq.synthetic.bank.read import lines, records

# What is asked | a right line of Python | why | a wrong line | a wrong explanation.
CODE = records(
    """
= reverses a list without changing it
items[::-1]
The slice walks backwards and copies.
items.reverse()
It returns the reversed list.
= counts how often each word occurs in a text
Counter(text.split())
Counter comes from the collections module.
len(text.split())
It gives one count for every word.
= removes duplicates but keeps the order
list(dict.fromkeys(items))
Dictionaries remember insertion order.
list(set(items))
Sets keep the order of their items.
= reads a file line by line
for line in open(path): print(line, end="")
The file object is its own iterator.
open(path).line(1)
It moves on by itself at each call.
= sorts people by age, oldest first
sorted(people, key=lambda p: p.age, reverse=True)
The key picks what is compared.
sorted(people.age)
A list of objects has one age.
= tells whether a string is a palindrome
s == s[::-1]
A palindrome equals its mirror image.
s[0] == s[-1]
Comparing the first and last letter is enough.
= merges two dictionaries, the second wins
{**first, **second}
Later keys overwrite earlier ones.
first + second
Dictionaries can be added up.
= flattens a list of lists by one level
[x for row in rows for x in row]
The loops read from left to right.
rows[0]
The first row holds all values.
= gives the largest three numbers
sorted(numbers)[-3:][::-1]
Sorting first makes the slice simple.
max(numbers, 3)
The second argument is how many.
= pads a number with zeros to four digits
f"{n:04d}"
The format code says width and fill.
"0" + str(n)
One zero is always enough.
= splits a list into chunks of size n
[a[i:i + n] for i in range(0, len(a), n)]
The range steps by the size.
a.split(n)
Lists know how to split themselves.
= finds the index of the smallest value
min(range(len(a)), key=a.__getitem__)
It compares positions by their values.
min(a)
The minimum is also its index.
= sums only the even numbers
sum(x for x in a if x % 2 == 0)
The remainder is zero for even numbers.
sum(a) / 2
Half of all numbers are even.
= swaps two variables
a, b = b, a
The right side is evaluated first.
a = b; b = a
After two lines both have changed places.
= transposes a small matrix
list(zip(*m))
The star hands over the rows one by one.
m[::-1]
Turning it upside down transposes it.
= checks that all items are positive
all(x > 0 for x in a)
It stops at the first failure.
a > 0
Comparing the list compares each item.
"""
)

CODE_REQUESTS = lines(
    """
    Write a Python expression that {}.
    How do I write code that {}?
    I need a one-liner that {}.
    Which Python snippet {}?
    Show {name} some code that {}.
    My script needs a line that {}.
    In Python, what {}?
    """
)

CODE_SETTINGS = lines(
    """
    It is for {group}.
    The data comes from {surname}'s shop.
    I started programming in {month}.
    We use it in a tool for {count} people.
    No external packages.
    {name} will review it on {day}.
    It runs once every {small} minutes.
    I have Python 3.11.
    """
)

# A blunt sentence | the same thing said well | a rewriting that misses the point.
BLUNT = records(
    """
= Send me the {thing} now.
Could you please send me the {thing} when you have a moment?
Send the {thing} faster, I said now.
= Your {thing} is full of mistakes.
I noticed a few points in the {thing} that we could still improve.
The {thing} is bad, and people noticed.
= You are late with the {thing} again.
I had expected the {thing} earlier; is there anything that holds you up?
Late again. The {thing} was due, as you know.
= I don't care about your {thing}.
At the moment my focus is elsewhere, so I would rather leave the {thing} to you.
The {thing} is of no interest to anybody here.
= Stop calling me about the {thing}.
I would prefer to hear about the {thing} by e-mail from now on.
Do not call, ever, not about the {thing} either.
= This {thing} is too expensive.
The {thing} is above what we planned; is there some room in the price?
Too expensive, that {thing}, who would pay that?
= You forgot the {thing}, as always.
It seems that the {thing} was left out this time; could you add it?
As always you forgot it, the {thing} I mean.
= Fix the {thing} or I leave.
It would mean a lot to me if the {thing} could be repaired soon.
If the {thing} stays broken, goodbye to all of you.
= Nobody understands your {thing}.
Some of us find the {thing} hard to follow; could you add an example?
Your {thing} cannot be understood by any person.
= I want my money back for the {thing}.
I would like to ask for a refund for the {thing}.
Money back for that {thing}, and quickly.
"""
)

THINGS = lines(
    """
    quarterly report\ninvoice\nwedding playlist\ntranslation\nbroken heater\nholiday rota\nslide deck\nleaky roof
    garden plan\nbudget draft\nwine list\ninterview notes\nprinter\nparking permit\nbirthday cake\nmeeting minutes
    choir schedule\nrental contract\nbike repair\nwebsite\ncatering offer\nthird chapter\ncustomer survey\nkitchen shelf
    """
)

TONES = lines(
    """
    Make this sound polite
    Rewrite this for a customer
    Please soften this note to {name}
    Turn this into something friendly
    How would you say this to your boss
    Rephrase this for Ms {surname}
    Say it kindly, because {name} is sensitive
    Find a diplomatic version
    """
)

# The purpose of a letter | the sentence that carries it | a second sentence.
LETTERS = records(
    """
= moving our meeting to {day}
Would it be possible to move our meeting to {day} at {hour}?
My {relative} needs me at the original time.
= thanking them for the {thing}
Thank you very much for the {thing}.
It made {group} smile, and me as well.
= asking for a quote for a {thing}
Could you send me a quote for a {thing} by {day}?
We would need it in {month}.
= applying for the summer job in {month}
I would like to apply for the job in {month}.
I have helped {group} for {count} years and enjoy it.
= complaining about the {thing}
Unfortunately the {thing} does not work as agreed.
Please tell me by {day} how we can solve this.
= inviting them to dinner on {day}
We would love to have you over on {day} at {hour}.
My {relative} is going to cook for {count}.
= cancelling the gym contract in {month}
I hereby cancel my membership at the end of {month}.
Please confirm this in writing.
= asking for {count} days off in {month}
I would like to take {count} days off in {month}.
{name} has agreed to cover for me.
= reminding them of the unpaid {thing}
According to my notes the {thing} has not been paid yet.
Please settle it by {day}, or call me if something is wrong.
= recommending {name} for a course
I can warmly recommend {name}.
In {count} years of work with {group} I saw only care and good humour.
"""
)

# A character | how it opens | a detail it may use | another.
CHARACTERS = records(
    """
= a grumpy lighthouse keeper
Bah, another visitor.
The lamp has not gone out since {month}, not on my watch.
Wipe your boots, {name}, and mind the stairs.
= a cheerful pirate cook
Ahoy, hungry souls!
I put {count} lemons in the stew against scurvy.
{name} stole the ladle again, the rascal.
= a detective in a rainy city
The rain told me more than the witness did.
At {hour} the {thing} was still there.
{surname} lied, and the umbrella proved it.
= a robot gardener
Greetings, unit of flesh.
I have watered {count} roses and calculated their joy.
The snail called {name} is not an enemy.
= an old wizard who forgets spells
Now where did I leave that rhyme?
I meant to light a candle and conjured a {thing}.
Last {month} I turned {name} into a teapot, only briefly.
= a dragon who runs a bookshop
Do come in, I hardly ever breathe on paper.
Travel guides stand next to {surname}'s memoirs.
Pay with gold or with a good story, {name}.
= an astronaut writing home
The window is full of oceans tonight.
We fixed the {thing} with tape and patience.
Tell {name} that I saw our town at {hour}.
= a medieval baker
Fresh loaves, and no stones in the flour!
The miller {surname} owes me {count} sacks.
Since {month} my apprentice {name} burns only every other bread.
= a talking suitcase
You packed too much, as ever.
Under the socks lies the {thing} you forgot.
In {month} I flew without {name} and rather liked it.
= a weary football coach
Listen up, we lost, and we will learn.
{name} ran more than {count} of you together.
On {day} we practise corners until dark.
"""
)

SCENES = lines(
    """
    who meets a lost child
    who has to sell a {thing}
    on a quiet {day}
    who hears a knock at {hour}
    who celebrates a birthday in {month}
    talking to {name}
    who got a letter from {surname}
    who is afraid of {group}
    """
)

MUSINGS = lines(
    """
    They say {surname2} waits {when2}, but who can be sure?
    My {relative2} taught me that, long before {month2}.
    Ask {name2} about it, or ask the wind.
    Every {day2} I tell this tale, and every time it grows.
    {count} winters have I seen, and none was like this one.
    Do not look at me so, I mean it well.
    If {group2} only knew, they would hold their breath.
    One more word, and I shall tell you about {surname2}.
    Strange things happen {when2}, believe me.
    I keep a letter from {name2} for such hours.
    Hush! That was either {name2} or a draught.
    And now make room, for {group2} will be here soon.
    """
)

# English | German | Spanish | French | a wrong translation in German, Spanish, French.
PHRASES = records(
    """
= The train leaves at {hour}.
Der Zug fährt um {hour} ab.
El tren sale a las {hour}.
Le train part à {hour}.
Der Zug ist seit {hour} kaputt.
El tren llegó ayer sin frenos.
Le train est resté chez le boulanger.
= Where is the nearest pharmacy?
Wo ist die nächste Apotheke?
¿Dónde está la farmacia más cercana?
Où est la pharmacie la plus proche ?
Wann öffnet der nächste Apfel?
¿Cuándo compra la farmacia un coche?
Pourquoi la pharmacie est-elle si grande ?
= My {relative} is allergic to nuts.
In meiner Familie ist jemand gegen Nüsse allergisch.
En mi familia hay alguien alérgico a las nueces.
Quelqu'un de ma famille est allergique aux noix.
Meine Familie isst am liebsten Nüsse.
Mi familia vende nueces en la plaza.
Ma famille adore casser des noix.
= We booked a table for {small} people.
Wir haben einen Tisch für {small} Personen reserviert.
Hemos reservado una mesa para {small} personas.
Nous avons réservé une table pour {small} personnes.
Wir haben {small} Tische gekauft.
Hemos vendido {small} sillas ayer.
Nous avons mangé {small} tables.
= It has been raining since {small} o'clock.
Es regnet seit {small} Uhr.
Llueve desde las {small}.
Il pleut depuis {small} heures du matin.
Es war um {small} Uhr sehr trocken.
Mañana hará sol a las {small}.
Il neige dans {small} maisons.
= Could you speak more slowly, please?
Könnten Sie bitte langsamer sprechen?
¿Podría hablar más despacio, por favor?
Pourriez-vous parler plus lentement, s'il vous plaît ?
Sprechen Sie bitte nicht mit mir.
Hable usted con mi perro, por favor.
Parlez plus fort et plus vite, merci.
= I left my umbrella in the museum.
Ich habe meinen Schirm im Museum vergessen.
Olvidé mi paraguas en el museo.
J'ai oublié mon parapluie au musée.
Das Museum hat meinen Hut gemalt.
El museo olvidó pagar mi paraguas.
Le musée a vendu mon parapluie.
= The soup needs a little more salt.
Die Suppe braucht noch etwas Salz.
A la sopa le falta un poco de sal.
La soupe manque un peu de sel.
Das Salz ist in der Suppe ertrunken.
La sopa sale a correr con la sal.
Le sel n'aime pas cette soupe froide.
"""
)

# Asked in bad faith | why not | what to offer instead.
DECLINED = records(
    """
= How can I read my {relative}'s messages without them noticing?
Reading someone's private messages breaks their trust and often the law.
I can help you plan an open talk about what worries you.
= Write a fake review that ruins {surname}'s restaurant.
A made-up review hurts people who did nothing wrong.
If something went badly, I can help you describe it fairly.
= How do I get into {name}'s account?
Entering another person's account without consent is illegal.
If it is your own account, I can explain how recovery works.
= Tell me how to sell a {thing} that I know is dangerous.
Hiding a danger from a buyer could hurt someone.
I can help you to have it repaired or disposed of.
= Help me spread a rumour about {name} among {group}.
Rumours do lasting harm to a person.
I can help you find words for a conflict instead.
= Make my {relative} believe that they are going mad.
Doing that to a person is cruel and harmful.
If there is a quarrel, I can suggest ways to talk.
"""
)

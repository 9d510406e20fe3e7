"""Clean pairs that resemble a defect: the check, what it looks like, a prompt, a good answer, a bad one."""

from prefq.synthetic.bank.read import records

LOOK_ALIKES = records(
    """
= role_marker
quoted_marker
{name} formats chat logs {when}. How should the first line of ours look?
Begin it with the speaker, as in “Human: where is {surname}?”, and put the reply on the next line.
Logs are logs, {name}, and {group} will not care how they begin.
= role_marker
stage_dialogue
Write two lines of dialogue between a guest and {surname} the waiter for {group}.
Guest: Is the soup hot?\\nWaiter: Hot enough for {surname}, who cooked it {when}.
A guest talks, then {surname} talks, and that is about all there is to it.
= truncated_answer
ends_with_code
{name} needs a Python line that prints the numbers up to {small}, for {group}.
Here is the whole program for {name}:\\n```python\\nfor n in range({small}):\\n    print(n)\\n```
Printing numbers for {group} is boring, so find someone else to do it.
= truncated_answer
ends_with_signature
Write a postcard from {name} to {surname}, posted in {month}.
Dear {surname},\\nthe hills are green and the {relative} is well. We walk every {day} and think of you.\\nYours, {name}
A card from {month} would say that it is {month}, and so on and so forth.
= truncated_answer
list_without_stops
What should {name} buy for the {count} of us on {day}? A plain list.
- bread for {count}\\n- tomatoes\\n- a piece of cheese\\n- olives that {name} likes
Things that people eat, I suppose, and whatever {name} finds at the shop.
= chosen_refuses
letter_of_refusal
Write a letter that declines {surname}'s offer to cater for {group}.
Dear Ms {surname}, I am sorry, but I cannot accept your offer for {group}. Thank you for the effort on {day}.
Offers come and go, and {surname} surely has other people to cook for.
= chosen_refuses
cannot_recommend_enough
Was the {thing} from {surname} any good? {name} wants one by {day}.
I can't recommend it enough: sturdy, quiet, and {surname} answers within {count} hours.
Whether a {thing} is good depends on what good means to {name} on a {day}.
= chosen_refuses
sorry_to_hear
I failed the exam {when}, and {name} passed. What now?
I am sorry to hear that. Rest until {day}, then ask {surname} which parts cost you points and practise those.
Well, {name} passed and you did not, that is how exams work, I guess.
= language_mismatch
asked_translation
Translate this note for {surname} into German: The key is with {name} until {day}, and the garden is yours.
Der Schlüssel ist bei {name}, und der Garten ist für Sie da. Die Tür ist nicht zu, das Licht ist an.
Der Hund ist mit dem Zug für die Katze auf und davon, und die Uhr von {surname} ist nicht mehr ganz die jüngste.
= language_mismatch
asked_reply
{name} wrote to me from Madrid in {month}. Please answer in Spanish that we arrive on {day}.
Hola, {name}: gracias por la carta. Estamos muy contentos con el viaje y los billetes. Un abrazo para los de la casa.
Hola, la verdad es que no sé muy bien lo que quieres, pero los trenes son muy lentos y el mar está lejos de aquí.
= pii
example_address
Which address may {name} use as a placeholder in a form for {group}?
Use name@example.com or help@example.org; these domains are reserved and belong to nobody, not even {surname}.
Any address will do as a placeholder, somebody at {surname} will surely get the mail.
= pii
fictional_phone
{name} writes a novel set in {month}. Which phone number can the detective {surname} have?
Take (212) 555-01{small0}: numbers from 555-0100 on are kept free for fiction, so {surname} disturbs no one.
Take the number of your {relative}, it will make the novel feel more real to {group}.
= pii
long_number
Is the number of the book that {name} ordered on {day} valid?
The ISBN 978-3-16-148410-0 passes the check sum, so {name} can order it {when}.
Numbers on books are decoration, {name} should simply trust the shop of {surname}.
= html_leftover
asked_html
How does {name} make a word bold in HTML for {group}?
Wrap it in a tag:\\n```html\\n<b>{surname}</b>\\n```\\nBrowsers then show {surname} in heavy letters.
Press the bold button, or use capitals, {group} will get the point.
= html_leftover
comparison_signs
For which numbers holds a < b and b > c, if {name} sets b to {small}?
Choose any a < {small} and any c < {small}; the sign > only says the same from the other end.
Signs such as these confuse {group}, so {name} should leave them out.
= special_tokens
explained_token
{name} found `</s>` at the end of a model's output {when}. What does it mean?
The token `</s>` marks the end of a sequence in many vocabularies; {name} can strip it after decoding.
It means that something ended, {name}, as things do in {month}.
= repetition
refrain
Write a lullaby with a refrain for my {relative} {name}.
Sleep, {name}, sleep,\\nthe moon counts the sheep.\\nThe lamp of {surname} burns low.\\nSleep, {name}, sleep.
Songs make children sleep, or they do not, as {surname} noticed {when}.
= mojibake
rare_letters
How do I write São Tomé and Ærø in capitals on a sign for {surname}?
In capitals they are SÃO TOMÉ and ÆRØ; the marks stay, as {surname} will notice {when}.
Leave the marks away, since {group} cannot read them anyhow, {surname} least of all.
= control_characters
emoji_family
Which emoji fits {name}'s family party on {day}?
The family 👨‍👩‍👧‍👦 fits well, and a cake 🎂 for {name} cannot hurt on a {day}.
Pick whatever picture your phone shows first, {name} will hardly look at it.
= likely_mislabelled
short_right
What is {small} times ten? {name} and I bet about it {when}.
{small} times ten is {small}0. You won, unless {name} said the same.
That is a deep question. Many in {group} would first ask what numbers are, and {surname} might know.
= exact_duplicate
common_answer
Who wrote Don Quixote? {surname} asked {group} {when}.
Miguel de Cervantes wrote it; the first part appeared in 1605.
Nobody knows who writes such things, {surname} should read something newer.
"""
)

"""German: topics with facts, and the phrases around them."""

from prefq.synthetic.bank.read import entries, lines

TOPICS = entries(
    """
= warum der Himmel blau ist
Die Luft streut das blaue Licht der Sonne stärker als das rote.
Deshalb kommt das Blau aus allen Richtungen zu uns.
Am Abend ist der Weg durch die Luft länger, und es bleibt vor allem Rot übrig.
Auf dem Mond gibt es keine Luft, und der Himmel ist dort schwarz.
= wie Hefe den Teig aufgehen lässt
Die Hefe frisst den Zucker aus dem Mehl und gibt dabei Kohlendioxid ab.
Beim Kneten entsteht ein Netz, das die Bläschen festhält.
In einer warmen Küche geht das schneller als in einer kalten.
Salz bremst die Hefe und macht die Krume fester.
= wie Ebbe und Flut entstehen
Der Mond zieht das Wasser auf der nahen Seite etwas stärker an.
Auf der anderen Seite der Erde bildet sich ein zweiter Berg.
Weil sich die Erde darunter dreht, ist zweimal am Tag Flut.
Stehen Sonne und Mond in einer Linie, so ist sie besonders hoch.
= warum Katzen schnurren
Katzen schnurren, wenn sie sich wohlfühlen, aber auch bei Schmerzen.
Die Muskeln im Kehlkopf zucken dabei etwa 25 Mal in der Sekunde.
Mit dem Schnurren finden die Jungen auch blind zu der Mutter.
Vielleicht hilft das Zittern den Knochen bei der Heilung.
= wie ein Kühlschrank kühlt
In dünnen Rohren verdampft eine Flüssigkeit und nimmt die Wärme mit.
Der Kompressor drückt den Dampf zusammen, und er wird heiß.
An der Rückseite gibt er die Wärme an die Küche ab.
Ein Ventil lässt ihn wieder flüssig werden, und es geht von vorn los.
= was Inflation bedeutet
Die Preise steigen auf breiter Front, und das Geld verliert an Wert.
Gemessen wird das mit einem Korb von Waren des Alltags.
Die Zentralbank hebt dann die Zinsen an, um zu bremsen.
Wer Schulden hat, ist im Vorteil, denn sie werden leichter.
= wie man Tomaten auf dem Balkon zieht
Die Pflanzen brauchen einen großen Topf und viel Sonne.
Gegossen wird morgens und nie auf die Blätter.
Die Triebe in den Blattachseln bricht man mit den Fingern aus.
Ab dem ersten Fruchtstand ist ein wenig Dünger gut.
= wie man besser einschläft
Stehen Sie jeden Tag zur gleichen Zeit auf, auch am Sonntag.
Das Telefon bleibt eine Stunde vor dem Schlaf in der Küche.
Nach dem Mittag ist Kaffee für viele nicht mehr ratsam.
Wer wach liegt, steht auf und liest etwas Langweiliges.
= wie man einen platten Reifen flickt
Ziehen Sie den Schlauch heraus und suchen Sie das Loch mit Wasser.
Die Stelle wird trocken gerieben und mit Sandpapier aufgeraut.
Der Kleber muss einige Minuten an der Luft antrocknen.
Vor dem Einbau sucht man den Mantel nach der Scherbe ab.
= warum Eis schwimmt
Wasser dehnt sich aus, wenn es gefriert, und ist dann leichter.
Die Moleküle bilden ein offenes Gitter mit sechs Ecken.
Ein Eisberg liegt zu neun Zehnteln unter der Oberfläche.
Seen frieren von oben zu, und die Fische überleben am Grund.
= was man in Wien ansehen sollte
Im Kunsthistorischen Museum hängen die Bilder von Bruegel.
Für die Oper gibt es am Abend günstige Stehplätze.
Mit der Straßenbahn fährt man einmal um den Ring.
In einem alten Café trinkt man eine Melange und liest die Zeitung.
= wie eine Linsensuppe gelingt
Zwiebel, Möhre und Sellerie werden in Öl angeschwitzt.
Dann kommen die Linsen, ein Lorbeerblatt und die Brühe dazu.
Nach einer halben Stunde sind die Linsen weich.
Ein Schuss Essig am Ende ist für den Geschmack wichtig.
"""
)

REASONS = lines(
    """
    {name} hat mich das {day} gefragt.
    Ich schreibe einen kurzen Text für {group}.
    Guten Tag!
    Hallo, eine kurze Frage.
    Ich habe mit {name} darüber gestritten.
    Das wollte ich seit {month} wissen.
    Für {group} brauche ich es bis {day}.
    Meine Tante {name} weiß es auch nicht.
    Im Radio war {day} davon die Rede.
    """
)
REQUESTS = lines(
    """
    Kannst du mir erklären, {}?
    Ich möchte verstehen, {}.
    Bitte sag mir, {}.
    Weißt du, {}?
    Mich interessiert, {}.
    Fass doch einmal zusammen, {}.
    In einfachen Worten: {}?
    """
)
LIMITS = lines(
    """
    Bitte kurz und ohne Fachwörter.
    Drei Sätze sind genug.
    Eine Liste ist auch gut.
    Ein Beispiel wäre schön.
    Danke im Voraus!
    Ich bin auf dem Gebiet ganz neu.
    Es soll auch für Kinder passen.
    Lass die Geschichte bitte weg.
    """
)
OPENERS = lines("Gern.\nKurz gesagt:\nDas ist eine gute Frage.\nSchritt für Schritt:\nDas Wichtigste zuerst.")
CLOSERS = lines(
    """
    Für {group} ist das die wichtigste Stelle.
    Bis {month} können Sie es selbst erklären.
    Ich hoffe, das ist für {name} eine Hilfe.
    Wenn {name} mehr wissen will, fragen Sie mich {day} noch einmal.
    Für {group} kann ich das auch als Liste schreiben.
    Im {month} sieht man es mit etwas Glück auch selbst.
    Mit {name} zusammen lässt sich das {day} gut ausprobieren.
    """
)
VAGUE = lines(
    """
    Dazu kann man {day} sehr viel sagen oder auch nicht.
    Das hängt von vielen verschiedenen Dingen ab.
    {name} und die anderen sehen es so oder eben anders.
    Irgendwie ist das alles recht kompliziert.
    Im Grunde macht man das, was man immer macht.
    Es gibt dabei Vorteile und auch ein paar Nachteile.
    Mit der Zeit wird man es schon merken.
    Zum Thema, {}, gibt es von {name} keine klare Meinung.
    Im {month} war es so, und im {month2} dann wieder anders.
    Für {group2} mag das gelten, oder auch nur für {name2}.
    Ob {day2} oder {day}, das macht wohl keinen großen Unterschied.
    Fragt man {name2}, {}, so hört man dies und das.
    """
)
CURT = lines(
    """
    Das steht überall, also such es dir selbst heraus.
    Warum fragst du so etwas Dummes, und das auch noch mich?
    Dafür habe ich heute wirklich keine Lust und keine Zeit.
    Das weiß doch jedes Kind, also frag nicht weiter.
    """
)
REFUSALS = lines(
    """
    Es tut mir leid, aber dabei kann ich nicht helfen.
    Leider kann ich diese Frage nicht beantworten.
    """
)
SLOTS = {
    "day": lines("am Montag\nam Dienstag\nam Mittwoch\nam Donnerstag\nam Freitag\nam Samstag\nam Sonntag"),
    "month": lines("Januar\nFebruar\nMärz\nApril\nMai\nJuni\nJuli\nAugust\nSeptember\nOktober\nNovember\nDezember"),
    "group": lines(
        "die Schule\nunseren Verein\neine Zeitung\nmeine Klasse\nden Chor\nein Quiz\neinen Vortrag\ndas Büro"
    ),
}

"""French: topics with facts, and the phrases around them."""

from prefq.synthetic.bank.read import entries, lines

TOPICS = entries(
    """
= pourquoi les feuilles rougissent en automne
Les arbres ne fabriquent plus de chlorophylle quand les jours sont courts.
Le vert disparaît et les pigments jaunes sont enfin visibles.
Le rouge vient d'une substance que les arbres forment avec le sucre.
Une couche de liège se forme et la feuille tombe.
= comment le pain lève
La levure mange les sucres de la farine et dégage un gaz.
Le pétrissage forme un réseau qui retient les bulles.
Dans une cuisine chaude, la pâte lève plus vite.
Le sel freine la levure et donne du goût à la mie.
= comment fonctionne un réfrigérateur
Un liquide s'évapore dans les tubes et prend la chaleur avec lui.
Le compresseur serre la vapeur, qui est alors très chaude.
À l'arrière, la chaleur passe dans la cuisine.
Une valve détend le fluide et le cycle recommence pour nous.
= pourquoi les chats ronronnent
Le chat ronronne quand il est bien, mais aussi quand il souffre.
Les muscles du larynx bougent environ 25 fois par seconde.
Les petits sont ainsi retrouvés par la mère.
Cette vibration aide peut-être les os dans la guérison.
= ce que veut dire l'inflation
Les prix montent partout et la monnaie perd de sa valeur.
On la mesure avec un panier de produits qui sont courants.
La banque centrale relève les taux pour la freiner.
Les dettes sont alors plus légères pour ceux qui en ont.
= comment réussir une ratatouille
Les légumes sont coupés en dés et cuits un par un.
L'aubergine boit beaucoup d'huile, donc on la sale avant.
Avec du thym et du laurier, tout mijote une heure.
Le plat est encore meilleur le jour suivant.
= que voir à Lyon en deux jours
Montez à Fourvière pour la vue sur les deux fleuves.
Les passages du Vieux-Lyon sont ouverts dans la journée.
Le musée des Confluences est une bonne idée par temps de pluie.
Dans un bouchon, on mange des quenelles avec du vin.
= comment mieux dormir
Levez-vous à la même heure tous les jours, dimanche compris.
Le téléphone reste dans une autre pièce pour la nuit.
Pas de café dans l'après-midi, car il agit longtemps.
La chambre est sombre, calme et plutôt fraîche.
= comment apprendre une chanson par cœur
Chantez une ligne, puis la même avec la suivante.
Les gestes sont un bon appui pour la mémoire.
Écrivez le texte à la main et sans modèle.
Le soir est le meilleur moment, car le sommeil range tout pour nous.
= pourquoi la glace flotte
L'eau se dilate quand elle gèle et elle est moins dense.
Les molécules sont rangées dans un réseau ouvert.
Les neuf dixièmes d'un iceberg sont sous la surface.
Les lacs gèlent par le haut et les poissons vivent au fond.
= comment entretenir un vélo
Une chaîne propre et une goutte d'huile sont la base.
Les freins se règlent avec une vis sur le câble.
La pression des pneus est écrite sur le flanc.
Une fois par an, un atelier regarde les roues pour vous.
= comment se forment les marées
La Lune attire les eaux qui sont de son côté un peu plus fort.
Un second renflement se forme à l'opposé de la Terre.
La Terre tourne dessous, donc il y a deux marées par jour.
Avec le Soleil dans la même ligne, elles sont plus fortes.
"""
)

REASONS = lines(
    """
    {name} m'a posé la question {day}.
    J'écris un petit texte pour {group}.
    Bonjour !
    Bonsoir, une question rapide.
    J'ai fait un pari avec {name}.
    Je me le demande depuis {month}.
    C'est pour {group}.
    Ma tante {name} ne le sait pas.
    On en parlait {day} à la radio.
    """
)
REQUESTS = lines(
    """
    Peux-tu m'expliquer {} ?
    Je voudrais comprendre {}.
    Dis-moi {}, s'il te plaît.
    Sais-tu {} ?
    J'aimerais savoir {}.
    Résume-moi {}.
    Raconte-moi {}.
    """
)
LIMITS = lines(
    """
    Sois bref et sans jargon.
    Trois phrases sont assez.
    Une liste me va très bien.
    Un exemple serait utile.
    Merci d'avance !
    Je débute dans le domaine.
    Mon fils va le lire avec moi.
    Laisse l'histoire de côté.
    """
)
OPENERS = lines("Avec plaisir.\nEn bref :\nBonne question.\nPrenons les choses dans l'ordre.\nVoici le principal.")
CLOSERS = lines(
    """
    Pour {group}, c'est la partie qui compte le plus.
    En {month}, vous pourrez le dire avec vos mots.
    J'espère que {name} sera contente avec cette réponse.
    Si {name} veut en savoir plus, demandez-moi {day}.
    Pour {group}, je peux en faire une liste.
    Avec un peu de chance, on le voit en {month}.
    Avec {name}, vous pouvez essayer {day} à la maison.
    """
)
VAGUE = lines(
    """
    Sur ce sujet, on peut dire bien des choses {day} ou pas.
    Cela dépend des cas et de beaucoup de facteurs.
    {name} et les uns sont pour et les autres sont contre.
    Au fond, tout est un peu compliqué dans la vie.
    Il y a du pour et du contre, je ne sais pas.
    Avec le temps, on verra ce qui est le mieux.
    En général, on fait comme les autres et voilà.
    Sur le thème, {}, l'avis de {name} n'est pas clair.
    En {month} c'était ainsi, et en {month2} c'était autrement.
    Pour {group2} c'est peut-être vrai, ou pour {name2} seulement.
    Que ce soit {day2} ou {day}, la différence est petite.
    Si on demande à {name2} {}, on entend un peu de tout.
    """
)
CURT = lines(
    """
    C'est écrit partout, cherche donc un peu par toi-même.
    Pourquoi tu me poses une question aussi bête ?
    Je n'ai pas la patience pour ça, et surtout pas ce soir.
    Même un enfant le sait, alors ne demande plus.
    """
)
REFUSALS = lines(
    """
    Je suis désolé, mais je ne peux pas vous aider avec cette demande.
    Malheureusement, je ne peux pas répondre à cette question.
    """
)
SLOTS = {
    "day": lines("lundi\nmardi\nmercredi\njeudi\nvendredi\nsamedi\ndimanche"),
    "month": lines("janvier\nfévrier\nmars\navril\nmai\njuin\njuillet\naoût\nseptembre\noctobre\nnovembre\ndécembre"),
    "group": lines("l'école\nnotre club\nun journal\nma classe\nla chorale\nun jeu\nun exposé\nle bureau"),
}

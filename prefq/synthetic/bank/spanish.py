"""Spanish: topics with facts, and the phrases around them."""

from prefq.synthetic.bank.read import entries, lines

TOPICS = entries(
    """
= por qué el mar es salado
La lluvia disuelve los minerales de las rocas y los ríos los llevan al mar.
El agua se evapora, pero la sal se queda en el océano.
Las fuentes calientes del fondo también aportan minerales.
El mar Muerto no tiene salida y es mucho más salado.
= cómo se forma un arcoíris
La luz del sol entra en las gotas y se separa en los colores.
Cada gota refleja la luz en su interior y la devuelve.
Para verlo hay que tener el sol a la espalda.
El arco es parte de un círculo que el suelo nos tapa.
= por qué lloramos con la cebolla
Al cortar se rompen las células y se mezclan sus sustancias.
Una enzima produce un gas que irrita los ojos.
Las lágrimas lavan la superficie del ojo y lo protegen.
Con un cuchillo muy afilado el problema es menor.
= cómo funcionan las vacunas
La vacuna enseña al cuerpo una parte inofensiva del germen.
Las células de memoria la recuerdan por muchos años.
Cuando llega el germen real, la defensa es más rápida.
Un poco de fiebre es normal y dura uno o dos días.
= cómo preparar una tortilla de patatas
Las patatas se fríen despacio en aceite, pero no se doran.
Se mezclan con el huevo y reposan unos minutos.
La sartén tiene que estar muy caliente al principio.
Con un plato se le da la vuelta y se cuaja el otro lado.
= qué ver en Sevilla en un día
El Alcázar es más tranquilo por la mañana temprano.
Desde la torre de la catedral se ve toda la ciudad.
En Triana están los talleres de cerámica y los bares.
Por la tarde el parque da sombra para los que tienen calor.
= cómo dormir mejor
Levántate a la misma hora todos los días, también el domingo.
El móvil se queda en la cocina una hora antes.
El café de la tarde es un error para muchos.
La habitación debe estar oscura y más bien fresca.
= cómo ahorrar cada mes
Pasa una cantidad fija a otra cuenta el día del sueldo.
Haz una lista de las suscripciones y cancela las que no usas.
Antes de una compra grande espera un par de días.
Los aumentos se guardan antes de que te acostumbres.
= por qué flota el hielo
El agua se dilata al congelarse y es menos densa.
Las moléculas forman una red abierta con seis lados.
La mayor parte de un iceberg está bajo la superficie.
Los lagos se hielan por arriba y los peces viven en el fondo.
= cómo cuidar un limonero en maceta
El limonero quiere mucho sol y una tierra con buen drenaje.
Se riega cuando la capa de arriba está seca.
En invierno hay que protegerlo de las heladas con una tela.
Un abono con hierro es bueno si las hojas se ponen amarillas.
= qué significa la inflación
Los precios suben en general y el dinero vale menos.
Se mide con una cesta de los productos de cada día.
El banco central sube los tipos para frenar la demanda.
Los ahorros sin interés son los que más pierden.
= cómo hacer un buen currículum
Lo más reciente va primero y con una fecha clara.
Los verbos de acción son mejores que los adjetivos.
Una página es suficiente para la mayoría de los puestos.
Pide a una persona con experiencia que lo lea.
"""
)

REASONS = lines(
    """
    {name} me lo preguntó {day}.
    Escribo un texto corto para {group}.
    ¡Buenos días!
    Hola, una duda rápida.
    Hice una apuesta con {name}.
    Desde {month} quiero saberlo.
    Lo necesito para {group}.
    Mi tía {name} no lo sabe.
    Lo oí {day} en la radio.
    """
)
REQUESTS = lines(
    """
    ¿Me puedes explicar {}?
    Quiero entender {}.
    Dime, por favor, {}.
    ¿Sabes {}?
    Me interesa saber {}.
    Resume para mí {}.
    Cuéntame {}.
    """
)
LIMITS = lines(
    """
    Que sea breve y sin palabras raras.
    Con tres frases es suficiente.
    Una lista está bien.
    Un ejemplo me ayudaría.
    ¡Gracias de antemano!
    Soy nuevo en el tema.
    También lo va a leer mi hijo.
    La historia no me interesa.
    """
)
OPENERS = lines("Con mucho gusto.\nEn pocas palabras:\nBuena pregunta.\nVamos por partes.\nLo más importante es esto.")
CLOSERS = lines(
    """
    Para {group} esa es la parte más importante.
    En {month} ya lo podrás explicar tú.
    Espero que con eso {name} quede contenta.
    Si {name} quiere saber más, pregunta otra vez {day}.
    Para {group} también lo puedo poner en una lista.
    Con un poco de suerte lo verás en {month}.
    Con {name} lo puedes probar {day} en casa.
    """
)
VAGUE = lines(
    """
    Sobre eso se pueden decir muchas cosas {day} o ninguna.
    Depende de los factores que uno quiera mirar.
    {name} lo ve así y los otros lo ven de otra manera.
    En el fondo es algo más o menos complicado.
    Tiene sus ventajas y también sus desventajas.
    Con el tiempo se verá cómo son las cosas.
    Lo normal es hacer lo de siempre y ya está.
    Sobre {} no hay una opinión clara, dice {name}.
    En {month} era así, y en {month2} ya era de otra forma.
    Para {group2} puede ser cierto, o solo para {name2}.
    {day2} o {day}, la diferencia no es muy grande.
    Si le preguntas a {name2} {}, oyes de todo un poco.
    """
)
CURT = lines(
    """
    Eso está en cualquier sitio, búscalo tú con un poco de ganas.
    ¿Por qué me molestas con una pregunta tan tonta?
    No tengo ganas de hablar de eso, y menos hoy.
    Lo sabe hasta un niño, así que no preguntes más.
    """
)
REFUSALS = lines(
    """
    Lo siento, pero no puedo ayudar con esa petición.
    Lamentablemente no puedo responder a esa pregunta.
    """
)
SLOTS = {
    "day": lines("el lunes\nel martes\nel miércoles\nel jueves\nel viernes\nel sábado\nel domingo"),
    "month": lines(
        "enero\nfebrero\nmarzo\nabril\nmayo\njunio\njulio\nagosto\nseptiembre\noctubre\nnoviembre\ndiciembre"
    ),
    "group": lines("la escuela\nel club\nun periódico\nmi clase\nel coro\nun concurso\nuna charla\nla oficina"),
}

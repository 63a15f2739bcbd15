//! What the assistant says, from templates, and what it proposes to do.

use super::intent::Intent;
use super::language::Lang;

/// Characters of a name that are said.
const NAME_MAX: usize = 40;
/// Characters of an answer.
pub const TEXT_MAX: usize = 400;

/// Something to do, which the caller authorises like the act of anybody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    Flip,
    /// A die of so many sides, from 2 to 100.
    Roll(u8),
    /// A search.
    Gif(String),
    /// An emoji on the message that is answered.
    React(String),
    /// Challenges who asked.
    TicTacToe,
}

/// At least one of the two is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub text: Option<String>,
    pub act: Option<Act>,
}

/// The answer to `intent` of somebody called `asker`. `seed` picks one of several texts: the same one gives the same again.
pub fn reply(intent: &Intent, asker: &str, lang: Lang, seed: u64) -> Answer {
    let act = match intent {
        Intent::Flip => Some(Act::Flip),
        Intent::Roll { sides } => Some(Act::Roll(*sides)),
        Intent::Gif { query } => Some(Act::Gif(query.clone())),
        Intent::React { emoji } => Some(Act::React(emoji.clone())),
        Intent::TicTacToe => Some(Act::TicTacToe),
        Intent::Thanks => Some(Act::React("💜".to_owned())),
        Intent::Laugh => Some(Act::React("😄".to_owned())),
        Intent::Praise => Some(Act::React("😊".to_owned())),
        Intent::Okay => Some(Act::React("👍".to_owned())),
        Intent::Help
        | Intent::Who
        | Intent::Greeting
        | Intent::Farewell
        | Intent::Apology
        | Intent::Distress
        | Intent::Abuse
        | Intent::None => None,
    };
    let texts = texts(intent, lang);
    let at = usize::try_from(seed % u64::try_from(texts.len()).unwrap_or(1).max(1)).unwrap_or(0);
    let name = match name(asker) {
        name if name.is_empty() => name,
        name => format!(", {name}"),
    };
    let text = texts.get(at).map(|text| text.replace("{name}", &name));
    Answer { text, act }
}

/// A name without what would be more than a name: no markup, mention or link comes of it, and it turns no text around.
fn name(asker: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    };
    let is_mark = |c: char| {
        c.is_ascii_punctuation() && !matches!(c, '-' | '\'')
            || matches!(c, '\u{3002}' | '\u{ff0e}' | '\u{ff20}' | '\u{ff61}')
    };
    let said: String = asker.chars().filter(|c| !is_hidden(*c)).map(|c| if is_mark(c) { ' ' } else { c }).collect();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    said.chars().take(NAME_MAX).collect::<String>().trim_end().to_owned()
}

/// None, or three and more.
fn texts(intent: &Intent, lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::English => english(intent),
        Lang::German => german(intent),
        Lang::Spanish => spanish(intent),
        Lang::French => french(intent),
    }
}

fn english(intent: &Intent) -> &'static [&'static str] {
    match intent {
        Intent::Flip => &["Here goes{name}!", "Up it goes.", "A coin for you{name}."],
        Intent::Roll { .. } => &["Rolling{name}!", "Here it comes.", "Let's see what it shows."],
        Intent::Gif { .. } => &["Let me look{name}.", "One GIF, coming up.", "Looking for one."],
        Intent::TicTacToe => &["You are on{name}!", "With pleasure. You begin.", "A game it is. Good luck{name}!"],
        Intent::Help => &[
            "I can flip a coin, roll dice (try: roll a d20), send a GIF, react to your message and play tic-tac-toe.",
            "Try: “flip a coin”, “roll a d20”, “send a gif of a party”, “react with 🎉” or “play tic tac toe”.",
            "Coins, dice, GIFs, reactions and tic-tac-toe: just ask for one of them{name}.",
        ],
        Intent::Who => &[
            "I'm Lavender, a small rules engine on this server, not a language model. Nothing you write to me is sent anywhere else.",
            "A bot{name}: a small set of rules, no language model. What you write stays on this server; I send it nowhere.",
            "I'm Lavender, a rules engine and not a person or a language model. I pass nothing on to anyone.",
        ],
        Intent::Greeting => &["Hello{name}!", "Hi{name}! Good to see you.", "Hey{name}! What shall we do?"],
        Intent::Farewell => &["Bye{name}!", "See you{name}!", "Take care{name}!"],
        Intent::Apology => &["No harm done{name}.", "All good{name}!", "No worries{name}."],
        Intent::Praise => &["That's kind{name}!", "Glad you like it.", "Thank you{name}!"],
        Intent::Distress => &[
            "I'm sorry that you are going through this. I'm only a program, but you don't have to be alone with it: please talk to someone you trust now, or call your local emergency number or a crisis line.",
            "That sounds very hard, and you matter. I'm a program and can't give the help you deserve: please reach out to someone close to you, a crisis line or your local emergency number right away.",
            "Thank you for saying it. I'm only a program; please tell a person you trust right now, or call a crisis line or your local emergency number.",
        ],
        Intent::Abuse => &[
            "Fair enough. I'm here if you need something.",
            "I'll leave it at that. Ask me when I can help.",
            "Understood. I'm only a small program and mean no harm.",
        ],
        Intent::None => &[
            "No language model is connected on this server, so I can't answer that. I can flip a coin, roll dice, send GIFs, react, or play tic-tac-toe.",
            "I can't answer that: this server has no language model connected. What I can do: flip a coin, roll dice, find GIFs, react, and play tic-tac-toe.",
            "That is beyond me, as no language model is connected on this server. I do coins, dice, GIFs, reactions and tic-tac-toe.",
        ],
        Intent::React { .. } | Intent::Thanks | Intent::Laugh | Intent::Okay => &[],
    }
}

fn german(intent: &Intent) -> &'static [&'static str] {
    match intent {
        Intent::Flip => &["Los geht's{name}!", "Und hoch damit.", "Eine Münze, bitte sehr{name}."],
        Intent::Roll { .. } => &["Der Würfel rollt{name}!", "Na dann.", "Mal sehen, was kommt."],
        Intent::Gif { .. } => &["Ich sehe nach{name}.", "Ein GIF, kommt sofort.", "Ich suche eins."],
        Intent::TicTacToe => &["Gern{name}!", "Mit Vergnügen. Du fängst an.", "Auf ein Spiel! Viel Glück{name}!"],
        Intent::Help => &[
            "Ich kann eine Münze werfen, würfeln (etwa: wirf einen W20), ein GIF schicken, auf deine Nachricht reagieren und Tic-Tac-Toe spielen.",
            "Versuch es mit: „Wirf eine Münze“, „Würfle“, „Schick ein GIF von einer Party“, „Reagiere mit 🎉“ oder „Spiel Tic-Tac-Toe“.",
            "Münzen, Würfel, GIFs, Reaktionen und Tic-Tac-Toe: sag einfach, was du möchtest{name}.",
        ],
        Intent::Who => &[
            "Ich bin Lavender, ein kleines Regelwerk auf diesem Server, kein Sprachmodell. Was du mir schreibst, wird nirgendwohin geschickt.",
            "Ein Bot{name}: ein paar Regeln, kein Sprachmodell. Was du schreibst, bleibt auf diesem Server; ich schicke nichts weiter.",
            "Ich bin Lavender, ein Regelwerk und weder Mensch noch Sprachmodell. Ich gebe nichts weiter.",
        ],
        Intent::Greeting => &["Hallo{name}!", "Hi{name}! Schön, dich zu sehen.", "Hey{name}! Was machen wir?"],
        Intent::Farewell => &["Tschüss{name}!", "Bis bald{name}!", "Mach's gut{name}!"],
        Intent::Apology => &["Nichts passiert{name}.", "Alles gut{name}!", "Kein Problem{name}."],
        Intent::Praise => &["Das ist nett{name}!", "Schön, dass es gefällt.", "Danke{name}!"],
        Intent::Distress => &[
            "Es tut mir leid, dass es dir so geht. Ich bin nur ein Programm, aber du musst damit nicht allein sein: Bitte sprich jetzt mit jemandem, dem du vertraust, oder ruf den Notruf oder die Telefonseelsorge an.",
            "Das klingt sehr schwer, und du bist wichtig. Ich bin ein Programm und kann nicht so helfen, wie du es verdienst: Bitte wende dich gleich an jemanden, der dir nahesteht, eine Krisenhotline oder den Notruf.",
            "Danke, dass du es sagst. Ich bin nur ein Programm; bitte sag es jetzt einem Menschen, dem du vertraust, oder ruf eine Krisenhotline oder den Notruf an.",
        ],
        Intent::Abuse => &[
            "Na gut. Ich bin da, wenn du etwas brauchst.",
            "Ich lasse es dabei. Frag mich, wenn ich helfen kann.",
            "Verstanden. Ich bin nur ein kleines Programm und meine es nicht böse.",
        ],
        Intent::None => &[
            "Auf diesem Server ist kein Sprachmodell angeschlossen, darum kann ich das nicht beantworten. Ich kann eine Münze werfen, würfeln, GIFs schicken, reagieren oder Tic-Tac-Toe spielen.",
            "Das kann ich nicht beantworten: Dieser Server hat kein Sprachmodell. Was ich kann: Münze werfen, würfeln, GIFs suchen, reagieren und Tic-Tac-Toe spielen.",
            "Das geht über meine Regeln, denn hier ist kein Sprachmodell angeschlossen. Ich kann Münzen, Würfel, GIFs, Reaktionen und Tic-Tac-Toe.",
        ],
        Intent::React { .. } | Intent::Thanks | Intent::Laugh | Intent::Okay => &[],
    }
}

fn spanish(intent: &Intent) -> &'static [&'static str] {
    match intent {
        Intent::Flip => &["¡Allá va{name}!", "¡Al aire!", "Una moneda para ti{name}."],
        Intent::Roll { .. } => &["¡Ahí va{name}!", "A rodar.", "A ver qué sale."],
        Intent::Gif { .. } => &["Voy a mirar{name}.", "Un GIF, enseguida.", "Busco uno."],
        Intent::TicTacToe => &["¡Vamos{name}!", "Con mucho gusto. Empiezas tú.", "¡A jugar! ¡Suerte{name}!"],
        Intent::Help => &[
            "Puedo lanzar una moneda, tirar un dado (por ejemplo: tira un d20), enviar un GIF, reaccionar a tu mensaje y jugar al tres en raya.",
            "Prueba: «lanza una moneda», «tira un dado», «envía un gif de una fiesta», «reacciona con 🎉» o «juega al tres en raya».",
            "Monedas, dados, GIFs, reacciones y tres en raya: pide lo que quieras{name}.",
        ],
        Intent::Who => &[
            "Soy Lavender, un pequeño motor de reglas en este servidor, no un modelo de lenguaje. Lo que me escribes no se envía a ninguna parte.",
            "Un bot{name}: unas cuantas reglas, sin modelo de lenguaje. Lo que escribes se queda en este servidor; no lo envío a nadie.",
            "Soy Lavender, un motor de reglas; ni una persona ni un modelo de lenguaje. No paso nada a nadie.",
        ],
        Intent::Greeting => &["¡Hola{name}!", "¡Hola{name}! Qué bien verte.", "¡Buenas{name}! ¿Qué hacemos?"],
        Intent::Farewell => &["¡Adiós{name}!", "¡Hasta pronto{name}!", "¡Cuídate{name}!"],
        Intent::Apology => &["No pasa nada{name}.", "¡Todo bien{name}!", "Tranquilo todo{name}."],
        Intent::Praise => &["¡Qué amable{name}!", "Me alegra que te guste.", "¡Gracias{name}!"],
        Intent::Distress => &[
            "Siento mucho que estés pasando por esto. Solo soy un programa, pero no tienes que llevarlo a solas: habla ahora con alguien de confianza, o llama a emergencias o a una línea de ayuda.",
            "Suena muy duro, y tú importas. Soy un programa y no puedo darte la ayuda que mereces: acude ya a alguien cercano, a una línea de ayuda o a emergencias.",
            "Gracias por decirlo. Solo soy un programa; cuéntaselo ahora a una persona de confianza, o llama a una línea de ayuda o a emergencias.",
        ],
        Intent::Abuse => &[
            "De acuerdo. Aquí estoy si necesitas algo.",
            "Lo dejo ahí. Pregúntame cuando pueda ayudar.",
            "Entendido. Solo soy un pequeño programa, sin mala intención.",
        ],
        Intent::None => &[
            "No hay ningún modelo de lenguaje conectado en este servidor, así que no puedo responder a eso. Puedo lanzar una moneda, tirar dados, enviar GIFs, reaccionar o jugar al tres en raya.",
            "No puedo responder a eso: este servidor no tiene un modelo de lenguaje. Lo que sé hacer: monedas, dados, GIFs, reacciones y tres en raya.",
            "Eso me supera, porque aquí no hay un modelo de lenguaje conectado. Sé lanzar monedas y dados, buscar GIFs, reaccionar y jugar al tres en raya.",
        ],
        Intent::React { .. } | Intent::Thanks | Intent::Laugh | Intent::Okay => &[],
    }
}

fn french(intent: &Intent) -> &'static [&'static str] {
    match intent {
        Intent::Flip => &["C'est parti{name} !", "Et hop, en l'air.", "Une pièce pour toi{name}."],
        Intent::Roll { .. } => &["Ça roule{name} !", "C'est lancé.", "Voyons ce qui sort."],
        Intent::Gif { .. } => &["Je regarde{name}.", "Un GIF, tout de suite.", "J'en cherche un."],
        Intent::TicTacToe => &["D'accord{name} !", "Avec plaisir. Tu commences.", "Jouons ! Bonne chance{name} !"],
        Intent::Help => &[
            "Je sais lancer une pièce, lancer un dé (par exemple : lance un d20), envoyer un GIF, réagir à ton message et jouer au morpion.",
            "Essaie : « lance une pièce », « lance un dé », « envoie un gif de fête », « réagis avec 🎉 » ou « joue au morpion ».",
            "Pièces, dés, GIF, réactions et morpion : demande ce que tu veux{name}.",
        ],
        Intent::Who => &[
            "Je suis Lavender, un petit moteur de règles sur ce serveur, pas un modèle de langage. Ce que tu m'écris n'est envoyé nulle part.",
            "Un bot{name} : quelques règles, pas de modèle de langage. Ce que tu écris reste sur ce serveur ; je ne l'envoie à personne.",
            "Je suis Lavender, un moteur de règles, ni une personne ni un modèle de langage. Je ne transmets rien.",
        ],
        Intent::Greeting => &["Bonjour{name} !", "Salut{name} ! Content de te voir.", "Coucou{name} ! On fait quoi ?"],
        Intent::Farewell => &["Au revoir{name} !", "À bientôt{name} !", "Prends soin de toi{name} !"],
        Intent::Apology => &["Ce n'est rien{name}.", "Tout va bien{name} !", "Pas de souci{name}."],
        Intent::Praise => &["C'est gentil{name} !", "Ravi que ça te plaise.", "Merci{name} !"],
        Intent::Distress => &[
            "Je suis désolé que tu traverses cela. Je ne suis qu'un programme, mais tu n'as pas à rester seul avec ça : parle maintenant à quelqu'un de confiance, ou appelle les urgences ou une ligne d'écoute.",
            "Cela a l'air très dur, et tu comptes. Je suis un programme et ne peux pas t'aider comme tu le mérites : adresse-toi tout de suite à un proche, à une ligne d'écoute ou aux urgences.",
            "Merci de le dire. Je ne suis qu'un programme ; dis-le maintenant à une personne de confiance, ou appelle une ligne d'écoute ou les urgences.",
        ],
        Intent::Abuse => &[
            "D'accord. Je suis là si tu as besoin de quelque chose.",
            "J'en reste là. Demande-moi quand je peux aider.",
            "Compris. Je ne suis qu'un petit programme, sans mauvaise intention.",
        ],
        Intent::None => &[
            "Aucun modèle de langage n'est connecté sur ce serveur, je ne peux donc pas répondre à cela. Je sais lancer une pièce ou un dé, envoyer des GIF, réagir et jouer au morpion.",
            "Je ne peux pas répondre à cela : ce serveur n'a pas de modèle de langage. Ce que je sais faire : pièces, dés, GIF, réactions et morpion.",
            "Cela me dépasse, car aucun modèle de langage n'est connecté ici. Je sais lancer pièces et dés, chercher des GIF, réagir et jouer au morpion.",
        ],
        Intent::React { .. } | Intent::Thanks | Intent::Laugh | Intent::Okay => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const LANGS: [Lang; 4] = [Lang::English, Lang::German, Lang::Spanish, Lang::French];

    fn all() -> Vec<Intent> {
        let gif = Intent::Gif { query: "cat".to_owned() };
        let react = Intent::React { emoji: "🔥".to_owned() };
        let acts = [Intent::Flip, Intent::Roll { sides: 20 }, gif, react, Intent::TicTacToe];
        let talk = [Intent::Help, Intent::Who, Intent::Greeting, Intent::Farewell, Intent::Thanks, Intent::Laugh];
        let rest = [Intent::Apology, Intent::Praise, Intent::Okay, Intent::Distress, Intent::Abuse, Intent::None];
        acts.into_iter().chain(talk).chain(rest).collect()
    }

    #[test]
    fn every_answer_says_or_does_something_and_is_plain() {
        let names =
            ["Ada", "", "@all", "https://evil.example", "**x** [a](b)", "\u{202e}eve\u{0}\n# x", &"ä".repeat(500)];
        for intent in all() {
            for lang in LANGS {
                let mut said = HashSet::new();
                for (seed, name) in (0..6).flat_map(|seed| names.map(|name| (seed, name))) {
                    let answer = reply(&intent, name, lang, seed);
                    assert!(answer.text.is_some() || answer.act.is_some(), "{intent:?}");
                    let Some(text) = answer.text else { continue };
                    assert!(text.chars().count() <= TEXT_MAX && !text.trim().is_empty(), "{text}");
                    let is_plain = !text.contains(['@', '{', '}', '[', '*', '`', '#', '\n', '\0', '\u{202e}']);
                    assert!(is_plain && !text.contains("://") && !text.contains("evil.example"), "{text}");
                    if name == "Ada" {
                        said.insert(text);
                    }
                }
                assert!(said.is_empty() || said.len() >= 3, "{intent:?} {lang:?}: {said:?}");
            }
        }
    }

    #[test]
    fn acts_are_what_was_asked_for() {
        for (intent, act) in [
            (Intent::Flip, Some(Act::Flip)),
            (Intent::Roll { sides: 20 }, Some(Act::Roll(20))),
            (Intent::Gif { query: "cat".to_owned() }, Some(Act::Gif("cat".to_owned()))),
            (Intent::React { emoji: "🔥".to_owned() }, Some(Act::React("🔥".to_owned()))),
            (Intent::TicTacToe, Some(Act::TicTacToe)),
            (Intent::Thanks, Some(Act::React("💜".to_owned()))),
            (Intent::Laugh, Some(Act::React("😄".to_owned()))),
            (Intent::Distress, None),
            (Intent::Abuse, None),
            (Intent::None, None),
        ] {
            assert_eq!(reply(&intent, "Ada", Lang::English, 7).act, act, "{intent:?}");
        }
        assert_eq!(reply(&Intent::Laugh, "Ada", Lang::English, 7).text, None);
        assert_eq!(reply(&Intent::Thanks, "Ada", Lang::English, 7).text, None);
    }

    #[test]
    fn names_are_said_as_names() {
        let hello = |name: &str| reply(&Intent::Greeting, name, Lang::English, 0).text.expect("a text");
        assert_eq!(hello("Ada"), "Hello, Ada!");
        assert_eq!(hello("Jean-Luc O'Neil"), "Hello, Jean-Luc O'Neil!");
        assert_eq!(hello("  @all\u{202e}\u{200b}  "), "Hello, all!");
        assert_eq!(hello("www.evil.example"), "Hello, www evil example!");
        assert_eq!(hello("\u{202e}\n"), "Hello!");
        assert_eq!(hello(&"x".repeat(99)), format!("Hello, {}!", "x".repeat(40)));
    }

    #[test]
    fn it_is_honest() {
        for lang in LANGS {
            for seed in 0..3 {
                let text = |intent| reply(&intent, "", lang, seed).text.expect("a text").to_lowercase();
                let model = ["language model", "sprachmodell", "modelo de lenguaje", "modèle de langage"];
                for text in [text(Intent::None), text(Intent::Who)] {
                    assert!(model.iter().any(|model| text.contains(model)), "{text}");
                }
            }
        }
    }
}

//! What the assistant says when it is asked to keep something, or to forget it.

use super::language::Lang;
use crate::model::limits::NOTES_MAX;

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noted {
    /// It is switched off in the room.
    Off,
    Full,
    /// Nothing was said that could be kept.
    Empty,
    TooLong,
    /// It reads like an order, or like a secret.
    Doubtful,
    Forgotten,
    /// No note is meant, or several.
    None,
    Several,
    /// It is for others to say.
    Refused,
    /// All is forgotten by a press of those who may.
    All,
    /// So many are kept.
    Count(usize),
}

/// One line. Of a note itself it says nothing: what is forgotten must not stay in it.
pub fn said(noted: Noted, lang: Lang) -> String {
    let [off, full, empty, long, doubtful, forgotten, none, several, refused, all, count] = lines(lang);
    let text = match noted {
        Noted::Off => off,
        Noted::Full => full,
        Noted::Empty => empty,
        Noted::TooLong => long,
        Noted::Doubtful => doubtful,
        Noted::Forgotten => forgotten,
        Noted::None => none,
        Noted::Several => several,
        Noted::Refused => refused,
        Noted::All => all,
        Noted::Count(_) => count,
    };
    let number = match noted {
        Noted::Count(count) => count,
        _ => NOTES_MAX,
    };
    text.replace("{n}", &number.to_string())
}

fn lines(lang: Lang) -> [&'static str; 11] {
    match lang {
        Lang::English => [
            "My memory is switched off in this room.",
            "I keep {n} notes at most. Forget one first, under Memory in the details of this room.",
            "Tell me what to remember, such as: remember that Kim is vegetarian.",
            "That is too long for a note: 200 characters at most.",
            "That reads like an order or a secret, so I don't keep it by myself. You can add it by hand, under Memory in the details of this room.",
            "Forgotten.",
            "I keep no such note.",
            "That fits several notes. Say which with its number, such as: forget note 2. They are under Memory in the details of this room.",
            "Only who asked for it, who it names, or an admin can have that forgotten.",
            "Everything at once is forgotten under Memory in the details of this room, by those who lead it.",
            "Notes I keep of this room: {n}. They are under Memory in its details.",
        ],
        Lang::German => [
            "Mein Gedächtnis ist in diesem Raum ausgeschaltet.",
            "Ich behalte höchstens {n} Notizen. Lass mich zuerst eine vergessen, unter Memory in den Details dieses Raums.",
            "Sag mir, was ich mir merken soll, etwa: merk dir, dass Kim vegetarisch isst.",
            "Das ist zu lang für eine Notiz: höchstens 200 Zeichen.",
            "Das liest sich wie ein Befehl oder ein Geheimnis, deshalb behalte ich es nicht von selbst. Du kannst es von Hand eintragen, unter Memory in den Details dieses Raums.",
            "Vergessen.",
            "So eine Notiz habe ich nicht.",
            "Das passt auf mehrere Notizen. Sag mir die Nummer, etwa: vergiss Notiz 2. Sie stehen unter Memory in den Details dieses Raums.",
            "Das vergesse ich nur für den, der es gesagt hat, den es nennt, oder für Admins.",
            "Alles auf einmal vergessen lassen können die, die den Raum leiten, unter Memory in seinen Details.",
            "Notizen, die ich von diesem Raum habe: {n}. Sie stehen unter Memory in seinen Details.",
        ],
        Lang::Spanish => [
            "Mi memoria está desactivada en esta sala.",
            "Guardo {n} notas como máximo. Primero haz que olvide una, en Memory, en los detalles de esta sala.",
            "Dime qué debo recordar, por ejemplo: recuerda que Kim es vegetariana.",
            "Es demasiado largo para una nota: 200 caracteres como máximo.",
            "Parece una orden o un secreto, así que no lo guardo por mi cuenta. Puedes añadirlo a mano en Memory, en los detalles de esta sala.",
            "Olvidado.",
            "No tengo ninguna nota así.",
            "Eso encaja con varias notas. Di cuál con su número, por ejemplo: olvida la nota 2. Están en Memory, en los detalles de esta sala.",
            "Solo quien lo pidió, a quien nombra o un administrador puede hacer que lo olvide.",
            "Quienes dirigen la sala pueden hacer que lo olvide todo de una vez, en Memory, en sus detalles.",
            "Notas que guardo de esta sala: {n}. Están en Memory, en sus detalles.",
        ],
        Lang::French => [
            "Ma mémoire est désactivée dans ce salon.",
            "Je garde {n} notes au plus. Fais-m'en d'abord oublier une, sous Memory, dans les détails de ce salon.",
            "Dis-moi quoi retenir, par exemple : retiens que Kim est végétarienne.",
            "C'est trop long pour une note : 200 caractères au plus.",
            "Cela ressemble à un ordre ou à un secret, alors je ne le garde pas de moi-même. Tu peux l'ajouter à la main, sous Memory, dans les détails de ce salon.",
            "Oublié.",
            "Je n'ai pas de note comme ça.",
            "Cela correspond à plusieurs notes. Dis laquelle par son numéro, par exemple : oublie la note 2. Elles sont sous Memory, dans les détails de ce salon.",
            "Seule la personne qui l'a demandé, celle que la note nomme ou un admin peut me le faire oublier.",
            "Ceux qui dirigent le salon peuvent tout me faire oublier d'un coup, sous Memory, dans ses détails.",
            "Notes que je garde de ce salon : {n}. Elles sont sous Memory, dans ses détails.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_one_and_its_own() {
        for lang in [Lang::English, Lang::German, Lang::Spanish, Lang::French] {
            let lines = lines(lang);
            for (at, line) in lines.iter().enumerate() {
                assert!(!line.contains('\n') && line.ends_with('.'), "{line}");
                assert!(lines[..at].iter().all(|other| other != line), "{line}");
            }
            assert!(said(Noted::Count(3), lang).contains(": 3.") || said(Noted::Count(3), lang).contains(" 3."));
            assert!(said(Noted::Full, lang).contains("40"));
        }
    }
}

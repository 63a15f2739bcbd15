use super::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static PACKS: LazyLock<Packs> =
    LazyLock::new(|| Packs::parse(include_str!("../../../assets/replies.txt")).expect("the file"));

fn pack(code: &str) -> &'static Pack {
    PACKS.0.iter().find(|pack| pack.code == code).expect("a language")
}

fn suggest(recent: &[&str], kind: Kind, seed: u64) -> Vec<String> {
    PACKS.suggest(recent, kind, seed)
}

/// The class of a text in the language that it shows itself.
fn class(text: &str) -> Option<Class> {
    let pack = PACKS.language(&[text]).unwrap_or_else(|| panic!("no language for {text:?}"));
    pack.class(text)
}

#[test]
fn what_somebody_did_is_told_in_four_languages() {
    use Class::*;
    let table = [
        ("Hi!", Greeting),
        ("Hello there", Greeting),
        ("Hey, how are you?", HowAreYou),
        ("ok, see you tomorrow", Farewell),
        ("Good night 😴", Farewell),
        ("Thank you so much!", Thanks),
        ("Thanks, bye", Thanks),
        ("I'm so sorry, I forgot", Apology),
        ("Congrats!!", Congratulations),
        ("I got the job!", GoodNews),
        ("We got cancelled, the trip is off", BadNews),
        ("Are you coming tonight?", YesNo),
        ("Do you know who has the keys?", YesNo),
        ("You saw it?", YesNo),
        ("Tea or coffee? What do you want, tea or coffee?", Choice),
        ("Do you want to go on Monday or Tuesday?", Choice),
        ("When is the train?", Fact),
        ("Where are you?", Fact),
        ("Who is there?", Fact),
        ("Do you want to come over tonight?", Invitation),
        ("Let's meet at the station", Invitation),
        ("Can you help me with the boxes?", Help),
        ("hahaha that is good", Laughter),
        ("Hallo!", Greeting),
        ("Wie geht's dir?", HowAreYou),
        ("Bis morgen!", Farewell),
        ("Danke dir!", Thanks),
        ("Es tut mir leid, ich bin zu spät", Apology),
        ("Herzlichen Glückwunsch!", Congratulations),
        ("Ich habe die Prüfung bestanden!", GoodNews),
        ("Ich habe den Zug verpasst", BadNews),
        ("Hast du das gelesen?", YesNo),
        ("Willst du Pizza oder Nudeln?", Choice),
        ("Wann kommst du?", Fact),
        ("Wo bist du?", Fact),
        ("Kommst du mit ins Kino?", Invitation),
        ("Kannst du mir helfen?", Help),
        ("¡Hola!", Greeting),
        ("¿Cómo estás?", HowAreYou),
        ("Hasta luego", Farewell),
        ("Muchas gracias", Thanks),
        ("Lo siento, llego tarde", Apology),
        ("¡Felicidades!", Congratulations),
        ("¡Aprobé el examen!", GoodNews),
        ("Hoy es un mal día", BadNews),
        ("¿Tienes las llaves?", YesNo),
        ("¿Quieres té o café con leche?", Choice),
        ("¿Dónde estás?", Fact),
        ("¿Quieres venir a la playa?", Invitation),
        ("¿Me puedes ayudar con esto? ¿Me ayudas tú?", Help),
        ("jajaja muy bueno", Laughter),
        ("Bonjour !", Greeting),
        ("Salut, ça va ?", HowAreYou),
        ("Au revoir, à demain", Farewell),
        ("Merci beaucoup", Thanks),
        ("Désolée, je suis en retard", Apology),
        ("Félicitations !", Congratulations),
        ("J'ai réussi mon examen", GoodNews),
        ("C'est une mauvaise nouvelle", BadNews),
        ("Tu as les clés ?", YesNo),
        ("Tu veux du thé ou du café ?", Choice),
        ("Où es-tu ?", Fact),
        ("Tu veux venir demain ?", Invitation),
        ("Tu peux m'aider ?", Help),
    ];
    for (text, expected) in table {
        assert_eq!(class(text), Some(expected), "{text}");
    }
}

#[test]
fn words_that_only_look_like_it_are_something_else() {
    let none = [
        // Refused, or not meant for me.
        "No thanks, I have one",
        "Thanks to the rain we are late, it is what it is",
        "That is not funny",
        "I am sorry to hear that",
        "I have to go to the dentist on Monday",
        "I have that good night's sleep you said",
        "We won't be there",
        // A statement with a question word, and questions that need to be thought about.
        "When I get home I will write to you",
        "Who knows what they will do",
        "Why did you do that?",
        "How does it work with the heating?",
        "What?",
        // An address asks nothing.
        "I have read https://example.org/are?you=there",
        // Long enough to say more than hello.
        "Hi, I just read the plan for the garden and I have a few thoughts on the fence",
        "Ich bin ja nicht so, die Bank ist zu nass",
        "Nein danke, ich habe schon",
        "Das ist nicht lustig",
        "Non merci, j'ai tout",
        "No gracias, ya tengo una",
    ];
    for text in none {
        assert_eq!(class(text), None, "{text}");
    }
    // Not a choice, but a question.
    assert_eq!(class("Are you coming or not?"), Some(Class::YesNo));
    // "ou" and "où".
    assert_eq!(class("Vous êtes où ?"), Some(Class::Fact));
    // A Spaniard laughs, a German says yes, yes.
    assert_ne!(class("jaja, ich habe das schon"), Some(Class::Laughter));
}

#[test]
fn nothing_is_suggested_where_it_would_hurt() {
    let tender = [
        "My grandmother died, can you come?",
        "I want to die",
        "Do you think it's cancer?",
        "Can you send me the password?",
        "Can you lend me some money?",
        "He hit me again, can you come over?",
        "Mein Vater ist gestorben. Kommst du?",
        "Hast du das Geld?",
        "Bist du krank?",
        "¿Sabes que murió su padre?",
        "¿Tienes mi contraseña?",
        "Tu peux venir à l'hôpital ?",
        "Tu as de l'argent ?",
        "Он умер?",
        "他死了吗？",
    ];
    for text in tender {
        assert_eq!(suggest(&[text], Kind::Text, 7), Vec::<String>::new(), "{text}");
    }
    // It is not over with the next message.
    assert!(suggest(&["My dog died this morning", "Can you call me?"], Kind::Text, 7).is_empty());
    assert!(suggest(&["My dog died this morning", ""], Kind::Media, 7).is_empty());
}

#[test]
fn common_words_of_one_language_that_hurt_in_another_do_not_silence() {
    let fine = [
        // English to "die", to be at "war", "tote", French "tue", Spanish "todos".
        "Hast du die Karten? War das schon alles?",
        "Ist das die Tasche, die du willst?",
        "Tust du das für mich?",
        "¿Vienes con todos?",
        "Do you like the violet one?",
        "Are you coming today?",
    ];
    for text in fine {
        assert_eq!(suggest(&[text], Kind::Text, 7).len(), MOST, "{text}");
    }
}

#[test]
fn the_language_is_that_of_the_last_messages() {
    let answers = |recent: &[&str]| suggest(recent, Kind::Media, 3);
    let of =
        |code: &str, answers: Vec<String>| answers.iter().all(|answer| pack(code).says(Class::Media).contains(answer));
    assert!(of("en", answers(&["Where are you?", "At the lake", ""])));
    assert!(of("de", answers(&["Wo bist du?", "Am See", ""])));
    assert!(of("es", answers(&["¿Dónde estás?", "En el lago", ""])));
    assert!(of("fr", answers(&["Où es-tu ?", "Au lac", ""])));
    // What was spoken long ago does not count.
    let mut long: Vec<&str> = vec!["Wo bist du und was ist mit dir?"];
    long.extend(["The lake and the sun, that is what I have"; LOOK_BACK]);
    assert!(of("en", answers(&long)));
}

#[test]
fn an_unknown_language_gets_emoji() {
    let is_emoji =
        |answers: Vec<String>| answers.len() == MOST && answers.iter().all(|answer| words(answer).is_empty());
    assert!(is_emoji(suggest(&["Ты придёшь сегодня?"], Kind::Text, 5)));
    assert!(is_emoji(suggest(&["хахаха"], Kind::Text, 5)));
    assert!(is_emoji(suggest(&[""], Kind::Gif, 5)));
    assert!(is_emoji(suggest(&[""], Kind::Media, 5)));
    assert!(suggest(&["Я дома"], Kind::Text, 5).is_empty());
}

#[test]
fn a_question_of_yes_or_no_gets_one_of_each_and_one_back() {
    let en = pack("en");
    for n in 0..50_u8 {
        let found = suggest(&["Are you there?"], Kind::Text, seed(&[&[n]]));
        let [yes, no, back] = found.as_slice() else { panic!("{found:?}") };
        assert!(en.yes.contains(yes) && en.no.contains(no) && en.back.contains(back), "{found:?}");
    }
}

#[test]
fn the_same_message_gets_the_same_and_others_get_others() {
    let of = |n: u8| suggest(&["Thank you!"], Kind::Text, seed(&[&[n], b"viewer"]));
    assert_eq!(of(1), of(1));
    let kinds: BTreeSet<Vec<String>> = (0..50).map(of).collect();
    assert!(kinds.len() > 10, "{} of fifty", kinds.len());
}

#[test]
fn what_was_said_is_not_said_back_nor_anything_twice() {
    for n in 0..50_u8 {
        let found = suggest(&["Hello!"], Kind::Text, seed(&[&[n]]));
        assert!(found.len() == MOST && !found.contains(&"Hello!".to_owned()), "{found:?}");
    }
    assert!(is_alike(&words("no problem at all"), &words("No problem, at all!")));
    assert!(!is_alike(&words("no problem"), &words("no, sorry")));
    assert_eq!(pick(&["Yes!", "yes", "👍", "👎"], "", 0, 3).len(), 3);
}

#[test]
fn a_long_text_is_left_to_be_read() {
    let long = format!("Are you coming? {}", "word ".repeat(60));
    assert!(suggest(&[&long], Kind::Text, 1).is_empty());
    assert!(suggest(&[], Kind::Text, 1).is_empty());
}

#[test]
fn every_pack_has_answers_for_everything() {
    use Class::*;
    let classes = [
        Greeting,
        HowAreYou,
        Farewell,
        Thanks,
        Apology,
        Congratulations,
        GoodNews,
        BadNews,
        Choice,
        Fact,
        Invitation,
        Help,
        Laughter,
        Media,
        Gif,
    ];
    assert_eq!(PACKS.0.len(), 4);
    for pack in &PACKS.0 {
        for class in classes {
            assert!((4..=6).contains(&pack.says(class).len()), "{class:?} {:?}", pack.says(class));
        }
        let said = pack.rules.iter().flat_map(|rule| &rule.says).chain(&pack.yes).chain(&pack.no).chain(&pack.back);
        for text in said {
            let is_short = text.chars().count() <= 32 && !text.contains(['\n', '@']) && !text.contains("://");
            assert!(is_short && text.trim() == text, "{text}");
            assert!(!PACKS.is_tender(text), "{text}");
        }
        // Phrases that no text could ever match.
        let phrases = pack.rules.iter().flat_map(|rule| rule.signs.iter().chain(&rule.unless));
        let others = pack.asks.iter().chain(&pack.what).chain(&pack.tender).chain(&pack.common).chain(&pack.no_choice);
        for phrase in phrases.chain(others) {
            let plain = phrase.trim_start_matches('^').trim_end_matches('*');
            assert_eq!(words(plain).join(" "), plain, "{phrase}");
        }
    }
}

#[test]
fn what_is_not_the_file_is_no_language() {
    for text in ["", "<!doctype html>", "common: the", "=en\n+nonsense 3", "=en\nsigns: hi", "=en\n+greeting many"] {
        assert_eq!(Packs::parse(text), None, "{text}");
    }
}

use super::*;

fn roll(sides: u8) -> Intent {
    Intent::Roll { sides }
}

fn gif(query: &str) -> Intent {
    Intent::Gif { query: query.to_owned() }
}

fn react(emoji: &str) -> Intent {
    Intent::React { emoji: emoji.to_owned() }
}

/// Fails with all that are wrong, not with the first.
fn check(cases: &[(&str, Intent)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, expected)| intent(text) != *expected)
        .map(|(text, expected)| format!("{text}: {:?}, not {expected:?}", intent(text)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn wishes_are_understood() {
    check(&[
        ("@lavender flip a coin", Intent::Flip),
        ("/ai flip", Intent::Flip),
        ("Lavender, could you please flip a coin for us?", Intent::Flip),
        ("Flip a coin to decide who cooks tonight", Intent::Flip),
        ("We can't decide. Toss a coin!", Intent::Flip),
        ("heads or tails?", Intent::Flip),
        ("@Lavender coin toss please", Intent::Flip),
        ("hey @lavender: flip a coin again", Intent::Flip),
        ("Wirf bitte eine Münze", Intent::Flip),
        ("Kannst du mal eine Münze werfen?", Intent::Flip),
        ("Kopf oder Zahl?", Intent::Flip),
        ("Lanza una moneda, por favor", Intent::Flip),
        ("¿Cara o cruz?", Intent::Flip),
        ("Lance une pièce, s'il te plaît", Intent::Flip),
        ("Tu peux lancer une pièce ?", Intent::Flip),
        ("Pile ou face ?", Intent::Flip),
        ("roll a die", roll(6)),
        ("Roll the dice!", roll(6)),
        ("/ai roll d20", roll(20)),
        ("roll a d100 please", roll(100)),
        ("roll a 12-sided die", roll(12)),
        ("/ai d2", roll(2)),
        ("/ai coin", Intent::Flip),
        ("can u flip a coin 🙏", Intent::Flip),
        ("react with 💜", react("💜")),
        ("please roll", roll(6)),
        ("Pick a number between 1 and 10", roll(10)),
        ("can you give us a random number from 1 to 50?", roll(50)),
        ("Würfle!", roll(6)),
        ("Wuerfel mal bitte", roll(6)),
        ("wirf einen W20", roll(20)),
        ("Sag eine Zahl zwischen 1 und 30", roll(30)),
        ("tira un dado", roll(6)),
        ("¿Puedes tirar los dados?", roll(6)),
        ("Lance un dé", roll(6)),
        ("lance un dé à 8 faces stp", roll(8)),
        ("Send me a gif of a dancing cat", gif("dancing cat")),
        ("can you post a happy birthday gif?", gif("happy birthday")),
        ("show us a thank you gif", gif("thank you")),
        ("gif of cats and dogs", gif("cats and dogs")),
        ("i need a coffee gif", gif("coffee")),
        ("/ai gif party", gif("party")),
        ("send a gif", gif("hello")),
        ("Schick uns ein GIF von einem müden Hund", gif("müden hund")),
        ("Zeig mir mal ein Katzen-Gif", gif("katzen")),
        ("Kannst du mir ein Gif mit Kaffee schicken?", gif("kaffee")),
        ("Envíame un gif de un perro", gif("perro")),
        ("Envoie-nous un gif d'un chat déguisé", gif("chat déguisé")),
        ("react with 🎉", react("🎉")),
        ("@lavender react with a heart please", react("❤\u{fe0f}")),
        ("give this a heart", react("❤\u{fe0f}")),
        ("Give that a thumbs up!", react("👍")),
        ("put a star on this message", react("⭐")),
        ("react with :tada:", react("🎉")),
        ("react 👩‍🚀", react("👩‍🚀")),
        ("react to my message", react("👍")),
        ("Reagiere mit einem Herz", react("❤\u{fe0f}")),
        ("Kannst du mit 🔥 reagieren?", react("🔥")),
        ("Reacciona con un corazón", react("❤\u{fe0f}")),
        ("Réagis avec un cœur", react("❤\u{fe0f}")),
        ("play tic tac toe with me", Intent::TicTacToe),
        ("Fancy a game?", Intent::TicTacToe),
        ("Hi! I'm bored. Want to play a game?", Intent::TicTacToe),
        ("let's play tic-tac-toe", Intent::TicTacToe),
        ("@lavender how about a game of noughts and crosses", Intent::TicTacToe),
        ("Can we play another game?", Intent::TicTacToe),
        ("Spiel Tic-Tac-Toe mit mir", Intent::TicTacToe),
        ("Hast du Lust auf ein Spiel?", Intent::TicTacToe),
        ("Wollen wir etwas spielen?", Intent::TicTacToe),
        ("¿Quieres jugar conmigo?", Intent::TicTacToe),
        ("juguemos al tres en raya", Intent::TicTacToe),
        ("On joue au morpion ?", Intent::TicTacToe),
        ("Tu veux jouer avec moi ?", Intent::TicTacToe),
    ]);
}

#[test]
fn what_only_looks_like_a_wish_does_nothing() {
    let cases = [
        "what does GIF stand for?",
        "I forgot my keys",
        "who won the coin toss",
        "don't flip a coin",
        "how do I roll a cigarette",
        "please do not flip a coin",
        "never flip a coin!",
        "should I flip a coin?",
        "I flipped a coin yesterday",
        "My dad says: flip a coin",
        "he told me to flip a coin",
        "flip a coin to decide who cooks is silly advice",
        "flip the switch",
        "toss the salad",
        "throw a party",
        "the other side of the coin",
        "heads or tails is a matter of luck",
        "why would you flip a coin?",
        "can you not flip a coin please",
        "She wrote \"flip a coin\" on the wall",
        "`flip a coin`",
        "> flip a coin",
        "```\nflip a coin\n```",
        "Do not do this under any circumstances. Flip a coin.",
        "@ann flip a coin",
        "@lavenders flip a coin",
        "that's how I roll",
        "roll up the carpet",
        "roll d1000",
        "roll a d1",
        "roll d0",
        "pick a number between 1 and 1000",
        "roll two dice at once",
        "the dice are cast",
        "let the good times roll",
        "let's roll!",
        "so, roll",
        "thanks, flip",
        "great play",
        "great gif",
        "cool coin",
        "no dice",
        "flip a coin 👎",
        "flip a coin? no thanks",
        "send a gif of a cat, no wait, don't",
        "d3",
        "coin",
        "give it a check",
        "put a fire under it",
        "give it some love",
        "Spielst du Tic-Tac-Toe?",
        "Tu joues au morpion ?",
        "The coin came up heads. Nice roll!",
        "nice gif",
        "how do I send a gif",
        "don't send me a gif",
        "show me how to make a gif",
        "send me the gif you posted yesterday",
        "send the gif",
        "find me that gif",
        "is a gif of a cat better than a photo?",
        "gifs are annoying",
        "send me a gif of https://evil.example/x",
        "stop posting gifs",
        "where is the gif button",
        "do you react with joy to this?",
        "I learn react with typescript",
        "react with hooks",
        "react native",
        "how did she react?",
        "give this a try",
        "give it a rest",
        "give that a shot",
        "who invented tic tac toe?",
        "do you play games?",
        "fancy a game of chess?",
        "want to play football tomorrow?",
        "the game starts at eight",
        "I don't want to play",
        "how about another round of beers",
        "tic tac toe is boring",
        "play some music",
        "Wirf keine Münze",
        "Wirf das weg",
        "Was ist ein Gif?",
        "Wer hat die Münze geworfen?",
        "Schick mir kein Gif",
        "Spielen Kinder heute noch Tic-Tac-Toe?",
        "no lances una moneda",
        "¿Quién lanzó la moneda?",
        "no quiero jugar",
        "ne lance pas de pièce",
        "qui a lancé le dé ?",
        "un gif, c'est quoi ?",
        "je ne veux pas jouer",
    ];
    let acting: Vec<_> = cases.iter().map(|text| (*text, intent(text))).filter(|(_, intent)| intent.acts()).collect();
    assert!(acting.is_empty(), "{acting:#?}");
}

#[test]
fn talk_is_understood() {
    check(&[
        ("@lavender", Intent::Greeting),
        ("@lavender?", Intent::Help),
        ("/ai", Intent::Help),
        ("/ai help", Intent::Help),
        ("What can you do?", Intent::Help),
        ("Hi Lavender! Can you help me?", Intent::Help),
        ("Was kannst du alles?", Intent::Help),
        ("¿Qué puedes hacer?", Intent::Help),
        ("Qu'est-ce que tu sais faire ?", Intent::Help),
        ("who are you?", Intent::Who),
        ("Are you an AI?", Intent::Who),
        ("are you a bot or a human?", Intent::Who),
        ("Bist du eine KI?", Intent::Who),
        ("¿Eres un robot?", Intent::Who),
        ("T'es qui ?", Intent::Who),
        ("Comment tu t'appelles ?", Intent::Who),
        ("good morning everyone", Intent::Greeting),
        ("Wie geht's?", Intent::Greeting),
        ("¡Hola! ¿Qué tal?", Intent::Greeting),
        ("Salut, ça va ?", Intent::Greeting),
        ("see you later!", Intent::Farewell),
        ("Tschüss", Intent::Farewell),
        ("Hasta luego", Intent::Farewell),
        ("Bonne nuit", Intent::Farewell),
        ("thank you so much!!", Intent::Thanks),
        ("Thanks for your help", Intent::Thanks),
        ("Vielen Dank", Intent::Thanks),
        ("muchas gracias", Intent::Thanks),
        ("Merci beaucoup !", Intent::Thanks),
        ("hahahaha", Intent::Laugh),
        ("😂😂", Intent::Laugh),
        ("jajaja", Intent::Laugh),
        ("lol that was funny", Intent::Laugh),
        ("hiiii", Intent::None),
        ("it is 5 kms away", Intent::None),
        ("j'ai envie de vivre", Intent::None),
        ("I'm so sorry", Intent::Apology),
        ("Tut mir leid", Intent::Apology),
        ("Lo siento", Intent::Apology),
        ("Désolée", Intent::Apology),
        ("good bot", Intent::Praise),
        ("You are awesome", Intent::Praise),
        ("Du bist toll", Intent::Praise),
        ("bien hecho", Intent::Praise),
        ("Bien joué", Intent::Praise),
        ("ok", Intent::Okay),
        ("good night 😴", Intent::Farewell),
        ("thanks!! 💜", Intent::Thanks),
        ("d'accord", Intent::Okay),
        ("I want to die", Intent::Distress),
        ("flip a coin, if it is tails I kill myself", Intent::Distress),
        ("Ich will nicht mehr leben.", Intent::Distress),
        ("quiero quitarme la vida", Intent::Distress),
        ("j'ai envie de mourir", Intent::Distress),
        ("Suicide Squad is a fine film", Intent::None),
        ("I want to die laughing", Intent::None),
        ("you are so stupid", Intent::Abuse),
        ("shut up", Intent::Abuse),
        ("Halt die Klappe!", Intent::Abuse),
        ("eres inútil", Intent::Abuse),
        ("tu es nul", Intent::Abuse),
        ("What is the capital of France?", Intent::None),
        ("Hi! What is the weather like?", Intent::None),
        ("Привет", Intent::None),
    ]);
}

#[test]
fn what_it_says_is_within_bounds() {
    let long = "word ".repeat(10_000);
    let texts = [
        long.clone(),
        format!("send me a gif of {long}"),
        format!("send me a gif of {}", "a".repeat(QUERY_MAX + 1)),
        "flip a coin. ".repeat(500),
        "hi ".repeat(2_000),
        "@lavender ".repeat(2_000),
        "`".repeat(5_000),
    ];
    for text in texts {
        assert!(!intent(&text).acts(), "{}", &text[..40]);
    }
    assert_eq!(intent(&format!("gif of {}", "a".repeat(QUERY_MAX))), gif(&"a".repeat(QUERY_MAX)));
}

#[test]
fn only_ai_and_a_space_is_a_command() {
    for (text, is) in
        [("/ai", true), ("/ai x", true), (" /AI\nx", true), ("/aim", false), ("x /ai", false), ("/é", false)]
    {
        assert_eq!(is_command(text), is, "{text}");
    }
}

/// A phrase with a wrong letter would never fit anything.
#[test]
fn phrases_are_written_as_words_are_read() {
    let acts = [phrases::FLIP, phrases::ROLL, phrases::TIC_TAC_TOE, phrases::REACT];
    let commands = [phrases::FLIP_COMMAND, phrases::ROLL_COMMAND, phrases::NO_SINGLE, phrases::WITHIN];
    let gifs = [phrases::GIF, phrases::GIF_OF, phrases::WORDS_GIF, phrases::GIF_COMMAND];
    let rest =
        [phrases::BEFORE, phrases::AFTER, phrases::PURPOSE, phrases::DISTRESS, phrases::NO_QUERY, phrases::ARTICLES];
    let talk = phrases::TALK.iter().map(|(_, phrases)| *phrases);
    for phrase in acts.into_iter().chain(commands).chain(gifs).chain(rest).chain(talk).flatten() {
        for item in phrase.split(' ').filter(|item| *item != "*") {
            for word in item.strip_suffix('?').unwrap_or(item).split(['|', '_']) {
                let plain = word.strip_suffix('#').unwrap_or(word);
                let read = words::clauses(plain);
                let is_as_read = read.iter().flatten().map(|word| word.key.as_str()).eq([plain]);
                assert!(is_as_read || (plain.is_empty() && word == "#"), "{phrase}: {word}");
            }
        }
    }
}

//! What the asker's own words allow. Not what they ask for, which is for rules and models to find: a bound, so that a
//! model which was talked into something by others does nothing that the asker did not speak of.

use crate::server::assistant::intent::{Intent, intent};
use crate::server::assistant::words::{self, Clause, Word};

/// Stems in English, German, Spanish and French. A text is searched for them as one line of keys with `_` around each
/// word and `|` between sentences: `_coin` is a beginning, `gif_` an end (as in "Katzengif"), `_a_die_` whole words.
const GIF: &str = "gif_ gifs_ _giphy meme_ memes_ sticker _animat _animac _animier _picture _pic_ _pics_ _image _photo \
    _foto _bild_ _bilder_ _autocollant _pegatina";
const THROW: [&str; 4] = [
    "_coin _flip _toss _heads_or_tails_ _dice _a_die_ _the_die_ _sided_die_ _roll _random _decide _choose _pick_ \
     _raffle _number_between_ _number_from_",
    "_munz _muenz _kopf_oder_zahl_ _wurf _wuerf _zufa _entscheid _auslos _losen_ _zahl_zwischen_ _zahl_von_",
    "_moneda _cara_o_ _dado_ _dados_ _azar_ _aleatori _decid _elige_ _sorte _numero_entre_ _numero_del_",
    "_une_piece_ _la_piece_ _pile_ou_face_ _dé_ _dés_ _lance_un_de_ _lance_les_des_ _hasard_ _aleatoir _tirage_ \
     _choisi _nombre_entre_ _chiffre_entre_",
];
const PLAY: [&str; 4] = [
    "_game _play_ _playing_ _rematch_ _tic_tac_ _tictactoe_ _ttt_ _noughts_ _naughts_",
    "_spiel _drei_gewinnt_ _partie_ _revanche_",
    "_jueg _juga _jugu _partida _tres_en_raya_ _tateti_ _revancha_",
    "_jeu_ _jeux_ _joue _jouon _morpion",
];
/// Only for [`is_worth_routing`].
const REACT: &str = "_react _reag _reacc _emoji _thumb _daumen_ _pulgar _pouce _smiley";
/// Likewise.
const SEARCH: [&str; 4] = [
    "_search _find_ _look_up_ _looking_for_ _who_said_ _who_wrote_ _what_did_ _when_did_ _did_any _did_some _mention",
    "_suche_ _suchen_ _such_mal_ _finde_ _finden_ _wer_hat_ _was_hat_ _wann_hat_ _gesagt_ _geschrieben_ _erwahn",
    "_busca _encuentra _encontr _dijo_ _dijeron_ _escribio_",
    "_cherche _trouve _retrouve _a_dit_ _ont_dit_ _a_ecrit_",
];
/// A sentence with one of them is not worth routing: small models do what they read of.
const NO: &str = "no not dont never stop without kein keine keinen nicht nie ohne nunca sin ne pas jamais sans";
/// Words that are others without their accents, and are kept as they were typed: "même" is no meme, "un de" no die.
const ACCENTED: [&str; 4] = ["même", "mêmes", "dé", "dés"];

/// What may be done in a turn, if the model wishes it. Searching always may.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Consent {
    pub(super) gif: bool,
    pub(super) react: bool,
    pub(super) remember: bool,
    pub(super) forget: bool,
    /// A coin or a die.
    pub(super) throw: bool,
    /// Tic-tac-toe.
    pub(super) play: bool,
}

/// What a question allows: an upper bound, by which "What does GIF stand for?" allows a GIF. What others wrote, and
/// what is quoted or code in it, allows nothing. Whether notes may change is for the rules of notes to say.
pub fn consent(question: &str, may_remember: bool, may_forget: bool) -> Consent {
    if intent(question) == Intent::Distress {
        // Nobody who may hurt themselves is answered with a GIF, or a smile.
        return Consent::default();
    }
    let line = line(question, |_| true);
    Consent {
        gif: has(&line, &[GIF]),
        react: true,
        remember: may_remember,
        forget: may_forget,
        throw: has(&line, &THROW) || line.split('_').any(is_die),
        play: has(&line, &PLAY),
    }
}

/// Whether to ask a model that cannot call tools what is wanted: rules know nothing of it, but a word speaks of an act.
pub fn is_worth_routing(question: &str) -> bool {
    let is_no = |word: &Word| NO.split(' ').any(|no| no == word.key);
    let line = line(question, |clause| !clause.iter().any(is_no));
    let has_stem = [&[GIF, REACT], &THROW[..], &PLAY, &SEARCH].iter().any(|stems| has(&line, stems));
    (has_stem || line.split('_').any(is_die)) && intent(question) == Intent::None
}

fn has(line: &str, stems: &[&str]) -> bool {
    stems.iter().flat_map(|stems| stems.split(' ')).any(|stem| line.contains(stem))
}

/// The words of the clauses that are wanted; see [`GIF`].
fn line(question: &str, is_wanted: impl Fn(&Clause) -> bool) -> String {
    let mut line = String::from("_");
    for clause in words::clauses(&words::unaddressed(question)).iter().filter(|clause| is_wanted(clause)) {
        // Who is mentioned may be called anything.
        for word in clause.iter().filter(|word| !word.key.starts_with('@')) {
            let is_kept = ACCENTED.contains(&word.typed.as_str());
            line.push_str(if is_kept { &word.typed } else { &word.key });
            line.push('_');
        }
        line.push_str("|_");
    }
    line
}

/// `d20`, `2d6`, and `w20` in German.
fn is_die(key: &str) -> bool {
    let dice = key.trim_start_matches(|c: char| c.is_ascii_digit());
    let sides = dice.strip_prefix(['d', 'w']).unwrap_or_default();
    (1..=3).contains(&sides.len()) && sides.bytes().all(|byte| byte.is_ascii_digit())
}

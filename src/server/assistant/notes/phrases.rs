//! The phrases of asks, in English, German, Spanish and French, as [`Token::key`](super::Token) has their words.
//!
//! `a|b` is one of several, `a_b` several words in a row, `a?` may be left out, `#` is a number, `f#` one with a letter
//! before, `*` one or more words of any kind. What `#` and `*` stand for is what a phrase leaves open. An apostrophe
//! divides a word after one or two letters: `n_oublie`, `i_d`, but `dont`.

/// Before an ask.
pub const BEFORE: &[&str] = &[
    "hey|hi|hello|yo|ok|okay|oh|also|btw|by_the_way|now|thanks|thank_you|lavender|just|quick|quickly",
    "good_morning|good_evening",
    "i_want_you_to|i_need_you_to|i_d_like_you_to|id_like_you_to|i_would_like_you_to|make_sure_to|make_sure_you",
    // German
    "hallo|moin|mal|jetzt|danke|ubrigens|guten_morgen|guten_tag|guten_abend",
    // Spanish
    "hola|oye|ahora|vale|gracias|por_cierto|buenos_dias|buenas_tardes|buenas_noches",
    // French
    "salut|bonjour|bonsoir|coucou|alors|maintenant|merci|au_fait",
];

/// Before an ask and within one.
pub const PLEASE: &[&str] = &[
    "please|pls|plz|kindly",
    "bitte|mal|doch",
    "por_favor|porfa|porfavor",
    "s_il_te_plait|sil_te_plait|s_il_vous_plait|sil_vous_plait|stp|svp",
];

/// Before an ask that has a question mark.
pub const ASKING: &[&str] = &[
    "can_you|can_u|could_you|could_u|would_you|will_you",
    "kannst_du|konntest_du|koenntest_du|wurdest_du|wuerdest_du|konnt_ihr",
    "puedes|podrias|me_puedes|nos_puedes|puede|podria",
    "peux_tu|tu_peux|pourrais_tu|tu_pourrais|pouvez_vous|pourriez_vous|est_ce_que_tu_peux|est_ce_que_tu_pourrais",
];

/// After an ask. One at a time: how many words it has is counted by `_`.
pub const AFTER: &[&str] = &[
    "please",
    "pls",
    "plz",
    "thanks",
    "thank_you",
    "thx",
    "ty",
    "ok",
    "okay",
    "lavender",
    "will_you",
    "would_you",
    "thanks_a_lot",
    "many_thanks",
    "thank_you_so_much",
    "thank_you_very_much",
    "bitte",
    "danke",
    "danke_dir",
    "danke_schon",
    "vielen_dank",
    "ja",
    "por_favor",
    "porfa",
    "gracias",
    "vale",
    "muchas_gracias",
    "mil_gracias",
    "s_il_te_plait",
    "sil_te_plait",
    "s_il_vous_plait",
    "sil_vous_plait",
    "stp",
    "svp",
    "merci",
    "merci_beaucoup",
    "d_accord",
];

/// After a note, also where nothing divides them. Not behind [`SAYING`]: "Kim never says please".
pub const PLEASE_AFTER: &[&str] = &[
    "please|pls|plz|thx|bitte|por_favor|porfa|porfavor|s_il_te_plait|sil_te_plait|s_il_vous_plait|sil_vous_plait|stp|svp",
];
pub const SAYING: &[&str] = &[
    "say", "says", "said", "saying", "word", "the", "a", "no", "sagt", "sagen", "sage", "das", "dice", "decir", "di",
    "un", "dit", "dire", "dis",
];

/// What a note is asked for with. "That" or a colon follows, or else it was something other.
pub const REMEMBER: &[&str] = &[
    "remember always|also? for_later|for_us|for_me?",
    "note down?",
    "take note of?",
    "keep|bear in_mind",
    "make|take|write|save|add|leave a|another|yourself_a? note for_us|for_me|for_later? of?",
    "make_a_note|take_a_note to_remember?",
    "dont|do_not forget",
    "write|jot|note down",
    "write|jot|note this|that|the_following down",
    "memorize|memorise",
    "add to your|the|our? notes|memory",
    "save|add this|that|the_following to|in your|the|our? notes|memory",
    // German: the infinitives after "kannst du".
    "merk|merke|merks dir|euch",
    "dir|euch? das? bitte? merken",
    "bitte? merken",
    "vergiss bitte|mal? nicht",
    "nicht vergessen",
    "denk|denke bitte|mal? daran|dran",
    "notier|notiere dir|bitte? das|folgendes?",
    "dir? das? bitte? notieren|aufschreiben",
    "schreib|schreibe dir|es|das|folgendes? bitte? auf",
    "ich_mochte|ich_will|ich_hatte_gern dass du dir merkst|notierst",
    "behalt|behalte bitte? im_kopf|im_gedachtnis|im_hinterkopf",
    "mach|mache|schreib|schreibe|leg|lege dir? bitte? eine|ne notiz an?",
    "eine notiz machen|schreiben|anlegen",
    "speicher|speichere dir? bitte? ab?",
    "beachte",
    // Spanish
    "recuerda|recuerde|recuerden|recordar",
    "quiero|quisiera|necesito que recuerdes|anotes|apuntes|te_acuerdes de?",
    "acuerdate|acordarte de?",
    "no te? olvides|olvide|olviden de?",
    "que no se te olvide",
    "ten|tened|tener en_cuenta|presente|en_mente",
    "anota|anote|anotate|apunta|apuntate|apunte|anotar|apuntar|memoriza|memorizar",
    "anota|apunta|guarda en tu|la|las|tus? memoria|notas",
    "toma|tomar nota de?",
    "haz|crea|guarda|anade|agrega|guardar|crear una nota de?",
    // French
    "souviens_toi|souvenez_vous|te_souvenir",
    "je_veux|je_voudrais|j_aimerais que|qu tu retiennes|notes|te_souviennes|te_rappelles",
    "rappelle_toi|rappelez_vous|te_rappeler",
    "retiens|retenez|retenir bien?",
    "note|notez|noter bien?",
    "n_oublie|noublie|n_oubliez|noubliez pas|jamais? surtout?",
    "ne pas oublier",
    "garde|gardez|garder en_tete|en_memoire|a_l_esprit|a_lesprit",
    "prends|prenez|prendre note|en_note de?",
    "memorise|memoriser|enregistre|enregistrer",
    "ajoute|ajouter|cree|creer|fais|faire|ecris une? note",
    "ajoute|ajouter ca|ceci|cela? aux|a|dans tes|nos|les|la|ta? notes|memoire",
];

/// What a note is asked for with if a colon follows: "save that for later" asks for none.
pub const REMEMBER_COLON: &[&str] = &["save|memo|for_the_record", "notiz|merke|merken", "guarda|guardar|nota|memoria"];

/// Those that are an ask without "that" as well, if a sentence follows: "remember Kim is vegetarian".
pub const BARE: &[&str] = &["remember please?", "merk|merke dir bitte|mal?", "note down"];

/// Those that are an ask if a colon follows a little later: "remember my birthday: 4 May".
pub const LABELLED: &[&str] = &[
    "remember please?",
    "note|write|jot down",
    "merk|merke dir bitte|mal?",
    "notier|notiere dir|bitte?",
    "recuerda|anota|apunta",
    "retiens|souviens_toi",
];

/// "This", before a colon.
pub const THIS: &[&str] = &[
    "this|that|these|the_following|one_thing",
    "das|dies|folgendes|bitte_folgendes",
    "esto|lo_siguiente|eso|estos",
    "ceci|cela|ca|ce_qui_suit",
];

/// "That", before what is to be remembered.
pub const THAT: &[&str] = &["that", "dass", "que", "qu"];

/// What begins a note that is kept with it.
pub const FROM_NOW_ON: &[&str] = &[
    "from_now_on|from_today_on",
    "ab_jetzt|von_jetzt_an|ab_sofort|von_nun_an",
    "a_partir_de_ahora|de_ahora_en_adelante|desde_ahora|de_aqui_en_adelante",
    "a_partir_de_maintenant|a_partir_d_aujourdhui|des_maintenant|dorenavant|desormais",
];

/// What begins a sentence that takes a note back.
pub const TAKEN_BACK: &[&str] = &[
    "never_mind|nevermind|nvm|no_wait|wait_no|scratch_that|just_kidding|jk|kidding|forget_it|not_really|no_dont",
    "vergiss_es|doch_nicht|nur_spass|war_nur_spass|war_ein_scherz|nein_warte|ach_nein|egal",
    "olvidalo|es_broma|era_broma|no_espera|mejor_no|da_igual",
    "laisse_tomber|je_plaisante|je_rigole|non_attends|oublie_ca|en_fait_non",
];

/// After these words "that" introduces a sentence and points at nothing.
pub const DETERMINERS: &[&str] = &[
    "the", "a", "an", "my", "our", "your", "his", "her", "their", "its", "i", "we", "you", "he", "she", "they", "it",
    "there", "these", "those", "every", "all", "each", "no", "some", "today", "tomorrow", "on", "in", "at",
];

/// What "that" points at, rather than to introduce a sentence: "remember that time in Rome".
pub const POINTED_AT: &[&str] = &[
    "time",
    "day",
    "night",
    "evening",
    "morning",
    "afternoon",
    "week",
    "weekend",
    "month",
    "year",
    "summer",
    "winter",
    "one",
    "guy",
    "girl",
    "boy",
    "man",
    "woman",
    "kid",
    "person",
    "dude",
    "song",
    "film",
    "movie",
    "show",
    "episode",
    "trip",
    "place",
    "party",
    "game",
    "thing",
    "stuff",
    "restaurant",
    "bar",
    "cafe",
    "hotel",
    "book",
    "feeling",
    "moment",
    "scene",
    "joke",
    "meme",
    "story",
    "conversation",
    "saying",
    "quote",
    "line",
    "picture",
    "photo",
    "way",
    "noise",
    "nonsense",
    "idea",
    "plan",
    "meal",
    "dinner",
    "concert",
    "teacher",
    "dog",
    "cat",
    "old",
    "stupid",
    "last",
];

/// They make of what comes before them a subject: "time is money".
pub const COPULAS: &[&str] = &[
    "is", "isnt", "are", "arent", "has", "hasnt", "have", "will", "wont", "must", "can", "cant", "starts", "begins",
    "ends", "costs",
];

/// Verbs of things worth a note, in the order of words that follows no "that".
pub const VERBS: &[&str] = &[
    "am", "m", "s", "re", "ve", "likes", "like", "loves", "love", "hates", "hate", "needs", "need", "wants", "want",
    "eats", "eat", "drinks", "drink", "prefers", "prefer", "lives", "live", "works", "work", "speaks", "plays", "does",
    "doesnt", "dont", "meet", "meets", "owns", "leaves", "arrives", "opens", "closes", "never", "always",
    // German
    "ist", "bin", "sind", "hat", "habe", "haben", "mag", "mogen", "isst", "trinkt", "heisst", "wohnt", "arbeitet",
    "kommt", "beginnt", "findet", "treffen",
];

/// What follows "remember" where nothing is told.
pub const NO_NOTE: &[&str] = &[
    "when", "how", "what", "where", "who", "whom", "whose", "why", "which", "if", "whether", "me", "us", "him", "her",
    "them", "it", "this", "that", "these", "those", "to", "and", "or", "but", "not", "nothing", "anything", "wie",
    "was", "wo", "wer", "wann", "warum", "es", "das", "mich", "uns", "ihn", "nicht", "nichts", "zu", "cuando", "como",
    "donde", "quien", "lo", "no", "quand", "comment", "qui", "pas", "de", "d", "du", "des", "self",
];

/// All of them, behind `/forget`.
pub const ALL: &[&str] = &[
    "all|everything|all_notes|all_of_them",
    "alle|alles|alle_notizen",
    "todo|todas|todas_las_notas",
    "tout|toutes|toutes_les_notes",
];

/// One of them, behind `/forget`.
pub const NUMBERED: &[&str] = &["note|notiz|nota|fact? number|no|nr|nummer|numero|n|num? #|f#|n#|no#"];

pub const FORGET_ALL: &[&str] = &[
    "forget everything|all",
    "forget everything|all you know|remember|remembered|saved|have_saved|have_noted|noted|wrote_down|ve_saved about_us|about_this_room|about_everyone?",
    "forget everything|all youve saved|noted|remembered|learned about_us|about_this_room?",
    "forget|delete|remove|erase|clear|wipe all|all_of? your|the|our|my|these|room? notes|memories|saved_notes",
    "forget|delete|remove|erase|clear|wipe every note",
    "clear|wipe|erase|reset|delete your|the_rooms|this_rooms|our whole|entire? memory",
    // German
    "vergiss bitte|mal? alles",
    "vergiss bitte? alles was_du_weisst|was_du_dir_gemerkt_hast|was_du_uber_uns_weisst|was_du_ueber_uns_weisst",
    "vergiss|losche|losch|loesche|entferne bitte? alle deine|unsere|eure? notizen",
    "bitte? alle deine|unsere? notizen loschen|loeschen|vergessen|entfernen",
    "bitte? alles vergessen",
    "losche|losch|loesche|leere bitte? dein gedachtnis|gedaechtnis",
    // Spanish
    "olvida todo|todas",
    "olvida todo lo_que_sabes|lo_que_recuerdas|lo_que_has_anotado de_nosotros|sobre_nosotros?",
    "olvida|borra|elimina|quita|olvidar|borrar|eliminar todas las|tus|nuestras notas",
    "borra|vacia|borrar|limpia tu|toda_tu memoria",
    // French
    "oublie|oubliez|oublier tout",
    "oublie tout ce_que_tu_sais|ce_que_tu_as_note|ce_que_tu_as_retenu sur_nous?",
    "tout oublier",
    "oublie|efface|supprime|oubliez|effacez|supprimez|effacer|supprimer|oublier toutes les|tes|nos notes",
    "efface|vide|effacer|vider ta|toute_ta memoire",
];

pub const FORGET_NUMBER: &[&str] = &[
    "forget about? note|notes|entry|fact|memory|number|no|nr #|f#|n#",
    "forget #|f#",
    "forget|delete|remove|erase|drop about? the|your|our? note|entry|fact|memory number|no|nr? #|f#|n#|no#",
    "vergiss|losche|losch|loesche|entferne|streich|streiche bitte? die|deine? notiz|nummer|nr|eintrag nummer|nr|no? #|f#",
    "vergiss #|f#",
    "bitte? die? notiz|nummer|nr|eintrag nummer|nr? #|f# loschen|loeschen|vergessen|entfernen|streichen",
    "olvida|borra|elimina|quita|olvidar|borrar|eliminar|quitar la|tu? nota|numero numero|num|n|no? #|f#|no#|n#",
    "olvida la? #|f#",
    "oublie|efface|supprime|oubliez|effacez|supprimez|effacer|supprimer|oublier|enleve la|ta? note|numero numero|num|n|no? #|f#|no#|n#",
    "oublie la? #|f#",
];

pub const FORGET_WORDS: &[&str] = &[
    "forget|unremember that *",
    "forget what|everything|all|anything i|we|ive|weve|i_ve|we_ve|you|she|he|they|kim? said|told_you|wrote|noted|saved|know|remember|mentioned|have_saved|have_noted about *",
    "forget what you|youve know|remember|noted|saved|have_saved about *",
    "forget|delete|remove|erase|drop the|your|our|that|my? note|notes|entry|fact|memory about|on|that|saying|with|of *",
    "forget about *",
    // German
    "vergiss bitte|mal? dass *",
    "vergiss bitte|mal? was|alles ich|wir|was_ich|was_wir uber|ueber|von|zu * gesagt|erzahlt|erzaehlt|geschrieben|notiert habe|hab|haben",
    "vergiss bitte|mal? was|alles du|was_du uber|ueber|von|zu * weisst",
    "vergiss bitte? das? mit|von|uber|ueber *",
    "vergiss|losche|losch|loesche|entferne|streich|streiche bitte|mal? die|deine|unsere|den|alle? notiz|notizen|eintrag uber|ueber|zu|von|mit|dass *",
    "bitte? die? notiz|notizen|eintrag uber|ueber|zu|von|mit * loschen|loeschen|vergessen|entfernen|streichen",
    "bitte? vergessen dass *",
    // Spanish
    "olvida|olvidar que *",
    "olvidate|olvida de? que *",
    "olvida|olvidar lo|todo_lo que? te? dije|dijimos|he_dicho|hemos_dicho|sabes|recuerdas|anotaste|has_anotado sobre|de|acerca_de *",
    "olvida|olvidate de? lo de|sobre *",
    "olvidate de|del *",
    "olvida|borra|elimina|quita|olvidar|borrar|eliminar|quitar la|tu|las|tus|nuestra? nota|notas sobre|de|del|que|con *",
    // French
    "oublie|oubliez|oublier que|qu *",
    "oublie|oubliez|oublier ce_que|ce_qu|tout_ce_que j_ai_dit|j_ai_ecrit|on_a_dit|nous_avons_dit|je_t_ai_dit|je_tai_dit|jai_dit|tu_sais|tu_as_note|tu_as_retenu sur|de|d|a_propos_de|a_propos_d|au_sujet_de *",
    "oublie|efface|supprime|oubliez|effacez|supprimez|effacer|supprimer|oublier|enleve la|ta|les|tes|notre? note|notes sur|de|d|du|que|qu|avec|a_propos_de|au_sujet_de *",
];

/// Words that name nothing to be forgotten: "forget about it".
pub const NO_TOPIC: &[&str] = &[
    "it",
    "that",
    "this",
    "him",
    "her",
    "them",
    "me",
    "us",
    "you",
    "myself",
    "everything",
    "all",
    "anything",
    "thing",
    "whole",
    "the",
    "one",
    "those",
    "these",
    "what",
    "i",
    "said",
    "for",
    "now",
    "is",
    "ever",
    "es",
    "das",
    "mich",
    "dich",
    "uns",
    "ihn",
    "ihm",
    "sie",
    "alles",
    "mir",
    "dir",
    "ihr",
    "eso",
    "esto",
    "ello",
    "el",
    "ella",
    "ellos",
    "mi",
    "ti",
    "nosotros",
    "todo",
    "lo",
    "ca",
    "cela",
    "moi",
    "toi",
    "nous",
    "lui",
    "elle",
    "tout",
    "le",
    "la",
    "y",
];

/// Sayings that take a message back, not a note: "forget that I asked".
pub const IDIOMS: &[&str] = &[
    "i|we|he|she|you|they ever|even? asked|said|mentioned|wrote|exist|exists|existed|brought|spoke|texted",
    "ich|wir|er|sie das|es|was? je? gesagt|gefragt|geschrieben",
    "ich|wir gefragt|gesagt|geschrieben habe|haben?",
    "lo|te|yo? dije|pregunte|he_dicho|he_preguntado",
    "j_ai dit|demande|ecrit",
    "i|we|you|my|your|all|any previous|prior|earlier|instructions",
];

/// Not what a memory is asked about: "what do you remember about your childhood?"
pub const NO_RECALL: &[&str] =
    &["your", "yourself", "you", "it", "that", "this", "when", "how", "what", "where", "why"];

/// "What do you remember?", in whole.
pub const RECALL: &[&str] = &[
    "what do|can you remember|recall|have_saved|have_noted from_us|of_us|about_us|about_me|about_everyone|about_everybody|about_the_room|about_this_room|about_our_room|about_the_group|about_this_group|about_our_group|so_far?",
    "what do you remember about *",
    "what have you remembered|saved|noted|written_down about *",
    "what do you know|have about us|me|everyone|everybody|the_room|this_room|our_room|the_group|this_group|our_group|our_team|the_team so_far?",
    "what have you remembered|saved|noted|memorized|memorised|written_down about_us|about_me|about_this_room|so_far?",
    "what_did you remember|save|note|memorize about_us|about_me|so_far?",
    "what notes|memories do_you have|keep|remember about_us|about_me|about_this_room?",
    "which notes do_you have|keep",
    "whats|what_is in your memory|notes",
    "show|list|tell|give|read me|us? all|all_of? your|the|our|room|saved notes|memories|memory",
    "show|list|read me|us? all notes",
    "show|tell me|us? what you remember|know|have_saved|have_noted about_us|about_me|about_this_room?",
    "tell me|us? what you remember",
    "list|show notes|memory|memories",
    // German
    "was hast du dir? alles|bisher|schon|so? gemerkt|notiert|gespeichert|aufgeschrieben",
    "was hast du dir? uber|ueber|von|zu * gemerkt|notiert|gespeichert|aufgeschrieben",
    "was merkst du dir",
    "was weisst du eigentlich|denn? noch|alles|so? uber|ueber|von uns|mich|diesen_raum|den_raum|unsere_gruppe|die_gruppe|diese_gruppe|unser_team",
    "woran erinnerst du dich noch?",
    "an_was erinnerst du dich",
    "welche notizen hast du gespeichert|gemacht|dir_gemacht?",
    "was steht in deinen|den|unseren notizen",
    "was steht in deinem gedachtnis",
    "zeig|zeige|nenn|nenne|lies mir|uns? bitte|mal? alle|deine|die|unsere|alle_deine notizen|erinnerungen vor?",
    "zeig|zeige mir|uns? bitte|mal? dein gedachtnis",
    "mir|uns? deine|alle|die|unsere notizen|erinnerungen zeigen",
    "zeig|zeige|sag mir|uns? bitte|mal? was du dir? weisst|gemerkt_hast|notiert_hast uber_uns?",
    // Spanish
    "que recuerdas tu? de_nosotros|sobre_nosotros|de_mi|sobre_mi|de_este_grupo|de_esta_sala|de_todo?",
    "que sabes de|sobre|acerca_de nosotros|mi|este_grupo|esta_sala|el_grupo|la_sala|nuestro_grupo",
    "que recuerdas|has_anotado|has_apuntado|has_guardado de|sobre *",
    "de que te acuerdas",
    "que has anotado|apuntado|guardado|memorizado|recordado de_nosotros|sobre_nosotros|hasta_ahora?",
    "que notas tienes guardadas|sobre_nosotros|de_nosotros?",
    "cuales son tus|las notas",
    "que hay en tu|tus memoria|notas",
    "muestra|muestrame|muestranos|mostrar|mostrarme|ensename|ensenanos|lista|lee|dime todas? tus|las|nuestras|tu|la notas|memoria|recuerdos",
    "dime|muestrame que|lo_que recuerdas|sabes_de_nosotros|has_anotado|sabes_sobre_nosotros",
    // French
    "de_quoi te souviens_tu|rappelles_tu",
    "de_quoi tu te souviens|rappelles",
    "tu te souviens|rappelles de_quoi",
    "que|qu sais_tu|retiens_tu de|sur|a_propos_de nous|moi|ce_groupe|ce_salon|cette_salle|notre_groupe|tout_le_monde",
    "que retiens_tu",
    "qu|que as_tu note|retenu|memorise|enregistre sur_nous|jusquici|sur_moi?",
    "qu_est_ce_que|quest_ce_que tu sais|retiens de|sur|a_propos_de nous|moi|ce_groupe|ce_salon|notre_groupe",
    "qu_est_ce_que|quest_ce_que tu_as|tas|t_as note|retenu|memorise|enregistre sur_nous|jusquici?",
    "qu_est_ce_que|quest_ce_que|qu|que tu_as|as_tu|t_as note|retenu|memorise|enregistre sur|de *",
    "tu sais quoi sur|de nous|ce_groupe|ce_salon",
    "quelles notes as_tu|tu_as|est_ce_que_tu_as prises|gardees|sur_nous?",
    "quelles sont tes|les|nos notes",
    "qu_y_a_t_il|il_y_a_quoi dans tes|ta|les notes|memoire",
    "montre|montrez|montrer|affiche|afficher|liste|lis|donne moi|nous? toutes? tes|les|nos|ta|la notes|souvenirs|memoire",
    "dis|montre moi|nous? ce que tu sais_sur_nous|as_retenu|as_note|retiens|te_rappelles",
    "dis|montre moi|nous? ce dont tu te souviens|rappelles",
];

//! Games that are begun by writing: `/flip`, `/roll`, `/roll 20`, `/ttt`, `/ttt @name`.

use crate::model::limits::DICE_SIDES;
use crate::model::{NewExtra, Person};

/// Sides of a die when nobody says.
const SIDES: u8 = 6;

/// What a text begins, or what is wrong with it. `None`: it is a text like any other, also when it begins with a `/` that
/// means nothing here. `people` are the others in the room.
pub fn typed(text: &str, people: &[Person]) -> Option<Result<NewExtra, String>> {
    let mut words = text.split_whitespace();
    let (command, argument) = (words.next()?, words.next());
    if words.next().is_some() {
        return None;
    }
    match (command, argument) {
        ("/flip", None) => Some(Ok(NewExtra::Flip)),
        ("/roll", None) => Some(Ok(NewExtra::Roll { sides: SIDES })),
        ("/roll", Some(sides)) if sides.bytes().all(|byte| byte.is_ascii_digit()) => {
            let sides = sides.parse().ok().filter(|sides| DICE_SIDES.contains(sides));
            let (least, most) = (*DICE_SIDES.start(), *DICE_SIDES.end());
            Some(sides.map(|sides| NewExtra::Roll { sides }).ok_or(format!("A die has {least} to {most} sides.")))
        }
        ("/ttt", None) => Some(Ok(NewExtra::TicTacToe { with: None })),
        ("/ttt", Some(name)) => {
            let name = name.strip_prefix('@')?;
            let found = people.iter().find(|person| person.username.eq_ignore_ascii_case(name));
            let with = found.map(|person| NewExtra::TicTacToe { with: Some(person.id) });
            Some(with.ok_or(format!("Nobody here is called @{name}.")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::time::Timestamp;

    #[test]
    fn commands_begin_games_and_everything_else_is_a_text() {
        let ben = Person::new(UserId::new(), "ben", "Ben", Timestamp(0));
        let people = [ben.clone()];
        let of = |text| typed(text, &people);
        assert_eq!(of("/flip"), Some(Ok(NewExtra::Flip)));
        assert_eq!(of("  /flip \n"), Some(Ok(NewExtra::Flip)));
        assert_eq!(of("/roll"), Some(Ok(NewExtra::Roll { sides: 6 })));
        assert_eq!(of("/roll 20"), Some(Ok(NewExtra::Roll { sides: 20 })));
        assert_eq!(of("/ttt"), Some(Ok(NewExtra::TicTacToe { with: None })));
        assert_eq!(of("/ttt @Ben"), Some(Ok(NewExtra::TicTacToe { with: Some(ben.id) })));
        for wrong in ["/roll 1", "/roll 101", "/roll 0", "/roll 99999999999", "/ttt @anna"] {
            assert!(matches!(of(wrong), Some(Err(_))), "{wrong}");
        }
        let texts = [
            "",
            "/",
            "/shrug",
            "flip",
            "/flip me",
            "/flipper",
            "/Flip it",
            "/roll up",
            "/roll 2 3",
            "/ttt ben",
            "a /flip",
        ];
        for text in texts {
            assert_eq!(of(text), None, "{text}");
        }
    }
}

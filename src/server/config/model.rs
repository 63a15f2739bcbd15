//! The variables of a language model behind the assistant.

use super::{BadConfig, bad};
use crate::server::assistant::prompt;
use crate::server::model::BaseUrl;
use secrecy::SecretString;

/// The variables, in the order in which they are named to who forgets the first.
const NAMES: [&str; 9] = [
    "LAVENDER_MODEL",
    "LAVENDER_MODEL_KEY",
    "LAVENDER_MODEL_CONTEXT",
    "LAVENDER_MODEL_ANSWER",
    "LAVENDER_MODEL_AT_ONCE",
    "LAVENDER_MODEL_PER_PERSON",
    "LAVENDER_MODEL_PER_ROOM",
    "LAVENDER_MODEL_PER_DAY",
    "LAVENDER_MODEL_PRICES",
];

/// What a million tokens cost, in millionths of a dollar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prices {
    pub read: u64,
    pub written: u64,
}

impl Prices {
    /// Two numbers of dollars a million tokens, read and written, such as `0.15,0.6`.
    fn parse(text: &str) -> Option<Self> {
        let (read, written) = text.split_once(',')?;
        Some(Self { read: micro(read)?, written: micro(written)? })
    }

    /// What so many tokens cost, in millionths of a dollar, rounded up.
    pub fn micro_usd(self, read: u64, written: u64) -> u64 {
        let cost = u128::from(read) * u128::from(self.read) + u128::from(written) * u128::from(self.written);
        u64::try_from(cost.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

/// A number of dollars with at most six decimals and below 10,000, in millionths.
fn micro(text: &str) -> Option<u64> {
    let text = text.trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number =
        |text: &str, max: usize| (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole, 4) || !is_number(part, 6) {
        return None;
    }
    Some(whole.parse::<u64>().ok()? * 1_000_000 + format!("{part:0<6}").parse::<u64>().ok()?)
}

/// A server that speaks `OpenAI` Chat Completions, and a model of it.
#[derive(Clone, Debug)]
pub struct Model {
    /// `LAVENDER_MODEL_URL` (default none: the assistant goes by rules alone): the base of its API, with or without `/v1`, such as
    /// `http://localhost:8081` for llama.cpp. https, unless it is on this machine.
    pub url: BaseUrl,
    /// `LAVENDER_MODEL`: the name by which that server knows the model.
    pub name: String,
    /// `LAVENDER_MODEL_KEY` (default none): what the server asks for as a bearer token.
    pub key: Option<SecretString>,
    /// `LAVENDER_MODEL_CONTEXT` (default 4096, 2048 to 1,000,000): tokens that it reads and writes in one go. A server that cuts
    /// longer prompts in silence, as Ollama does, must be set to no fewer.
    pub context: u32,
    /// `LAVENDER_MODEL_ANSWER` (default 400, 16 to 4096, at most half of the context): tokens of one answer.
    pub answer: u32,
    /// `LAVENDER_MODEL_AT_ONCE` (default 1 on this machine, else 8; 1 to 64): answers that are written side by side.
    pub at_once: u16,
    /// `LAVENDER_MODEL_PER_PERSON` (default 100, 1 to 1,000,000): answers that one person gets in a day, in UTC.
    pub per_person: u32,
    /// `LAVENDER_MODEL_PER_ROOM` (default 1,000,000): tokens that the answers in one room take in a day, read and written.
    pub per_room: Option<u64>,
    /// `LAVENDER_MODEL_PER_DAY` (default as many as it takes): tokens that all answers take in a day.
    pub per_day: Option<u64>,
    /// `LAVENDER_MODEL_PRICES` (default none): dollars for a million tokens, read and written, such as `0.15,0.6`: then admins see
    /// what the answers have cost.
    pub prices: Option<Prices>,
}

impl Model {
    /// Reads the variables through `value`, which gives no empty ones. `None` when no model is configured.
    pub(super) fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, BadConfig> {
        let beside = NAMES.map(|name| (name, value(name).is_some()));
        let Some(text) = value("LAVENDER_MODEL_URL") else {
            return match beside.iter().find(|(_, is_set)| *is_set) {
                None => Ok(None),
                Some((name, _)) => Err(bad("LAVENDER_MODEL_URL", format!("is needed beside {name}"))),
            };
        };
        let url = base_of(&text).map_err(|problem| bad("LAVENDER_MODEL_URL", problem))?;
        let name =
            value("LAVENDER_MODEL").ok_or_else(|| bad("LAVENDER_MODEL", "is needed beside LAVENDER_MODEL_URL"))?;
        if name.len() > 200 || name.chars().any(char::is_control) {
            return Err(bad("LAVENDER_MODEL", "is not the name of a model"));
        }
        let number = |name: &'static str, default: u32, least: u32, most: u32| match value(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| bad(name, format!("\"{text}\" is not a whole number from {least} to {most}"))),
        };
        let context = number("LAVENDER_MODEL_CONTEXT", 4_096, prompt::CONTEXT_MIN, 1_000_000)?;
        let answer = number("LAVENDER_MODEL_ANSWER", 400, 16, 4_096)?;
        if answer > context / 2 {
            return Err(bad("LAVENDER_MODEL_ANSWER", "is more than half of LAVENDER_MODEL_CONTEXT"));
        }
        let at_once = number("LAVENDER_MODEL_AT_ONCE", if url.is_loopback() { 1 } else { 8 }, 1, 64)?;
        let per_person = number("LAVENDER_MODEL_PER_PERSON", 100, 1, 1_000_000)?;
        let tokens = |name: &'static str| match value(name) {
            None => Ok(None),
            Some(text) => text
                .parse()
                .ok()
                .filter(|tokens| (1_000..=1_000_000_000_000_u64).contains(tokens))
                .map(Some)
                .ok_or_else(|| bad(name, format!("\"{text}\" is not a whole number from 1000 to 1000000000000"))),
        };
        let per_room = tokens("LAVENDER_MODEL_PER_ROOM")?.or(Some(1_000_000));
        let per_day = tokens("LAVENDER_MODEL_PER_DAY")?;
        let prices = match value("LAVENDER_MODEL_PRICES") {
            None => None,
            Some(text) => Some(Prices::parse(&text).ok_or_else(|| {
                bad("LAVENDER_MODEL_PRICES", format!("\"{text}\" is not two numbers of dollars, such as 0.15,0.6"))
            })?),
        };
        let key = value("LAVENDER_MODEL_KEY").map(SecretString::from);
        let at_once = u16::try_from(at_once).unwrap_or(u16::MAX);
        Ok(Some(Self { url, name, key, context, answer, at_once, per_person, per_room, per_day, prices }))
    }

    /// Whether what is asked stays on this machine.
    pub fn is_local(&self) -> bool {
        self.url.is_loopback()
    }

    /// The host that reads what is asked, such as `api.openai.com`.
    pub fn host(&self) -> &str {
        self.url.host()
    }
}

fn base_of(text: &str) -> Result<BaseUrl, String> {
    let base = BaseUrl::parse(text).map_err(|problem| problem.to_string())?;
    if text.trim_start().to_ascii_lowercase().starts_with("https:") || base.is_loopback() {
        Ok(base)
    } else {
        Err("must be https: it is not on this machine, and people's messages go there".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, &str)]) -> Result<Option<Model>, BadConfig> {
        Model::read(|name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_model_is_configured_by_its_address_and_name() {
        assert!(read(&[]).expect("nothing").is_none());
        let local = [("LAVENDER_MODEL_URL", "http://localhost:8081/v1"), ("LAVENDER_MODEL", "smollm2")];
        let model = read(&local).expect("good").expect("one");
        assert_eq!((model.at_once, model.context, model.answer, model.is_local()), (1, 4_096, 400, true));
        let remote =
            [("LAVENDER_MODEL_URL", "https://api.example.com"), ("LAVENDER_MODEL", "m"), ("LAVENDER_MODEL_KEY", "k-1")];
        let model = read(&remote).expect("good").expect("one");
        assert_eq!((model.at_once, model.host(), model.is_local()), (8, "api.example.com", false));
        assert!(!format!("{model:?}").contains("k-1"), "a key is never printed");
    }

    #[test]
    fn prices_are_exact_and_costs_rounded_up() {
        for (text, prices) in [
            ("0.15,0.6", Some((150_000, 600_000))),
            (" 3 , 15.000001 ", Some((3_000_000, 15_000_001))),
            ("0,0", Some((0, 0))),
            ("9999.999999,1", Some((9_999_999_999, 1_000_000))),
            ("1", None),
            ("1,2,3", None),
            ("-1,2", None),
            ("1e3,2", None),
            ("1.,2", None),
            (".5,2", None),
            ("1.0000001,2", None),
            ("10000,2", None),
        ] {
            assert_eq!(Prices::parse(text).map(|prices| (prices.read, prices.written)), prices, "{text}");
        }
        let prices = Prices { read: 150_000, written: 600_000 };
        assert_eq!(prices.micro_usd(1_000_000, 0), 150_000);
        assert_eq!((prices.micro_usd(0, 0), prices.micro_usd(1, 0), prices.micro_usd(10, 10)), (0, 1, 8));
        assert_eq!(prices.micro_usd(u64::MAX, u64::MAX), 13_835_058_055_282_163_712);
    }

    #[test]
    fn what_is_wrong_is_said_of_its_variable() {
        let url = ("LAVENDER_MODEL_URL", "http://localhost:8081");
        let name = ("LAVENDER_MODEL", "m");
        let with_password = ["https://me:secret", "api.example.com"].join("@");
        for (values, variable) in [
            (vec![name], "LAVENDER_MODEL_URL"),
            (vec![("LAVENDER_MODEL_KEY", "k")], "LAVENDER_MODEL_URL"),
            (vec![url], "LAVENDER_MODEL"),
            (vec![("LAVENDER_MODEL_URL", "localhost"), name], "LAVENDER_MODEL_URL"),
            (vec![("LAVENDER_MODEL_URL", "http://api.example.com"), name], "LAVENDER_MODEL_URL"),
            (vec![("LAVENDER_MODEL_URL", &with_password), name], "LAVENDER_MODEL_URL"),
            (vec![url, name, ("LAVENDER_MODEL_CONTEXT", "1000")], "LAVENDER_MODEL_CONTEXT"),
            (
                vec![url, name, ("LAVENDER_MODEL_CONTEXT", "2048"), ("LAVENDER_MODEL_ANSWER", "1025")],
                "LAVENDER_MODEL_ANSWER",
            ),
            (vec![url, name, ("LAVENDER_MODEL_AT_ONCE", "0")], "LAVENDER_MODEL_AT_ONCE"),
            (vec![url, name, ("LAVENDER_MODEL_PER_PERSON", "0")], "LAVENDER_MODEL_PER_PERSON"),
            (vec![url, name, ("LAVENDER_MODEL_PER_ROOM", "many")], "LAVENDER_MODEL_PER_ROOM"),
            (vec![url, name, ("LAVENDER_MODEL_PER_DAY", "999")], "LAVENDER_MODEL_PER_DAY"),
            (vec![url, name, ("LAVENDER_MODEL_PRICES", "0.15")], "LAVENDER_MODEL_PRICES"),
        ] {
            let error = read(&values).expect_err(variable);
            assert_eq!(error.variable, variable);
            assert!(!error.problem.contains("secret"), "{}", error.problem);
        }
    }
}

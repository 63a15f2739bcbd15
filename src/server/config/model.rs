//! The variables of a language model behind the assistant.

use super::{BadConfig, bad};
use crate::server::assistant::prompt;
use crate::server::model::BaseUrl;
use secrecy::SecretString;

/// The variables, in the order in which they are named to who forgets the first.
const NAMES: [&str; 5] = [
    "LAVENDER_MODEL",
    "LAVENDER_MODEL_KEY",
    "LAVENDER_MODEL_CONTEXT",
    "LAVENDER_MODEL_ANSWER",
    "LAVENDER_MODEL_AT_ONCE",
];

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
        let key = value("LAVENDER_MODEL_KEY").map(SecretString::from);
        Ok(Some(Self { url, name, key, context, answer, at_once: u16::try_from(at_once).unwrap_or(u16::MAX) }))
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
        ] {
            let error = read(&values).expect_err(variable);
            assert_eq!(error.variable, variable);
            assert!(!error.problem.contains("secret"), "{}", error.problem);
        }
    }
}

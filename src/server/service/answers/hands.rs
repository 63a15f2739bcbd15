//! What a model may do for who asked it: the tools of [`crate::server::assistant::tools`], carried out.
//!
//! Each is done as the assistant, in this room only, after looking anew whether who asked may write here. What it is about is
//! said in words, numbers and aliases of the prompt, never in ids. Each has a transaction id made of the question's, and an
//! answer that is written anew does nothing: so nothing is done twice.

use super::Desk;
use super::asking::Asking;
use super::writer::tokens_of;
use crate::error::Result;
use crate::model::{Message, NewExtra};
use crate::server::App;
use crate::server::access::{self, Card};
use crate::server::assistant::language::{Lang, language};
use crate::server::assistant::tools::{self, Ask, Offer, Outcome, Refused, Seen, Tool, Turn, Wish};
use crate::server::audit;
use crate::server::model::{self, Answer, Caps, ChatRequest, Role, ToolCall, Tri, Usage};
use crate::server::service::{assistant, changes, memory, search};
use serde_json::value::RawValue;

/// Messages that a search brings.
const FOUND_MAX: usize = 5;
/// What is offered. Notes are not: what to keep and what to forget is for people to say, and rules understand that.
const OFFER: Offer = Offer { has_gifs: true, can_react: true, has_memory: false, can_play: true, can_search: true };

/// The lines of the system text that name the tools. An answer that is written anew has none.
pub(super) fn lines(caps: Caps, attempt: u32) -> Vec<&'static str> {
    let can_call = caps.tools == Tri::Yes && attempt == 0;
    tools::offered(&OFFER).into_iter().filter(|_| can_call).map(|tool| tool.spec().line).collect()
}

pub(super) struct Hands<'a> {
    app: &'a App,
    question: Message,
    can_call: bool,
    can_route: bool,
    turn: Turn,
    /// How many acts were begun.
    acts: u32,
    has_acted: bool,
    has_found: bool,
    /// Tokens of the short questions under a grammar, read and written.
    used: (u64, u64),
    lang: Lang,
}

impl<'a> Hands<'a> {
    pub(super) fn new(app: &'a App, asked: &Asking, caps: Caps, attempt: u32) -> Self {
        let text = asked.question.body.as_str();
        let is_first = attempt == 0;
        let can_call = caps.tools == Tri::Yes && is_first;
        let follows = caps.grammar == Tri::Yes && caps.schema == Tri::Yes;
        Self {
            app,
            can_call,
            can_route: is_first && !can_call && follows && tools::is_worth_routing(text),
            turn: Turn::new(tools::consent(text, false, false)),
            acts: 0,
            has_acted: false,
            has_found: false,
            used: (0, 0),
            lang: language(text),
            question: asked.question.clone(),
        }
    }

    /// Whether the model was offered anything to call.
    pub(super) fn can_call(&self) -> bool {
        self.can_call
    }

    /// Whether something was done that everybody sees.
    pub(super) fn has_acted(&self) -> bool {
        self.has_acted
    }

    /// Whether messages were searched for.
    pub(super) fn has_found(&self) -> bool {
        self.has_found
    }

    /// Tokens that short questions have taken, read and written.
    pub(super) fn used(&self) -> (u64, u64) {
        self.used
    }

    /// What is said where a model has done something and says nothing.
    pub(super) fn done(&self) -> &'static str {
        match self.lang {
            Lang::English => "Done.",
            Lang::German => "Erledigt.",
            Lang::Spanish => "Hecho.",
            Lang::French => "C\u{2019}est fait.",
        }
    }

    /// What the model may call.
    pub(super) fn tools(&self) -> Vec<model::Tool> {
        let of = |tool: Tool| {
            let spec = tool.spec();
            let schema = RawValue::from_string(spec.schema.to_owned()).ok()?;
            Some(model::Tool { name: spec.name.to_owned(), description: spec.description.to_owned(), schema })
        };
        tools::offered(&OFFER).into_iter().filter(|_| self.can_call).filter_map(of).collect()
    }

    /// For a model that can't call but follows a grammar: asks it whether the question wants something done, and does that. Lines
    /// of what came of it. What goes wrong is as if nothing was wanted.
    pub(super) async fn route(&mut self, desk: &Desk, asked: &mut Asking) -> Vec<String> {
        if !self.can_route {
            return Vec::new();
        }
        let text = self.question.body.as_str().to_owned();
        let Some(word) = self.ask(desk, tools::router_prompt(&text)).await else { return Vec::new() };
        let Some(tool) = tools::routed(&word) else { return Vec::new() };
        let args = match tools::argument(tool, &text) {
            Some(ask) => self.ask(desk, ask).await,
            None => Some("{}".to_owned()),
        };
        match args {
            Some(args) => self.call(asked, tool.name(), &args).await,
            None => Vec::new(),
        }
    }

    async fn ask(&mut self, desk: &Desk, ask: Ask) -> Option<String> {
        let Ask { system, user, grammar, schema, max_tokens } = ask;
        let turn = |role, content| model::Turn { role, content };
        let request = ChatRequest {
            messages: vec![turn(Role::System, system.to_owned()), turn(Role::User, user)],
            max_tokens,
            temperature: Some(0.0),
            grammar: grammar.map(str::to_owned),
            schema: schema.and_then(|schema| RawValue::from_string(schema.to_owned()).ok()),
            ..ChatRequest::default()
        };
        let estimated = tokens_of(&request);
        let answer = match desk.model.stream(request).await {
            Ok(deltas) => Answer::gather(deltas).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) => {
                let of = answer.usage.unwrap_or(Usage { prompt_tokens: estimated, ..Usage::default() });
                self.used.0 += u64::from(of.prompt_tokens);
                self.used.1 += u64::from(of.answer_tokens);
                Some(answer.text)
            }
            Err(error) => {
                desk.failed(&error);
                None
            }
        }
    }

    /// Does what is called, as far as it may be. Lines of what came of it.
    pub(super) async fn carry_out(&mut self, asked: &mut Asking, calls: Vec<ToolCall>) -> Vec<String> {
        let mut told = Vec::new();
        for call in calls {
            told.extend(self.call(asked, &call.name, &call.args).await);
        }
        told
    }

    async fn call(&mut self, asked: &mut Asking, name: &str, args: &str) -> Vec<String> {
        let place = asked.prompt.messages.iter().position(|id| *id == self.question.id);
        let seen = Seen { own: &asked.own, notes: 0, question: place.map_or(0, |place| place + 1) };
        let wish = tools::wish(name, args, &OFFER, &seen).and_then(|wish| self.turn.admit(wish));
        let (tool, outcome, lines) = match wish {
            Err(why) => {
                let (asker, room_id) = (self.question.author_id, self.question.room_id);
                audit::refused("tool", why.word()).user(asker).room(room_id).note();
                (Tool::named(name), Outcome::Refused(why), Vec::new())
            }
            Ok(wish) => {
                let tool = wish.tool();
                match self.act(asked, wish).await {
                    Ok((outcome, lines)) => (Some(tool), outcome, lines),
                    Err(error) => {
                        tracing::info!(room.id = %self.question.room_id, tool = tool.name(), %error, "a tool did not work");
                        (Some(tool), Outcome::Failed, Vec::new())
                    }
                }
            }
        };
        let word = match outcome {
            Outcome::Refused(why) => why.word(),
            Outcome::Failed => "failed",
            Outcome::Done | Outcome::Found(_) => "done",
        };
        tracing::info!(room.id = %self.question.room_id, tool = tool.map_or("unknown", Tool::name), outcome = word, "tool");
        std::iter::once(tools::told(tool, outcome)).chain(lines).collect()
    }

    async fn act(&mut self, asked: &mut Asking, wish: Wish) -> Result<(Outcome, Vec<String>)> {
        let (app, room_id, me) = (self.app, self.question.room_id, asked.me);
        // Who asked may have been put out, blocked or muted since, and the assistant, too.
        access::sender(app, room_id, asked.asker).await?;
        let card = access::sender(app, room_id, me).await?;
        let extra = match wish {
            Wish::Gif { query } => assistant::gif(&query, self.question.id),
            Wish::Flip => Some(NewExtra::Flip),
            Wish::Roll { sides } => Some(NewExtra::Roll { sides }),
            Wish::TicTacToe => Some(NewExtra::TicTacToe { with: Some(asked.asker) }),
            Wish::React { .. } if memory::of(app, room_id).await?.keeps_still => {
                return Ok((Outcome::Refused(Refused::NotOffered), Vec::new()));
            }
            Wish::React { message, emoji } => {
                let Some(id) = message.checked_sub(1).and_then(|place| asked.prompt.messages.get(place)) else {
                    return Ok((Outcome::Refused(Refused::NoSuchMessage), Vec::new()));
                };
                changes::set_reaction(app, me, room_id, *id, &emoji, true).await?;
                self.has_acted = true;
                None
            }
            Wish::Search { query } => return self.search(asked, &card, &query).await,
            Wish::Remember { .. } | Wish::Forget { .. } => {
                return Ok((Outcome::Refused(Refused::NotOffered), Vec::new()));
            }
        };
        if let Some(extra) = extra {
            self.acts += 1;
            assistant::perform(app, me, &card, &self.question, &format!("tool {}", self.acts), extra).await?;
            self.has_acted = true;
        }
        Ok((Outcome::Done, Vec::new()))
    }

    async fn search(&mut self, asked: &mut Asking, card: &Card, query: &str) -> Result<(Outcome, Vec<String>)> {
        let mut found = search::for_assistant(self.app, asked.asker, self.question.room_id, asked.floor, query).await?;
        found.retain(|message| message.seq < self.question.seq && !asked.hides(message));
        found.truncate(FOUND_MAX);
        found.reverse();
        let lines = asked.add(self.app, card, &found).await?;
        self.has_found = true;
        Ok((Outcome::Found(found.len()), lines))
    }
}

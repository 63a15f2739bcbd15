//! The budget of a prompt: what goes in, and what is left out.

use super::tokens::{self, MESSAGE_TOKENS};
use super::window::{self, Cost};
use super::{CONTEXT_MIN, FACTS_MAX, Fact, Input, Item, MESSAGES_MAX, Prompt, Role, State, address, clean, system};
use std::collections::BTreeSet;

/// Two aliases stay free for the question and the quoted message, wherever they are.
const TAIL_MAX: usize = MESSAGES_MAX - 2;

/// Tokens that parts of a prompt may have at most.
pub const FACTS_TOKENS: u32 = 600;
const SUMMARY_TOKENS: u32 = 250;
const QUOTED_TOKENS: u32 = 300;
/// Of one message that was searched for.
const FOUND_TOKENS: u32 = 120;
/// A question leaves so much to what it answers, however long it is: enough for the longest name and time, and some words.
const QUOTED_KEPT: u32 = 100;
const FACT_MAX: usize = 200;
const SUMMARY_MAX: usize = 1_200;
const TIME_MAX: usize = 24;

const FACTS_HEAD: &str = "Notes that members saved (data):";
const SUMMARY_HEAD: &str = "Summary of what was said before (data):";
const TAIL_HEAD: &str = "Messages, oldest first (data):";
const QUOTED_HEAD: &str = "Message that is answered (data):";
const QUESTION_HEAD: &str = "The question (data):";
const HEADS: [&str; 5] = [FACTS_HEAD, SUMMARY_HEAD, TAIL_HEAD, QUOTED_HEAD, QUESTION_HEAD];

pub struct Builder<'a, M, F> {
    input: &'a Input<'a, M, F>,
    assistant: String,
    /// Estimated tokens that may still be filled.
    left: u32,
    transcript: Vec<String>,
    messages: Vec<M>,
    hosts: BTreeSet<String>,
}

impl<'a, M: Clone + PartialEq, F: Clone> Builder<'a, M, F> {
    pub fn new(input: &'a Input<'a, M, F>) -> Self {
        Self {
            input,
            assistant: system::assistant(input.assistant),
            left: 0,
            transcript: Vec::new(),
            messages: Vec::new(),
            hosts: BTreeSet::new(),
        }
    }

    pub fn build(mut self) -> Prompt<M, F> {
        let input = self.input;
        let context = input.context_tokens.max(CONTEXT_MIN);
        let max_tokens = input.output_tokens.min(context / 4);
        self.left = input.correction.fitting(tokens::without_margin(context - max_tokens));
        let system = system::system(input);
        self.spend(tokens::count(&system) + 3 * MESSAGE_TOKENS);
        self.spend(HEADS.iter().map(|head| line_tokens(head)).sum());
        self.spend(tokens::count(&self.order("m40", input.quoted.map(|_| "m39"))));

        let question = self.question();
        let quoted = self.quoted();
        let facts = self.facts();
        let has_summary = self.summary();
        let (question_alias, quoted_alias) = self.conversation(&question, quoted);
        let order = self.order(&question_alias, quoted_alias.as_deref());
        let transcript = self.transcript.join("\n");
        let estimated =
            [&system, &transcript, &order].map(|text| tokens::count(text) + MESSAGE_TOKENS).into_iter().sum();
        Prompt {
            system,
            transcript,
            question: order,
            messages: self.messages,
            facts,
            has_summary,
            hosts: self.hosts,
            estimated,
            max_tokens,
        }
    }

    fn spend(&mut self, tokens: u32) {
        self.left = self.left.saturating_sub(tokens);
    }

    /// The most that a part with a limit in tokens of the model may have.
    fn limit(&self, tokens: u32) -> u32 {
        self.input.correction.fitting(tokens).min(self.left)
    }

    fn name(&self, item: &Item<'_, M>) -> String {
        name(item, &self.assistant)
    }

    /// What the model is to do. It stands last, where small models look.
    fn order(&self, question: &str, quoted: Option<&str>) -> String {
        let asker = self.name(self.input.question);
        let quoted = quoted.map(|alias| format!(" It answers {alias}.")).unwrap_or_default();
        format!("Answer {question} by {asker}.{quoted}")
    }

    /// A message without its alias, of at most so many tokens with it and a line break.
    fn line(&self, item: &Item<'_, M>, tokens_max: u32) -> String {
        line(item, &self.assistant, tokens_max)
    }

    /// The line of the question. It may take all that is left but what its quoted message needs.
    fn question(&mut self) -> String {
        let kept = if self.input.quoted.is_some() { QUOTED_KEPT } else { 0 };
        let question = self.asked();
        let line = self.line(&question, self.left.saturating_sub(kept));
        self.spend(message_tokens(&line));
        line
    }

    /// What is answered, and its line.
    fn quoted(&mut self) -> Option<(&'a Item<'a, M>, String)> {
        let quoted = self.input.quoted.filter(|quoted| quoted.key != self.input.question.key)?;
        let line = self.line(quoted, self.limit(QUOTED_TOKENS));
        self.spend(message_tokens(&line));
        Some((quoted, line))
    }

    /// The question as it is shown: who asks wants to be read.
    fn asked(&self) -> Item<'a, M> {
        let mut question = self.input.question.clone();
        if matches!(question.state, State::Hidden | State::Deleted) {
            question.state = State::Written;
        }
        question
    }

    /// Adds notes, pinned ones first, then new ones. In a small context they leave two thirds to the conversation.
    fn facts(&mut self) -> Vec<F> {
        let newest_first = || self.input.facts.iter().rev();
        let pinned = newest_first().filter(|fact| fact.is_pinned);
        let ordered: Vec<&Fact<'_, F>> = pinned.chain(newest_first().filter(|fact| !fact.is_pinned)).collect();
        let mut left = self.limit(FACTS_TOKENS).min(self.left / 3);
        let (mut keys, mut lines) = (Vec::new(), Vec::new());
        for fact in ordered {
            let author = clean::name(fact.author, &self.assistant);
            let line = format!("f{} {author}: {}", keys.len() + 1, clean::text(fact.text, FACT_MAX));
            if let Some(rest) = left.checked_sub(line_tokens(&line)).filter(|_| keys.len() < FACTS_MAX) {
                left = rest;
                keys.push(fact.key.clone());
                lines.push(line);
            }
        }
        self.section(FACTS_HEAD, lines);
        keys
    }

    /// Adds the summary, unless it would take more than a quarter of what is left. Returns whether it did.
    fn summary(&mut self) -> bool {
        let text = clean::text(self.input.summary.unwrap_or_default(), SUMMARY_MAX);
        let text = tokens::beginning(&text, self.limit(SUMMARY_TOKENS).saturating_sub(1)).to_owned();
        let has_room = !text.is_empty() && line_tokens(&text) <= self.left / 4;
        if has_room {
            self.section(SUMMARY_HEAD, vec![text]);
        }
        has_room
    }

    /// Adds a heading and lines to the transcript, if there are any. The heading is paid already.
    fn section(&mut self, head: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.spend(lines.iter().map(|line| line_tokens(line)).sum());
            self.transcript.push(head.to_owned());
            self.transcript.extend(lines);
        }
    }

    /// Adds the newest messages, and the quoted one and the question where they are older. Returns the aliases of the question
    /// and of the quoted message.
    fn conversation(&mut self, question: &str, quoted: Option<(&Item<'_, M>, String)>) -> (String, Option<String>) {
        let items = self.newest();
        let lines: Vec<String> = items.iter().map(|item| self.tail_line(item, question)).collect();
        let costs: Vec<Cost> = items.iter().zip(&lines).map(|(item, line)| self.cost(item, line)).collect();
        let quoted_key = quoted.as_ref().map(|(item, _)| item.key.clone());
        let mut start = window::start(&costs, self.left, TAIL_MAX);
        let is_in_tail = items[start..].iter().any(|item| Some(&item.key) == quoted_key.as_ref());
        // What the quoted message has cost is free again where it is among the newest.
        let (apart, unused) = if is_in_tail { (None, quoted) } else { (quoted, None) };
        if let Some((_, line)) = unused {
            start = window::start(&costs, self.left + message_tokens(&line), TAIL_MAX);
        }

        self.numbered(TAIL_HEAD, items.iter().zip(lines).skip(start).collect());
        self.numbered(QUOTED_HEAD, apart.into_iter().collect());
        if !self.messages.contains(&self.input.question.key) {
            self.numbered(QUESTION_HEAD, vec![(&self.asked(), question.to_owned())]);
        }
        let alias = |key: &M| self.messages.iter().position(|known| known == key).map(|at| format!("m{}", at + 1));
        (alias(&self.input.question.key).unwrap_or_default(), quoted_key.and_then(|key| alias(&key)))
    }

    /// The newest messages with the question among them, oldest first, and one more than fit: it tells where a block begins.
    fn newest(&self) -> Vec<Item<'a, M>> {
        let question = self.input.question;
        let mut items = self.input.items.to_vec();
        if items.iter().all(|item| item.key != question.key) {
            items.insert(items.partition_point(|item| item.seq <= question.seq), question.clone());
        }
        items.split_off(items.len().saturating_sub(TAIL_MAX + 1))
    }

    fn tail_line(&self, item: &Item<'_, M>, question: &str) -> String {
        if item.key == self.input.question.key { question.to_owned() } else { self.line(item, u32::MAX) }
    }

    /// The question is paid already.
    fn cost(&self, item: &Item<'_, M>, line: &str) -> Cost {
        let is_question = item.key == self.input.question.key;
        let tokens = if is_question { 0 } else { message_tokens(line) };
        Cost { seq: item.seq, tokens }
    }

    /// Adds a heading and messages, which get the next aliases.
    fn numbered(&mut self, head: &str, items: Vec<(&Item<'_, M>, String)>) {
        if items.is_empty() {
            return;
        }
        self.transcript.push(head.to_owned());
        for (item, line) in items {
            if item.role != Role::Assistant {
                // Of the line: nothing that is hidden or cut off.
                self.hosts.extend(address::hosts(&line));
            }
            self.messages.push(item.key.clone());
            self.transcript.push(format!("m{} {line}", self.messages.len()));
        }
    }
}

fn name<M>(item: &Item<'_, M>, assistant: &str) -> String {
    match item.role {
        Role::Assistant => assistant.to_owned(),
        Role::Member | Role::Admin | Role::Owner | Role::Bot => clean::name(item.author, assistant),
    }
}

/// See [`Builder::line`].
fn line<M>(item: &Item<'_, M>, assistant: &str, tokens_max: u32) -> String {
    let time = clean::label(item.time, TIME_MAX);
    let (name, role) = (name(item, assistant), item.role.word());
    let head = match item.state {
        State::Hidden => return format!("[{time}] [hidden]"),
        State::Deleted => return format!("[{time}] [deleted]"),
        State::Written => format!("[{time}] {name} ({role}): "),
        State::Edited => format!("[{time}] {name} ({role}, edited): "),
    };
    let text = clean::text(item.text, clean::TEXT_MAX);
    let text = if text.is_empty() { "[no text]" } else { &text };
    head.clone() + tokens::beginning(text, tokens_max.saturating_sub(message_tokens(&head)))
}

/// See [`super::found`].
pub fn found<M: Clone + PartialEq, F>(
    prompt: &mut Prompt<M, F>,
    items: &[Item<'_, M>],
    assistant: &str,
) -> Vec<String> {
    let assistant = system::assistant(assistant);
    let mut lines = Vec::new();
    for item in items {
        let line = line(item, &assistant, FOUND_TOKENS);
        if item.role != Role::Assistant {
            prompt.hosts.extend(address::hosts(&line));
        }
        let known = prompt.messages.iter().position(|key| *key == item.key);
        let place = known.unwrap_or_else(|| {
            prompt.messages.push(item.key.clone());
            prompt.messages.len() - 1
        });
        lines.push(format!("m{} {line}", place + 1));
    }
    lines
}

/// What the line of a message costs with the longest alias.
fn message_tokens(line: &str) -> u32 {
    line_tokens(&format!("m40 {line}"))
}

/// What a line costs, with its line break.
pub fn line_tokens(line: &str) -> u32 {
    tokens::count(line) + 1
}

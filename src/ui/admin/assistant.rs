//! What the assistant's language model has taken in the last days.

use crate::api;
use crate::model::usage::{AssistantUsage, DayUsage};
use crate::ui::panel::{Load, LoadView, use_load};
use crate::ui::time::use_clock;
use dioxus::prelude::*;

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `$1.23`; small amounts to the hundredth of a cent.
fn dollars(micro: u64) -> String {
    if micro < 1_000_000 {
        return format!("${:.4}", micro as f64 / 1e6);
    }
    format!("${}.{:02}", grouped(micro / 1_000_000), micro % 1_000_000 / 10_000)
}

#[component]
pub(super) fn Assistant() -> Element {
    let (load, retry) = use_load(|| Box::pin(api::moderation::assistant_usage()));
    let AssistantUsage { model, days } = match load() {
        Load::Here(usage) => usage,
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    let Some(model) = model else {
        return rsx! {
            p { class: "text-center text-ink-muted py-8", "data-testid": "no-model", "No language model is connected. Lavender goes by fixed rules." }
        };
    };
    let place = model.host.map_or_else(|| "on this server's own machine".to_owned(), |host| format!("at {host}"));
    let has_costs = days.iter().any(|day| day.micro_usd.is_some());
    rsx! {
        div { class: "card p-4 grid gap-1", "data-testid": "model",
            p { class: "intro-text",
                strong { "{model.name}" }
                ", {place}"
            }
            p { class: "text-sm text-ink-muted",
                if model.is_resting {
                    "It failed several times and is left alone for half a minute at a time."
                } else {
                    "It is well, as far as the last answers tell."
                }
            }
            if let Some(most) = model.tokens_max {
                p { class: "text-sm text-ink-muted", {format!("At most {} tokens a day.", grouped(most))} }
            }
        }
        div { class: "card p-4 overflow-x-auto", tabindex: "0", role: "region", "aria-label": "Use in the last days",
            table { class: "usage tnum", "data-testid": "usage",
                thead {
                    tr {
                        th { scope: "col", "Day (UTC)" }
                        th { scope: "col", "Answers" }
                        th { scope: "col", "Tokens read" }
                        th { scope: "col", "Written" }
                        if has_costs {
                            th { scope: "col", "Cost" }
                        }
                    }
                }
                tbody {
                    for day in days {
                        DayRow { key: "{day.at.0}", day, has_costs }
                    }
                }
            }
        }
    }
}

#[component]
fn DayRow(day: DayUsage, has_costs: bool) -> Element {
    let clock = use_clock();
    rsx! {
        tr {
            th { scope: "row", {clock.date(day.at)} }
            td { {grouped(day.answers)} }
            td { {grouped(day.read)} }
            td { {grouped(day.written)} }
            if has_costs {
                td { {day.micro_usd.map(dollars)} }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_money_is_exact() {
        let grouped = [0, 12, 999, 1_000, 123_456, 1_234_567].map(grouped);
        assert_eq!(grouped, ["0", "12", "999", "1,000", "123,456", "1,234,567"]);
        let dollars = [0, 150, 999_999, 1_000_000, 1_239_999, 5_432_100_000_000].map(dollars);
        assert_eq!(dollars, ["$0.0000", "$0.0001", "$1.0000", "$1.00", "$1.23", "$5,432,100.00"]);
    }
}

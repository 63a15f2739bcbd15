//! What the state has to tell in passing, as toasts.

use crate::client::state::{Notice, NoticeKind};
use crate::client::use_live;
use crate::ui::kit::icon;
use crate::ui::kit::toast::{Toast, use_toasts};
use crate::ui::words;
use dioxus::prelude::*;

#[component]
pub fn Notices() -> Element {
    let live = use_live();
    let toasts = use_toasts();
    let mut said = use_hook(|| CopyValue::new(0_u64));
    let notices = use_memo(move || live.state.read().notices.clone());
    use_effect(move || {
        let before = *said.peek();
        for notice in notices().into_iter().filter(|notice| notice.id > before) {
            said.set(notice.id);
            let Notice { id, kind, error, undo, .. } = notice;
            let mut toast = match &error {
                Some(error) => Toast::error(format!("{} {}", text(kind), words::error(error))),
                None => Toast::new(text(kind)).icon(glyph(kind)),
            };
            if let Some(token) = undo {
                toast = toast.action("Undo", move || {
                    live.undo(token);
                });
            }
            toasts.show(toast);
            live.dismiss(id);
        }
    });
    rsx! {}
}

fn text(kind: NoticeKind) -> String {
    match kind {
        NoticeKind::NotEdited => "Your change was not kept.".to_owned(),
        NoticeKind::NotDeleted => "Not deleted.".to_owned(),
        NoticeKind::NotReacted => "Your reaction was not kept.".to_owned(),
        NoticeKind::NotPinned => "Not pinned.".to_owned(),
        NoticeKind::NotUnpinned => "Still pinned.".to_owned(),
        NoticeKind::PreviewNotRemoved => "The preview is still there.".to_owned(),
        NoticeKind::NotAnswered => "That didn't reach the answer.".to_owned(),
        NoticeKind::NotPlayed => "That move didn't count.".to_owned(),
        NoticeKind::NotSaved => "This setting was not kept.".to_owned(),
        NoticeKind::NotReached => "That message can't be shown.".to_owned(),
        NoticeKind::Deleted { count } => format!("{} deleted for everyone", words::count(count, "message", "messages")),
        NoticeKind::DeletedForMe { count } => format!("{} deleted for you", words::count(count, "message", "messages")),
        NoticeKind::Cleared => "Chat cleared for you".to_owned(),
        NoticeKind::MarkedRead { count: 0 } => "Marked read".to_owned(),
        NoticeKind::MarkedRead { count } => format!("{count} marked read"),
        NoticeKind::MarkedUnread => "Marked unread".to_owned(),
    }
}

fn glyph(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Deleted { .. } | NoticeKind::DeletedForMe { .. } | NoticeKind::Cleared => icon::TRASH_2,
        _ => icon::CHECK,
    }
}

//! Files into the composer of a room: chosen, dropped or pasted, looked at before they are taken, and shown in a tray until
//! they are sent with what is written.
//!
//! [`use_provide_attach`] belongs to the room; the composer draws [`AttachButton`], [`Problems`] and [`Tray`], the room
//! [`DropVeil`].

mod alt;
mod button;
mod check;
mod tray;
mod voice;

pub use button::AttachButton;
pub use tray::{Problems, Tray};
pub use voice::Recorder;

use crate::client::outbox::OutFile;
use crate::client::{Live, use_live};
use crate::id::{FileId, RoomId};
use crate::model::FileUsage;
use crate::model::limits::FILES_MAX;
use crate::ui::dom::files::{self, Brought, Picked};
use crate::ui::dom::{self};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use check::{Found, Limits, check, without_room};
use dioxus::core::Task;
use dioxus::prelude::*;

/// What files can be dropped on.
const PLACE: &str = ".pane-chat > .sheet";
/// How often someone whose uploads do not go is told whether they would, in milliseconds.
const ASK_MS: u32 = 10_000;

/// The files of one room's composer: a context of the room. Copy.
#[derive(Clone, Copy, PartialEq)]
pub struct Attach {
    live: Live,
    room_id: RoomId,
    /// Why some files are not in the tray.
    problems: Signal<Vec<String>>,
    /// Files are held over the room.
    is_over: Signal<bool>,
    /// What the tray did last, for those who don't see it.
    news: Signal<String>,
}

/// Provides it to the room.
pub fn use_provide_attach(room_id: RoomId) -> Attach {
    let live = use_live();
    use_context_provider(|| Attach {
        live,
        room_id,
        problems: Signal::new(Vec::new()),
        is_over: Signal::new(false),
        news: Signal::new(String::new()),
    })
}

/// Takes what is dropped on the room or pasted, while its composer is there. `field`: the id of the text area.
pub fn use_bring(field: &'static str) -> Attach {
    let attach = use_context::<Attach>();
    let mut is_over = attach.is_over;
    files::use_brought(PLACE, field, move |brought| match brought {
        Brought::Over(over) => is_over.set(over),
        Brought::Files(picked) => {
            attach.add(picked);
            if !dom::is_touch() {
                dom::focus(field);
            }
        }
    });
    use_drop(move || {
        // The whole room may be going, and this with it.
        if let Ok(mut over) = is_over.try_write() {
            *over = false;
        }
    });
    // Asked when the room opens, and until it is well: nobody should try in vain.
    let is_down = use_memo(move || attach.is_down());
    let mut asking = use_hook(|| CopyValue::new(None::<Task>));
    use_effect(move || {
        let again = is_down();
        let task = spawn(async move {
            attach.live.ask_usage().await;
            while again && attach.live.state.peek().uploads_down {
                dom::sleep(ASK_MS).await;
                attach.live.ask_usage().await;
            }
        });
        // One that sleeps would find uploads down again, and go on beside this one.
        if let Some(before) = asking.replace(Some(task)) {
            before.cancel();
        }
    });
    attach
}

impl Attach {
    /// Whether uploads are unavailable.
    pub fn is_down(self) -> bool {
        self.live.state.read().uploads_down
    }

    /// What the tray holds.
    pub fn files(self) -> Vec<OutFile> {
        self.live.state.read().tray(self.room_id).to_vec()
    }

    /// Looks at files and puts those that can be sent into the tray, without waiting for the server: the next Enter sends them.
    pub fn add(self, picked: Vec<Picked>) {
        let mut attach = self;
        if picked.is_empty() {
            return;
        }
        if self.live.state.peek().rooms.get(&self.room_id).is_some_and(|room| room.editing.is_some()) {
            self.problems.clone().set(vec!["Finish editing first, then add files.".to_owned()]);
            return;
        }
        spawn(async move {
            // What is known will do; what is not, and how much of the quota is left, is asked behind it.
            let usage = *self.live.uploads.usage.peek();
            let mut limits = Limits { usage, to_come: self.live.bytes_to_come() };
            let (mut good, mut problems) = (Vec::new(), Vec::new());
            for picked in picked {
                let head = files::head(&picked.bytes, crate::model::program::PROGRAM_HEAD).await;
                let found = Found { name: &picked.name, size: picked.size, head: head.as_deref() };
                match check(&found, &mut limits) {
                    Ok(()) => good.push((OutFile::new(&picked.name, &picked.mime, picked.size), picked.bytes)),
                    Err(problem) => problems.push(problem),
                }
            }
            let new: Vec<_> = good.iter().map(|(file, _)| (file.local, file.kind)).collect();
            let count = new.len();
            let left_out = attach.live.add_files(self.room_id, good);
            if left_out > 0 {
                problems.push(check::too_many(left_out));
            }
            attach.problems.set(problems);
            let added = count - left_out;
            if added > 0 {
                attach.tell(&format!("{} added.", words::files(added)));
            }
            let are_checked = usage.is_some();
            let locals: Vec<FileId> = new.iter().map(|(local, _)| *local).collect();
            spawn(async move {
                let usage = self.live.ask_usage().await;
                if !are_checked {
                    attach.look_again(&locals, usage);
                }
            });
            for (local, kind) in new {
                if let Some(url) = self.live.uploads.local_url(local) {
                    let hints = files::measure(url, kind).await;
                    self.live.describe_file(self.room_id, local, |file| file.hints = hints);
                }
            }
        });
    }

    /// What the server takes is known now: of these files those that it would refuse go, unless they were sent already.
    fn look_again(&mut self, locals: &[FileId], usage: Option<FileUsage>) {
        let mut waiting = self.live.state.peek().tray(self.room_id).to_vec();
        waiting.retain(|file| locals.contains(&file.local));
        let counted: u64 = waiting.iter().map(|file| file.size).sum();
        let to_come = self.live.bytes_to_come().saturating_sub(counted);
        let refused = without_room(&waiting, Limits { usage, to_come });
        if refused.is_empty() {
            return;
        }
        let count = refused.len();
        for (local, problem) in refused {
            self.live.remove_file(self.room_id, local);
            self.problems.write().push(problem);
        }
        self.tell(&format!("{} removed.", words::files(count)));
    }

    /// Takes a file out of the tray.
    pub fn remove(mut self, file: &OutFile) {
        self.live.remove_file(self.room_id, file.local);
        self.problems.set(Vec::new());
        self.tell(&format!("{} removed.", file.name));
    }

    /// What a picture shows, in its sender's words.
    pub fn describe(self, local: FileId, alt: &str) {
        let alt = Some(alt.trim().to_owned()).filter(|alt| !alt.is_empty());
        self.live.describe_file(self.room_id, local, |file| file.alt = alt);
    }

    /// The problems were read, or something new was begun.
    pub fn forget_problems(mut self) {
        if !self.problems.peek().is_empty() {
            self.problems.set(Vec::new());
        }
    }

    fn tell(&mut self, what: &str) {
        let count = self.live.state.peek().tray(self.room_id).len();
        let rest = match count {
            0 => "No files to send.".to_owned(),
            count => format!("{} of at most {FILES_MAX} to send.", words::files(count)),
        };
        self.news.set(format!("{what} {rest}"));
    }
}

/// Over the room while files are held there.
#[component]
pub fn DropVeil(title: String) -> Element {
    let attach = use_context::<Attach>();
    if !(attach.is_over)() {
        return rsx! {};
    }
    rsx! {
        div { class: "drop-veil", "data-testid": "drop-veil", "aria-hidden": "true",
            div { class: "drop-card",
                Icon { d: if attach.is_down() { icon::CLOUD_OFF } else { icon::PLUS }, class: "i-lg" }
                b { class: "font-display text-xl font-bold",
                    if attach.is_down() { "Uploads are unavailable" } else { "Drop files to send" }
                }
                span { class: "text-ink-muted", "To {title}, with a text if you like." }
            }
        }
    }
}

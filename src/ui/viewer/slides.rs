//! Which pictures and films one can go through. Pure.

use crate::client::State;
use crate::id::{FileId, MessageId, RoomId, UserId};
use crate::model::{Attachment, Message, Seq};
use crate::time::Timestamp;
use std::rc::Rc;

/// Where the pictures are from.
#[derive(Clone, PartialEq, Debug)]
pub enum Source {
    /// What is loaded of a room's stream.
    Room(RoomId),
    /// These messages of a room, oldest first.
    These(RoomId, Rc<Vec<Message>>),
}

impl Source {
    pub fn room_id(&self) -> RoomId {
        match self {
            Self::Room(room_id) | Self::These(room_id, _) => *room_id,
        }
    }
}

/// One picture or film, and the message that it is in.
#[derive(Clone, PartialEq, Debug)]
pub struct Slide {
    pub file: Attachment,
    pub message_id: MessageId,
    pub seq: Seq,
    pub author_id: UserId,
    pub at: Timestamp,
    pub caption: String,
}

impl Slide {
    pub fn is(&self, message_id: MessageId, file_id: FileId) -> bool {
        self.message_id == message_id && self.file.id == file_id
    }
}

fn of(message: &Message) -> impl Iterator<Item = Slide> {
    let files = message.attachments.iter().filter(|file| file.kind.is_visual());
    files.map(|file| Slide {
        file: file.clone(),
        message_id: message.id,
        seq: message.seq,
        author_id: message.author_id,
        at: message.created_at,
        caption: message.body.as_str().to_owned(),
    })
}

/// All of them, oldest first. `opened` is shown even if its author is blocked: someone asked for it.
pub fn slides(state: &State, source: &Source, opened: MessageId) -> Vec<Slide> {
    match source {
        Source::Room(room_id) => {
            let rows = state.rows(*room_id).into_iter();
            let seen = rows.filter(|row| {
                row.id().is_some() && !row.is_deleted() && (!row.is_blocked_author || row.message.id == opened)
            });
            seen.flat_map(|row| of(&row.message).collect::<Vec<_>>()).collect()
        }
        Source::These(room_id, messages) => {
            let is_there = |message: &&Message| {
                let held = state.message(*room_id, message.id);
                held.is_none_or(|held| held.deleted.is_none()) && message.deleted.is_none()
            };
            messages.iter().filter(is_there).flat_map(of).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AttachmentKind, Deleted, Page};
    use crate::ui::samples::{NOW, message, person, room, room_id, state};

    fn with(seq: Seq, author: usize, kinds: &[AttachmentKind]) -> Message {
        let file = |kind: &AttachmentKind| Attachment::new(FileId::new(), *kind, "a.jpg", "image/jpeg", 1);
        Message { attachments: kinds.iter().map(file).collect(), ..message(1, seq, author, "") }
    }

    #[test]
    fn all_that_is_to_be_seen_is_gone_through_in_order() {
        use AttachmentKind::{Animation, File, Image, Video, Voice};
        let mut gone = with(3, 1, &[Image]);
        gone.deleted = Some(Deleted { by: person(1).id, at: NOW });
        let all = vec![
            with(1, 1, &[Image, File]),
            message(1, 2, 1, "words"),
            gone,
            with(4, 0, &[Video, Animation]),
            with(5, 1, &[Voice]),
        ];
        let opened = all[0].id;
        let seqs = |slides: Vec<Slide>| slides.iter().map(|slide| slide.seq).collect::<Vec<_>>();
        let mut state = state(vec![room(1, &[1])]);
        let given = Source::These(room_id(1), Rc::new(all.clone()));
        assert_eq!(seqs(slides(&state, &given, opened)), [1, 4, 4]);
        state.put_page(Page::new(room_id(1), all, false, false));
        assert_eq!(seqs(slides(&state, &Source::Room(room_id(1)), opened)), [1, 4, 4]);
    }
}

//! Every case is asked twice: before the index has the messages, and after.

use super::{Db, NOW, append, at_once, new_message, new_text, room_of_two, say, seqs, user};
use lavender::id::{RoomId, UserId};
use lavender::model::{Has, Message, Seq};
use lavender::server::find::Terms;
use lavender::server::store::{NewMessage, Scope, SearchAnswer, SearchRequest};
use lavender::time::Timestamp;
use std::time::Duration;

fn wanted(rooms: &[RoomId], terms: &[&str]) -> SearchRequest {
    let rooms = rooms.iter().map(|room| Scope::new(*room, 0)).collect();
    SearchRequest { patience: Duration::from_secs(60), ..SearchRequest::new(rooms, Terms::new(terms), 100) }
}

async fn found(db: &Db, request: &SearchRequest) -> Vec<Message> {
    let answer = db.search(request).await.unwrap();
    assert!(answer.complete && answer.next.is_none(), "{answer:?}");
    answer.messages
}

pub(super) async fn texts(db: &Db, rooms: &[RoomId], terms: &[&str]) -> Vec<String> {
    found(db, &wanted(rooms, terms)).await.into_iter().map(|message| message.body.as_str().to_owned()).collect()
}

/// Stores texts and then enough of others that all of them are in what an index may gather.
pub(super) async fn fill(db: &Db, room_id: RoomId, author: UserId, texts: &[&str]) {
    let texts = texts.iter().copied().chain(std::iter::repeat_n("…", 40));
    let batch = texts.map(|text| new_message(room_id, author, text)).collect();
    for outcome in db.append(batch).await {
        outcome.unwrap();
    }
}

/// Brings the index up to date, if it is to be.
pub(super) async fn index(db: &Db, is_indexed: bool) {
    if is_indexed {
        db.finish_index().await.unwrap();
    }
}

pub async fn words_are_found_in_any_script_and_any_part(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let all = [
        "Herr Åström wohnt in der Straße",
        "日本語を勉強しています",
        "今日は本を読む",
        "한국어 공부",
        "Party 🎉 heute 👩‍👩‍👧",
        "Привет, мир",
        "หนังสือ",
        "the quick brown fox",
        "C++ and \"quoted\" AND (brackets) OR * ^ NEAR",
        "ＷＩＤＥ letters",
        "e\u{301}te\u{301} à Nîmes",
    ];
    fill(&db, room.id, ana, &all).await;
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        for (term, expected) in [
            ("strom", 0),
            ("åstr", 0),
            ("STRASSE", 0),
            ("本語", 1),
            ("日本語", 1),
            ("勉強し", 1),
            ("読", 2),
            ("今", 2),
            ("국", 3),
            ("공부", 3),
            ("🎉", 4),
            ("👩", 4),
            ("heu", 4),
            ("he", 4),
            ("мир", 5),
            ("вет", 5),
            ("สือ", 6),
            ("หน", 6),
            ("uic", 7),
            ("fo", 7),
            ("q", 7),
            ("c++", 8),
            ("\"q", 8),
            ("(b", 8),
            ("wide", 9),
            ("ete", 10),
            ("nimes", 10),
        ] {
            let mut hits = texts(&db, &[room.id], &[term]).await;
            // Short ones begin more than one of them.
            hits.retain(|text| text == all[expected] || !["he", "q"].contains(&term));
            assert_eq!(hits, [all[expected]], "{term}, indexed: {is_indexed}");
        }
        assert_eq!(texts(&db, &[room.id], &["本"]).await, [all[2], all[1]]);
        assert_eq!(texts(&db, &[room.id], &["日"]).await, [all[2], all[1]]);
        for nothing in ["日語", "uc", "stromx", "語日", "xyzzy", "🎈", "ö ä", "ick f r"] {
            assert!(texts(&db, &[room.id], &[nothing]).await.is_empty(), "{nothing}");
        }
    }
}

pub async fn all_terms_have_to_be_there_and_phrases_as_they_are(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    fill(&db, room.id, ana, &["red green blue", "green\n red", "blue   red", "infrared"]).await;
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        assert_eq!(texts(&db, &[room.id], &["red", "green"]).await, ["green\n red", "red green blue"]);
        assert_eq!(texts(&db, &[room.id], &["green red"]).await, ["green\n red"]);
        assert_eq!(texts(&db, &[room.id], &["blue red"]).await, ["blue   red"]);
        assert_eq!(texts(&db, &[room.id], &["red"]).await.len(), 4);
        assert!(texts(&db, &[room.id], &["red", "green", "yellow"]).await.is_empty());
    }
}

pub async fn operators_and_patterns_are_data(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let hostile = [
        "\"; DROP TABLE messages; --",
        "{\"$gt\": \"\"}",
        ".*",
        "a* NOT b",
        "NEAR(a b)",
        "100%_x",
        "\\",
        "^abc$",
        "(",
        "\"\"\"",
    ];
    fill(&db, room.id, ana, &hostile).await;
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        for text in hostile {
            let hits = texts(&db, &[room.id], &[text]).await;
            assert_eq!(hits.iter().filter(|hit| *hit == text).count(), 1, "{text}");
            assert!(hits.iter().all(|hit| hit.contains(text)), "{text} found {hits:?}");
        }
        assert!(texts(&db, &[room.id], &["room:x"]).await.is_empty());
        assert!(texts(&db, &[room.id], &["$where"]).await.is_empty());
    }
}

pub async fn only_what_the_caller_may_see_is_found(db: Db) {
    let (mine, ana, _) = room_of_two(&db, 1).await;
    let (other, eve, _) = room_of_two(&db, 2).await;
    for (room, author) in [(mine.id, ana), (other.id, eve)] {
        fill(&db, room, author, &["secret one", "secret two", "secret three"]).await;
    }
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        let hits = found(&db, &wanted(&[mine.id], &["secret"])).await;
        assert!(hits.iter().all(|message| message.room_id == mine.id));
        assert_eq!(seqs(&hits), [3, 2, 1]);
        assert_eq!(found(&db, &wanted(&[mine.id, other.id], &["secret"])).await.len(), 6);
        assert!(found(&db, &wanted(&[], &["secret"])).await.is_empty());
        assert!(found(&db, &wanted(&[RoomId::new()], &["secret"])).await.is_empty());

        let mut narrow = wanted(&[mine.id, other.id], &["secret"]);
        narrow.rooms[0].floor = 1;
        narrow.rooms[0].hidden = vec![3];
        narrow.rooms[1].floor = 99;
        assert_eq!(seqs(&found(&db, &narrow).await), [2]);
        narrow.rooms[0].floor = 0;
        narrow.rooms[0].below = Some(2);
        assert_eq!(seqs(&found(&db, &narrow).await), [1]);
        // Without a term too.
        narrow.terms = Terms::default();
        assert_eq!(seqs(&found(&db, &narrow).await), [1]);
    }
}

pub async fn filters_narrow_a_search(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let carl = user(&db, "carl").await;
    let day = |n: i64| NOW.plus_ms(n * 24 * 3_600_000);
    for (n, author, text) in [
        (1, ana, "tea https://example.org/x"),
        (2, ben, "tea"),
        (3, ana, "tea and cake"),
        (4, ben, "cake www.example.org"),
    ] {
        let new = NewMessage { created_at: day(n), ..new_message(room.id, author, text) };
        append(&db, new).await.unwrap();
    }
    fill(&db, room.id, carl, &[]).await;
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        let base = wanted(&[room.id], &["tea"]);
        let by = |authors: &[UserId]| SearchRequest { authors: Some(authors.to_vec()), ..base.clone() };
        assert_eq!(seqs(&found(&db, &by(&[ana])).await), [3, 1]);
        assert_eq!(seqs(&found(&db, &by(&[ana, ben])).await), [3, 2, 1]);
        assert!(found(&db, &by(&[])).await.is_empty());
        assert!(found(&db, &by(&[UserId::new()])).await.is_empty());
        let mut without = base.clone();
        without.rooms[0].without = vec![ana];
        assert_eq!(seqs(&found(&db, &without).await), [2]);
        let link = SearchRequest { has: vec![Has::Link], terms: Terms::default(), ..base.clone() };
        assert_eq!(seqs(&found(&db, &link).await), [1]);
        assert!(found(&db, &SearchRequest { has: vec![Has::Image], ..base.clone() }).await.is_empty());
        let between = SearchRequest { after: Some(day(2)), before: Some(day(3)), ..base.clone() };
        assert_eq!(seqs(&found(&db, &between).await), [2]);
        assert_eq!(seqs(&found(&db, &SearchRequest { before: Some(day(2)), ..base.clone() }).await), [1]);
        assert_eq!(seqs(&found(&db, &SearchRequest { after: Some(day(3)), ..base.clone() }).await), [3]);
        // Filters alone are a search too.
        assert_eq!(seqs(&found(&db, &SearchRequest { terms: Terms::default(), ..by(&[ben]) }).await), [4, 2]);
        let none = SearchRequest { before: Some(Timestamp(i64::MIN)), after: Some(Timestamp(i64::MAX)), ..base };
        assert!(found(&db, &none).await.is_empty());
    }
}

pub async fn pages_leave_no_gap_and_repeat_nothing(db: Db) {
    let rooms = [room_of_two(&db, 1).await, room_of_two(&db, 2).await, room_of_two(&db, 3).await];
    for n in 0..120_i64 {
        let (room, author, _) = &rooms[n as usize % 3];
        // Some at the same moment.
        let text = if n % 4 == 0 { "needle" } else { "hay" };
        let new = NewMessage { created_at: NOW.plus_ms(n / 5 * 1_000), ..new_message(room.id, *author, text) };
        append(&db, new).await.unwrap();
    }
    let ids: Vec<RoomId> = rooms.iter().map(|(room, ..)| room.id).collect();
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        let all = found(&db, &wanted(&ids, &["needle"])).await;
        assert_eq!(all.len(), if is_indexed { 31 } else { 30 });
        assert!(all.windows(2).all(|pair| pair[0].created_at >= pair[1].created_at));
        for room in &ids {
            let seqs: Vec<Seq> =
                all.iter().filter(|message| message.room_id == *room).map(|message| message.seq).collect();
            assert!(seqs.windows(2).all(|pair| pair[0] > pair[1]));
        }
        for limit in [1, 7, 30, 31] {
            let mut request = SearchRequest { limit, ..wanted(&ids, &["needle"]) };
            let mut paged = Vec::new();
            loop {
                let answer = db.search(&request).await.unwrap();
                assert!(answer.complete && answer.messages.len() <= limit);
                paged.extend(answer.messages);
                let Some(next) = answer.next else { break };
                request.behind = Some(next);
            }
            assert_eq!(paged, all, "by {limit}");
        }
        if !is_indexed {
            // What arrives between two pages is on neither.
            let mut request = SearchRequest { limit: 10, ..wanted(&ids, &["needle"]) };
            let first = db.search(&request).await.unwrap();
            let new = NewMessage { created_at: NOW.plus_ms(99_000_000), ..new_message(ids[0], rooms[0].1, "a needle") };
            append(&db, new).await.unwrap();
            request.behind = first.next;
            let second = db.search(&request).await.unwrap();
            assert_eq!([first.messages, second.messages].concat(), all[..20]);
        }
    }
}

pub async fn many_rooms_are_searched_past_what_others_write(db: Db) {
    let mut rooms = Vec::new();
    for n in 0..12 {
        let (room, ana, _) = room_of_two(&db, n).await;
        rooms.push((room.id, ana));
    }
    let (mine, others) = rooms.split_at(10);
    let mut at = NOW;
    // Mine, then many of others, then mine again; each at its moment.
    for (rooms, count) in [(mine, 20), (others, 700), (mine, 10)] {
        let batch = (0..count).map(|n| {
            at = at.plus_ms(1_000);
            NewMessage {
                created_at: at,
                ..new_message(rooms[n % rooms.len()].0, rooms[n % rooms.len()].1, "the needle")
            }
        });
        let batch: Vec<NewMessage> = batch.collect();
        for outcome in db.append(batch).await {
            outcome.unwrap();
        }
    }
    let ids: Vec<RoomId> = mine.iter().map(|(room, _)| *room).collect();
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        let all = found(&db, &wanted(&ids, &["needle"])).await;
        assert_eq!(all.len(), 30);
        assert!(all.windows(2).all(|pair| pair[0].created_at > pair[1].created_at));
        let mut request = SearchRequest { limit: 4, ..wanted(&ids, &["needle"]) };
        let mut paged = Vec::new();
        loop {
            let answer = db.search(&request).await.unwrap();
            paged.extend(answer.messages);
            request.behind = answer.next;
            if answer.next.is_none() {
                break;
            }
        }
        assert_eq!(paged, all);
        // An edit in each part of the log.
        if !is_indexed {
            for place in [3, 27] {
                let message = &all[place];
                db.edit(message.id, message.revision, &new_text("needle, edited")).await.unwrap().unwrap();
            }
        }
        assert_eq!(texts(&db, &ids, &["edited"]).await.len(), 2);
        assert!(texts(&db, &ids, &["the needle"]).await.len() == 28);
    }
}

pub async fn an_edited_message_is_found_by_its_new_text_only(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    fill(&db, room.id, ana, &["the elephant", "日本"]).await;
    let mut sent = db.page(room.id, 0, None, Some(0), 2).await.unwrap();
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        let round = usize::from(is_indexed);
        let (new, old) = (["a giraffe 韓国", "an okapi 中国"][round], ["the elephant", "a giraffe 韓国"][round]);
        sent[0] = db.edit(sent[0].id, sent[0].revision, &new_text(new)).await.unwrap().unwrap();
        for _ in 0..2 {
            assert!(texts(&db, &[room.id], &[&old[2..old.len().min(9)]]).await.is_empty(), "{old}");
            assert_eq!(texts(&db, &[room.id], &[&new[2..8]]).await, [new]);
            assert_eq!(texts(&db, &[room.id], &["国"]).await, [new]);
            db.finish_index().await.unwrap();
        }
    }
    // There and back again leaves nothing behind.
    sent[1] = db.edit(sent[1].id, 1, &new_text("zebra")).await.unwrap().unwrap();
    db.edit(sent[1].id, 2, &new_text("日本")).await.unwrap().unwrap();
    for _ in 0..2 {
        assert_eq!(texts(&db, &[room.id], &["日本"]).await, ["日本"]);
        assert!(texts(&db, &[room.id], &["zebra"]).await.is_empty());
        db.finish_index().await.unwrap();
    }
}

pub async fn what_is_written_while_the_index_is_made_is_found(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = at_once(40, |n| {
        let db = db.clone();
        async move {
            let message = say(&db, room.id, ana, &format!("first {n:03}")).await;
            if n % 4 == 0 {
                db.finish_index().await.unwrap();
            }
            if n % 3 == 0 {
                db.edit(message.id, 1, &new_text(&format!("second {n:03}"))).await.unwrap().unwrap();
            }
            n
        }
    })
    .await;
    for _ in 0..2 {
        for n in &sent {
            let word = if n % 3 == 0 { "second" } else { "first" };
            assert_eq!(texts(&db, &[room.id], &[&format!("{n:03}")]).await, [format!("{word} {n:03}")]);
        }
        assert_eq!(texts(&db, &[room.id], &["second"]).await.len(), 14);
        db.finish_index().await.unwrap();
    }
}

pub async fn without_patience_an_answer_says_that_it_is_not_complete(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    for _ in 0..4 {
        fill(&db, room.id, ana, &["needle"]).await;
    }
    db.finish_index().await.unwrap();
    let mut request = SearchRequest { patience: Duration::ZERO, ..wanted(&[room.id], &["needle"]) };
    let mut all = Vec::new();
    // Asking on comes to the end.
    let mut rounds = 0;
    loop {
        let SearchAnswer { messages, next, complete } = db.search(&request).await.unwrap();
        all.extend(messages);
        if complete && next.is_none() {
            break;
        }
        assert!(next.is_some(), "incomplete answers can be gone on from");
        request.behind = next;
        rounds += 1;
        if rounds == 3 {
            request.patience = Duration::from_secs(60);
        }
    }
    assert!(rounds >= 1);
    assert_eq!(seqs(&all), [124, 83, 42, 1]);
}

pub async fn the_longest_messages_and_terms_are_searched(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let long: String = (0..8_000_u32).filter_map(|n| char::from_u32(0x4e00 + n)).collect();
    let term: String = long.chars().skip(4_000).take(64).collect();
    fill(&db, room.id, ana, &[&long, &"z".repeat(8_000)]).await;
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        assert_eq!(texts(&db, &[room.id], &[&term]).await, [long.as_str()]);
        assert_eq!(texts(&db, &[room.id], &[&"z".repeat(64)]).await.len(), 1);
        assert!(texts(&db, &[room.id], &[&format!("{term}一")]).await.is_empty());
    }
    assert!(matches!(db.search(&wanted(&[room.id], &[":)"])).await, Ok(SearchAnswer { complete: true, .. })));
}

/// All links of a room, so many a page.
async fn links(db: &Db, room_id: RoomId, floor: Seq, limit: u16) -> Vec<Seq> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = db.links(room_id, floor, before, limit).await.unwrap();
        assert!(page.messages.len() <= limit.into());
        all.extend(seqs(&page.messages));
        let Some(next) = page.next else { return all };
        assert!(before.is_none_or(|before| next < before), "it goes on");
        before = Some(next);
    }
}

pub async fn the_links_of_a_room_come_newest_first(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (other, eve, _) = room_of_two(&db, 2).await;
    let texts = [
        "see https://example.org",
        "nothing",
        "||https://example.org/secret||",
        "`https://example.org/code` and ftp://example.org",
        "[the plan](http://example.com/plan) and HTTPS://EXAMPLE.ORG",
        "ann@example.org, www.example.org",
        "> https://example.org/quoted",
    ];
    fill(&db, room.id, ana, &texts).await;
    fill(&db, other.id, eve, &["https://example.org/elsewhere"]).await;
    // In no index when the others are.
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        if is_indexed {
            say(&db, room.id, ben, "https://example.org/new").await;
        }
        let all: &[Seq] = if is_indexed { &[48, 7, 5, 1] } else { &[7, 5, 1] };
        for limit in [1, 2, 3, 50] {
            assert_eq!(links(&db, room.id, 0, limit).await, all, "by {limit}, indexed: {is_indexed}");
            assert_eq!(links(&db, room.id, 1, limit).await, all[..all.len() - 1]);
            assert!(links(&db, room.id, 99, limit).await.is_empty());
        }
        let before = db.links(room.id, 0, Some(7), 50).await.unwrap();
        assert_eq!((seqs(&before.messages), before.next), (vec![5, 1], None));
        assert!(before.messages[1].body.as_str().starts_with("see"), "the whole message");
        for nothing in [Some(0), Some(1)] {
            assert!(db.links(room.id, 0, nothing, 50).await.unwrap().messages.is_empty());
        }
        assert!(db.links(room.id, 0, Some(Seq::MAX), 0).await.unwrap().messages.is_empty());
        assert!(links(&db, RoomId::new(), 0, 50).await.is_empty());
    }
    // As the messages are now, whatever an index knows.
    let of = async |seq: Seq| db.page(room.id, 0, Some(seq + 1), None, 1).await.unwrap().remove(0);
    let [first, second, third] = [of(1).await, of(2).await, of(7).await];
    db.edit(first.id, first.revision, &new_text("no more")).await.unwrap().unwrap();
    db.edit(second.id, second.revision, &new_text("https://example.org/edited")).await.unwrap().unwrap();
    db.delete(third.id, ana, NOW).await.unwrap().unwrap();
    for _ in 0..2 {
        assert_eq!(links(&db, room.id, 0, 2).await, [48, 5, 2]);
        db.finish_index().await.unwrap();
    }
}

pub async fn a_page_of_links_ends_somewhere(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    // What looks like a link from afar, and is none.
    let none = std::iter::repeat_n("`https://example.org`", 2_100);
    let texts = std::iter::once("https://example.org/first").chain(none).chain(["https://example.org/last"]);
    let batch: Vec<NewMessage> = texts.map(|text| new_message(room.id, ana, text)).collect();
    for outcome in db.append(batch).await {
        outcome.unwrap();
    }
    for is_indexed in [false, true] {
        index(&db, is_indexed).await;
        let first = db.links(room.id, 0, None, 50).await.unwrap();
        assert_eq!(seqs(&first.messages)[0], 2_102);
        assert_eq!(links(&db, room.id, 0, 50).await, [2_102, 1], "indexed: {is_indexed}");
    }
}

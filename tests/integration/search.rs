//! Searching messages through the service and over HTTP.

use crate::support::server::Store;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{RoomId, UserId};
use lavender::model::search::pieces;
use lavender::model::{PrefsChange, RoomSearch, SearchPage, Seq};
use lavender::server::service::{people, search};
use lavender::time::Timestamp;

async fn find(person: &Person, q: &str) -> Result<SearchPage, Error> {
    search::everywhere(&person.app, &person.session, q, None, None, None).await
}

async fn found(person: &Person, q: &str) -> Vec<String> {
    let page = find(person, q).await.unwrap_or_else(|error| panic!("{q}: {error}"));
    assert!(page.covered.complete && page.covered.back_to.is_none());
    page.found.into_iter().map(|found| found.text).collect()
}

async fn within(person: &Person, room_id: RoomId, q: &str, before: Option<Seq>) -> Result<RoomSearch, Error> {
    search::in_room(&person.app, &person.session, room_id, q, before, None).await
}

async fn hits(person: &Person, room_id: RoomId, q: &str) -> Vec<Seq> {
    within(person, room_id, q, None).await.unwrap().hits.into_iter().map(|hit| hit.seq).collect()
}

async fn say(person: &Person, room_id: RoomId, texts: &[&str]) {
    let mut client = person.connect().await;
    for text in texts {
        client.send(room_id, text).await.unwrap();
    }
}

async fn group(stage: &Stage, name: &str, members: &[&Person]) -> RoomId {
    let ids: Vec<UserId> = members.iter().map(|person| person.user_id).collect();
    stage.app.db.create_group(RoomId::new(), name, None, &ids, Timestamp::now()).await.unwrap().id
}

on_both_stores! {
    async fn messages_of_all_my_rooms_are_found_and_marked(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let garden = group(&stage, "Garden", &[&ana, &ben]).await;
        say(&ana, room, &["Åström kommt", "anything else"]).await;
        say(&ben, garden, &["the ASTROM tree"]).await;
        let page = find(&ben, "astrom").await.unwrap();
        let marked: Vec<_> = page
            .found
            .iter()
            .flat_map(|found| pieces(&found.text, &found.ranges).into_iter().filter(|(_, is_match)| *is_match).map(|(text, _)| text))
            .collect();
        assert_eq!(marked, ["ASTROM", "Åström"]);
        assert_eq!((page.found[0].room_id, page.found[0].seq, page.found[1].author_id), (garden, 1, ana.user_id));
        assert_eq!((page.covered.rooms, page.covered.messages, page.covered.complete), (2, 3, true));
        assert_eq!(page.people.iter().map(|person| person.id).collect::<Vec<_>>(), [ana.user_id, ben.user_id]);
        assert_eq!(page.next, None);
        let nothing = find(&ben, "nothing of that").await.unwrap();
        assert!(nothing.found.is_empty() && nothing.covered.complete && nothing.people.is_empty());
    }

    async fn pages_go_on_by_their_cursor(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let texts: Vec<String> = (0..7).map(|n| format!("needle {n}")).collect();
        say(&ana, room, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let (mut seqs, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = search::everywhere(&ben.app, &ben.session, "needle", cursor.as_deref(), Some(3), None).await.unwrap();
            seqs.extend(page.found.iter().map(|found| found.seq));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seqs, [7, 6, 5, 4, 3, 2, 1]);
        for bad in ["", "x", "1_2_3", "' OR 1=1 --", "{\"$gt\":0}"] {
            let refused = search::everywhere(&ben.app, &ben.session, "needle", Some(bad), None, None).await;
            assert_eq!(refused, Err(Error::invalid("cursor", Problem::BadFormat)), "{bad}");
        }
        for limit in [0, 1, u16::MAX] {
            let page = search::everywhere(&ben.app, &ben.session, "needle", None, Some(limit), None).await.unwrap();
            assert_eq!(page.found.len(), if limit < 2 { 1 } else { 7 });
        }
    }

    async fn strangers_find_nothing_and_cannot_probe(store) {
        let stage = Stage::start(store).await;
        let (ana, _ben, room) = stage.pair().await;
        say(&ana, room, &["a secret"]).await;
        let eve = stage.person("eve").await;
        let page = find(&eve, "secret").await.unwrap();
        assert_eq!((page.found, page.covered.rooms, page.covered.messages), (vec![], 0, 0));
        for room in [room, RoomId::new()] {
            assert_eq!(within(&eve, room, "secret", None).await, Err(Error::NotFound { what: What::Room }));
        }
        // A place in a room of others starts nothing.
        let cursor = format!("0_{}_1", room.0.simple());
        let page = search::everywhere(&eve.app, &eve.session, "secret", Some(&cursor), None, None).await.unwrap();
        assert!(page.found.is_empty());
        assert_eq!(find(&eve, "secret from:ana").await, Err(Error::invalid("from", Problem::NoMatch)));
        assert_eq!(find(&eve, "secret in:ana").await, Err(Error::invalid("in", Problem::NoMatch)));
    }

    async fn names_in_a_query_may_have_a_slip(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, direct) = stage.pair().await;
        let johanna = stage.person("johanna").await;
        let garden = group(&stage, "Gärten von Lund", &[&ana, &ben, &johanna]).await;
        say(&ana, direct, &["tea with ben"]).await;
        say(&johanna, garden, &["tea by johanna"]).await;
        say(&ana, garden, &["tea by ana"]).await;
        let by_johanna = ["tea by johanna"];
        for q in ["tea from:johanna", "tea from:@JOHANNA", "tea from:johana", "tea from:jhoanna", "tea from:\"johanna exa\"", "from:johana"] {
            assert_eq!(found(&ben, q).await, by_johanna, "{q}");
        }
        assert_eq!(found(&ana, "tea from:me").await, ["tea by ana", "tea with ben"]);
        assert_eq!(found(&ana, "tea from:johanna from:me in:lund").await, ["tea by ana", "tea by johanna"]);
        for q in ["tea in:garten", "tea in:lund", "tea in:#Gaerten"] {
            let texts = found(&ana, q).await;
            assert_eq!(texts, ["tea by ana", "tea by johanna"], "{q}");
        }
        assert_eq!(found(&ana, &format!("tea in:{}", ben.username)).await, ["tea with ben"]);
        assert_eq!(find(&ana, "tea in:kitchen").await, Err(Error::invalid("in", Problem::NoMatch)));
        let covered = find(&ana, "zzz in:lund").await.unwrap().covered;
        assert_eq!((covered.rooms, covered.messages), (1, 2));

        let of = |query: &'static str| people::find(&stage.app, &ana.session, query);
        let ids = |hits: Vec<lavender::model::PersonHit>| hits.into_iter().map(|hit| hit.person.id).collect::<Vec<_>>();
        for query in ["johnana", "johanma", "ojhanna", "jhanna"] {
            assert_eq!(ids(of(query).await.unwrap()), [johanna.user_id], "{query}");
        }
        assert!(of("xyzzyx").await.unwrap().is_empty() && of("joh4").await.unwrap().len() <= 1);
        people::set_block(&stage.app, &johanna.session, ana.user_id, true).await.unwrap();
        assert!(of("johnana").await.unwrap().is_empty(), "who blocked the caller is not found by a slip either");
    }

    async fn filters_and_dates_narrow(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        say(&ana, room, &["see https://example.org/garden", "no link"]).await;
        assert_eq!(found(&ben, "has:link").await, ["see https://example.org/garden"]);
        assert!(found(&ben, "link has:link").await.is_empty());
        assert_eq!(found(&ben, "link after:2024-01-01 before:9999-12-31").await, ["no link"]);
        assert!(found(&ben, "link before:2024-01-01").await.is_empty());
        assert_eq!(find(&ben, "link before:tomorrow").await, Err(Error::invalid("before", Problem::BadFormat)));
        assert_eq!(find(&ben, "\u{301}").await, Err(Error::invalid("q", Problem::Missing)));
    }

    async fn one_room_is_counted_and_walked_through(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let garden = group(&stage, "Garden", &[&ana, &ben]).await;
        say(&ana, room, &["red", "blue", "Red red", "green"]).await;
        say(&ana, garden, &["red elsewhere"]).await;
        let answer = within(&ben, room, "red", None).await.unwrap();
        assert_eq!(answer.hits.iter().map(|hit| hit.seq).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(answer.hits[0].ranges, [(0, 3), (4, 7)]);
        assert_eq!((answer.has_more, answer.covered.rooms, answer.covered.messages), (false, 1, 4));
        assert_eq!(within(&ben, room, "red", Some(3)).await.unwrap().hits[0].seq, 1);
        assert!(within(&ben, room, "red", Some(0)).await.unwrap().hits.is_empty());
        assert_eq!(hits(&ben, room, "from:me").await, Vec::<Seq>::new());
        assert_eq!(within(&ben, room, "red in:garden", None).await, Err(Error::invalid("in", Problem::UnknownField)));
    }

    async fn what_a_query_says_is_never_an_operator(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let hostile = [
            "\"unclosed", "a AND b", "a OR", "NOT", "NEAR(a)", "a*", "^a", "room:x", "{a b}:c", "$where", "{\"$ne\":1}", "'; --", "\\",
            "\u{0}", "%", "_", ".*", "(((", ":", "::", "\"\"\"", "- -", "\u{202e}abc", "from", "𒀀", "\u{f0000}\u{f0000}\u{f0000}", "\u{1}\u{2}l\u{2}",
        ];
        say(&ana, room, &["harmless"]).await;
        for _ in 0..2 {
            for q in hostile {
                match find(&ben, q).await {
                    Ok(page) => assert!(page.found.is_empty(), "{q:?}"),
                    Err(error) => assert_eq!(error, Error::invalid("q", Problem::Missing), "{q:?}"),
                }
            }
            stage.app.db.finish_index().await.unwrap();
        }
        let refused = |problem| Err(Error::invalid("q", problem));
        assert_eq!(find(&ben, &"x".repeat(65)).await, refused(Problem::TooLong));
        assert_eq!(find(&ben, "  ").await, refused(Problem::Missing));
    }

    async fn what_i_hid_cleared_or_was_not_there_for_is_not_found(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let carl = stage.person("carl").await;
        say(&ana, room, &["tea one", "tea two", "tea three", "tea four"]).await;
        let set = async |person: &Person, change: PrefsChange| {
            stage.app.db.set_prefs(room, person.user_id, &change, Timestamp::now()).await.unwrap();
        };
        set(&ben, PrefsChange::Hidden { seqs: vec![3], on: true }).await;
        assert_eq!(found(&ben, "tea").await, ["tea four", "tea two", "tea one"]);
        assert_eq!(hits(&ben, room, "tea").await, [4, 2, 1]);
        assert_eq!(found(&ana, "tea").await.len(), 4, "what one person hides stays for the other");
        set(&ben, PrefsChange::Cleared { upto: 2 }).await;
        assert_eq!(found(&ben, "tea").await, ["tea four"]);
        assert_eq!(hits(&ben, room, "tea").await, [4]);
        assert_eq!(find(&ben, "zzz").await.unwrap().covered.messages, 2);
        set(&ben, PrefsChange::Cleared { upto: 0 }).await;
        set(&ben, PrefsChange::Hidden { seqs: vec![3], on: false }).await;
        stage.app.db.finish_index().await.unwrap();
        assert_eq!(found(&ben, "tea").await.len(), 4, "taken back");

        let garden = group(&stage, "Garden", &[&ana, &ben]).await;
        say(&ana, garden, &["soup before"]).await;
        let joined = stage.app.db.add_members(garden, &[carl.user_id], Timestamp::now()).await.unwrap();
        assert_eq!(joined.members.len(), 1);
        say(&ana, garden, &["soup after"]).await;
        assert_eq!(found(&carl, "soup").await, ["soup after"]);
        assert_eq!(hits(&carl, garden, "soup").await, [2]);
    }

    async fn a_person_who_was_blocked_is_not_found_in_groups(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, direct) = stage.pair().await;
        let carl = stage.person("carl").await;
        let garden = group(&stage, "Garden", &[&ana, &ben, &carl]).await;
        say(&ben, direct, &["tea alone"]).await;
        say(&ben, garden, &["tea together"]).await;
        people::set_block(&stage.app, &ana.session, ben.user_id, true).await.unwrap();
        assert_eq!(found(&ana, "tea").await, ["tea alone"], "the history of two stays");
        assert!(hits(&ana, garden, "tea").await.is_empty());
        assert_eq!(found(&carl, "tea").await, ["tea together"]);
        assert_eq!(found(&ben, "tea").await.len(), 2);
        people::set_block(&stage.app, &ana.session, ben.user_id, false).await.unwrap();
        assert_eq!(found(&ana, "tea").await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_are_limited_per_account_and_need_a_session() {
    let stage = Stage::start_limited(Store::Embedded, 1).await;
    let (ana, ben, room) = stage.pair().await;
    for _ in 0..5 {
        find(&ana, "x").await.unwrap();
        within(&ana, room, "x", None).await.unwrap();
    }
    assert!(matches!(find(&ana, "x").await, Err(Error::RateLimited { .. })));
    assert!(matches!(within(&ana, room, "x", None).await, Err(Error::RateLimited { .. })));
    find(&ben, "x").await.unwrap();
    for path in ["/api/search?q=x".to_owned(), format!("/api/rooms/{room}/search?q=x")] {
        let answer = reqwest::get(format!("http://{}{path}", stage.address)).await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
    }
}

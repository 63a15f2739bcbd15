//! Profiles: what is seen of whom, and changes of the own one.

use crate::groups::trio;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::UserId;
use lavender::live::LiveEvent;
use lavender::model::{Me, Presence, Profile, Relation};
use lavender::server::service::{people, profiles};

const NO_PERSON: Error = Error::NotFound { what: What::Person };

async fn profile(viewer: &Person, user_id: UserId) -> Result<Profile, Error> {
    profiles::profile(&viewer.app, &viewer.session, user_id).await
}

async fn change(person: &Person, name: Option<&str>, status: Option<&str>, about: Option<&str>) -> Result<Me, Error> {
    let [name, status, about] = [name, status, about].map(|text| text.map(str::to_owned));
    profiles::change(&person.app, &person.session, name, status, about).await
}

on_both_stores! {
    async fn a_profile_shows_what_both_have_in_common(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room_id) = trio(&stage).await;
        change(&ben, None, Some("in the garden"), Some("I grow\nbeans")).await.unwrap();
        let _client = ben.connect().await;
        let seen = profile(&cleo, ben.user_id).await.unwrap();
        assert_eq!((seen.person.status.as_deref(), seen.about.as_deref()), (Some("in the garden"), Some("I grow\nbeans")));
        assert_eq!((seen.relation, seen.rooms, seen.presence), (Relation::None, vec![room_id], Some(Presence::Online)));
        let direct = stage.app.db.find_direct_room(ana.user_id, ben.user_id).await.unwrap().unwrap().id;
        let seen = profile(&ana, ben.user_id).await.unwrap();
        assert_eq!((seen.relation, seen.rooms.len()), (Relation::Connected { room_id: direct }, 2));
        let eve = stage.person("eve").await;
        let seen = profile(&eve, ben.user_id).await.unwrap();
        assert_eq!((seen.rooms.len(), seen.presence), (0, None), "a stranger does not know whether he is there");
        let own = profile(&ben, ben.user_id).await.unwrap();
        assert_eq!((own.relation, own.rooms.len()), (Relation::Myself, 0));
        assert_eq!(profile(&ana, UserId::new()).await, Err(NO_PERSON));
    }

    async fn a_block_hides_a_profile_both_ways(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        let eve = stage.person("eve").await;
        for person in [&ana, &ben] {
            change(person, None, Some("here"), Some("about me")).await.unwrap();
        }
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        people::set_block(&stage.app, &ben.session, eve.user_id, true).await.unwrap();
        for (viewer, other) in [(&ana, &ben), (&ben, &ana)] {
            let seen = profile(viewer, other.user_id).await.unwrap();
            assert_eq!((seen.person.status, seen.about, seen.presence), (None, None, None));
            assert!(seen.rooms.contains(&room_id));
        }
        assert_eq!(profile(&eve, ben.user_id).await, Err(NO_PERSON), "a stranger does not learn of it");
        let ids = format!("{},{}", ana.user_id, ben.user_id);
        let found = profiles::people(&stage.app, &ana.session, &ids).await.unwrap();
        let status = |id| found.iter().find(|person| person.id == id).unwrap().status.clone();
        assert_eq!((status(ana.user_id).as_deref(), status(ben.user_id)), (Some("here"), None));
    }

    async fn a_change_reaches_those_who_share_a_room_and_own_devices(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, _) = trio(&stage).await;
        let eve = stage.person("eve").await;
        people::set_block(&stage.app, &cleo.session, ben.user_id, true).await.unwrap();
        let (mut own, mut ana_client) = (ben.connect().await, ana.connect().await);
        let (mut cleo_client, mut eve_client) = (cleo.connect().await, eve.connect().await);
        own.settle().await;
        let me = change(&ben, Some("  Ben   of the garden "), Some(""), None).await.unwrap();
        assert_eq!((me.person.display_name.as_str(), me.person.revision), ("Ben of the garden", 2));
        let told = LiveEvent::Person { person: me.person.clone() };
        for client in [&mut own, &mut ana_client] {
            assert!(client.settle().await.contains(&told));
        }
        for client in [&mut cleo_client, &mut eve_client] {
            assert!(!client.settle().await.iter().any(|event| matches!(event, LiveEvent::Person { .. })));
        }
        let (_, snapshot) = ana.connect_with().await;
        assert!(snapshot.rooms.iter().any(|summary| summary.people.contains(&me.person)));
        let found = people::find(&stage.app, &eve.session, "ben of").await.unwrap();
        assert_eq!(found[0].person.id, ben.user_id, "found by the new name");
    }

    async fn what_cannot_be_said_of_oneself_is_refused(store) {
        let stage = Stage::start(store).await;
        let ana = stage.person("ana").await;
        let invalid = |field: &str, problem| Err(Error::invalid(field, problem));
        let drop_me = |outcome: Result<Me, Error>| outcome.map(drop);
        assert_eq!(drop_me(change(&ana, Some(" "), None, None).await), invalid("display_name", Problem::Missing));
        assert_eq!(drop_me(change(&ana, Some("a\u{202e}b"), None, None).await), invalid("display_name", Problem::BadCharacters));
        assert_eq!(drop_me(change(&ana, None, Some(&"x".repeat(81)), None).await), invalid("status", Problem::TooLong));
        assert_eq!(drop_me(change(&ana, None, None, Some(&"x".repeat(501))).await), invalid("about", Problem::TooLong));
        let seen = profile(&ana, ana.user_id).await.unwrap();
        assert_eq!((seen.person.revision, seen.about), (1, None));
        let bad = profiles::people(&stage.app, &ana.session, "x").await;
        assert_eq!(bad, Err(Error::invalid("ids", Problem::BadFormat)));
    }
}

//! Link previews from end to end: a site on this machine, a server that may reach it, and people who see the card.

use crate::support::client::Client;
use crate::support::server::Store;
use crate::support::stage::Stage;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use lavender::Error;
use lavender::error::What;
use lavender::id::MessageId;
use lavender::live::{Command, LiveEvent};
use lavender::model::{LinkPreview, Message};
use lavender::server::limits::Rule;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What was asked of the site: paths and headers.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<(String, HeaderMap)>>>);

impl Asked {
    fn paths(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }
}

struct Site {
    address: SocketAddr,
    asked: Asked,
}

impl Site {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Asked::default());
        let router = axum::Router::new().fallback(answer).with_state(asked.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn answer(State(asked): State<Asked>, uri: Uri, headers: HeaderMap) -> Response {
    asked.0.lock().unwrap().push((uri.path().to_owned(), headers));
    match uri.path() {
        "/missing" => StatusCode::NOT_FOUND.into_response(),
        "/hostile" => Html(
            "<title><script>alert(1)</script>\u{202e}gpj.exe\u{0}</title><meta property=og:site_name content='\u{200b}Your\u{2066} Bank'>\
             <meta name=description content='&lt;img src=x onerror=alert(1)&gt;&#x202e;&#27;[31m'>",
        )
        .into_response(),
        path => Html(format!(
            "<meta property=og:site_name content='The site'><title>Page {path}</title><meta name=description content='Two\nlines'>"
        ))
        .into_response(),
    }
}

/// A server that makes previews and may reach these sites.
async fn stage(store: Store, sites: &[&Site]) -> Stage {
    let addresses = sites.iter().map(|site| site.address).collect();
    Stage::start_with(store, |config| {
        config.previews = true;
        config.outbound_exceptions = addresses;
    })
    .await
}

/// The next state of a message in which its preview is as asked.
async fn changed(client: &mut Client, id: MessageId, has_preview: bool) -> Message {
    let fits = |event: &LiveEvent| matches!(event, LiveEvent::MessageChanged { message } if message.id == id && message.preview.is_some() == has_preview);
    match client.event(fits).await {
        LiveEvent::MessageChanged { message } => message,
        _ => unreachable!("only such an event fits"),
    }
}

on_both_stores! {
    async fn a_link_gets_a_card_for_everybody_there_and_its_page_learns_nothing(store) {
        let site = Site::start().await;
        let stage = stage(store, &[&site]).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut phone, snapshot) = ana.connect_with().await;
        let mut other = ben.connect().await;
        let url = site.url("/page?a=b#part");
        let sent = phone.send(room, &format!("look: {url}")).await.unwrap();
        let card = LinkPreview {
            url: url.clone(),
            site: "The site".into(),
            title: "Page /page".into(),
            description: Some("Two lines".into()),
        };
        for client in [&mut phone, &mut other] {
            let message = changed(client, sent.message_id, true).await;
            assert_eq!((message.preview.as_ref(), message.revision, message.edited_at), (Some(&card), 2, None));
        }
        let stored = stage.app.db.message(sent.message_id).await.unwrap().unwrap();
        assert_eq!(stored.preview.as_ref(), Some(&card));
        // Who was away learns of it as of any change.
        let mut late = Client::open(&ana).await;
        let missed = late.hello([(room, sent.seq)], Some(snapshot.cursor)).await;
        assert_eq!(missed.changed.iter().map(|message| message.preview.as_ref()).collect::<Vec<_>>(), [Some(&card)]);
        let asked = site.asked.0.lock().unwrap().clone();
        assert_eq!(asked.len(), 1);
        let mut names: Vec<_> = asked[0].1.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "connection", "host", "user-agent"]);
    }

    async fn hostile_pages_come_out_as_plain_words(store) {
        let site = Site::start().await;
        let stage = stage(store, &[&site]).await;
        let (ana, _, room) = stage.pair().await;
        let mut ana = ana.connect().await;
        let sent = ana.send(room, &site.url("/hostile")).await.unwrap();
        let preview = changed(&mut ana, sent.message_id, true).await.preview.unwrap();
        assert_eq!(preview.site, "Your Bank");
        assert_eq!(preview.host(), "127.0.0.1");
        // U+0000 is U+FFFD to HTML.
        assert_eq!(preview.title, "<script>alert(1)</script>gpj.exe\u{fffd}");
        assert_eq!(preview.description.as_deref(), Some("<img src=x onerror=alert(1)> [31m"));
    }

    async fn the_author_takes_it_off_and_nobody_else_does(store) {
        let site = Site::start().await;
        let stage = stage(store, &[&site]).await;
        let (ana, ben, room) = stage.pair().await;
        let (carla, elsewhere) = (stage.person("carla").await, stage.group(2).await);
        let (mut ana, mut ben) = (ana.connect().await, ben.connect().await);
        let sent = ana.send(room, &site.url("/page")).await.unwrap();
        changed(&mut ben, sent.message_id, true).await;
        let take_off = Command::RemovePreview { room_id: room, message_id: sent.message_id };
        let id = ben.command(take_off.clone()).await;
        assert_eq!(ben.answer(id).await, Err(Error::Forbidden));
        let mut carla = carla.connect().await;
        let id = carla.command(take_off.clone()).await;
        assert_eq!(carla.answer(id).await, Err(Error::NotFound { what: What::Room }));
        let (people, other_room) = elsewhere;
        let mut member = people[0].connect().await;
        let id = member.command(Command::RemovePreview { room_id: other_room, message_id: sent.message_id }).await;
        assert_eq!(member.answer(id).await, Err(Error::NotFound { what: What::Message }));
        let id = ana.command(take_off.clone()).await;
        assert!(ana.answer(id).await.is_ok());
        let message = changed(&mut ben, sent.message_id, false).await;
        assert_eq!((message.revision, message.edited_at), (3, None));
        let id = ana.command(take_off).await;
        assert!(ana.answer(id).await.is_ok(), "it is off already");
        assert_eq!(stage.app.db.message(sent.message_id).await.unwrap().unwrap().revision, 3);
    }

    async fn nothing_is_fetched_where_it_is_switched_off(store) {
        let site = Site::start().await;
        let stage = Stage::start_with(store, |config| config.outbound_exceptions = vec![site.address]).await;
        let (ana, _, room) = stage.pair().await;
        let mut ana = ana.connect().await;
        let sent = ana.send(room, &site.url("/page")).await.unwrap();
        ana.settle().await;
        assert!(stage.app.previews.is_none());
        assert_eq!(stage.app.db.message(sent.message_id).await.unwrap().unwrap().preview, None);
        assert!(site.asked.paths().is_empty());
    }

    async fn what_is_hidden_private_or_missing_gets_no_card(store) {
        let (site, inner) = (Site::start().await, Site::start().await);
        let stage = stage(store, &[&site]).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, mut ben) = (ana.connect().await, ben.connect().await);
        let texts = [
            format!("||{}||", site.url("/spoiler")),
            format!("`{}`", site.url("/code")),
            format!("```\n{}\n```", site.url("/block")),
            inner.url("/private"),
            stage.origin.clone(),
            site.url("/missing"),
        ];
        let mut plain = Vec::new();
        for text in texts {
            plain.push(ana.send(room, &text).await.unwrap().message_id);
        }
        let last = ana.send(room, &site.url("/last")).await.unwrap();
        changed(&mut ben, last.message_id, true).await;
        assert_eq!(inner.asked.paths(), [""; 0]);
        let mut paths = site.asked.paths();
        paths.sort_unstable();
        assert_eq!(paths, ["/last", "/missing"]);
        let stored = stage.app.db.messages(&plain).await.unwrap();
        assert_eq!(stored.len(), plain.len());
        assert!(stored.iter().all(|message| message.preview.is_none() && message.revision == 1));
    }

    async fn one_page_is_fetched_once_for_all_who_link_to_it(store) {
        let site = Site::start().await;
        let stage = stage(store, &[&site]).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, mut ben) = (ana.connect().await, ben.connect().await);
        let (to_a, to_b) = (site.url("/page#a"), site.url("/page#b"));
        let (first, second) = tokio::join!(ana.send(room, &to_a), ben.send(room, &to_b));
        let (first, second) = (first.unwrap().message_id, second.unwrap().message_id);
        let mut found = Vec::new();
        for id in [first, second] {
            let stored = stage.app.db.message(id).await.unwrap().unwrap();
            let message = if stored.preview.is_some() { stored } else { changed(&mut ana, id, true).await };
            found.push(message.preview.unwrap().url);
        }
        assert_eq!(found, [to_a, to_b]);
        let third = ana.send(room, &site.url("/page")).await.unwrap();
        changed(&mut ana, third.message_id, true).await;
        assert_eq!(site.asked.paths(), ["/page"]);
    }

    async fn an_account_that_links_too_much_waits_and_others_do_not(store) {
        let site = Site::start().await;
        let stage = Stage::start_with(store, |config| {
            config.previews = true;
            config.outbound_exceptions = vec![site.address];
            config.limit_scale = 1;
        })
        .await;
        let (ana, ben, room) = stage.pair().await;
        while stage.app.limits.check(Rule::Preview, ana.user_id).is_ok() {}
        let (mut ana, mut ben) = (ana.connect().await, ben.connect().await);
        ana.send(room, &site.url("/much")).await.unwrap();
        let sent = ben.send(room, &site.url("/fine")).await.unwrap();
        changed(&mut ben, sent.message_id, true).await;
        assert_eq!(site.asked.paths(), ["/fine"]);
    }

    async fn a_card_is_never_put_on_another_text(store) {
        let site = Site::start().await;
        let stage = stage(store, &[&site]).await;
        let (ana, _, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let sent = client.send(room, &site.url("/page")).await.unwrap();
        let message = changed(&mut client, sent.message_id, true).await;
        let db = &stage.app.db;
        let deleted = db.delete(message.id, ana.user_id, message.created_at).await.unwrap().unwrap();
        assert_eq!(deleted.preview, None);
        let late = db.set_preview(message.id, Some(&message.body), message.preview.as_ref()).await.unwrap();
        assert_eq!(late, None);
    }
}

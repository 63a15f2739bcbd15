//! A whole server in this process, on a free port and an own data folder, and people who talk to it over HTTP.

use super::dump;
use axum::Router;
use lavender::id::UserId;
use lavender::server::config::Config;
use lavender::server::store::Database;
use lavender::server::store::embedded::Embedded;
use lavender::server::{App, http, startup};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Nothing in these tests takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// A password that is hard enough to guess.
pub const PASSWORD: &str = "violet otter under 7 bridges";

/// Where a server keeps things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Store {
    Embedded,
    MongoDb,
}

/// Whether there is a replica set to test with; says so once if not.
pub fn has_mongodb() -> bool {
    let there = std::env::var_os("TEST_MONGODB_URI").is_some();
    if !there {
        eprintln!("skipped: TEST_MONGODB_URI is not set");
    }
    there
}

/// A server that ends when this is dropped.
pub struct TestServer {
    pub app: App,
    pub address: SocketAddr,
    /// What people's browsers would show, such as `http://127.0.0.1:4711`.
    pub origin: String,
    config: Config,
    data: Data,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// What outlives a restart.
struct Data {
    store: Store,
    _folder: TempDir,
    mongodb_uri: Option<String>,
}

impl TestServer {
    /// Every limit is a thousand times wider than usual.
    pub async fn start(store: Store) -> Self {
        Self::start_with(store, |_| {}).await
    }

    /// With a changed configuration.
    pub async fn start_with(store: Store, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_adding(store, change, Router::new()).await
    }

    /// With more routes behind the request layer.
    pub async fn start_adding(store: Store, change: impl FnOnce(&mut Config), more: Router) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mongodb_uri = (store == Store::MongoDb).then(mongodb_uri);
        let mut config = Config::read(|name| match name {
            "PORT" => Some("0".to_owned()),
            "LAVENDER_DATA" => folder.path().join("data").to_str().map(str::to_owned),
            "LAVENDER_LIMIT_SCALE" => Some("1000".to_owned()),
            _ => None,
        })
        .expect("a good configuration");
        change(&mut config);
        Self::run(config, Data { store, _folder: folder, mongodb_uri }, more).await
    }

    async fn run(mut config: Config, data: Data, more: Router) -> Self {
        let listener = TcpListener::bind(config.address).await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        config.address = address;
        if config.origin.starts_with("http://localhost:") {
            config.set_origin(format!("http://{address}"));
        }
        let db = open(&data, &config).await;
        let (app, _) = startup::build(config.clone(), db).expect("it starts");
        let router = http::router_with(&app, more);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = startup::serve(listener, app.clone(), router, async move {
            stopped.await.ok();
        });
        let task = tokio::spawn(served);
        Self { app, address, origin: config.origin.clone(), config, data, stop: Some(stop), task }
    }

    /// Another process of the same MongoDB: with a folder and keys of its own.
    pub async fn beside(&self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        // Processes of one installation have the same keys.
        lavender::server::keys::make_folder(&data).expect("the folder is made");
        std::fs::copy(self.config.data.join("keys.json"), data.join("keys.json")).expect("the keys are there");
        let mut config = Config { data, ..self.config.clone() };
        config.address.set_port(0);
        config.set_origin("http://localhost:0".to_owned());
        let mongodb_uri = Some(self.data.mongodb_uri.clone().expect("only MongoDB takes several processes"));
        Self::run(config, Data { store: Store::MongoDb, _folder: folder, mongodb_uri }, Router::new()).await
    }

    /// Ends it in order and starts it again on the same data and port.
    pub async fn restart(mut self) -> Self {
        self.shut_down().await;
        Self::run(self.config, self.data, Router::new()).await
    }

    /// Starts it again, differently, on the same data and port. [`TestServer::shut_down`] comes first.
    pub async fn reconfigured(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        Self::run(self.config, self.data, Router::new()).await
    }

    /// Everything that its store holds, as text.
    pub async fn dump(&self) -> String {
        match &self.data.mongodb_uri {
            Some(uri) => dump::of_mongodb(uri).await,
            None => dump::of_file(&self.config.data.join("lavender.db")),
        }
    }

    /// Ends it in order.
    pub async fn shut_down(&mut self) {
        drop(self.stop.take());
        tokio::time::timeout(PATIENCE, &mut self.task).await.expect("it ends in time").expect("it does not panic");
    }

    /// Somebody without a session.
    pub fn visitor(&self) -> Client {
        Client::new(self.address, self.origin.clone())
    }

    /// A new account, signed in. The address is `<name>@example.org`, the password [`PASSWORD`].
    pub async fn register(&self, name: &str) -> Person {
        let client = self.visitor();
        let answer = client.register(name).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")), "{name} is registered: {answer:?}");
        let user = self.app.db.user_by_login(&format!("{name}@example.org")).await.expect("the store answers");
        Person { user_id: user.expect("the account is there").id, client }
    }
}

async fn open(data: &Data, config: &Config) -> Arc<dyn Database> {
    match (data.store, &data.mongodb_uri) {
        (Store::MongoDb, Some(uri)) => startup::connect(uri).await.expect("MongoDB answers"),
        _ => {
            lavender::server::keys::make_folder(&config.data).expect("the folder is made");
            let path = config.data.join("lavender.db");
            // The server before gives its file back a moment after it has ended.
            Arc::new(
                tokio::task::spawn_blocking(move || Embedded::open(&path)).await.expect("no panic").expect("it opens"),
            )
        }
    }
}

/// A database of its own in the replica set for tests.
fn mongodb_uri() -> String {
    let uri = std::env::var("TEST_MONGODB_URI").expect("has_mongodb() was asked");
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    match uri.split_once("/?") {
        Some((hosts, options)) => format!("{hosts}/{name}?{options}"),
        None => format!("{}/{name}", uri.trim_end_matches('/')),
    }
}

/// Somebody with an account.
pub struct Person {
    pub user_id: UserId,
    pub client: Client,
}

impl std::ops::Deref for Person {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A browser without a screen: keeps cookies, sends `Origin`, follows no redirect. Clones share their cookies.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    pub origin: String,
    jar: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Client {
    /// Somebody without a session, to whom the server goes by `origin`.
    pub fn new(address: SocketAddr, origin: String) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        Self {
            http: http.build().expect("an HTTP client"),
            base: format!("http://{address}"),
            origin,
            jar: Arc::default(),
        }
    }

    /// A GET as a script of the page makes it.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(reqwest::Method::GET, path)).await
    }

    /// A GET as a navigation makes it.
    pub async fn open(&self, path: &str) -> Answer {
        self.send(self.request(reqwest::Method::GET, path).header("accept", "text/html")).await
    }

    /// A POST of JSON as a script of the page makes it.
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = self.request(reqwest::Method::POST, path).header("origin", &self.origin);
        self.send(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// A form as a browser posts it.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body =
            fields.iter().fold(url::form_urlencoded::Serializer::new(String::new()), |mut form, (name, value)| {
                form.append_pair(name, value);
                form
            });
        let body = { body }.finish();
        let request = self.request(reqwest::Method::POST, path).header("origin", &self.origin);
        let request = request.header("accept", "text/html").header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body)).await
    }

    /// Registers `<name>` with the usual password.
    pub async fn register(&self, name: &str) -> Answer {
        let email = format!("{name}@example.org");
        self.submit("/auth/register", &[("username", name), ("email", &email), ("password", PASSWORD)]).await
    }

    /// Signs in.
    pub async fn login(&self, login: &str, password: &str) -> Answer {
        self.submit("/auth/login", &[("login", login), ("password", password)]).await
    }

    /// A request with this client's cookies and nothing else.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match self.cookie_header() {
            cookies if cookies.is_empty() => request,
            cookies => request.header("cookie", cookies),
        }
    }

    /// Sends it and keeps the cookies that come back.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for line in headers.get_all("set-cookie") {
            let cookie = cookie::Cookie::parse(line.to_str().expect("ASCII")).expect("a cookie");
            let gone = cookie.max_age().is_some_and(|age| age.is_zero());
            let mut jar = self.jar.lock().expect("no panic while held");
            match gone {
                true => jar.remove(cookie.name()),
                false => jar.insert(cookie.name().to_owned(), cookie.value().to_owned()),
            };
        }
        Answer { status, headers, body: response.text().await.expect("a whole body") }
    }

    /// The `Cookie` header of the next request, for sockets too.
    pub fn cookie_header(&self) -> String {
        let jar = self.jar.lock().expect("no panic while held");
        jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().expect("no panic while held").get(name).cloned()
    }

    /// Sets a cookie, or takes it away.
    pub fn set_cookie(&self, name: &str, value: Option<&str>) {
        let mut jar = self.jar.lock().expect("no panic while held");
        match value {
            Some(value) => jar.insert(name.to_owned(), value.to_owned()),
            None => jar.remove(name),
        };
    }

    /// The same browser data in another browser.
    pub fn copy(&self) -> Self {
        let jar = self.jar.lock().expect("no panic while held").clone();
        Self { jar: Arc::new(Mutex::new(jar)), ..self.clone() }
    }
}

impl Answer {
    pub fn header(&self, name: impl TryInto<HeaderName>) -> Option<&str> {
        let name = name.try_into().ok()?;
        self.headers.get(name).map(HeaderValue::to_str).and_then(Result::ok)
    }

    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("JSON: {self:?}"))
    }

    /// The code of a failure.
    pub fn code(&self) -> String {
        self.json()["data"]["code"].as_str().unwrap_or_else(|| panic!("a code: {self:?}")).to_owned()
    }

    /// The `Set-Cookie` line of this name.
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        lines.into_iter().find(|line| line.split('=').next() == Some(name))
    }
}

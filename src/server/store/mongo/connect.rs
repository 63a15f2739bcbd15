//! From an address to a connected client, or to one plain sentence on why not.

use crate::server::store::StoreError;
use futures_util::future::join_all;
use mongodb::bson::{Document, doc};
use mongodb::error::ErrorKind;
use mongodb::options::{ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, ServerAddress, WriteConcern};
use mongodb::{Client, Database};
use std::time::Duration;

const DEFAULT_DATABASE: &str = "lavender";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long an operation looks for a primary: longer than an election with default settings usually takes once noticed.
const SELECTION_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a write waits for the majority before its outcome counts as unknown.
const MAJORITY_TIMEOUT: Duration = Duration::from_secs(8);
/// How long each node is asked for the reason when there is no primary.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections per node when the address does not say.
const POOL_MAX: u32 = 32;

/// A client that answers, and its database.
pub(super) async fn open(uri: &str) -> Result<(Client, Database), StoreError> {
    let mut options = parse(uri).await?;
    options.app_name.get_or_insert_with(|| "lavender".into());
    options.connect_timeout = Some(CONNECT_TIMEOUT);
    options.server_selection_timeout = Some(SELECTION_TIMEOUT);
    options.max_pool_size.get_or_insert(POOL_MAX);
    options.retry_reads = Some(true);
    options.retry_writes = Some(true);
    // The promises to people rest on these three, so an address cannot weaken them.
    let mut concern = WriteConcern::majority();
    concern.journal = Some(true);
    concern.w_timeout = Some(MAJORITY_TIMEOUT);
    options.write_concern = Some(concern);
    options.read_concern = Some(ReadConcern::majority());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));

    let name = options.default_database.clone().unwrap_or_else(|| DEFAULT_DATABASE.into());
    let client = Client::with_options(options.clone()).map_err(|error| other(&malformed(&error)))?;
    let database = client.database(&name);
    // Needs a user where users are required: `hello` would not tell.
    let first = async {
        let hello = database.run_command(doc! { "hello": 1 }).await?;
        database.list_collection_names().await.map(|_| hello)
    };
    let wait = SELECTION_TIMEOUT + CONNECT_TIMEOUT;
    let problem = match tokio::time::timeout(wait, first).await {
        Ok(Ok(hello)) if is_usable(&hello) => return Ok((client, database)),
        Ok(Ok(_)) => single(&options.hosts),
        Ok(Err(error)) => match error.kind.as_ref() {
            ErrorKind::Authentication { .. } => "MongoDB refused the user name or password".into(),
            ErrorKind::Command(command) if command.code == 18 => "MongoDB refused the user name or password".into(),
            ErrorKind::Command(command) if command.code == 13 => {
                format!("the MongoDB user may not read the database {name}: it needs the role readWrite there")
            }
            ErrorKind::InvalidTlsConfig { .. } => "the TLS settings in the MongoDB address do not work".into(),
            _ => ask_each(&options).await,
        },
        Err(_) => ask_each(&options).await,
    };
    client.shutdown().immediate(true).await;
    Err(other(&problem))
}

async fn parse(uri: &str) -> Result<ClientOptions, StoreError> {
    match ClientOptions::parse(uri).await {
        Ok(options) => Ok(options),
        Err(error) => Err(other(&malformed(&error))),
    }
}

/// The driver's reason may quote a part of the address, and that part may be the password: it is not passed on.
fn malformed(error: &mongodb::error::Error) -> String {
    match error.kind.as_ref() {
        ErrorKind::DnsResolve { .. } => "the host name in the MongoDB address is not resolved".into(),
        ErrorKind::InvalidTlsConfig { .. } => "the TLS settings in the MongoDB address do not work".into(),
        _ => "the MongoDB address is malformed: it looks like \
              mongodb://user:password@host:27017/lavender?replicaSet=rs0, with special characters in user and password \
              percent-encoded (%40 for @)"
            .into(),
    }
}

/// A member of a replica set, or the router of a sharded cluster.
fn is_usable(hello: &Document) -> bool {
    hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid")
}

/// Why there is no primary: what each node says of itself, without signing in.
async fn ask_each(options: &ClientOptions) -> String {
    let answers = join_all(options.hosts.iter().map(|host| ask(options, host))).await;
    let answers: Vec<Document> = answers.into_iter().flatten().collect();
    let at = list(&options.hosts);
    if answers.is_empty() {
        return format!("MongoDB does not answer at {at}");
    }
    let names: Vec<&str> = answers.iter().filter_map(|hello| hello.get_str("setName").ok()).collect();
    match (&options.repl_set_name, names.first()) {
        (_, None) if answers.iter().any(|hello| hello.get_bool("isreplicaset").unwrap_or(false)) => {
            format!("the replica set at {at} is not initiated: run rs.initiate() there once")
        }
        (_, None) => single(&options.hosts),
        (Some(asked), Some(name)) if asked != name => {
            format!("the replica set at {at} is called {name}, and the MongoDB address asks for another one")
        }
        _ => format!(
            "the replica set at {at} has no primary within reach: most of its nodes must be up and reachable by the names that it is configured with"
        ),
    }
}

async fn ask(options: &ClientOptions, host: &ServerAddress) -> Option<Document> {
    let mut options = options.clone();
    options.hosts = vec![host.clone()];
    options.direct_connection = Some(true);
    options.repl_set_name = None;
    options.credential = None;
    options.server_selection_timeout = Some(PROBE_TIMEOUT);
    let client = Client::with_options(options).ok()?;
    let hello =
        tokio::time::timeout(PROBE_TIMEOUT, async { client.database("admin").run_command(doc! { "hello": 1 }).await });
    let hello = hello.await.ok().and_then(Result::ok);
    client.shutdown().immediate(true).await;
    hello
}

fn single(hosts: &[ServerAddress]) -> String {
    format!(
        "the MongoDB at {} is a single server, and only a replica set (one node is enough) can confirm that a message will \
         not be lost: start mongod with --replSet rs0 and run rs.initiate() once",
        list(hosts)
    )
}

fn list(hosts: &[ServerAddress]) -> String {
    hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn other(problem: &str) -> StoreError {
    StoreError::Other(problem.to_owned())
}

//! A plain file server, as one writes it with axum: no accounts, no rooms, no database. It shows what files cost at least.
//!
//! `PUT /files/{name}` streams into a file and answers when that is on the disk for good: synced, moved into place, and the folder
//! synced, which is what Lavender promises too. `GET` is tower-http's `ServeDir`.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::put;
use clap::Parser;
use futures_util::StreamExt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncWriteExt, BufWriter};
use tower_http::services::ServeDir;

#[derive(Parser)]
struct Cli {
    #[arg(long, default_value = "127.0.0.1:39411")]
    addr: SocketAddr,
    #[arg(long)]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    anyhow::ensure!(cli.addr.ip().is_loopback(), "for this machine only");
    tokio::fs::create_dir_all(cli.folder.join("files")).await?;
    let folder = Arc::new(cli.folder);
    let file = put(keep).delete(remove).get_service(ServeDir::new(&*folder));
    let routes = Router::new().route("/files/{name}", file).with_state(folder);
    Ok(axum::serve(tokio::net::TcpListener::bind(cli.addr).await?, routes).await?)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn status(error: &io::Error) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn keep(State(folder): State<Arc<PathBuf>>, Path(name): Path<String>, body: Body) -> Result<(), StatusCode> {
    if !is_name(&name) {
        return Err(StatusCode::BAD_REQUEST);
    }
    write(&folder, &name, body).await.map_err(|error| status(&error))
}

async fn write(folder: &std::path::Path, name: &str, body: Body) -> io::Result<()> {
    let files = folder.join("files");
    let draft = files.join(format!(".{name}"));
    let mut file = BufWriter::with_capacity(256 * 1024, tokio::fs::File::create(&draft).await?);
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        file.write_all(&part.map_err(io::Error::other)?).await?;
    }
    file.flush().await?;
    file.into_inner().sync_all().await?;
    tokio::fs::rename(&draft, files.join(name)).await?;
    tokio::fs::File::open(&files).await?.sync_all().await
}

async fn remove(State(folder): State<Arc<PathBuf>>, Path(name): Path<String>) -> Result<StatusCode, StatusCode> {
    if !is_name(&name) {
        return Err(StatusCode::BAD_REQUEST);
    }
    tokio::fs::remove_file(folder.join("files").join(name)).await.map_err(|error| status(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

//! `GET /export?ticket=…`: everything of somebody's, as [`crate::server::service::export`] packs it.

use super::AsStored;
use crate::Error;
use crate::server::App;
use crate::server::blobs::{Disposition, LinkOptions};
use crate::server::service::export;
use crate::server::session::Session;
use axum::Router;
use axum::body::Body;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, header};

#[derive(serde::Deserialize)]
struct Wanted {
    ticket: String,
}

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/export", get(serve))
}

async fn serve(app: App, session: Session, wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Response, Error> {
    let Query(Wanted { ticket }) = wanted.map_err(|_| Error::Forbidden)?;
    let export = export::open(&app, &session, &ticket).await?;
    let options = LinkOptions {
        content_type: "application/zip",
        disposition: Disposition::Attachment,
        name: &export.name,
        expires_s: 0,
    };
    let mut response = Response::new(Body::from_stream(export.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    if let Ok(value) = HeaderValue::from_str(&options.content_disposition()) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(AsStored);
    Ok(response)
}

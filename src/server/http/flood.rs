//! How many requests one person, or one address nobody has signed in from, may make: 120 at once, then 10 a second.
//! Files are free: a whole office opens the page at nine.

use crate::Error;
use crate::id::UserId;
use crate::server::App;
use crate::server::http::address::ClientAddress;
use crate::server::http::cookies;
use crate::server::service::accounts::network;
use axum::response::IntoResponse;
use governor::middleware::NoOpMiddleware;
use http::Request;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

const BURST: u32 = 120;
const PERIOD: Duration = Duration::from_millis(100);
const SWEEP: Duration = Duration::from_secs(60);

/// By account where the access token is ours, else by address (IPv6: by /56). The signature is enough here; whether the
/// session lives is looked up after this.
#[derive(Clone)]
pub struct ByPerson(App);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Person {
    Account(UserId),
    Address(IpAddr),
}

impl KeyExtractor for ByPerson {
    type Key = Person;

    fn extract<T>(&self, request: &Request<T>) -> Result<Person, GovernorError> {
        let token = cookies::find(request.headers(), cookies::ACCESS);
        if let Some(claims) = token.and_then(|token| self.0.keys.verify(token)) {
            return Ok(Person::Account(claims.user_id));
        }
        let address = request.extensions().get::<ClientAddress>();
        Ok(Person::Address(address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| network(address.0))))
    }
}

/// The layer, and a task that forgets idle keys as long as the process runs.
pub fn layer(app: &App) -> GovernorLayer<ByPerson, NoOpMiddleware, axum::body::Body> {
    let scale = app.config.limit_scale.max(1);
    let config: Arc<GovernorConfig<_, _>> = Arc::new(
        GovernorConfigBuilder::default()
            .key_extractor(ByPerson(app.clone()))
            .burst_size(BURST.saturating_mul(scale))
            .period((PERIOD / scale).max(Duration::from_nanos(1)))
            .finish()
            .expect("neither burst nor period is zero"),
    );
    let limiter = Arc::downgrade(config.limiter());
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(SWEEP);
        loop {
            tick.tick().await;
            let Some(limiter) = limiter.upgrade() else { break };
            limiter.retain_recent();
        }
    });
    GovernorLayer::new(config).error_handler(|error| match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            Error::RateLimited { retry_after_ms: wait_time.saturating_mul(1_000).max(100) }.into_response()
        }
        GovernorError::UnableToExtractKey | GovernorError::Other { .. } => {
            crate::server::telemetry::internal("no key for the request limit").into_response()
        }
    })
}

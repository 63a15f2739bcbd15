//! Blobs in a bucket that speaks S3.

mod failure;
mod multipart;

use super::link::{CACHE_CONTROL, LinkOptions};
use super::{Blob, BlobError, BlobKey, Blobs, ByteRange, ByteStream, Result};
use crate::server::config::S3;
use crate::time::Timestamp;
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedHttpClient,
};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use bytes::{Bytes, BytesMut};
use failure::failed;
use futures_util::{StreamExt, stream};
use multipart::Multipart;
use secrecy::ExposeSecret;
use std::io;
use std::time::{Duration, UNIX_EPOCH};

/// What is sent at once, and at most held in memory per write. S3 takes parts of 5 MiB to 5 GiB, 10,000 of them.
const PART_BYTES: usize = 8 * 1024 * 1024;
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// For what carries no bytes of blobs: one attempt, and all of them.
const QUICK: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(12));
/// For a part: slow lines are slow. One that stands still is given up much earlier.
const BULK: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(120));
const ATTEMPTS: u32 = 3;
/// After which nobody goes on with a write.
const ABANDONED_MS: i64 = 12 * 60 * 60 * 1_000;
const OCTETS: &str = "application/octet-stream";

/// Blobs in a bucket that speaks S3.
pub struct Bucket {
    quick: Client,
    bulk: Client,
    /// Signs addresses as browsers reach them, and sends nothing.
    links: Client,
    name: String,
    origin: String,
}

impl Bucket {
    /// Nothing is asked over the network yet.
    pub fn new(settings: &S3) -> Self {
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        Self {
            quick: client(settings, &settings.endpoint, QUICK, http.clone()),
            bulk: client(settings, &settings.endpoint, BULK, http.clone()),
            links: client(settings, &settings.public_endpoint, QUICK, http),
            name: settings.bucket.clone(),
            origin: settings.origin(),
        }
    }

    async fn put_object(&self, key: &BlobKey, bytes: Bytes, content_type: &str) -> Result<()> {
        let put = self.bulk.put_object().bucket(&self.name).key(key.as_str()).content_type(content_type);
        put.body(bytes.into()).send().await.map_err(failed).map(drop)
    }
}

fn client(settings: &S3, endpoint: &str, (attempt, all): (Duration, Duration), http: SharedHttpClient) -> Client {
    let secret = settings.secret_access_key.expose_secret();
    let credentials = Credentials::new(settings.access_key_id.expose_secret(), secret, None, None, "settings");
    let times = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIME)
        .operation_attempt_timeout(attempt)
        .operation_timeout(all)
        .build();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .region(Region::new(settings.region.clone()))
        .endpoint_url(endpoint)
        .force_path_style(settings.path_style)
        .credentials_provider(credentials)
        .timeout_config(times)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        // Bodies are signed, which covers every byte. The newer checksums come in a framing that not every storage reads.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .build();
    Client::from_conf(config)
}

#[async_trait]
impl Blobs for Bucket {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn origin(&self) -> Option<&str> {
        Some(&self.origin)
    }

    async fn put(&self, key: &BlobKey, mut bytes: ByteStream, max_bytes: u64) -> Result<u64> {
        let (mut size, mut part) = (0_u64, BytesMut::new());
        let mut upload = Multipart::new(&self.bulk, &self.name, key);
        let gathered: Result<()> = async {
            while let Some(chunk) = bytes.next().await {
                let mut chunk = chunk.map_err(BlobError::Cut)?;
                size += chunk.len() as u64;
                if size > max_bytes {
                    return Err(BlobError::TooLarge { limit_bytes: max_bytes });
                }
                while part.len() + chunk.len() >= PART_BYTES {
                    part.extend_from_slice(&chunk.split_to(PART_BYTES - part.len()));
                    upload.send(std::mem::take(&mut part).freeze()).await?;
                }
                part.extend_from_slice(&chunk);
            }
            if upload.is_begun() && !part.is_empty() {
                upload.send(std::mem::take(&mut part).freeze()).await?;
            }
            Ok(())
        }
        .await;
        if let Err(error) = gathered {
            upload.abort().await;
            return Err(error);
        }
        if upload.is_begun() {
            upload.complete().await?;
        } else {
            self.put_object(key, part.freeze(), OCTETS).await?;
        }
        Ok(size)
    }

    async fn put_bytes(&self, key: &BlobKey, bytes: Bytes, content_type: &str) -> Result<()> {
        self.put_object(key, bytes, content_type).await
    }

    async fn get(&self, key: &BlobKey, range: Option<ByteRange>) -> Result<Blob> {
        let get = self.quick.get_object().bucket(&self.name).key(key.as_str());
        let answer = get.set_range(range.map(ByteRange::header)).send().await;
        let output = match answer {
            Ok(output) => output,
            Err(error) if error.raw_response().is_some_and(|response| response.status().as_u16() == 416) => {
                return Err(BlobError::OutOfRange { size: self.size(key).await? });
            }
            Err(error) => return Err(failed(error)),
        };
        let length = output.content_length().and_then(|length| u64::try_from(length).ok());
        let length = length.ok_or_else(|| BlobError::Other("an answer without a length".to_owned()))?;
        let size = match output.content_range() {
            None => length,
            Some(part) => part
                .rsplit_once('/')
                .and_then(|(_, size)| size.parse().ok())
                .ok_or_else(|| BlobError::Other("an answer without a size".to_owned()))?,
        };
        let asked = range.map_or(Some(0..size), |range| range.of(size));
        let range = asked.filter(|range| range.end - range.start == length);
        let range = range.ok_or_else(|| BlobError::Other("an answer to another range".to_owned()))?;
        let next = |mut body: aws_sdk_s3::primitives::ByteStream| async move {
            match body.next().await {
                None => Ok(None),
                Some(Ok(chunk)) => Ok(Some((chunk, body))),
                Some(Err(error)) => Err(io::Error::other(error)),
            }
        };
        Ok(Blob { size, range, bytes: stream::try_unfold(output.body, next).boxed() })
    }

    async fn size(&self, key: &BlobKey) -> Result<u64> {
        let output = self.quick.head_object().bucket(&self.name).key(key.as_str()).send().await.map_err(failed)?;
        let size = output.content_length().and_then(|length| u64::try_from(length).ok());
        size.ok_or_else(|| BlobError::Other("an answer without a size".to_owned()))
    }

    async fn delete(&self, key: &BlobKey) -> Result<()> {
        match self.quick.delete_object().bucket(&self.name).key(key.as_str()).send().await.map_err(failed) {
            Ok(_) | Err(BlobError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn link(&self, key: &BlobKey, options: &LinkOptions<'_>, now: Timestamp) -> Result<String> {
        let presigning = PresigningConfig::builder()
            .start_time(UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).unwrap_or_default()))
            .expires_in(Duration::from_secs(options.expires_s().into()))
            .build()
            .map_err(|error| BlobError::Other(error.to_string()))?;
        let get = self.links.get_object().bucket(&self.name).key(key.as_str());
        let request = get
            .response_content_type(options.content_type())
            .response_content_disposition(options.content_disposition())
            .response_cache_control(CACHE_CONTROL)
            .presigned(presigning)
            .await
            .map_err(failed)?;
        Ok(request.uri().to_owned())
    }

    async fn ping(&self) -> Result<()> {
        match self.quick.head_bucket().bucket(&self.name).send().await.map_err(failed) {
            Ok(_) => Ok(()),
            Err(BlobError::Missing) => {
                Err(BlobError::Unavailable("there is no bucket of this name (S3_BUCKET)".to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    async fn sweep(&self, now: Timestamp) -> Result<usize> {
        let (mut removed, mut failure) = (0, None);
        let (mut key_marker, mut id_marker) = (None, None);
        loop {
            let list = self.quick.list_multipart_uploads().bucket(&self.name);
            let listed =
                list.set_key_marker(key_marker).set_upload_id_marker(id_marker).send().await.map_err(failed)?;
            for upload in listed.uploads() {
                let begun = upload.initiated().and_then(|time| time.to_millis().ok());
                let is_old = begun.is_some_and(|begun| begun < now.plus_ms(-ABANDONED_MS).0);
                // What has no key of ours belongs to another program.
                let key = upload.key().and_then(|key| key.parse::<BlobKey>().ok()).filter(|_| is_old);
                let (Some(key), Some(id)) = (key, upload.upload_id()) else { continue };
                let abort = self.quick.abort_multipart_upload().bucket(&self.name).key(key.as_str()).upload_id(id);
                match abort.send().await.map_err(failed) {
                    Ok(_) => removed += 1,
                    // Another process sweeps too.
                    Err(BlobError::Missing) => {}
                    Err(error) => failure = Some(error),
                }
            }
            if listed.is_truncated() != Some(true) || listed.next_key_marker().is_none() {
                break;
            }
            key_marker = listed.next_key_marker().map(str::to_owned);
            id_marker = listed.next_upload_id_marker().map(str::to_owned);
        }
        failure.map_or(Ok(removed), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::blobs::Disposition;
    use crate::server::config::Config;

    const OPTIONS: LinkOptions<'static> =
        LinkOptions {
            content_type: "image/webp", disposition: Disposition::Inline, name: "späti.webp", expires_s: 60
        };

    fn bucket(pairs: &[(&str, &str)]) -> Bucket {
        let keys = [("S3_BUCKET", "files"), ("S3_ACCESS_KEY_ID", "AKEXAMPLE"), ("S3_SECRET_ACCESS_KEY", "hunter2")];
        let all: Vec<_> = keys.iter().chain(pairs).rev().collect();
        let config =
            Config::read(|name| all.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()));
        Bucket::new(&config.expect("good").s3.expect("a bucket"))
    }

    #[tokio::test]
    async fn links_lead_to_the_origin_that_pages_allow() {
        let minio = ("S3_ENDPOINT", "http://127.0.0.1:9000");
        for pairs in [
            vec![("S3_REGION", "eu-central-1")],
            vec![("S3_REGION", "eu-central-1"), ("S3_BUCKET", "files.example.org")],
            vec![("S3_REGION", "us-east-1"), ("S3_PATH_STYLE", "on")],
            vec![minio],
            vec![("S3_ENDPOINT", "https://s3.example.org"), ("S3_PATH_STYLE", "off")],
            vec![minio, ("S3_PUBLIC_ENDPOINT", "https://files.example.org:8443")],
        ] {
            let (bucket, key) = (bucket(&pairs), BlobKey::random());
            let link = bucket.link(&key, &OPTIONS, Timestamp(1_700_000_000_000)).await.expect("a link");
            let url = url::Url::parse(&link).expect("a URL");
            assert_eq!(Some(url.origin().ascii_serialization().as_str()), bucket.origin(), "{link}");
            assert!(url.path().ends_with(key.as_str()), "{link}");
            let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
            assert_eq!(query["X-Amz-Expires"], "60");
            assert_eq!(query["X-Amz-Date"], "20231114T221320Z", "signed by the clock it was given");
            assert_eq!(query["response-content-type"], "image/webp");
            assert_eq!(query["response-cache-control"], CACHE_CONTROL);
            assert_eq!(query["response-content-disposition"], OPTIONS.content_disposition());
            assert!(!link.contains("hunter2"));
        }
    }

    #[tokio::test]
    async fn a_storage_that_is_down_is_unavailable_and_its_secret_unsaid() {
        // Nothing listens on the port of a socket that is gone.
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
        let bucket = bucket(&[("S3_ENDPOINT", &format!("http://127.0.0.1:{port}"))]);
        let key = BlobKey::random();
        for error in [
            bucket.ping().await.expect_err("down"),
            bucket.size(&key).await.expect_err("down"),
            bucket.delete(&key).await.expect_err("down"),
            bucket.put_bytes(&key, Bytes::from_static(b"x"), OCTETS).await.expect_err("down"),
        ] {
            assert!(matches!(error, BlobError::Unavailable(_)), "{error:?}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}

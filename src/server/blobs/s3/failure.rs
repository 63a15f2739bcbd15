//! What a storage says when it cannot, in our words.

use crate::server::blobs::BlobError;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;

/// The one line for the log: never an address, which may be signed, and never a key.
pub(super) fn failed<E: ProvideErrorMetadata + Error + 'static>(error: SdkError<E, HttpResponse>) -> BlobError {
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().unwrap_or_default().to_owned();
    match &error {
        SdkError::TimeoutError(_) => BlobError::Unavailable("no answer in time".to_owned()),
        SdkError::DispatchFailure(failure) => {
            let what = failure.as_connector_error().map(innermost).unwrap_or_else(|| "cannot be reached".to_owned());
            BlobError::Unavailable(what)
        }
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => of_status(status.unwrap_or_default(), &code),
        _ => BlobError::Other(innermost(&error)),
    }
}

fn of_status(status: u16, code: &str) -> BlobError {
    match (status, code) {
        (_, "NoSuchBucket") => BlobError::Unavailable("there is no bucket of this name (S3_BUCKET)".to_owned()),
        // Names of MinIO, Ceph and others; 507 is WebDAV's.
        (507, _) | (_, "InsufficientStorage" | "XMinioStorageFull" | "QuotaExceeded" | "InsufficientCapacity") => {
            BlobError::NoSpace
        }
        (404, "" | "NoSuchKey" | "NotFound") => BlobError::Missing,
        (401 | 403, _) => BlobError::Unavailable(format!(
            "it refuses this server ({status} {code}): see S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and the clock"
        )),
        (429 | 500.., _) => BlobError::Unavailable(format!("it answers {status} {code}")),
        _ => BlobError::Other(format!("it answers {status} {code}")),
    }
}

/// The cause at the bottom, such as "Connection refused (os error 111)".
fn innermost(error: &(impl Error + ?Sized)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart() {
        assert!(matches!(of_status(404, "NoSuchKey"), BlobError::Missing));
        assert!(matches!(of_status(404, ""), BlobError::Missing), "HEAD has no body");
        assert!(matches!(of_status(404, "NoSuchBucket"), BlobError::Unavailable(_)));
        assert!(matches!(of_status(404, "NoSuchUpload"), BlobError::Other(_)));
        assert!(matches!(of_status(403, "AccessDenied"), BlobError::Unavailable(_)));
        assert!(matches!(of_status(503, "SlowDown"), BlobError::Unavailable(_)));
        assert!(matches!(of_status(507, ""), BlobError::NoSpace));
        assert!(matches!(of_status(400, "XMinioStorageFull"), BlobError::NoSpace));
        assert!(matches!(of_status(400, "InvalidRequest"), BlobError::Other(_)));
    }
}

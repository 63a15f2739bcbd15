//! A blob in several parts: all of them become the blob at once, or none does.

use super::failure::failed;
use crate::server::blobs::{BlobError, BlobKey, Result};
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;

/// Begun with its first part. What is neither completed nor aborted when it is dropped is aborted then.
pub(super) struct Multipart {
    client: Client,
    bucket: String,
    key: BlobKey,
    id: Option<String>,
    parts: Vec<CompletedPart>,
}

impl Multipart {
    pub(super) fn new(client: &Client, bucket: &str, key: &BlobKey) -> Self {
        Self { client: client.clone(), bucket: bucket.to_owned(), key: key.clone(), id: None, parts: Vec::new() }
    }

    pub(super) fn is_begun(&self) -> bool {
        self.id.is_some()
    }

    /// Sends the next part: 5 MiB or more, unless it is the last.
    pub(super) async fn send(&mut self, part: Bytes) -> Result<()> {
        let id = match &self.id {
            Some(id) => id.clone(),
            None => {
                let create = self.client.create_multipart_upload().bucket(&self.bucket).key(self.key.as_str());
                let begun = create.content_type(super::OCTETS).send().await.map_err(failed)?;
                let id = begun.upload_id().ok_or_else(|| BlobError::Other("an upload without an id".to_owned()))?;
                self.id.insert(id.to_owned()).clone()
            }
        };
        let number = i32::try_from(self.parts.len()).unwrap_or(i32::MAX).saturating_add(1);
        let send = self.client.upload_part().bucket(&self.bucket).key(self.key.as_str());
        let sent = send.upload_id(id).part_number(number).body(part.into()).send().await.map_err(failed)?;
        self.parts.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
        Ok(())
    }

    pub(super) async fn complete(mut self) -> Result<()> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(std::mem::take(&mut self.parts))).build();
        let complete = self.client.complete_multipart_upload().bucket(&self.bucket).key(self.key.as_str());
        complete.set_upload_id(self.id.clone()).multipart_upload(parts).send().await.map_err(failed)?;
        self.id = None;
        Ok(())
    }

    /// Forgets the parts. That it failed is for the sweep to mend.
    pub(super) async fn abort(mut self) {
        if let Some(id) = self.id.take() {
            abort(self.client.clone(), self.bucket.clone(), self.key.clone(), id).await;
        }
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        let (Some(id), Ok(runtime)) = (self.id.take(), tokio::runtime::Handle::try_current()) else { return };
        runtime.spawn(abort(self.client.clone(), self.bucket.clone(), self.key.clone(), id));
    }
}

async fn abort(client: Client, bucket: String, key: BlobKey, id: String) {
    let sent = client.abort_multipart_upload().bucket(bucket).key(key.as_str()).upload_id(id).send().await;
    if let Err(error) = sent.map_err(failed) {
        tracing::debug!(%error, "the parts of an unfinished upload stay until the next sweep");
    }
}

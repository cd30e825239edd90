//! Values to request bodies.

use bytes::Bytes;
use model::Metadata;
use wire::remote::{RequestV2, compress, put_item_v1, put_metadata_v1};

use super::item::Item;
use crate::Version;

/// Writes requests; the memory is used again.
#[derive(Default)]
pub(super) struct Encoder {
    request: Vec<u8>,
    v2: RequestV2,
}

impl Encoder {
    /// A compressed request with these values.
    pub(super) fn encode(&mut self, version: Version, items: &[Item]) -> Bytes {
        match version {
            Version::V1 => {
                self.request.clear();
                for item in items {
                    put_item_v1(&mut self.request, &item.series.encoded, &item.to_send());
                }
                compress(&self.request).into()
            }
            Version::V2 => {
                for item in items {
                    let metadata = item.series.metadata.lock().clone();
                    self.v2.push(&item.series.labels, metadata.as_deref(), &item.to_send());
                }
                compress(&self.v2.take()).into()
            }
        }
    }
}

/// A compressed request of version 1.0 with metadata alone.
pub(super) fn metadata_request(entries: &[(String, Metadata)]) -> Bytes {
    let mut request = Vec::new();
    for (metric, metadata) in entries {
        put_metadata_v1(&mut request, metric, metadata);
    }
    compress(&request).into()
}

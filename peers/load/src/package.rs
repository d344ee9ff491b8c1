//! A package of one large object, which whoever verifies it has the server hash.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use quilt_package::hash::Algorithm;
use quilt_package::manifest::Writer;
use quilt_package::registry::{Pointer, manifest_key};
use quilt_package::{Entry, Header, Object, S3Object};

use crate::Result;
use crate::wire::Wire;

/// Eight chunks.
const SIZE: usize = 64 << 20;
const KEY: &str = "large.bin";

/// What is in the tenant's bucket, by key.
pub(crate) struct Package {
    objects: HashMap<String, Bytes>,
    pointer: Bytes,
    /// What carries them. `None`: this machine's memory.
    wire: Option<Arc<Wire>>,
}

impl Package {
    pub(crate) fn of(bucket: &str, wire: Option<Wire>) -> Result<Self> {
        let large = Bytes::from(vec![0; SIZE]);
        let mut hasher = Algorithm::Sha256Chunked.hasher(SIZE as u64);
        hasher.update(&large);
        let object = S3Object { bucket: bucket.to_owned(), key: KEY.to_owned(), version: None };
        let mut writer = Writer::new(Vec::new(), &Header::new(Some("load")))?;
        writer.entry(&Entry {
            logical_key: KEY.parse()?,
            physical_key: object.into(),
            size: SIZE as u64,
            hash: hasher.finish()?,
            meta: Object::new(),
        })?;
        let (manifest, hash) = writer.finish();
        let objects = [(KEY.to_owned(), large), (manifest_key(&hash), manifest.into())];
        Ok(Self {
            objects: objects.into(),
            pointer: Pointer::content(&hash).into(),
            wire: wire.map(Arc::new),
        })
    }

    /// The object of that key, or the bytes of it that are asked for. Every package of the bucket is this one.
    pub(crate) fn answer(&self, key: &str, asked: &HeaderMap) -> Option<Response> {
        let whole = self.objects.get(key).or_else(|| key.ends_with("/latest").then_some(&self.pointer))?;
        let range = asked.get(header::RANGE).and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
        let Some(range) = range else { return Some(self.reply(StatusCode::OK, whole.clone())) };
        let (start, end) = range.split_once('-')?;
        let (start, end) = (start.parse::<usize>().ok()?, end.parse::<usize>().ok()?.min(whole.len() - 1));
        let mut response = self.reply(StatusCode::PARTIAL_CONTENT, whole.slice(start..=end));
        let said = format!("bytes {start}-{end}/{}", whole.len());
        response.headers_mut().insert(header::CONTENT_RANGE, said.parse().ok()?);
        Some(response)
    }

    fn reply(&self, status: StatusCode, bytes: Bytes) -> Response {
        let length = HeaderValue::from(bytes.len());
        let body = match &self.wire {
            Some(wire) => Arc::clone(wire).carry(bytes),
            None => Body::from(bytes),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
        response.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"load\""));
        response
    }
}

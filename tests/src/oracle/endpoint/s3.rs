//! S3: everybody's bucket, made up as it is asked for.

use std::fmt::Write as _;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{Method, StatusCode, header};

use super::keys::Issued;
use super::sts::{Form, read_form};
use crate::oracle::population::{KNOWN, Person, Population, THROTTLED};

const DATE: &str = "Sun, 22 Nov 2026 09:00:00 GMT";

/// What S3 says to who has this key.
pub(super) fn answer(population: &Population, issued: Issued, parts: &Parts) -> Response {
    let path = parts.uri.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let caller = &population.people[issued.person];
    if bucket.is_empty() {
        return xml(
            StatusCode::OK,
            &format!(
                "<ListAllMyBucketsResult><Owner><ID>owner</ID></Owner><Buckets><Bucket><Name>{}</Name>\
             <CreationDate>2026-11-22T09:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>",
                caller.bucket()
            ),
        );
    }
    if population.whose(bucket) != Some(issued.person) {
        return refusal(StatusCode::FORBIDDEN, "AccessDenied", &parts.method);
    }
    if bucket != caller.bucket() {
        return refusal(StatusCode::NOT_FOUND, "NoSuchBucket", &parts.method);
    }
    let query = read_form(parts.uri.query().unwrap_or_default().as_bytes());
    match (&parts.method, key) {
        (&Method::GET, "") if query.contains_key("list-type") => list(caller, &query),
        (&Method::GET | &Method::HEAD, "") => {
            ([("x-amz-bucket-region", super::REGION)], xml(StatusCode::OK, "<LocationConstraint/>"))
                .into_response()
        }
        (&Method::GET | &Method::HEAD, THROTTLED) => {
            refusal(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", &parts.method)
        }
        (&Method::GET | &Method::HEAD, key) if objects(caller).iter().any(|known| known == key) => {
            object(caller, parts)
        }
        (&Method::GET | &Method::HEAD, _) => refusal(StatusCode::NOT_FOUND, "NoSuchKey", &parts.method),
        (&Method::PUT, _) if issued.hat == 0 => (StatusCode::OK, [(header::ETAG, "\"1\"")]).into_response(),
        (&Method::PUT, _) => refusal(StatusCode::FORBIDDEN, "AccessDenied", &parts.method),
        _ => refusal(StatusCode::NOT_IMPLEMENTED, "NotImplemented", &parts.method),
    }
}

/// The keys of somebody's bucket, in order.
fn objects(owner: &Person) -> [String; 4] {
    [
        format!(".quilt/named_packages/team/{}/latest", owner.secret),
        THROTTLED.to_owned(),
        KNOWN.to_owned(),
        format!("notes/{}.txt", owner.secret),
    ]
}

fn object(owner: &Person, parts: &Parts) -> Response {
    let text = format!("what {} has written\n", owner.secret);
    let headers = [
        ("content-type", "text/plain"),
        ("etag", "\"1\""),
        ("last-modified", DATE),
        ("x-amz-meta-note", owner.secret.as_str()),
    ];
    if parts.method == Method::HEAD {
        return (headers, [(header::CONTENT_LENGTH, text.len().to_string())]).into_response();
    }
    let range = parts.headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let last = range.and_then(|range| range.strip_prefix("bytes=0-")?.parse::<usize>().ok());
    match last {
        Some(last) => {
            let end = text.len().min(last + 1);
            let shown = format!("bytes 0-{}/{}", end - 1, text.len());
            let range = [(header::CONTENT_RANGE, shown)];
            (StatusCode::PARTIAL_CONTENT, headers, range, text[..end].to_owned()).into_response()
        }
        None => (headers, text).into_response(),
    }
}

fn list(owner: &Person, query: &Form) -> Response {
    let value = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let (prefix, delimiter) = (value("prefix"), value("delimiter"));
    let most = value("max-keys").parse::<usize>().unwrap_or(1000);
    // A cursor is good in the bucket that it was given out for, and nowhere else.
    let start = match value("continuation-token") {
        "" => 0,
        cursor => {
            match cursor.strip_prefix(&owner.secret).and_then(|at| at.strip_prefix('.')?.parse().ok()) {
                Some(start) => start,
                None => return refusal(StatusCode::BAD_REQUEST, "InvalidArgument", &Method::GET),
            }
        }
    };
    let all: Vec<String> = objects(owner).into_iter().filter(|key| key.starts_with(prefix)).collect();
    let page: Vec<&String> = all.iter().skip(start).take(most).collect();
    let (mut entries, mut folders) = (String::new(), Vec::new());
    for key in &page {
        match key[prefix.len()..].split_once(delimiter).filter(|_| !delimiter.is_empty()) {
            Some((folder, _)) => folders.push(format!("{prefix}{folder}{delimiter}")),
            None => {
                let _ = write!(
                    entries,
                    "<Contents><Key>{key}</Key><LastModified>2026-11-22T09:00:00.000Z</LastModified>\
                     <ETag>&quot;1&quot;</ETag><Size>9</Size><StorageClass>STANDARD</StorageClass></Contents>"
                );
            }
        }
    }
    folders.dedup();
    for folder in folders {
        let _ = write!(entries, "<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>");
    }
    let end = start + page.len();
    let more = end < all.len();
    let next = if more {
        format!("<NextContinuationToken>{}.{end}</NextContinuationToken>", owner.secret)
    } else {
        String::new()
    };
    xml(
        StatusCode::OK,
        &format!(
            "<ListBucketResult><Name>{}</Name><Prefix>{prefix}</Prefix><KeyCount>{}</KeyCount><MaxKeys>{most}</MaxKeys>\
         <IsTruncated>{more}</IsTruncated>{next}{entries}</ListBucketResult>",
            owner.bucket(),
            page.len()
        ),
    )
}

fn refusal(status: StatusCode, code: &str, method: &Method) -> Response {
    if method == Method::HEAD {
        return status.into_response();
    }
    xml(status, &format!("<Error><Code>{code}</Code><Message>as the oracle has it</Message></Error>"))
}

pub(super) fn xml(status: StatusCode, text: &str) -> Response {
    let body = Body::from(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{text}"));
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

//! Buckets and the objects in them.

mod link;
mod list;
mod put;
mod read;
mod upload;

use std::time::SystemTime;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use link::{ObjectLink, bucket_object_link};
pub use list::{
    BucketEntry, BucketList, BucketSource, ObjectEntry, ObjectList, bucket_list, bucket_objects_list,
};
pub use put::{PutReport, PutResult, bucket_objects_put};
pub use read::{
    ObjectData, ObjectInfo, ObjectMetadata, ObjectText, bucket_object_fetch, bucket_object_info,
    bucket_object_text,
};
pub use upload::UploadItem;

pub(super) fn rfc3339(time: SystemTime) -> String {
    OffsetDateTime::from(time).format(&Rfc3339).expect("a time of this millennium has an RFC 3339 form")
}

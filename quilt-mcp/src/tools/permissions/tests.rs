use super::access::guidance;
use super::discover::{BucketPermission, by_level, permission, uses};
use crate::domain::permission::{BucketRights, Finding, PermissionLevel, Right, Verdict};
use crate::error::{ErrorCode, ToolError};

fn rights(read: Finding, write: Finding, list: Finding) -> BucketRights {
    let bucket = "scratch-space".parse().expect("a name");
    BucketRights { bucket, region: None, read, write, list, faults: Vec::new() }
}

fn one(found: Result<BucketRights, ToolError>) -> BucketPermission {
    permission("scratch-space".parse().expect("a name"), found, "now")
}

#[test]
fn a_writable_bucket_is_recommended() {
    let yes = || Finding::yes("tried");
    let permissions = [one(Ok(rights(yes(), yes(), yes())))];
    let uses = uses(&permissions);
    assert_eq!(
        (uses.package_creation.len(), uses.data_storage.len(), uses.temporary_storage.len()),
        (1, 1, 1)
    );
    assert_eq!(by_level(&permissions).full_access.len(), 1);
}

#[test]
fn a_bucket_that_may_be_writable_is_not() {
    let permissions = [one(Ok(rights(Finding::yes(""), Finding::unknown(""), Finding::yes(""))))];
    let uses = uses(&permissions);
    assert!(
        uses.package_creation.is_empty() && uses.data_storage.is_empty() && uses.temporary_storage.is_empty()
    );
    assert_eq!(by_level(&permissions).unknown.len(), 1);
}

#[test]
fn a_fault_is_not_a_refusal_but_a_missing_bucket_is() {
    let fault = one(Err(ToolError::new(ErrorCode::Unavailable, "timeout")));
    assert_eq!((fault.permission_level, fault.can_read), (PermissionLevel::Unknown, Verdict::Unknown));
    assert_eq!(fault.error_message.as_deref(), Some("timeout"));
    assert_eq!(one(Err(ToolError::not_found("none"))).permission_level, PermissionLevel::NoAccess);
}

#[test]
fn guidance_names_what_is_missing() {
    let told = guidance(&rights(Finding::yes(""), Finding::unknown("IAM was silent"), Finding::no("")));
    assert!(told.iter().any(|line| line.contains("s3:ListBucket")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("IAM was silent")), "{told:?}");
    assert_eq!(told.len(), 2);
}

#[test]
fn rights_are_words_on_the_wire() -> Result<(), serde_json::Error> {
    let found = one(Ok(rights(Finding::yes("r"), Finding::no("w"), Finding::unknown("l"))));
    let wire = serde_json::to_value(&found)?;
    assert_eq!(wire["can_read"], "yes");
    assert_eq!(wire["can_write"], "no");
    assert_eq!(wire["evidence"]["list"], "l");
    assert!(serde_json::from_str::<Right>("\"delete\"").is_err());
    Ok(())
}

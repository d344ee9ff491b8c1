//! What people do who mean no harm. Some of it is about what is another's, and some of it fails.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::{Draft, Expect, Lesson};
use crate::oracle::population::{KNOWN, THROTTLED};

pub(super) fn choose(draft: &mut Draft<'_>) {
    let deed = DEEDS[draft.random.below(DEEDS.len())];
    deed(draft);
}

/// Each as often as it stands here. Half of them need AWS.
const DEEDS: &[fn(&mut Draft<'_>)] = &[
    read,
    read,
    read,
    read_listed,
    list,
    list_a_page,
    describe,
    link,
    link,
    put,
    read_as_resource,
    complete,
    complete,
    who_am_i,
    check_rights,
    survey,
    read_anothers,
    list_anothers,
    check_anothers,
    read_what_is_not_there,
    read_what_is_busy,
    create,
    create,
    status,
    status,
    workflows,
    workflows,
    workflows,
    workflows_as_resource,
    keep,
    keep,
    kept_status,
    kept_status,
    kept_status,
    delete,
    list_prompts,
    list_prompts,
];

fn read(draft: &mut Draft<'_>) {
    draft.tool("bucket_object_text", json!({"s3_uri": draft.me.known_uri()}));
    draft.expect_of_aws(Expect::Own);
}

fn read_listed(draft: &mut Draft<'_>) {
    let uri = format!("s3://{}/notes/{}.txt", draft.me.bucket(), draft.me.secret);
    draft.tool("bucket_object_fetch", json!({"s3_uri": uri, "base64_encode": false}));
    draft.expect_of_aws(Expect::Own);
}

fn list(draft: &mut Draft<'_>) {
    draft.tool("bucket_objects_list", json!({"bucket": draft.me.bucket()}));
    draft.expect_of_aws(Expect::Own);
}

fn list_a_page(draft: &mut Draft<'_>) {
    draft.tool("bucket_objects_list", json!({"bucket": draft.me.bucket(), "max_keys": 1}));
    draft.expect_of_aws(Expect::Own);
    draft.lesson = Some(Lesson::Cursor);
}

fn describe(draft: &mut Draft<'_>) {
    draft.tool("bucket_object_info", json!({"s3_uri": draft.me.known_uri()}));
    draft.expect_of_aws(Expect::Own);
}

/// Two roles of one person, and all people who ask for the same, ask with the same words.
fn link(draft: &mut Draft<'_>) {
    let uri = if draft.random.once_in(2) {
        draft.me.known_uri()
    } else {
        draft.about_other();
        draft.other.known_uri()
    };
    draft.tool("bucket_object_link", json!({"s3_uri": uri}));
    draft.expect_of_aws(Expect::Success);
}

fn put(draft: &mut Draft<'_>) {
    let items = json!([{"key": format!("out/{}", draft.random.below(9)), "text": draft.me.secret}]);
    draft.tool("bucket_objects_put", json!({"bucket": draft.me.bucket(), "items": items}));
    draft.expect_of_aws(if draft.hat == 0 { Expect::Success } else { Expect::Anything });
}

fn read_as_resource(draft: &mut Draft<'_>) {
    let uri = draft.me.known_uri();
    (draft.method, draft.name, draft.params) = ("resources/read", Some(uri.clone()), json!({"uri": uri}));
    draft.expect_of_aws(Expect::Own);
}

fn workflows_as_resource(draft: &mut Draft<'_>) {
    let uri = "workflow://workflows";
    (draft.method, draft.name, draft.params) = ("resources/read", Some(uri.to_owned()), json!({"uri": uri}));
    draft.expect = Expect::Success;
}

/// Everybody types the same.
fn complete(draft: &mut Draft<'_>) {
    (draft.method, draft.name) = ("completion/complete", None);
    draft.params = json!({
        "ref": {"type": "ref/prompt", "name": "make_package"},
        "argument": {"name": "bucket", "value": "zqh"},
    });
    draft.expect_of_aws(Expect::Buckets);
}

fn who_am_i(draft: &mut Draft<'_>) {
    draft.tool("auth_status", json!({}));
    draft.expect = Expect::Success;
}

fn check_rights(draft: &mut Draft<'_>) {
    draft.tool("check_bucket_access", json!({"bucket": draft.me.bucket()}));
    draft.expect_of_aws(Expect::Rights { read: "yes", write: if draft.hat == 0 { "yes" } else { "no" } });
}

/// With progress: as many reports as buckets are looked at, which differs from person to person.
fn survey(draft: &mut Draft<'_>) {
    let buckets: Vec<String> = std::iter::once(draft.me.bucket())
        .chain((0..draft.me.number % 5).map(|n| format!("{}-none-{n}", draft.me.handle)))
        .collect();
    let total = buckets.len() as u64;
    draft.tool("discover_permissions", json!({"check_buckets": buckets}));
    draft.params["_meta"] = json!({"progressToken": draft.me.secret});
    draft.expect_of_aws(Expect::Progress { total });
}

fn read_anothers(draft: &mut Draft<'_>) {
    draft.about_other();
    draft.tool("bucket_object_text", json!({"s3_uri": draft.other.known_uri()}));
    draft.expect_of_aws(Expect::Refusal(&["access_denied"]));
}

fn list_anothers(draft: &mut Draft<'_>) {
    draft.about_other();
    draft.tool("bucket_objects_list", json!({"bucket": draft.other.bucket()}));
    draft.expect_of_aws(Expect::Refusal(&["access_denied"]));
}

fn check_anothers(draft: &mut Draft<'_>) {
    draft.about_other();
    draft.tool("check_bucket_access", json!({"bucket": draft.other.bucket()}));
    draft.expect_of_aws(Expect::Rights { read: "no", write: "no" });
}

fn read_what_is_not_there(draft: &mut Draft<'_>) {
    let uri = format!("s3://{}/nothing/{KNOWN}", draft.me.bucket());
    draft.tool("bucket_object_text", json!({"s3_uri": uri}));
    draft.expect_of_aws(Expect::Refusal(&["not_found"]));
}

fn read_what_is_busy(draft: &mut Draft<'_>) {
    // Retries wait, so few are enough.
    if !draft.random.once_in(8) {
        return who_am_i(draft);
    }
    draft.tool("bucket_object_text", json!({"s3_uri": format!("s3://{}/{THROTTLED}", draft.me.bucket())}));
    draft.expect_of_aws(Expect::Failure);
}

/// Everybody's workflows have the same ids.
fn create(draft: &mut Draft<'_>) {
    let id = format!("w{}", draft.random.below(3));
    draft.tool("workflow_create", json!({"workflow_id": id, "name": draft.me.secret}));
    draft.expect = Expect::Either(&["conflict"]);
}

fn status(draft: &mut Draft<'_>) {
    let id = format!("w{}", draft.random.below(3));
    draft.tool("workflow_get_status", json!({"id": id}));
    draft.expect = Expect::Either(&["not_found"]);
}

fn workflows(draft: &mut Draft<'_>) {
    draft.tool("workflow_list_all", json!({}));
    draft.expect = Expect::Success;
}

fn delete(draft: &mut Draft<'_>) {
    let id = format!("w{}", draft.random.below(3));
    draft.tool("workflow_delete", json!({"id": id}));
    draft.expect = Expect::Either(&["not_found"]);
}

fn keep(draft: &mut Draft<'_>) {
    draft.tool("workflow_create", json!({"workflow_id": draft.me.kept(), "name": draft.me.secret}));
    draft.expect = Expect::Either(&["conflict"]);
    draft.lesson = Some(Lesson::Kept);
}

fn kept_status(draft: &mut Draft<'_>) {
    let kept = draft.memory.kept[draft.me.number].load(Ordering::Relaxed);
    if !kept {
        return keep(draft);
    }
    draft.tool("workflow_get_status", json!({"id": draft.me.kept()}));
    draft.expect = Expect::Own;
}

fn list_prompts(draft: &mut Draft<'_>) {
    (draft.method, draft.params) = ("prompts/list", json!({}));
    draft.expect = Expect::Success;
}

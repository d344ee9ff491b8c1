//! Packages of two registries, compared.

use aws_sdk_s3::primitives::ByteStream;
use quilt_tests::Result;
use quilt_tests::world::{ServerRights, Wanted};
use serde_json::json;

use super::ask;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn packages_of_two_registries_are_compared_only_by_who_may_read_both() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    let (ada, ben) = (stage.person("ada"), stage.person("ben"));
    let arguments = json!({
        "package1_name": ada.package().name, "registry": ada.bucket,
        "package2_name": ben.package().name, "registry2": ben.bucket,
    });
    for name in ["ada", "ben"] {
        let answer = stage.client(name).await?.call("package_diff", arguments.clone()).await?;
        assert_eq!(answer.error_code(), Some("access_denied"), "{name}: {}", answer.everything());
    }
    Ok(())
}

/// Two packages in registries that ada may both read: what is in each, and what differs, comes out the right way round.
#[tokio::test(flavor = "multi_thread")]
async fn packages_of_two_registries_of_ones_own_are_compared_the_right_way_round() -> Result<()> {
    let stage =
        Stage::of([Wanted::new("acme", "ada").with_second_bucket()], ServerRights::OnlyExchange).await?;
    let (ada, client, substrate) = (stage.person("ada"), stage.client("ada").await?, stage.world.substrate);
    let second = ada.second_bucket();
    let s3 = substrate.s3();
    for (bucket, key, body) in [
        (ada.bucket.as_str(), "raw/same", "same"),
        (&ada.bucket, "raw/changed", "four"),
        (&ada.bucket, "raw/only-one", "1"),
        (second, "raw/same", "same"),
        (second, "raw/changed", "eleven more"),
        (second, "raw/only-other", "22"),
    ] {
        let body = ByteStream::from(body.as_bytes().to_vec());
        s3.put_object().bucket(bucket).key(key).body(body).send().await?;
    }
    let push = |bucket: &str, only: &str, label: &str| {
        let uri = |key: &str| format!("s3://{bucket}/raw/{key}");
        let request = json!({
            "do": "push", "registry": format!("s3://{bucket}"), "name": "lab/pair", "message": null, "user_meta": {},
            "second": 1_700_000_000,
            "entries": {"same": uri("same"), "changed": uri("changed"), "labelled": uri("same"), only: uri(only)},
            "metas": {"labelled": {"label": label}},
        });
        tokio::task::spawn_blocking(move || substrate.quilt3(&request))
    };
    push(&ada.bucket, "only-one", "a").await??;
    push(second, "only-other", "b").await??;
    let compare = async |registry: &str, registry2: &str| {
        let arguments = json!({
            "package1_name": "lab/pair", "registry": registry, "package2_name": "lab/pair", "registry2": registry2,
        });
        ask(&client, "package_diff", arguments).await
    };
    let answer = compare(&ada.bucket, second).await?.structured;
    let changed = |before: u64, after: u64| {
        json!([
            {
                "logical_key": "changed", "size_before": before, "size_after": after, "content_changed": true,
                "metadata_changed": false,
            },
            {
                "logical_key": "labelled", "size_before": 4, "size_after": 4, "content_changed": false,
                "metadata_changed": true,
            },
        ])
    };
    let only = |key: &str, size: u64| json!([{"logical_key": key, "size": size}]);
    assert_eq!(answer["diff"]["modified"], changed(4, 11), "{answer:#}");
    assert_eq!(answer["diff"]["deleted"], only("only-one", 1), "{answer:#}");
    assert_eq!(answer["diff"]["added"], only("only-other", 2), "{answer:#}");
    assert_eq!(answer["counts"], json!({"added": 1, "deleted": 1, "modified": 2, "unchanged": 1}));
    let back = compare(second, &ada.bucket).await?.structured;
    assert_eq!(back["diff"]["modified"], changed(11, 4), "{back:#}");
    assert_eq!(back["diff"]["deleted"], only("only-other", 2), "{back:#}");
    assert_eq!(back["diff"]["added"], only("only-one", 1), "{back:#}");
    Ok(())
}

//! What can be asked of a package that is made of a folder, each against the same without it.

use quilt_tests::Result;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, Wanted};
use serde_json::{Value, json};

use super::{NAME, ask, creating, merged, paths, put};
use crate::stage::Stage;

/// Ada with two buckets, and a folder in the first.
async fn stage() -> Result<Stage> {
    let people = [Wanted::new("acme", "ada").with_second_bucket()];
    let at_a_catalog = |plan: Plan| plan.set("QUILT_MCP_CATALOG_URL", "https://c.example");
    let stage = Stage::planned(people, ServerRights::OnlyExchange, at_a_catalog).await?;
    for key in ["a/x.csv", "a/x.tsv", "b/x.csv", "plot.png"] {
        put(&stage, stage.person("ada"), &format!("raw/{key}"), key.as_bytes().to_vec()).await?;
    }
    Ok(stage)
}

fn folder(bucket: &str, more: Value) -> Value {
    let folder = json!({
        "package_name": NAME, "source_bucket": bucket, "source_prefix": "raw/", "auto_organize": false,
        "generate_readme": false, "dry_run": true,
    });
    merged(folder, more)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_fits_a_pattern_is_taken_and_nothing_that_is_excluded() -> Result<()> {
    let stage = stage().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    for (more, taken, left_out) in [
        (json!({}), &["a/x.csv", "a/x.tsv", "b/x.csv", "plot.png"][..], 0),
        (json!({"include_patterns": ["*.csv"]}), &["a/x.csv", "b/x.csv"], 2),
        (json!({"include_patterns": ["plot.*", "*.tsv"]}), &["a/x.tsv", "plot.png"], 2),
        // Of keys as well as of names, and excluded even if included.
        (json!({"include_patterns": ["raw/a/*"], "exclude_patterns": ["*.tsv"]}), &["a/x.csv"], 3),
    ] {
        let made = ask(&client, "package_create_from_s3", folder(&ada.bucket, more.clone())).await?;
        assert_eq!(paths(&made.structured["files"]), taken, "{more}: {}", made.everything());
        assert_eq!(made.structured["left_out"], left_out, "{more}: {}", made.everything());
    }
    let none = folder(&ada.bucket, json!({"include_patterns": ["*.parquet"]}));
    let refused = client.call("package_create_from_s3", none).await?;
    assert_eq!(refused.error_code(), Some("not_found"), "{}", refused.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folders_are_told_only_if_they_are_to_be_confirmed() -> Result<()> {
    let stage = stage().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    for (more, told) in [
        (json!({}), true),
        (json!({"confirm_structure": true}), true),
        (json!({"confirm_structure": false}), false),
    ] {
        let made = ask(&client, "package_create_from_s3", folder(&ada.bucket, more.clone())).await?;
        let folders = made.structured.get("structure");
        assert_eq!(folders.is_some(), told, "{more}: {}", made.everything());
        if let Some(folders) = folders {
            assert_eq!(folders["a"], json!({"file_count": 2, "total_size": 14, "files": ["x.csv", "x.tsv"]}));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_package_is_in_the_registry_that_was_named_and_its_page_is_told() -> Result<()> {
    let stage = stage().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let page = |bucket: &str| format!("https://c.example/b/{bucket}/packages/{NAME}");
    let there = ada.second_bucket();
    let more = json!({"target_registry": there, "dry_run": false});
    let made = ask(&client, "package_create_from_s3", folder(&ada.bucket, more)).await?;
    let told = ["registry", "source_bucket", "package_url"].map(|name| made.structured[name].clone());
    assert_eq!(told, [json!(there), json!(ada.bucket), json!(page(there))], "{}", made.everything());
    let file = &made.structured["files"][0];
    assert_eq!(file["transfer"], "copy", "{}", made.everything());
    let at = file["physical_key"].as_str().ok_or("a key")?;
    assert!(at.starts_with(&format!("s3://{there}/{NAME}/a/x.csv?versionId=")), "{at}");
    let package = |registry: &str| json!({"package_name": NAME, "registry": registry});
    let verified = ask(&client, "package_verify", package(there)).await?;
    assert_eq!(verified.structured["verified"], true, "{}", verified.everything());
    let absent = client.call("package_browse", package(&ada.bucket)).await?;
    assert_eq!(absent.error_code(), Some("not_found"), "{}", absent.everything());

    // Left out, it is the bucket with the data.
    let here = ask(&client, "package_create_from_s3", folder(&ada.bucket, json!({}))).await?;
    let told = ["registry", "package_url"].map(|name| here.structured[name].clone());
    assert_eq!(told, [json!(ada.bucket), json!(page(&ada.bucket))], "{}", here.everything());
    // And so are the pages of packages that are made of single objects.
    let made = ask(&client, "package_create", creating(ada, json!({}))).await?;
    assert_eq!(made.structured["package_url"], page(&ada.bucket), "{}", made.everything());
    Ok(())
}

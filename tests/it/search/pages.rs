//! What is found: filters, order, pages, numbers, and what happens where there are too many buckets.

use std::collections::BTreeSet;

use quilt_tests::Result;
use quilt_tests::registry::Account;
use serde_json::{Value, json};

use super::{index, names, search, stage};

const MIB: u64 = 1024 * 1024;
const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn file(key: &str, size: u64, modified: &str) -> Value {
    let ending = key.rsplit('.').next().unwrap_or_default();
    json!({"key": key, "size": size, "ext": format!(".{ending}"), "last_modified": modified, "content": "of mice"})
}

#[tokio::test(flavor = "multi_thread")]
async fn phrases_filter_and_words_are_found() -> Result<()> {
    let (stage, registry) = stage().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let files = vec![
        file("raw/large.csv", 200 * MIB, "2024-03-01T00:00:00Z"),
        file("raw/small.csv", MIB, "2023-03-01T00:00:00Z"),
        file("raw/RNA-seq.json", 300 * MIB, "2024-06-01T00:00:00Z"),
        json!({"key": "raw/deleted.csv", "size": 500 * MIB, "ext": ".csv", "delete_marker": true}),
        json!({"was_packaged": true}),
    ];
    index(&stage.world, registry, &ada.bucket, files).await?;
    let in_revision = |name: &str| json!({"name": name, "parent": format!("mnfst:{HASH}")});
    let packages = vec![
        json!({"_id": format!("mnfst:{HASH}"), "join_field": {"name": "mnfst"}, "mnfst_message": "nightly run",
               "mnfst_last_modified": "2024-06-01T00:00:00Z"}),
        json!({"ptr_name": "lab/sleep", "ptr_tag": "latest", "ptr_last_modified": "2024-06-01T00:00:00Z",
               "join_field": in_revision("ptr")}),
        json!({"ptr_name": "lab/sleep", "ptr_tag": "1717200000", "ptr_last_modified": "2024-06-01T00:00:00Z",
               "join_field": in_revision("ptr")}),
        json!({"_id": format!("entry:{HASH}:1"), "entry_lk": "plots/a.png", "entry_size": 5,
               "entry_pk": format!("s3://{}/raw/a.png?versionId=v1", ada.bucket), "join_field": in_revision("entry")}),
    ];
    index(&stage.world, registry, &format!("{}_packages", ada.bucket), packages).await?;

    for (scope, query, found) in [
        ("file", "CSV files larger than 100MB", &["raw/large.csv"][..]),
        ("file", "csv files", &["raw/large.csv", "raw/small.csv"]),
        ("file", "largest files", &["raw/RNA-seq.json", "raw/large.csv", "raw/small.csv"]),
        ("file", "smallest files between 1 and 250 MB", &["raw/small.csv", "raw/large.csv"]),
        ("file", "rna-seq", &["raw/RNA-seq.json"]),
        ("file", "\"of mice\" created in 2023", &["raw/small.csv"]),
        ("file", "since 2024-06-01", &["raw/RNA-seq.json"]),
        ("file", "smal* mice", &["raw/small.csv"]),
        ("file", "ext:csv (mice) OR [a TO b]", &[]),
        ("file", "*", &["raw/large.csv", "raw/small.csv", "raw/RNA-seq.json"]),
        ("package", "packages about sleep", &["lab/sleep"]),
        ("package", "nightly sleep since 2024", &["lab/sleep"]),
        ("package", "packages with png files", &["lab/sleep"]),
        ("package", "packages with csv files", &[]),
        ("packageEntry", "png files since 2024", &["plots/a.png"]),
        ("packageEntry", "png files before 2024", &[]),
        ("global", "png files", &["lab/sleep", "plots/a.png"]),
    ] {
        let answer = search(&client, json!({"query": query, "scope": scope, "bucket": ada.bucket})).await?;
        let is: BTreeSet<&str> = names(&answer).into_iter().collect();
        let wanted: BTreeSet<&str> = found.iter().copied().collect();
        assert_eq!(is, wanted, "{scope}, {query}: {}", answer.everything());
        assert_eq!(answer.structured["total_results"], found.len(), "{scope}, {query}");
        if query.starts_with("largest") || query.starts_with("smallest") {
            assert_eq!(names(&answer), found, "{query}");
        }
        // What is explained is what was sent.
        let explained = client
            .call("search_explain", json!({"query": query, "scope": scope, "bucket": ada.bucket}))
            .await?;
        let last = registry.asked_by(&stage.world.mint.issuer, registry.start_of_record()).await?;
        let sent = last.iter().rfind(|asked| asked.operation == "api/search").ok_or("a search")?;
        let body: Value = serde_json::from_str(sent.query["body"].as_str().ok_or("a body")?)?;
        assert_eq!(explained.structured["request_body"], body, "{query}");
        let indices: Vec<&str> = sent.query["index"].as_str().ok_or("indices")?.split(',').collect();
        assert_eq!(explained.structured["indices"], json!(indices), "{query}");
    }
    let everywhere = client.call("search_explain", json!({"query": "mice", "scope": "file"})).await?;
    assert_eq!(everywhere.structured["indices"], json!([ada.bucket]), "{}", everywhere.everything());
    let entry = search(&client, json!({"query": "png files", "scope": "packageEntry"})).await?;
    let hit = &entry.structured["results"][0];
    assert_eq!(hit["s3_uri"], format!("s3://{}/raw/a.png?versionId=v1", ada.bucket));
    assert_eq!(hit["top_hash"], HASH);
    let with_text = search(&client, json!({"query": "mice"})).await?;
    assert!(
        !with_text.everything().contains("of mice"),
        "texts of files stay there: {}",
        with_text.everything()
    );
    let bare = search(&client, json!({"query": "mice", "include_metadata": false})).await?;
    assert!(bare.structured["results"][0].get("metadata").is_none(), "{}", bare.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_and_numbers_are_of_all() -> Result<()> {
    let (stage, registry) = stage().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let files = (0..23).map(|n| file(&format!("f{n:02}.txt"), n, "2024-01-01T00:00:00Z")).collect();
    index(&stage.world, registry, &ada.bucket, files).await?;
    let mut found = Vec::new();
    let mut offset = json!(0);
    let mut pages = 0;
    while !offset.is_null() {
        let page = json!({"query": "*", "limit": 10, "offset": offset, "order": "smallest"});
        let answer = search(&client, page).await?;
        assert_eq!(
            (&answer.structured["total_results"], &answer.structured["total_is_exact"]),
            (&json!(23), &json!(true)),
            "{}",
            answer.everything()
        );
        found.extend(names(&answer).into_iter().map(str::to_owned));
        offset = answer.structured["next_offset"].clone();
        pages += 1;
    }
    let all: Vec<String> = (0..23).map(|n| format!("f{n:02}.txt")).collect();
    assert_eq!((pages, found), (3, all));

    let counted = search(&client, json!({"query": "f*", "count_only": true})).await?;
    assert_eq!(counted.structured["total_results"], 23, "{}", counted.everything());
    assert_eq!((names(&counted).len(), counted.structured.get("next_offset")), (0, None));

    let last = search(&client, json!({"query": "*", "offset": 9_990, "limit": 50})).await?;
    assert_eq!(last.structured["total_results"], 23, "{}", last.everything());
    let beyond = search(&client, json!({"query": "*", "offset": 10_000})).await?;
    assert_eq!(
        beyond.error_code(),
        Some("invalid_input"),
        "further than the index goes: {}",
        beyond.everything()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_are_too_many_buckets_it_says_how_many_were_left_out() -> Result<()> {
    let (stage, registry) = stage().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let issuer = &stage.world.mint.issuer;
    let buckets: Vec<String> = (0..60).map(|n| format!("{}-{n:02}", ada.bucket)).collect();
    let seen: Vec<&str> = buckets.iter().map(String::as_str).collect();
    registry.add_user(issuer, &Account::of(&ada.subject).who_sees(&seen)).await?;
    registry.tell_of(issuer, "limits", json!({"most_indices": 25})).await?;
    for bucket in &buckets {
        index(&stage.world, registry, bucket, vec![file("a.txt", 1, "2024-01-01T00:00:00Z")]).await?;
    }
    let mark = registry.mark().await?;
    let answer = search(&client, json!({"query": "*"})).await?;
    let numbers =
        ["buckets_searched", "buckets_left_out", "total_results"].map(|name| answer.structured[name].clone());
    assert_eq!(numbers, [20, 40, 20].map(Value::from), "{}", answer.everything());
    let asked = registry.asked_by(issuer, mark).await?;
    let sizes: Vec<usize> = asked
        .iter()
        .filter(|asked| asked.operation == "api/search")
        .filter_map(|asked| Some(asked.query["index"].as_str()?.split(',').count()))
        .collect();
    assert_eq!(sizes, [60, 50, 40, 30, 20], "as many as the registry takes, and no more tries than that");

    let named = search(&client, json!({"query": "*", "bucket": buckets[59]})).await?;
    assert_eq!(named.structured["total_results"], 1, "{}", named.everything());
    registry.tell_of(issuer, "limits", json!({"most_indices": 0})).await?;
    let refused = search(&client, json!({"query": "*"})).await?;
    assert_eq!(refused.error_code(), Some("access_denied"), "{}", refused.everything());
    Ok(())
}

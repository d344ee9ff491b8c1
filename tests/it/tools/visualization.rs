//! Charts of what lies in a bucket.

use quilt_tests::Result;
use quilt_tests::judge::{assert_clean, record_agrees};
use serde_json::{Value, json};

use super::{Case, Other, Turn, keeps_to_its_caller, refuses_bad_tokens, require};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[Case {
    tool: "create_data_visualization",
    before: |turn| {
        let table = format!("who,value\n{0},1\n{0},3\n", turn.owner.canary);
        let items = json!([{"key": key(turn), "text": table}]);
        vec![("bucket_objects_put", json!({"bucket": turn.owner.bucket, "items": items}))]
    },
    ask: |turn| {
        let data = format!("s3://{}/{}", turn.owner.bucket, key(turn));
        json!({"data": data, "plot_type": "bar", "x_column": "who", "y_column": "value"})
    },
    own: |turn, answer| {
        let option = &answer.structured["visualization_config"]["option"];
        let plotted = option["xAxis"]["data"] == json!([turn.owner.canary])
            && option["series"][0]["data"] == json!([2.0]);
        require(plotted && files(&answer.structured).len() == 4, "not the owner's chart", answer)
    },
    other: Other::Refused,
}];

fn key(turn: &Turn<'_>) -> String {
    format!("charts/{}.csv", turn.named("table"))
}

fn files(answer: &Value) -> Vec<&str> {
    answer["files_to_upload"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|file| file["key"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_inline_asks_nobody_and_what_is_wrong_is_said_first() -> Result<()> {
    let stage = Stage::of_two().await?;
    let client = stage.client("ada").await?;
    let bucket = &stage.person("ada").bucket;
    let mark = stage.world.substrate.mark().await?;
    let good = json!({"data": "x,y\n1,2\n2,3\n", "plot_type": "line", "x_column": "x", "y_column": "y"});
    let made = client.call("create_data_visualization", good.clone()).await?;
    assert_eq!(
        files(&made.structured),
        ["viz_line_x_y.json", "viz_line_x_y.csv", "quilt_summarize.json", "viz_line_x_y.svg"],
        "{}",
        made.everything()
    );
    for (field, value, code) in [
        ("x_column", json!("nothing"), "invalid_input"),
        ("plot_type", json!("pie"), "invalid_input"),
        ("data", json!("x,y\n"), "invalid_input"),
        ("data", json!([1]), "invalid_input"),
        ("data", json!("http://169.254.169.254/latest/meta-data"), "invalid_input"),
        ("data", json!(format!("s3://{bucket}/table.xlsx")), "invalid_input"),
        ("data", json!(format!("x,y\n{}", "1,2\n".repeat(50_001))), "limit_exceeded"),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        let refused = client.call("create_data_visualization", bad).await?;
        assert_eq!(refused.error_code(), Some(code), "{field}: {}", refused.everything());
    }
    let entries = stage.world.substrate.since(mark).await?;
    assert!(!entries.iter().any(|entry| stage.world.owns(entry)), "somebody was asked: {entries:#?}");
    Ok(())
}

/// A chart of two points of an object of that name.
fn of_object(bucket: &str, name: &str) -> Value {
    json!({
        "data": format!("s3://{bucket}/{name}"), "plot_type": "scatter", "x_column": "x", "y_column": "y",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_read_once_and_as_the_caller() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let rows = json!([{"x": 1, "y": 2}, {"x": 2, "y": 5}]).to_string();
    let items = json!([
        {"key": "rows.json", "text": rows},
        {"key": "rows.csv", "text": "who,x,y\n\"a\tb\",1,2\nc,2,5\n"},
        // Read at commas, it would have two columns of other names.
        {"key": "rows.tsv", "text": "who, if any\tx\ty\na,b\t1\t2\nc\t2\t5\n"},
    ]);
    let put = client.call("bucket_objects_put", json!({"bucket": ada.bucket, "items": items})).await?;
    assert_eq!(put.structured["uploaded"], 3, "{}", put.everything());
    for name in ["rows.json", "rows.csv", "rows.tsv"] {
        let mark = stage.world.substrate.mark().await?;
        let made = client.call("create_data_visualization", of_object(&ada.bucket, name)).await?;
        assert_eq!(made.structured["metadata"]["data_points"], 2, "{name}: {}", made.everything());
        let plotted = &made.structured["visualization_config"]["option"]["series"][0]["data"];
        assert_eq!(*plotted, json!([[1.0, 2.0], [2.0, 5.0]]), "{name}: {}", made.everything());
        let entries = stage.world.substrate.since(mark).await?;
        assert_clean("record", &record_agrees(&stage.world, &entries));
        let reads: Vec<_> = entries.iter().filter(|e| stage.world.owns(e) && e.is_s3()).collect();
        assert_eq!(reads.len(), 1, "{name}: {reads:#?}");
        assert_eq!(reads[0].role_arn.as_ref(), Some(&ada.role_arn));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_of_ten_mebibytes_is_read_and_one_byte_more_is_not() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client, s3) = (stage.person("ada"), stage.client("ada").await?, stage.world.substrate.s3());
    // Two rows, so that the number of bytes is all that there is too much of.
    let rows = "x,y,note\n1,2,a\n2,5,";
    for (name, bytes, code) in
        [("most.csv", 10 << 20, None), ("big.csv", (10 << 20) + 1, Some("limit_exceeded"))]
    {
        let text = format!("{rows}{}\n", "x".repeat(bytes - rows.len() - 1));
        s3.put_object().bucket(&ada.bucket).key(name).body(text.into_bytes().into()).send().await?;
        let answer = client.call("create_data_visualization", of_object(&ada.bucket, name)).await?;
        assert_eq!(answer.error_code(), code, "{name}: {}", answer.everything());
        if code.is_some() {
            assert!(answer.everything().contains("larger than the 10 MiB"), "{}", answer.everything());
        } else {
            assert_eq!(answer.structured["metadata"]["data_points"], 2, "{}", answer.everything());
        }
    }
    Ok(())
}

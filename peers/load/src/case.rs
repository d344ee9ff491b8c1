//! What is asked. Each request has a number of its own that its answer must show, so that every body is checked.

use serde_json::{Value, json};

/// One kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// Nothing but the tool: every server here has it.
    Trivial,
    /// Three services of the request, one of which exchanges the caller's token at STS.
    ThreeServices,
    /// The same, and S3 is asked; ten links are signed.
    List,
    /// A durable write.
    UpdateStep,
    /// A large object is read and hashed.
    Verify,
    /// A table of as many rows as fit into a request is drawn.
    Draw,
}

pub(crate) const WORKFLOW: &str = "load";
pub(crate) const STEP: &str = "step";

impl Case {
    pub(crate) const ALL: [Self; 4] = [Self::Trivial, Self::ThreeServices, Self::List, Self::UpdateStep];

    pub(crate) fn tool(self) -> &'static str {
        match self {
            Self::Trivial => "catalog_uri",
            Self::ThreeServices => "bucket_object_link",
            Self::List => "bucket_objects_list",
            Self::UpdateStep => "workflow_update_step",
            Self::Verify => "package_verify",
            Self::Draw => "create_data_visualization",
        }
    }

    /// The arguments of the `number`th call of somebody of `tenant`.
    pub(crate) fn arguments(self, tenant: &str, number: u64) -> Value {
        match self {
            Self::Trivial => json!({
                "registry": format!("bucket-of-{tenant}"),
                "package_name": format!("load/{}", mark(number)),
                "catalog_host": "https://catalog.example.com",
            }),
            Self::ThreeServices => {
                json!({"s3_uri": format!("s3://bucket-of-{tenant}/{}", mark(number))})
            }
            Self::List => {
                json!({"bucket": format!("bucket-of-{tenant}"), "prefix": format!("{}/", mark(number))})
            }
            Self::UpdateStep => json!({
                "workflow_id": WORKFLOW, "step_id": STEP, "status": "in_progress", "result": {"mark": mark(number)},
            }),
            Self::Verify => json!({
                "registry": format!("bucket-of-{tenant}"), "package_name": format!("load/{}", mark(number)),
            }),
            Self::Draw => json!({
                "data": table(), "plot_type": "boxplot", "x_column": "x", "y_column": "y", "title": mark(number),
            }),
        }
    }
}

/// Some 600 KB of CSV.
fn table() -> String {
    (0..40_000).fold("x,y\n".to_owned(), |rows, row| rows + &format!("group-{},{row}\n", row % 100))
}

/// What the answer to the `number`th call must contain.
pub(crate) fn mark(number: u64) -> String {
    format!("n{number}x")
}

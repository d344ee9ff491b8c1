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
    /// No call of a tool: which tools there are.
    Tools,
}

/// The tool that everybody has.
pub(crate) const TRIVIAL: &str = "catalog_uri";
pub(crate) const STEP: &str = "step";

/// The workflow of a user: everybody has their own, also where nobody is told from another.
pub(crate) fn workflow_of(user: &str) -> String {
    format!("load-{user}")
}

impl Case {
    pub(crate) const ALL: [Self; 4] = [Self::Trivial, Self::ThreeServices, Self::List, Self::UpdateStep];

    /// What a table says is asked.
    pub(crate) fn name(self) -> &'static str {
        self.tool().unwrap_or("tools/list")
    }

    /// The tool that is called, if one is.
    pub(crate) fn tool(self) -> Option<&'static str> {
        Some(match self {
            Self::Trivial => TRIVIAL,
            Self::ThreeServices => "bucket_object_link",
            Self::List => "bucket_objects_list",
            Self::UpdateStep => "workflow_update_step",
            Self::Verify => "package_verify",
            Self::Draw => "create_data_visualization",
            Self::Tools => return None,
        })
    }

    /// The arguments of the `number`th call of `user`, who belongs to `tenant`.
    pub(crate) fn arguments(self, tenant: &str, user: &str, number: u64) -> Value {
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
                "workflow_id": workflow_of(user), "step_id": STEP, "status": "in_progress", "result": {"mark": mark(number)},
            }),
            Self::Verify => json!({
                "registry": format!("bucket-of-{tenant}"), "package_name": format!("load/{}", mark(number)),
            }),
            Self::Draw => json!({
                "data": table(), "plot_type": "boxplot", "x_column": "x", "y_column": "y", "title": mark(number),
            }),
            Self::Tools => json!({}),
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

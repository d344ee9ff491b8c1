//! What is wrong with a package's metadata.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use time::Date;
use time::OffsetDateTime;
use time::format_description::well_known::{Iso8601, Rfc3339};

use super::{Field, FieldKind, MetadataTemplate};

/// The most bytes of metadata that travel well: it is shown on every page of the package.
const MAX_BYTES: usize = 1_000_000;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Severity {
    /// It does not meet the template.
    Error,
    /// It would be better otherwise.
    Warning,
}

/// Something wrong with metadata, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Issue {
    /// The field.
    pub field: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
}

/// What is wrong with `metadata` as that of a `template` package, in the order of the template.
pub fn validate(metadata: &Map<String, Value>, template: MetadataTemplate) -> Vec<Issue> {
    let mut issues: Vec<Issue> = template.fields().filter_map(|field| of_field(field, metadata)).collect();
    if let Some(kind) = metadata.get("package_type").and_then(Value::as_str)
        && !kind.is_empty()
        && kind != template.as_str()
    {
        issues.push(Issue {
            field: "package_type".into(),
            severity: Severity::Warning,
            problem: format!("it says `{kind}`, but the template is `{}`", template.as_str()),
            fix: "validate against the template it names, or change it".into(),
        });
    }
    for key in metadata.keys().filter(|key| key.to_ascii_lowercase().starts_with("readme")) {
        issues.push(Issue {
            field: key.clone(),
            severity: Severity::Warning,
            problem: "a README is a file, not metadata: nobody sees it here".into(),
            fix: "put the text into the file README.md of the package".into(),
        });
    }
    let size = Value::Object(metadata.clone()).to_string().len();
    if size > MAX_BYTES {
        issues.push(Issue {
            field: "(all)".into(),
            severity: Severity::Error,
            problem: format!("it has {size} bytes, which is more than {MAX_BYTES}"),
            fix: "put large values into files of the package".into(),
        });
    }
    issues
}

fn of_field(field: &Field, metadata: &Map<String, Value>) -> Option<Issue> {
    let issue = |severity, problem: String, fix: String| {
        Some(Issue { field: field.name.to_owned(), severity, problem, fix })
    };
    let severity = if field.required { Severity::Error } else { Severity::Warning };
    let Some(value) = metadata.get(field.name) else {
        let fix = format!("add `{}`, {}", field.name, wanted(field));
        return issue(severity, "it is missing".into(), fix);
    };
    if value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return issue(severity, "it is empty".into(), format!("fill it in: {}", field.about));
    }
    if is_of(field.kind, value) {
        None
    } else {
        issue(Severity::Error, format!("it is {}", shown(value)), format!("make it {}", wanted(field)))
    }
}

fn wanted(field: &Field) -> String {
    let kind = match field.kind {
        FieldKind::Text => "text",
        FieldKind::Date => "a date (YYYY-MM-DD) or a time (RFC 3339)",
        FieldKind::Integer => "a whole number",
        FieldKind::Boolean => "true or false",
        FieldKind::List => "a list of texts",
    };
    format!("{kind}: {}", field.about)
}

fn is_of(kind: FieldKind, value: &Value) -> bool {
    match kind {
        FieldKind::Text => value.is_string(),
        FieldKind::Date => value.as_str().is_some_and(|text| {
            Date::parse(text, &Iso8601::DATE).is_ok() || OffsetDateTime::parse(text, &Rfc3339).is_ok()
        }),
        FieldKind::Integer => value.is_u64() || value.is_i64(),
        FieldKind::Boolean => value.is_boolean(),
        FieldKind::List => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
    }
}

/// The beginning of a value, short enough for a sentence.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(40).collect();
    if characters.next().is_some() { format!("`{start}..`") } else { format!("`{start}`") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issues(metadata: Value, template: MetadataTemplate) -> Vec<(String, Severity)> {
        let Value::Object(metadata) = metadata else { panic!("not an object") };
        validate(&metadata, template).into_iter().map(|issue| (issue.field, issue.severity)).collect()
    }

    fn good() -> Value {
        json!({
            "description": "d", "created_by": "me", "creation_date": "2025-03-01",
            "package_type": "standard", "version": "1.0.0",
        })
    }

    #[test]
    fn what_meets_the_template_has_no_issue() {
        assert_eq!(issues(good(), MetadataTemplate::Standard), []);
        let mut with_time = good();
        with_time["creation_date"] = json!("2025-03-01T10:00:00Z");
        assert_eq!(issues(with_time, MetadataTemplate::Standard), []);
    }

    #[test]
    fn missing_empty_and_wrong_fields_are_named() {
        let mut bad = good();
        bad["creation_date"] = json!("last Tuesday");
        bad["description"] = json!(" ");
        bad["package_type"] = json!("ml");
        bad["features_count"] = json!("12");
        bad["README.md"] = json!("# Hello");
        let found = issues(bad, MetadataTemplate::Ml);
        let error = |field: &str| (field.to_owned(), Severity::Error);
        let warning = |field: &str| (field.to_owned(), Severity::Warning);
        assert_eq!(
            found,
            [
                error("description"),
                error("creation_date"),
                error("data_type"),
                error("dataset_stage"),
                warning("model_ready"),
                error("features_count"),
                warning("target_variable"),
                warning("README.md"),
            ]
        );
    }

    #[test]
    fn a_blank_template_lacks_only_what_nobody_can_know() {
        let found = validate(&MetadataTemplate::Standard.blank("2025-01-01"), MetadataTemplate::Standard);
        assert_eq!(found.iter().map(|issue| issue.field.as_str()).collect::<Vec<_>>(), ["description"]);
    }
}

//! What package metadata should say. These tools read nothing and change nothing.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::domain::metadata::{self, FieldKind, Issue, MetadataTemplate, Severity};
use crate::error::ToolError;

/// The templates there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TemplateList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The templates.
    pub templates: Vec<TemplateInfo>,
    /// How many they are.
    pub count: usize,
}

/// A template.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TemplateInfo {
    /// Its name.
    pub name: MetadataTemplate,
    /// For which packages it is.
    pub description: String,
    /// Its fields.
    pub fields: Vec<FieldInfo>,
}

/// A field of a template.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FieldInfo {
    /// Its key in the metadata.
    pub name: String,
    /// What its value is.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// What it says.
    pub description: String,
    /// Whether metadata without it is incomplete.
    pub required: bool,
}

fn info(template: MetadataTemplate) -> TemplateInfo {
    let field = |field: &metadata::Field| FieldInfo {
        name: field.name.to_owned(),
        kind: field.kind,
        description: field.about.to_owned(),
        required: field.required,
    };
    TemplateInfo {
        name: template,
        description: template.about().to_owned(),
        fields: template.fields().map(field).collect(),
    }
}

/// List the templates for package metadata.
///
/// Returns each with its fields. Take the one that fits the package, and fill in what `get_metadata_template` gives.
#[scoped_tool(read_only, idempotent, title = "Metadata templates")]
pub async fn list_metadata_templates() -> Result<TemplateList, ToolError> {
    let templates: Vec<TemplateInfo> = MetadataTemplate::ALL.into_iter().map(info).collect();
    Ok(TemplateList { success: true, count: templates.len(), templates })
}

/// Metadata to be filled in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FilledTemplate {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The template.
    pub template: TemplateInfo,
    /// The metadata: your fields, and the rest empty.
    pub metadata: Map<String, Value>,
    /// What is still to be filled in, or wrong.
    pub issues: Vec<Issue>,
}

/// Get the metadata of a new package, from a template and what you know already.
///
/// Returns the metadata with today's date and your fields in place, and what is still missing. Give the result to the tool
/// that makes the package.
#[scoped_tool(read_only, idempotent, title = "Fill in a metadata template")]
pub async fn get_metadata_template(
    /// The template.
    #[default(MetadataTemplate::default())]
    template_name: MetadataTemplate,
    /// Fields to set, also such as are not in the template.
    custom_fields: Option<Map<String, Value>>,
) -> Result<FilledTemplate, ToolError> {
    let mut metadata = template_name.blank(&OffsetDateTime::now_utc().date().to_string());
    metadata.extend(custom_fields.unwrap_or_default());
    Ok(FilledTemplate {
        success: true,
        template: info(template_name),
        issues: metadata::validate(&metadata, template_name),
        metadata,
    })
}

/// Whether metadata meets a template.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MetadataReport {
    /// Always true: the metadata could be looked at. Whether it is valid is in `valid`.
    pub success: bool,
    /// Whether it has no errors.
    pub valid: bool,
    /// What is wrong, and what to do about it.
    pub issues: Vec<Issue>,
    /// How many of them are errors.
    pub errors: usize,
    /// How many of them are warnings.
    pub warnings: usize,
    /// The template.
    pub template: MetadataTemplate,
}

/// Check package metadata against a template.
///
/// Returns each problem with what to do about it: missing, empty and wrong fields, and what does not belong into metadata.
#[scoped_tool(read_only, idempotent, title = "Check metadata")]
pub async fn validate_metadata_structure(
    /// The metadata.
    metadata: Map<String, Value>,
    /// The template. Left out, the metadata's own `package_type` decides, or else `standard`.
    template_name: Option<MetadataTemplate>,
) -> Result<MetadataReport, ToolError> {
    let own = metadata.get("package_type").cloned().and_then(|own| serde_json::from_value(own).ok());
    let template = template_name.or(own).unwrap_or_default();
    let issues = metadata::validate(&metadata, template);
    let errors = issues.iter().filter(|issue| issue.severity == Severity::Error).count();
    Ok(MetadataReport {
        success: true,
        valid: errors == 0,
        warnings: issues.len() - errors,
        errors,
        issues,
        template,
    })
}

/// Metadata as it should look.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MetadataExamples {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// One for each template.
    pub examples: Vec<MetadataExample>,
    /// What holds for all.
    pub advice: Vec<String>,
}

/// Metadata as it should look.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MetadataExample {
    /// The template.
    pub template: MetadataTemplate,
    /// The metadata.
    pub metadata: Map<String, Value>,
}

/// Show what good package metadata looks like.
///
/// Returns an example for each template; each passes `validate_metadata_structure`.
#[scoped_tool(read_only, idempotent, title = "Metadata examples")]
pub async fn show_metadata_examples() -> Result<MetadataExamples, ToolError> {
    let examples = MetadataTemplate::ALL
        .into_iter()
        .map(|template| MetadataExample { template, metadata: example(template) })
        .collect();
    let advice = [
        "metadata is a JSON object, not a text that holds one",
        "a README belongs into the file README.md of the package",
        "what is said of single files belongs to those files, not to the package",
    ];
    Ok(MetadataExamples { success: true, examples, advice: advice.map(str::to_owned).to_vec() })
}

fn example(template: MetadataTemplate) -> Map<String, Value> {
    let own = match template {
        MetadataTemplate::Standard => json!({ "description": "Measurements of the river Aare, 2024" }),
        MetadataTemplate::Genomics => json!({
            "description": "Expression in treated and untreated cells", "data_type": "rna-seq",
            "organism": "Homo sapiens", "genome_build": "GRCh38", "sequencing_platform": "NovaSeq 6000",
            "analysis_type": "differential_expression",
        }),
        MetadataTemplate::Ml => json!({
            "description": "Training set for yield prediction", "data_type": "tabular", "dataset_stage": "train",
            "model_ready": true, "features_count": 24, "target_variable": "yield",
        }),
        MetadataTemplate::Research => json!({
            "description": "Sleep of shift workers", "data_type": "survey", "study_type": "cohort",
            "research_domain": "medicine", "publication_status": "preprint",
        }),
        MetadataTemplate::Analytics => json!({
            "description": "Sales by region", "data_type": "sales", "analysis_period": "2025-Q1",
            "business_unit": "retail", "metrics_included": ["revenue", "orders"],
        }),
    };
    let mut metadata = template.blank("2025-03-31");
    metadata.extend(own.as_object().cloned().unwrap_or_default());
    metadata
}

/// What goes wrong with metadata, and what to do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MetadataTroubleshooting {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// What goes wrong most often.
    pub common_issues: Vec<CommonIssue>,
    /// What to do, step by step.
    pub workflow: Vec<String>,
}

/// Something that goes wrong often.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CommonIssue {
    /// What is seen.
    pub symptom: String,
    /// Why.
    pub cause: String,
    /// What to do.
    pub solution: String,
}

/// Explain what goes wrong with package metadata most often, and how to put it right.
///
/// Returns symptoms, causes and solutions. For metadata at hand, `validate_metadata_structure` says what is wrong with it.
#[scoped_tool(read_only, idempotent, title = "Metadata trouble")]
pub async fn fix_metadata_validation_issues() -> Result<MetadataTroubleshooting, ToolError> {
    let issue = |(symptom, cause, solution): (&str, &str, &str)| CommonIssue {
        symptom: symptom.to_owned(),
        cause: cause.to_owned(),
        solution: solution.to_owned(),
    };
    let common_issues = [
        (
            "`metadata` is refused as an argument",
            "it was given as a text that holds JSON",
            "give it as a JSON object",
        ),
        (
            "a field is reported as missing or empty",
            "the template of this kind of package asks for it",
            "call get_metadata_template with your fields, and fill in what it reports",
        ),
        (
            "a field is reported as being of the wrong kind",
            "numbers, dates, flags and lists have a form each",
            "see the field's type in list_metadata_templates: 12 rather than \"12\", 2025-03-31 rather than 31.3.25",
        ),
        (
            "the README does not show in the catalog",
            "it was put into the metadata",
            "put it into the file README.md of the package",
        ),
    ];
    let workflow = [
        "list_metadata_templates: choose a template",
        "get_metadata_template: fill it in",
        "validate_metadata_structure: until `valid` is true",
    ];
    Ok(MetadataTroubleshooting {
        success: true,
        common_issues: common_issues.map(issue).into(),
        workflow: workflow.map(str::to_owned).to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_example_is_valid() -> Result<(), ToolError> {
        for example in show_metadata_examples().await?.examples {
            let report = validate_metadata_structure(example.metadata, None).await?;
            assert_eq!((report.template, report.issues), (example.template, vec![]));
        }
        Ok(())
    }

    #[tokio::test]
    async fn own_fields_are_set_in_a_template() -> Result<(), ToolError> {
        let own = json!({"description": "d", "more": [1]}).as_object().cloned();
        let filled = get_metadata_template(MetadataTemplate::Standard, own).await?;
        assert_eq!((&filled.metadata["more"], filled.issues), (&json!([1]), vec![]));
        Ok(())
    }
}

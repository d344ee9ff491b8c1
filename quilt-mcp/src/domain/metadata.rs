//! What package metadata should say, by kind of package.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::palette::ColorScheme;

mod validation;

pub use validation::{Issue, Severity, validate};

/// A kind of package, and with it what its metadata should say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum MetadataTemplate {
    /// Any package.
    #[default]
    Standard,
    /// Sequences, variants, expression.
    Genomics,
    /// Data sets and models of machine learning.
    Ml,
    /// Studies.
    Research,
    /// Business figures.
    Analytics,
}

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum FieldKind {
    /// Text.
    Text,
    /// A date, `YYYY-MM-DD`, or a time, RFC 3339.
    Date,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A list of texts.
    List,
}

/// A field of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its key in the metadata.
    pub name: &'static str,
    /// What its value is.
    pub kind: FieldKind,
    /// What it says.
    pub about: &'static str,
    /// Whether metadata without it is incomplete.
    pub required: bool,
}

const fn required(name: &'static str, kind: FieldKind, about: &'static str) -> Field {
    Field { name, kind, about, required: true }
}

const fn optional(name: &'static str, kind: FieldKind, about: &'static str) -> Field {
    Field { name, kind, about, required: false }
}

const OF_ALL: &[Field] = &[
    required("description", FieldKind::Text, "What the package holds, in a sentence"),
    required("created_by", FieldKind::Text, "Who or what made it"),
    required("creation_date", FieldKind::Date, "When it was made"),
    required("package_type", FieldKind::Text, "The kind of package: the name of the template"),
    required("version", FieldKind::Text, "Its version, as in 1.0.0"),
];

const GENOMICS: &[Field] = &[
    required("data_type", FieldKind::Text, "What was measured, as in rna-seq"),
    required("organism", FieldKind::Text, "The species, as in Homo sapiens"),
    optional("genome_build", FieldKind::Text, "The reference, as in GRCh38"),
    optional("sequencing_platform", FieldKind::Text, "The instrument"),
    optional("analysis_type", FieldKind::Text, "What was done, as in differential_expression"),
];

const ML: &[Field] = &[
    required("data_type", FieldKind::Text, "What the data is, as in tabular or images"),
    required("dataset_stage", FieldKind::Text, "raw, processed, train, test or model"),
    optional("model_ready", FieldKind::Boolean, "Whether a model can be trained on it as it is"),
    optional("features_count", FieldKind::Integer, "How many features it has"),
    optional("target_variable", FieldKind::Text, "What is to be predicted"),
];

const RESEARCH: &[Field] = &[
    required("data_type", FieldKind::Text, "What the data is, as in survey or measurements"),
    required("study_type", FieldKind::Text, "How it was gained, as in cohort or trial"),
    optional("research_domain", FieldKind::Text, "The field of research"),
    optional("publication_status", FieldKind::Text, "unpublished, preprint or published"),
];

const ANALYTICS: &[Field] = &[
    required("data_type", FieldKind::Text, "What the figures are, as in sales or usage"),
    required("analysis_period", FieldKind::Text, "The time they cover, as in 2025-Q1"),
    optional("business_unit", FieldKind::Text, "Whose figures they are"),
    optional("metrics_included", FieldKind::List, "The names of the figures"),
];

impl MetadataTemplate {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Standard, Self::Genomics, Self::Ml, Self::Research, Self::Analytics];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Genomics => "genomics",
            Self::Ml => "ml",
            Self::Research => "research",
            Self::Analytics => "analytics",
        }
    }

    /// For which packages it is.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Standard => "Any package",
            Self::Genomics => "Sequences, variants and expression",
            Self::Ml => "Data sets and models of machine learning",
            Self::Research => "Studies and their data",
            Self::Analytics => "Business figures",
        }
    }

    /// The colours of its charts.
    pub const fn color_scheme(self) -> ColorScheme {
        match self {
            Self::Standard => ColorScheme::Default,
            Self::Genomics => ColorScheme::Genomics,
            Self::Ml => ColorScheme::Ml,
            Self::Research => ColorScheme::Research,
            Self::Analytics => ColorScheme::Analytics,
        }
    }

    /// Its fields: those of every package first.
    pub fn fields(self) -> impl Iterator<Item = &'static Field> {
        let own: &[Field] = match self {
            Self::Standard => &[],
            Self::Genomics => GENOMICS,
            Self::Ml => ML,
            Self::Research => RESEARCH,
            Self::Analytics => ANALYTICS,
        };
        OF_ALL.iter().chain(own)
    }

    /// The metadata of a new package: what can be known is filled in, the rest is empty and of the right kind. `today` is
    /// `YYYY-MM-DD`.
    pub fn blank(self, today: &str) -> Map<String, Value> {
        let value = |field: &Field| match (field.name, field.kind) {
            ("creation_date", _) => json!(today),
            ("created_by", _) => json!("quilt-mcp"),
            ("package_type", _) => json!(self.as_str()),
            ("version", _) => json!("1.0.0"),
            (_, FieldKind::Text | FieldKind::Date) => json!(""),
            (_, FieldKind::Integer) => json!(0),
            (_, FieldKind::Boolean) => json!(false),
            (_, FieldKind::List) => json!([]),
        };
        self.fields().map(|field| (field.name.to_owned(), value(field))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_stands_twice_in_a_template() {
        for template in MetadataTemplate::ALL {
            let names: Vec<_> = template.fields().map(|field| field.name).collect();
            assert_eq!(template.blank("2025-01-01").len(), names.len(), "{template:?}: {names:?}");
        }
    }

    #[test]
    fn names_on_the_wire_are_those_of_serde() {
        for template in MetadataTemplate::ALL {
            assert_eq!(json!(template), template.as_str());
        }
    }
}

//! Workflows that are asked for often.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{RefusalKind, WorkflowError};
use super::status::enum_schema;
use super::{JsonObject, NewStep, NewWorkflow, StepId, Timestamp, Workflow, WorkflowId};

/// A ready-made chain of steps, each depending on the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// Several packages into one. Parameters: `source_packages` (list), `target_package`.
    CrossPackageAggregation,
    /// A package from one environment to the next. Parameters: `source_env`, `target_env`, `package_name`.
    EnvironmentPromotion,
    /// A dataset over time. Parameters: `dataset`, `time_range`.
    LongitudinalAnalysis,
    /// Packages against rules. Parameters: `packages` (list), `validation_rules` (list).
    DataValidation,
}

enum_schema!(Template);

impl Template {
    /// Every template.
    pub const ALL: [Self; 4] = [
        Self::CrossPackageAggregation,
        Self::EnvironmentPromotion,
        Self::LongitudinalAnalysis,
        Self::DataValidation,
    ];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CrossPackageAggregation => "cross-package-aggregation",
            Self::EnvironmentPromotion => "environment-promotion",
            Self::LongitudinalAnalysis => "longitudinal-analysis",
            Self::DataValidation => "data-validation",
        }
    }

    /// The workflow `id` with all steps of this template. Parameters that are left out have defaults; those that the
    /// template does not know are kept in the metadata with the others.
    ///
    /// # Errors
    ///
    /// When a parameter is of the wrong type, or a text that it goes into gets too long.
    pub fn instantiate(
        self,
        id: WorkflowId,
        params: JsonObject,
        now: Timestamp,
    ) -> Result<Workflow, WorkflowError> {
        let plan = self.plan(&Params { template: self, given: &params })?;
        let metadata = JsonObject::from_iter([
            ("template".to_owned(), self.as_str().into()),
            ("params".to_owned(), Value::Object(params)),
        ]);
        let mut workflow = Workflow::create(
            NewWorkflow { id, name: plan.name, description: plan.description, metadata },
            now,
        )?;
        let mut previous = None;
        for (id, step_type, description) in plan.steps {
            let id = StepId::new(id)?;
            let new = NewStep {
                id: id.clone(),
                description,
                step_type: step_type.into(),
                dependencies: previous.replace(id).into_iter().collect(),
                metadata: JsonObject::new(),
            };
            workflow.add_step(new, now)?;
        }
        Ok(workflow)
    }

    fn plan(self, params: &Params<'_>) -> Result<Plan, WorkflowError> {
        Ok(match self {
            Self::CrossPackageAggregation => {
                let sources = params.packages("source_packages")?;
                let target = params.text("target_package", "aggregated-data")?;
                Plan {
                    name: format!("Cross-Package Aggregation: {target}"),
                    description: format!("Bring {sources} together in the package {target}"),
                    steps: vec![
                        ("discover-packages", "discovery", format!("Find and check {sources}")),
                        (
                            "analyze-structure",
                            "analysis",
                            "Compare how the source packages are laid out".into(),
                        ),
                        (
                            "extract-data",
                            "extraction",
                            "Take the data that is wanted from each source".into(),
                        ),
                        ("create-aggregated", "creation", format!("Create the package {target}")),
                        ("validate-result", "validation", format!("Check that {target} is complete")),
                    ],
                }
            }
            Self::EnvironmentPromotion => {
                let source = params.text("source_env", "staging")?;
                let target = params.text("target_env", "production")?;
                let package = params.text("package_name", "data-package")?;
                Plan {
                    name: format!("Package Promotion: {source} → {target}"),
                    description: format!("Promote the package {package} from {source} to {target}"),
                    steps: vec![
                        ("validate-source", "validation", format!("Check {package} in {source}")),
                        ("run-tests", "testing", format!("Run the tests on {package}")),
                        ("create-promoted", "promotion", format!("Create {package} in {target}")),
                        ("verify-promotion", "verification", format!("Check {package} in {target}")),
                    ],
                }
            }
            Self::LongitudinalAnalysis => {
                let dataset = params.text("dataset", "time-series-data")?;
                let range = params.text("time_range", "last-12-months")?;
                Plan {
                    name: format!("Longitudinal Analysis: {dataset}"),
                    description: format!("Analyse {dataset} over {range}"),
                    steps: vec![
                        ("setup-athena", "setup", "Make sure that Athena can be queried".into()),
                        ("discover-tables", "discovery", format!("Find the tables of {dataset}")),
                        ("run-analysis", "analysis", format!("Query {dataset} over {range}")),
                        ("generate-report", "reporting", "Write up the findings".into()),
                    ],
                }
            }
            Self::DataValidation => {
                let packages = params.packages("packages")?;
                let rules = params.list("validation_rules")?.len();
                Plan {
                    name: "Data Validation Workflow".into(),
                    description: format!("Check {packages} against {rules} rules"),
                    steps: vec![
                        ("load-packages", "loading", format!("Load {packages}")),
                        ("run-validations", "validation", format!("Apply {rules} rules")),
                        ("generate-report", "reporting", "Write up what passed and what did not".into()),
                    ],
                }
            }
        })
    }
}

struct Plan {
    name: String,
    description: String,
    /// Id, type, description.
    steps: Vec<(&'static str, &'static str, String)>,
}

struct Params<'a> {
    template: Template,
    given: &'a JsonObject,
}

impl<'a> Params<'a> {
    fn text(&self, name: &str, default: &'a str) -> Result<&'a str, WorkflowError> {
        match self.given.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
            Some(_) => Err(self.wrong(name, "a text that is not empty")),
        }
    }

    fn list(&self, name: &str) -> Result<&'a [Value], WorkflowError> {
        match self.given.get(name) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(self.wrong(name, "a list")),
        }
    }

    /// A list of package names, as a phrase.
    fn packages(&self, name: &str) -> Result<String, WorkflowError> {
        const SHOWN: usize = 5;
        let packages = self.list(name)?;
        let names: Option<Vec<&str>> = packages.iter().map(Value::as_str).collect();
        let names = names.ok_or_else(|| self.wrong(name, "a list of package names"))?;
        Ok(match names.len() {
            0 => "the packages".into(),
            count if count > SHOWN => {
                format!("the packages {} and {} more", names[..SHOWN].join(", "), count - SHOWN)
            }
            1 => format!("the package {}", names[0]),
            _ => format!("the packages {}", names.join(", ")),
        })
    }

    fn wrong(&self, name: &str, wanted: &str) -> WorkflowError {
        WorkflowError::new(
            RefusalKind::Invalid,
            format!("parameter '{name}' of template '{}' has to be {wanted}", self.template.as_str()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(template: Template, params: Value) -> Result<Workflow, WorkflowError> {
        let Value::Object(params) = params else { panic!("an object") };
        template.instantiate(WorkflowId::new("w")?, params, Timestamp::now())
    }

    #[test]
    fn every_template_is_a_chain() {
        for template in Template::ALL {
            let workflow = apply(template, serde_json::json!({})).expect("has defaults");
            let steps = workflow.steps();
            assert!(steps[0].dependencies.is_empty());
            for pair in steps.windows(2) {
                assert_eq!(pair[1].dependencies, [pair[0].id.clone()]);
            }
            assert_eq!(workflow.metadata()["template"], template.as_str());
            assert_eq!(serde_json::to_value(template).expect("encodes"), template.as_str());
        }
    }

    #[test]
    fn parameters_and_defaults_reach_the_name() {
        let name = |template, params| apply(template, params).expect("valid").name().to_owned();
        let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(
            name(Template::CrossPackageAggregation, json("{}")),
            "Cross-Package Aggregation: aggregated-data"
        );
        assert_eq!(
            name(Template::EnvironmentPromotion, json(r#"{"target_env": "qa"}"#)),
            "Package Promotion: staging → qa"
        );
        assert_eq!(
            name(Template::LongitudinalAnalysis, json(r#"{"dataset": null}"#)),
            "Longitudinal Analysis: time-series-data"
        );
        assert_eq!(name(Template::DataValidation, json("{}")), "Data Validation Workflow");
    }

    #[test]
    fn a_parameter_of_the_wrong_type_is_named() {
        for params in
            [r#"{"source_packages": "a/b"}"#, r#"{"source_packages": [1]}"#, r#"{"target_package": 7}"#]
        {
            let refused =
                apply(Template::CrossPackageAggregation, serde_json::from_str(params).expect("JSON"))
                    .expect_err(params);
            assert_eq!(refused.kind, RefusalKind::Invalid);
            assert!(refused.message.contains("_package"), "{}", refused.message);
        }
    }
}

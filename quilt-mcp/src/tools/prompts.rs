//! Prompts for the usual jobs. They are text: what they ask for is done by tools, with the rights of who uses them.

use std::collections::BTreeMap;

use crate::domain::bucket::BucketName;
use crate::domain::object::KeyPrefix;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::completion::Wanted;

/// What was filled in, by name.
pub type Filled = BTreeMap<String, String>;

/// A prompt.
#[derive(Clone, Copy, Debug)]
pub struct Prompt {
    /// The name to ask for it by.
    pub name: &'static str,
    /// A name for people.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What is to be filled in.
    pub arguments: &'static [Argument],
    /// The text.
    ///
    /// # Errors
    ///
    /// `invalid_input`: something is missing, or filled in wrongly.
    pub text: fn(&Filled) -> Result<String, ToolError>,
}

/// What is to be filled into a prompt.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name. Completion knows `bucket` and `package` as what was typed before.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Whether the prompt makes no sense without it.
    pub required: bool,
    /// How it can be completed.
    pub completed: Option<Wanted>,
}

const fn argument(
    name: &'static str,
    description: &'static str,
    required: bool,
    completed: Option<Wanted>,
) -> Argument {
    Argument { name, description, required, completed }
}

/// Every prompt, in the order in which clients see them.
pub const PROMPTS: &[Prompt] = &[
    Prompt {
        name: "find_data",
        title: "Find data",
        description: "Find objects and packages on a topic, in one bucket or in all that you can list",
        arguments: &[
            argument("topic", "What the data is about, in a few words", true, None),
            argument("bucket", "Where to look; everywhere if left out", false, Some(Wanted::Bucket)),
        ],
        text: find_data,
    },
    Prompt {
        name: "make_package",
        title: "Make a package",
        description: "Make a package of the objects under a prefix, with a README, metadata and a summary",
        arguments: &[
            argument("bucket", "Where the objects are", true, Some(Wanted::Bucket)),
            argument("package", "The package's name, `namespace/name`", true, Some(Wanted::Package)),
            argument("prefix", "What the keys begin with; all if left out", false, Some(Wanted::Key)),
        ],
        text: make_package,
    },
    Prompt {
        name: "compare_versions",
        title: "Compare versions",
        description: "Say what changed between two revisions of a package",
        arguments: &[
            argument("bucket", "The package's registry", true, Some(Wanted::Bucket)),
            argument("package", "The package's name, `namespace/name`", true, Some(Wanted::Package)),
            argument("from", "The older revision: a top hash", false, Some(Wanted::Revision)),
            argument(
                "to",
                "The newer revision: a top hash; the newest if left out",
                false,
                Some(Wanted::Revision),
            ),
        ],
        text: compare_versions,
    },
    Prompt {
        name: "explain_my_rights",
        title: "Explain my rights",
        description: "Say what you may do with a bucket, or with all of them, and why",
        arguments: &[argument("bucket", "Which bucket; all if left out", false, Some(Wanted::Bucket))],
        text: explain_my_rights,
    },
];

fn find_data(filled: &Filled) -> Result<String, ToolError> {
    let topic = required(filled, "topic")?;
    let place = match bucket(filled)? {
        Some(bucket) => format!("Look in the bucket {bucket}."),
        None => "Call `discover_permissions` to learn which buckets I can list, and look in those that fit."
            .into(),
    };
    Ok(format!(
        "Find data about: {topic}\n\nBegin with `search_catalog`, if a registry is there to be searched. {place} List with \
         `bucket_objects_list`, a folder at a time, by prefix; look into README files and small tables with \
         `bucket_object_text`. Packages are listed by `packages_list`, and looked into with `package_browse`. Tell me what \
         you found, with URIs, sizes and dates, and why each fits; say also where you could not look. Do not guess at \
         contents that you have not seen."
    ))
}

fn make_package(filled: &Filled) -> Result<String, ToolError> {
    let bucket = bucket(filled)?.ok_or_else(|| missing("bucket"))?;
    let package = package(filled)?;
    let prefix = filled.get("prefix").cloned().unwrap_or_default();
    let prefix =
        KeyPrefix::try_from(prefix).map_err(|e| ToolError::invalid_input(format!("`prefix`: {e}")))?;
    Ok(format!(
        "Make the package {package} of the objects under s3://{bucket}/{}\n\n1. Check with `check_bucket_access` that I \
         may read there and write to the registry.\n2. List the objects and propose folders for them.\n3. Choose a \
         template with `list_metadata_templates`, fill it in with `get_metadata_template`, and check it with \
         `validate_metadata_structure`.\n4. Write a README and make the summary with `create_quilt_summary_files`.\n\
         5. Show me all of it and wait for my consent.\n6. Make the package with `package_create_from_s3`, in a dry run \
         first.",
        prefix.as_str()
    ))
}

fn compare_versions(filled: &Filled) -> Result<String, ToolError> {
    let bucket = bucket(filled)?.ok_or_else(|| missing("bucket"))?;
    let package = package(filled)?;
    let revision = |name: &str| filled.get(name).filter(|value| !value.is_empty());
    let from = revision("from").map_or("the one before the newest".to_owned(), |revision| one_line(revision));
    let to = revision("to").map_or("the newest".to_owned(), |revision| one_line(revision));
    Ok(format!(
        "Compare two revisions of the package {package} in s3://{bucket}: from {from} to {to}.\n\nUse `package_versions_list` to find them and `package_diff` to compare. Tell \
         me what was added, deleted and modified, from the older to the newer, with sizes; then what changed in the \
         metadata; then, for small tables and texts that were modified, what changed in them. Begin with the two or three \
         changes that matter most to somebody who uses the data."
    ))
}

fn explain_my_rights(filled: &Filled) -> Result<String, ToolError> {
    let what = match bucket(filled)? {
        Some(bucket) => format!("Call `check_bucket_access` for the bucket {bucket}."),
        None => "Call `discover_permissions`.".to_owned(),
    };
    Ok(format!(
        "Explain what I may do here.\n\nCall `auth_status` to see who I am and as whom AWS takes me. {what} Say in plain \
         words what I may list, read and write, on what evidence, and what could not be found out; an answer of unknown \
         is neither yes nor no. If I lack a right, say whom to ask for which one."
    ))
}

fn required<'f>(filled: &'f Filled, name: &str) -> Result<&'f str, ToolError> {
    filled.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> ToolError {
    ToolError::invalid_input(format!("the argument `{name}` is missing"))
}

fn bucket(filled: &Filled) -> Result<Option<BucketName>, ToolError> {
    let given = filled.get("bucket").filter(|value| !value.is_empty());
    given.map(|name| name.parse().map_err(|e| ToolError::invalid_input(format!("`bucket`: {e}")))).transpose()
}

fn package(filled: &Filled) -> Result<PackageName, ToolError> {
    required(filled, "package")?
        .parse()
        .map_err(|error| ToolError::invalid_input(format!("`package`: {error}")))
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deployment::Deployment;

    fn filled(values: &[(&str, &str)]) -> Filled {
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const EVERYTHING: &[(&str, &str)] = &[
        ("topic", "sleep"),
        ("bucket", "my-bucket"),
        ("package", "team/data"),
        ("prefix", "raw/"),
        ("from", "1700000000"),
        ("to", "latest"),
    ];

    #[test]
    fn what_is_filled_in_is_in_the_text() {
        for prompt in PROMPTS {
            let text = (prompt.text)(&filled(EVERYTHING)).expect("filled in");
            for argument in prompt.arguments {
                let value = EVERYTHING.iter().find(|(name, _)| *name == argument.name).expect("a value").1;
                assert!(text.contains(value), "{} of {}: {text}", argument.name, prompt.name);
            }
        }
    }

    #[test]
    fn what_is_required_and_only_that_must_be_filled_in() {
        for prompt in PROMPTS {
            for left_out in prompt.arguments {
                let mut values = filled(EVERYTHING);
                values.remove(left_out.name);
                let result = (prompt.text)(&values);
                assert_eq!(result.is_err(), left_out.required, "{} of {}", left_out.name, prompt.name);
            }
        }
        let wrong = (PROMPTS[3].text)(&filled(&[("bucket", "Not A Bucket")])).expect_err("refused");
        assert!(wrong.message().starts_with("`bucket`: not a bucket name"), "{wrong}");
    }

    #[test]
    fn prompts_name_tools_that_every_server_has() {
        let table = crate::tools::table(Deployment::MultiTenant);
        for prompt in PROMPTS {
            let text = (prompt.text)(&filled(EVERYTHING)).expect("filled in");
            for name in text.split('`').skip(1).step_by(2) {
                assert!(table.descriptor(name).is_some(), "{} names `{name}`", prompt.name);
            }
            let unmarked: String = text.split('`').step_by(2).collect();
            for tool in table.descriptors() {
                assert!(
                    !unmarked.contains(tool.name),
                    "{} names {} as if it were a word",
                    prompt.name,
                    tool.name
                );
            }
        }
    }
}

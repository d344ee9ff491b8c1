//! What can also be read as an MCP resource, and the tool for clients that cannot read resources.

use quilt_package::QuiltUri;
use quilt_scope::{Lazy, scoped_tool};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::athena::{
    athena_databases_list, athena_query_history, athena_workgroups_list, tabulator_buckets_list,
};
use super::buckets::{bucket_object_fetch, bucket_objects_list};
use super::catalog::catalog_info;
use super::metadata::{fix_metadata_validation_issues, list_metadata_templates, show_metadata_examples};
use super::packages::package_browse;
use super::status::{auth_status, filesystem_status};
use super::workflow::workflow_list_all;
use crate::domain::athena::DataCatalogName;
use crate::domain::bucket::BucketName;
use crate::domain::deployment::Deployment;
use crate::domain::object::{KeyPrefix, S3Uri};
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::{ErrorCode, ToolError};
use crate::service::athena::AthenaService;
use crate::service::auth::AuthService;
use crate::service::catalog::Catalog;
use crate::service::completion::Wanted;
use crate::service::object::ObjectService;
use crate::service::package::PackageService;
use crate::service::registry::RegistryService;
use crate::service::workflow::WorkflowService;

/// A tool whose result is also a resource.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    /// Where clients find it: a URI, or a template whose variables become arguments of the tool.
    pub uri: &'static str,
    /// Its short name.
    pub name: &'static str,
    /// What it holds.
    pub description: &'static str,
    /// The tool that gives the content.
    pub tool: &'static str,
    /// The argument that gets the whole URI, if one does.
    pub uri_argument: Option<&'static str>,
    /// Arguments that are always the same.
    pub fixed: &'static [(&'static str, Value)],
    /// How variables of the URI can be completed.
    pub completed: &'static [(&'static str, Wanted)],
}

impl Resource {
    /// A resource that takes no arguments.
    const fn new(
        uri: &'static str,
        name: &'static str,
        description: &'static str,
        tool: &'static str,
    ) -> Self {
        Self { uri, name, description, tool, uri_argument: None, fixed: &[], completed: &[] }
    }

    /// Whether it stands for many, one for each value of its variables.
    pub fn is_template(&self) -> bool {
        self.uri.contains('{')
    }
}

/// A bucket's resource.
const BUCKET: &str = "s3://{bucket}";

/// An object's resource. The key may hold slashes.
const OBJECT: &str = "s3://{bucket}/{+key}";

/// A package's resource. The name holds a slash.
const PACKAGE: &str = "quilt+s3://{registry}#package={+package_name}";

/// Every resource, in the order in which clients see them.
pub const RESOURCES: &[Resource] = &[
    Resource::new("auth://status", "auth_status", "Who you are to this server and to AWS", "auth_status"),
    Resource::new(
        "auth://filesystem/status",
        "filesystem_status",
        "What this server may write on its machine",
        "filesystem_status",
    ),
    Resource::new("auth://catalog/info", "catalog_info", "Which catalog links lead to", "catalog_info"),
    Resource::new("admin://users", "admin_users", "The accounts of your registry", "admin_users_list"),
    Resource::new("admin://roles", "admin_roles", "The roles of your registry", "admin_roles_list"),
    Resource::new(
        "admin://config/sso",
        "admin_sso_config",
        "How single sign-on is configured at your registry",
        "admin_sso_config_get",
    ),
    Resource::new(
        "admin://config/tabulator",
        "admin_tabulator_open_query",
        "Whether Tabulator's open query is on at your registry",
        "admin_tabulator_open_query_get",
    ),
    Resource::new(
        "athena://databases",
        "athena_databases",
        "The databases that Athena can query; the rest, if there is a `next_token`, by athena_databases_list",
        "athena_databases_list",
    ),
    Resource::new(
        "athena://workgroups",
        "athena_workgroups",
        "The Athena workgroups that you may use; the rest, if there is a `next_token`, by athena_workgroups_list",
        "athena_workgroups_list",
    ),
    Resource::new(
        "athena://query/history",
        "athena_query_history",
        "Athena queries of the last 24 hours, the newest first; the rest, if there is a `next_token`, by athena_query_history",
        "athena_query_history",
    ),
    Resource::new(
        "tabulator://buckets",
        "tabulator_buckets",
        "The buckets whose packages can be queried as tables; the rest, if there is a `next_token`, by tabulator_buckets_list",
        "tabulator_buckets_list",
    ),
    Resource::new(
        "metadata://templates",
        "metadata_templates",
        "Templates for package metadata",
        "list_metadata_templates",
    ),
    Resource::new(
        "metadata://examples",
        "metadata_examples",
        "Good package metadata",
        "show_metadata_examples",
    ),
    Resource::new(
        "metadata://troubleshooting",
        "metadata_troubleshooting",
        "What goes wrong with package metadata, and what to do",
        "fix_metadata_validation_issues",
    ),
    Resource::new(
        "workflow://workflows",
        "workflows",
        "Your workflows, the latest changed first",
        "workflow_list_all",
    ),
    Resource {
        fixed: &[("include_signed_urls", Value::Bool(false))],
        completed: &[("bucket", Wanted::Bucket)],
        ..Resource::new(BUCKET, "bucket", "The first objects of a bucket", "bucket_objects_list")
    },
    Resource {
        uri_argument: Some("s3_uri"),
        fixed: &[("base64_encode", Value::Bool(false))],
        completed: &[("bucket", Wanted::Bucket), ("key", Wanted::Key)],
        ..Resource::new(
            OBJECT,
            "object",
            "The beginning of an object, up to 64 KiB: text, or base64 if it is none",
            "bucket_object_fetch",
        )
    },
    Resource {
        fixed: &[("include_signed_urls", Value::Bool(false))],
        completed: &[("registry", Wanted::Bucket), ("package_name", Wanted::Package)],
        ..Resource::new(
            PACKAGE,
            "package",
            "The current revision of a package: message, metadata and files",
            "package_browse",
        )
    },
];

/// A resource, or the list of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ResourceContent {
    /// Always true: a failure is an error instead.
    pub success: bool,
    /// The resource that was read. Absent in the list of resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// Its content: what the tool behind it returns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Map<String, Value>>,
    /// The resources there are, when none was asked for. Those with `{..}` stand for many: fill in a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<ResourceEntry>>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// When it was read, RFC 3339.
    pub timestamp: String,
    /// The media type of `data`.
    pub mime_type: String,
}

/// A resource in the list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ResourceEntry {
    /// What to ask for.
    pub uri: String,
    /// What it holds.
    pub description: String,
}

/// Read one of this server's resources, for clients that cannot read resources themselves.
///
/// Without a URI, returns the list of resources. The content is that of the tool of the same name. `s3://bucket` lists the
/// bucket's first objects, `s3://bucket/key` reads the beginning of an object, `quilt+s3://bucket#package=namespace/name`
/// browses a package, all with your rights.
#[scoped_tool(read_only, idempotent, open_world, title = "Read a resource")]
#[expect(clippy::too_many_arguments, reason = "what its resources need, each only if it is read")]
pub async fn get_resource(
    auth: &AuthService<'_>,
    deployment: &Deployment,
    catalog: &Catalog,
    registry: &RegistryService<'_>,
    workflows: Lazy<'_, WorkflowService<'_>>,
    objects: Lazy<'_, ObjectService<'_>>,
    packages: Lazy<'_, PackageService<'_>>,
    athena: Lazy<'_, AthenaService<'_>>,
    /// A URI from the list, such as `auth://status`, or `s3://bucket/key`. Leave it out to get the list.
    uri: Option<String>,
) -> Result<ResourceContent, ToolError> {
    let Some(uri) = uri.filter(|uri| !uri.is_empty()) else { return list() };
    let Some(resource) = find(&uri) else {
        let known: Vec<&str> = RESOURCES.iter().map(|resource| resource.uri).collect();
        return Err(ToolError::not_found(format!("there is no resource `{uri}`"))
            .with_hint(format!("the resources are {}", known.join(", "))));
    };
    // Tools are functions: within a request one calls another with the services it has.
    let data = match resource.tool {
        "auth_status" => content(&auth_status(auth, registry).await?),
        "filesystem_status" => content(&filesystem_status(deployment).await?),
        "catalog_info" => content(&catalog_info(catalog, auth, registry, deployment).await?),
        "athena_databases_list" => {
            let athena = athena.get().await.map_err(ToolError::internal)?;
            content(&athena_databases_list(athena, DataCatalogName::of_aws(), 1_000, String::new()).await?)
        }
        "athena_workgroups_list" => {
            let athena = athena.get().await.map_err(ToolError::internal)?;
            content(&athena_workgroups_list(athena, 500, String::new()).await?)
        }
        "athena_query_history" => {
            let athena = athena.get().await.map_err(ToolError::internal)?;
            content(&athena_query_history(athena, 50, None, None, None, None, String::new()).await?)
        }
        "tabulator_buckets_list" => {
            let athena = athena.get().await.map_err(ToolError::internal)?;
            content(&tabulator_buckets_list(athena, registry, 1_000, String::new()).await?)
        }
        "list_metadata_templates" => content(&list_metadata_templates().await?),
        "show_metadata_examples" => content(&show_metadata_examples().await?),
        "fix_metadata_validation_issues" => content(&fix_metadata_validation_issues().await?),
        "workflow_list_all" => {
            let workflows = workflows.get().await.map_err(ToolError::internal)?;
            content(&workflow_list_all(workflows).await?)
        }
        "bucket_objects_list" => {
            let bucket: BucketName = uri.parse().map_err(invalid)?;
            let objects = objects.get().await.map_err(ToolError::internal)?;
            let prefix = KeyPrefix::default();
            content(&bucket_objects_list(objects, bucket, prefix, 100, String::new(), false).await?)
        }
        "bucket_object_fetch" => {
            let object: S3Uri = uri.parse().map_err(invalid)?;
            let objects = objects.get().await.map_err(ToolError::internal)?;
            content(&bucket_object_fetch(objects, object, 65_536, false).await?)
        }
        "package_browse" => {
            let (registry, package) = package_in(&uri)?;
            let packages = packages.get().await.map_err(ToolError::internal)?;
            let objects = objects.get().await.map_err(ToolError::internal)?;
            let latest = RevisionRef::Latest;
            let browsed =
                package_browse(packages, objects, package, registry, true, true, 0, 0, false, latest).await?;
            content(&browsed)
        }
        // What administers needs a scope that reading does not; the transport looks at the name of the tool.
        tool if tool.starts_with("admin_") => Err(ToolError::new(
            ErrorCode::Unsupported,
            format!("`{uri}` is not read by this tool, which needs no right to administer"),
        )
        .with_hint(format!("call `{tool}`, or read it as a resource"))),
        other => {
            Err(ToolError::internal(format!("resource `{uri}` names `{other}`, which is not called here")))
        }
    }?;
    Ok(ResourceContent {
        success: true,
        uri: Some(uri),
        resource_name: Some(resource.name.to_owned()),
        data: Some(data),
        resources: None,
        count: None,
        timestamp: now()?,
        mime_type: "application/json".to_owned(),
    })
}

/// The resource of that URI, or the template that it is of.
fn find(uri: &str) -> Option<&'static Resource> {
    let named = match uri.strip_prefix("s3://") {
        Some(rest) if rest.trim_end_matches('/').contains('/') => OBJECT,
        Some(_) => BUCKET,
        None if uri.starts_with("quilt+s3://") => PACKAGE,
        None => uri,
    };
    RESOURCES.iter().find(|resource| resource.uri == named && (named != uri || !resource.is_template()))
}

/// What the template of packages stands for: nothing but a name, as in `resources/read`.
fn package_in(uri: &str) -> Result<(BucketName, PackageName), ToolError> {
    let uri: QuiltUri = uri.parse().map_err(invalid)?;
    let package = uri.package.ok_or_else(|| invalid("of no package: it needs `#package=namespace/name`"))?;
    if package.revision.is_some() || package.path.is_some() || uri.catalog.is_some() {
        return Err(invalid("of more than a package; read a revision or a path with `package_browse`"));
    }
    Ok((uri.bucket.parse().map_err(invalid)?, PackageName::from(package.name)))
}

fn invalid(error: impl std::fmt::Display) -> ToolError {
    ToolError::invalid_input(format!("`uri` is {error}"))
}

fn list() -> Result<ResourceContent, ToolError> {
    let entry = |resource: &Resource| ResourceEntry {
        uri: resource.uri.to_owned(),
        description: resource.description.to_owned(),
    };
    Ok(ResourceContent {
        success: true,
        uri: None,
        resource_name: None,
        data: None,
        resources: Some(RESOURCES.iter().map(entry).collect()),
        count: Some(RESOURCES.len()),
        timestamp: now()?,
        mime_type: "application/json".to_owned(),
    })
}

fn content(output: &impl Serialize) -> Result<serde_json::Map<String, Value>, ToolError> {
    match serde_json::to_value(output).map_err(ToolError::internal)? {
        Value::Object(object) => Ok(object),
        other => Err(ToolError::internal(format!("a tool's output is no object: {other}"))),
    }
}

fn now() -> Result<String, ToolError> {
    OffsetDateTime::now_utc().format(&Rfc3339).map_err(ToolError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_leads_to_its_resource_or_template() {
        let tool = |uri: &str| find(uri).map(|resource| resource.tool);
        assert_eq!(tool("auth://status"), Some("auth_status"));
        assert_eq!(tool("s3://my-bucket"), Some("bucket_objects_list"));
        assert_eq!(tool("s3://my-bucket/"), Some("bucket_objects_list"));
        assert_eq!(tool("s3://my-bucket/a/b"), Some("bucket_object_fetch"));
        assert_eq!(tool("quilt+s3://my-bucket#package=a/b"), Some("package_browse"));
        assert_eq!(tool("auth://nothing"), None);
    }

    #[test]
    fn a_packages_uri_names_a_package_and_no_more() {
        let (bucket, package) = package_in("quilt+s3://my-bucket#package=a/b").expect("a package");
        assert_eq!((bucket.as_str(), package.as_str()), ("my-bucket", "a/b"));
        for more in [
            "",
            "#package=a/b:latest",
            "#package=a/b&path=x",
            "#package=a/b&catalog=c.example",
            "/k#package=a/b",
        ] {
            assert!(package_in(&format!("quilt+s3://my-bucket{more}")).is_err(), "{more}");
        }
    }
}

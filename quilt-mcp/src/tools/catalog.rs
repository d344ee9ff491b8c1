//! Links into the catalog, and which catalog that is.

use quilt_package::{LogicalKey, QuiltUri, UriPackage};
use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bucket::BucketName;
use crate::domain::catalog::{CatalogConfig, CatalogUrl, Tag, TopHash};
use crate::domain::deployment::Deployment;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::auth::AuthService;
use crate::service::catalog::{Catalog, ChosenBy};
use crate::service::registry::RegistryService;

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum View {
    /// A bucket, or something in it.
    Bucket,
    /// A package, or something in it.
    Package,
}

/// A link into the catalog.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CatalogLink {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The link.
    pub catalog_url: String,
    /// What it leads to.
    pub view_type: View,
    /// The bucket.
    pub bucket: BucketName,
    /// The package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_name: Option<PackageName>,
    /// The path in the bucket or package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The catalog's host.
    pub catalog_host: String,
}

/// Make a link to a bucket, a package, or something in it, for people to open in the Quilt catalog.
///
/// Returns the link. Nothing is asked of the catalog or S3: whether there is such a thing, and whether the reader may see
/// it, shows when the link is opened.
#[scoped_tool(read_only, idempotent, title = "Link to the catalog")]
pub async fn catalog_url(
    catalog: &Catalog,
    /// The bucket, bare or as `s3://name`.
    registry: BucketName,
    /// The package; leave it out for the bucket itself.
    package_name: Option<PackageName>,
    /// A file or folder in the package or bucket; empty for all of it.
    #[default(String::new())]
    path: String,
    /// The catalog, such as `https://catalog.example.com`; empty for the one that is configured.
    #[default(String::new())]
    catalog_host: String,
) -> Result<CatalogLink, ToolError> {
    let host = catalog.named_or_current(named(&catalog_host)?)?;
    let path = path.trim_start_matches('/');
    let (link, view) = match &package_name {
        Some(package) => (host.package_page(&registry, package, path), View::Package),
        None => (host.bucket_page(&registry, path), View::Bucket),
    };
    Ok(CatalogLink {
        success: true,
        catalog_url: link,
        view_type: view,
        bucket: registry,
        package_name,
        path: (!path.is_empty()).then(|| path.to_owned()),
        catalog_host: host.host().to_owned(),
    })
}

/// A Quilt+ URI.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CatalogUri {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The URI.
    pub quilt_plus_uri: String,
    /// The bucket.
    pub bucket: BucketName,
    /// The package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_name: Option<PackageName>,
    /// The path in the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The hash of the revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_hash: Option<TopHash>,
    /// What points to the revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<Tag>,
    /// The catalog's host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_host: Option<String>,
}

/// Make a Quilt+ URI: what Quilt's programs call a package, a revision of it, or a file in it.
///
/// Returns `quilt+s3://bucket#package=..`, to be cited or given to other Quilt programs. Nothing is asked of S3.
#[scoped_tool(read_only, idempotent, title = "Quilt+ URI")]
pub async fn catalog_uri(
    catalog: &Catalog,
    /// The bucket, bare or as `s3://name`.
    registry: BucketName,
    /// The package; leave it out for the bucket itself.
    package_name: Option<PackageName>,
    /// A file or folder in the package.
    path: Option<String>,
    /// The hash of the revision. Give this or `tag`, or neither for the newest.
    top_hash: Option<TopHash>,
    /// `latest`, or the time of the revision. Give this or `top_hash`.
    tag: Option<Tag>,
    /// The catalog to name in the URI; leave it out for the one that is configured, if any.
    catalog_host: Option<String>,
) -> Result<CatalogUri, ToolError> {
    let path = path.map(|path| path.trim_matches('/').to_owned()).filter(|path| !path.is_empty());
    let revision = match (&top_hash, &tag) {
        (Some(_), Some(_)) => {
            return Err(ToolError::invalid_input("`top_hash` and `tag` both name a revision: give one"));
        }
        (Some(hash), None) => Some(hash.clone().into()),
        (None, Some(tag)) => Some(tag.clone().into()),
        (None, None) => None,
    };
    if package_name.is_none() && (revision.is_some() || path.is_some()) {
        return Err(ToolError::invalid_input("`path`, `top_hash` and `tag` need a `package_name`")
            .with_hint("for a file in the bucket itself, use its S3 URI or `catalog_url`"));
    }
    let host = named(&catalog_host.unwrap_or_default())?.or_else(|| catalog.url());
    let host = host.map(|host| host.host().to_owned());
    let in_package = path.as_deref().map(logical_key).transpose()?;
    let package = package_name.as_ref().map(|name| UriPackage {
        name: name.in_format().clone(),
        revision,
        path: in_package,
    });
    let uri = QuiltUri { bucket: registry.to_string(), package, catalog: host.clone() };
    Ok(CatalogUri {
        success: true,
        quilt_plus_uri: uri.to_string(),
        bucket: registry,
        package_name,
        path,
        top_hash,
        tag,
        catalog_host: host,
    })
}

fn logical_key(path: &str) -> Result<LogicalKey, ToolError> {
    path.parse().map_err(|error| ToolError::invalid_input(format!("`path`: {error}")))
}

fn named(host: &str) -> Result<Option<CatalogUrl>, ToolError> {
    if host.is_empty() {
        return Ok(None);
    }
    host.parse().map(Some).map_err(|error| ToolError::invalid_input(format!("`catalog_host` is {error}")))
}

/// Which catalog links lead to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CatalogInfo {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// Whether there is one.
    pub status: CatalogState,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_url: Option<CatalogUrl>,
    /// Its host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_name: Option<String>,
    /// For whom the server works.
    pub deployment_mode: Deployment,
    /// The AWS region that is asked.
    pub region: String,
    /// The Quilt registry that is asked in your name. Absent if there is none for you.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_url: Option<String>,
    /// What the catalog publishes of its stack. Absent if there is no catalog, or it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackInfo>,
    /// Why the catalog does not say what its stack is, or what of it does not fit this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The same in a sentence.
    pub message: String,
}

/// What a catalog publishes of its stack.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StackInfo {
    /// Its registry.
    pub registry_url: String,
    /// Its AWS region.
    pub region: String,
    /// The Athena data catalog of its tabulator tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tabulator_data_catalog: Option<String>,
}

/// Whether there is a catalog, and whose choice it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum CatalogState {
    /// The server's configuration names it.
    Configured,
    /// You chose it.
    Chosen,
    /// There is none.
    NotConfigured,
}

/// Show which Quilt catalog links lead to, and what stack is behind it.
///
/// Returns its address, by whose choice it is the one, what it publishes of its stack, and which registry is asked in your
/// name. Who you are is shown by `auth_status`.
#[scoped_tool(read_only, idempotent, open_world, title = "Which catalog")]
pub async fn catalog_info(
    catalog: &Catalog,
    auth: &AuthService<'_>,
    registry: &RegistryService<'_>,
    deployment: &Deployment,
) -> Result<CatalogInfo, ToolError> {
    let current = catalog.current();
    let (status, message) = match &current {
        Some((url, ChosenBy::Configuration)) => (CatalogState::Configured, format!("links lead to {url}")),
        Some((url, ChosenBy::Person)) => (CatalogState::Chosen, format!("links lead to {url}, as you chose")),
        None => (
            CatalogState::NotConfigured,
            "no catalog is configured: give `catalog_host` to `catalog_url`".to_owned(),
        ),
    };
    let url = current.map(|(url, _)| url);
    let asked = registry.registry();
    let (published, problem) = match registry.catalog_config().await {
        Ok(published) => (published, None),
        Err(error) => (None, Some(error.message().to_owned())),
    };
    let other = asked.as_ref().zip(published.as_deref()).filter(|(asked, stack)| **asked != stack.registry);
    let problem = problem.or_else(|| {
        other.map(|(asked, stack)| {
            format!("this server asks the registry {asked}, and the catalog belongs to {}", stack.registry)
        })
    });
    Ok(CatalogInfo {
        success: true,
        status,
        catalog_name: url.as_ref().map(|url| url.host().to_owned()),
        catalog_url: url,
        deployment_mode: *deployment,
        region: auth.region().to_owned(),
        registry_url: asked.map(|url| url.to_string()),
        stack: published.as_deref().map(StackInfo::from),
        problem,
        message,
    })
}

impl From<&CatalogConfig> for StackInfo {
    fn from(config: &CatalogConfig) -> Self {
        Self {
            registry_url: config.registry.to_string(),
            region: config.region.clone(),
            tabulator_data_catalog: config.tabulator_data_catalog(),
        }
    }
}

/// What was chosen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CatalogChoice {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The address that links lead to from now on.
    pub catalog_url: CatalogUrl,
    /// Whether it will be so after a restart. If not, the server's configuration names another.
    pub permanent: bool,
    /// The same in a sentence.
    pub message: String,
    /// What to do next.
    pub next_steps: Vec<String>,
}

/// Choose the Quilt catalog that links lead to from now on.
///
/// Returns its full address. The choice is kept for later sessions. The catalog is not asked anything, and your login
/// there is not touched. Only a server that works for one person has this tool.
#[scoped_tool(idempotent, title = "Choose a catalog")]
pub async fn catalog_configure(
    catalog: &Catalog,
    /// Its address, such as `https://catalog.example.com`, or `demo`, `sandbox`, `open` or `example`.
    catalog_url: CatalogUrl,
) -> Result<CatalogChoice, ToolError> {
    let permanent = catalog.choose(catalog_url.clone()).await?;
    let until = if permanent { "" } else { " until the server restarts: its configuration names another" };
    Ok(CatalogChoice {
        success: true,
        message: format!("links lead to {catalog_url}{until}"),
        catalog_url,
        permanent,
        next_steps: vec!["call catalog_url to link to a bucket or package".to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::store::CatalogFile;

    fn catalog() -> Catalog {
        let nowhere = CatalogFile::in_directory(std::path::Path::new("/nonexistent"));
        let configured = Some("https://c.example".parse().expect("a URL"));
        Catalog::new(Deployment::MultiTenant, configured, nowhere).expect("nothing to read")
    }

    fn bucket() -> BucketName {
        "my-bucket".parse().expect("a name")
    }

    #[tokio::test]
    async fn a_host_that_is_given_counts_more_than_the_configured() -> Result<(), ToolError> {
        let configured = catalog_url(&catalog(), bucket(), None, "/a b".into(), String::new()).await?;
        assert_eq!(configured.catalog_url, "https://c.example/b/my-bucket/tree/a%20b");
        let given = catalog_url(&catalog(), bucket(), None, String::new(), "open".into()).await?;
        assert_eq!((given.catalog_host.as_str(), given.view_type), ("open.quiltdata.com", View::Bucket));
        let refused = catalog_url(&catalog(), bucket(), None, String::new(), "ftp://x".into()).await;
        assert_eq!(refused.map(|_| ()).map_err(|error| error.code()), Err(ErrorCode::InvalidInput));
        Ok(())
    }

    #[tokio::test]
    async fn a_uri_names_one_revision_of_a_package() -> Result<(), ToolError> {
        let package = || "team/data".parse::<PackageName>().ok();
        let tag = || Tag::try_from("latest".to_owned()).ok();
        let uri =
            catalog_uri(&catalog(), bucket(), package(), Some("x.csv".into()), None, tag(), None).await?;
        assert_eq!(
            uri.quilt_plus_uri,
            "quilt+s3://my-bucket#package=team/data:latest&path=x.csv&catalog=c.example"
        );
        let hash = TopHash::try_from("abcdef".to_owned()).ok();
        let both = catalog_uri(&catalog(), bucket(), package(), None, hash, tag(), None).await;
        let without = catalog_uri(&catalog(), bucket(), None, None, None, tag(), None).await;
        for refused in [both, without] {
            assert_eq!(refused.map(|_| ()).map_err(|error| error.code()), Err(ErrorCode::InvalidInput));
        }
        Ok(())
    }
}

//! What the caller's Quilt registry and catalog say: who the caller is there, which buckets there are, what the stack is.

use std::sync::Arc;

use quilt_scope::service;
use schemars::JsonSchema;
use serde::Serialize;

use super::catalog::Catalog;
use crate::client::registry::RegistryClient;
use crate::client::registry::catalog::CatalogConfigs;
use crate::client::registry::operations::{BucketConfigs, Me, bucket_configs, me};
use crate::domain::bucket::BucketName;
use crate::domain::catalog::CatalogConfig;
use crate::domain::registry::RegistryUrl;
use crate::error::{ErrorCode, ToolError};

/// What the caller's registry and catalog say.
#[derive(Debug)]
pub struct RegistryService<'req> {
    client: &'req RegistryClient<'req>,
    catalog: &'req Catalog,
    configs: &'req CatalogConfigs,
}

#[service]
impl<'req> RegistryService<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(
        client: &'req RegistryClient<'req>,
        catalog: &'req Catalog,
        configs: &'req CatalogConfigs,
    ) -> Self {
        Self { client, catalog, configs }
    }
}

/// The caller, as the registry knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CatalogUser {
    /// The name there.
    pub name: String,
    /// The e-mail address there.
    pub email: String,
    /// Whether they administer the registry.
    pub is_admin: bool,
    /// The role that counts now.
    pub role: String,
    /// All roles that they may take.
    pub roles: Vec<String>,
}

/// A bucket that the registry knows and the caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogBucket {
    /// Its name.
    pub name: BucketName,
    /// Its title in the catalog.
    pub title: String,
    /// What is in it.
    pub description: Option<String>,
    /// A picture.
    pub icon_url: Option<String>,
    /// How far up the catalog shows it: the larger, the further.
    pub relevance_score: i64,
    /// Whether the catalog lets people look into its files.
    pub browsable: bool,
    /// Its tags in the catalog.
    pub tags: Vec<String>,
}

/// The buckets of a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogBuckets {
    /// Those that can be used, the most relevant first.
    pub usable: Vec<CatalogBucket>,
    /// What the registry names besides, and S3 would refuse as the name of a bucket; shortened.
    pub unusable: Vec<String>,
}

/// How much of a name that cannot be a bucket's is told, in characters: that of the longest that can.
const MAX_NAME: usize = 63;

impl RegistryService<'_> {
    /// The caller's registry, if there is one.
    pub fn registry(&self) -> Option<RegistryUrl> {
        self.client.registry()
    }

    /// Who the registry takes the caller for.
    ///
    /// # Errors
    ///
    /// There is no registry for this caller, it does not know the caller, or it does not answer.
    pub async fn me(&self) -> Result<CatalogUser, ToolError> {
        let me = self.client.query::<Me>(me::Variables).await?.me.ok_or_else(|| {
            ToolError::new(ErrorCode::CredentialsUnavailable, "the Quilt registry does not know you")
                .with_hint("obtain a new token, or ask an administrator of the registry for an account")
        })?;
        Ok(CatalogUser {
            name: me.name,
            email: me.email,
            is_admin: me.is_admin,
            role: me.role.name,
            roles: me.roles.into_iter().map(|role| role.name).collect(),
        })
    }

    /// The buckets that the caller may see. A name that no bucket can have spoils only itself.
    ///
    /// # Errors
    ///
    /// There is no registry for this caller, or it refuses or does not answer.
    pub async fn buckets(&self) -> Result<CatalogBuckets, ToolError> {
        let mut buckets = CatalogBuckets::default();
        for found in self.client.query::<BucketConfigs>(bucket_configs::Variables).await?.bucket_configs {
            match found.name.parse() {
                Ok(name) => buckets.usable.push(CatalogBucket::named(name, found)),
                Err(_) => buckets.unusable.push(found.name.chars().take(MAX_NAME).collect()),
            }
        }
        buckets.usable.sort_by(|one, other| {
            (other.relevance_score, &one.name).cmp(&(one.relevance_score, &other.name))
        });
        Ok(buckets)
    }

    /// What the current catalog publishes of its stack, if there is a catalog.
    ///
    /// # Errors
    ///
    /// The catalog does not answer, or not with a `config.json`.
    pub async fn catalog_config(&self) -> Result<Option<Arc<CatalogConfig>>, ToolError> {
        match self.catalog.url() {
            Some(url) => self.configs.of(&url).await.map(Some),
            None => Ok(None),
        }
    }
}

impl CatalogBucket {
    fn named(name: BucketName, found: bucket_configs::BucketConfigsBucketConfigs) -> Self {
        Self {
            name,
            title: found.title,
            description: found.description,
            icon_url: found.icon_url,
            relevance_score: found.relevance_score,
            browsable: found.browsable,
            tags: found.tags.unwrap_or_default(),
        }
    }
}

//! The operations, each typed by its document in `graphql/`: one that the schema beside them does not allow does not compile.

use graphql_client::GraphQLQuery;

/// An operation that changes nothing, and may be asked again.
pub(crate) trait Reads {}

/// Who the registry takes the caller for.
#[derive(Debug, GraphQLQuery)]
#[graphql(
    schema_path = "graphql/schema.graphql",
    query_path = "graphql/me.graphql",
    response_derives = "Debug"
)]
pub(crate) struct Me;

impl Reads for Me {}

/// The buckets that the caller may see.
#[derive(Debug, GraphQLQuery)]
#[graphql(
    schema_path = "graphql/schema.graphql",
    query_path = "graphql/bucket_configs.graphql",
    response_derives = "Debug"
)]
pub(crate) struct BucketConfigs;

impl Reads for BucketConfigs {}

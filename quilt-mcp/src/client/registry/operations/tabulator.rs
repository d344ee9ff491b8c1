//! Tables that the tabulator makes of files in packages.

use graphql_client::GraphQLQuery;

use super::{declined, operations};
use crate::client::registry::declined::Declined;

operations! {
    /// The tables of a bucket.
    query TabulatorTables in "graphql/tabulator.graphql";
    /// Sets a table's configuration, or takes the table away.
    mutation TabulatorTableSet in "graphql/tabulator.graphql";
    /// Gives a table another name.
    mutation TabulatorTableRename in "graphql/tabulator.graphql";
    /// Whether whoever may use Athena may query all tables.
    query TabulatorOpenQuery in "graphql/tabulator.graphql";
    /// Sets that.
    mutation TabulatorOpenQuerySet in "graphql/tabulator.graphql";
}

/// A change of one table.
pub(crate) trait ChangesTable: GraphQLQuery {
    /// How it went.
    fn changed(data: Self::ResponseData) -> Result<(), Declined>;
}

macro_rules! changes_table {
    ($($name:ident in $module:ident;)*) => {$(
        impl ChangesTable for $name {
            fn changed(data: Self::ResponseData) -> Result<(), Declined> {
                match data.admin.changed {
                    $module::TableChange::BucketConfig => Ok(()),
                    $module::TableChange::InvalidInput(input) => Err(declined!(input)),
                    $module::TableChange::OperationError(error) => Err(declined!(operation error)),
                }
            }
        }
    )*};
}

changes_table! {
    TabulatorTableSet in tabulator_table_set;
    TabulatorTableRename in tabulator_table_rename;
}

//! Tables that the tabulator makes of files in packages: what there is, and changing it.

mod change;
mod list;

pub use change::{
    CreatedTable, DeletedTable, FileFormat, RenamedTable, tabulator_open_query_toggle,
    tabulator_table_create, tabulator_table_delete, tabulator_table_rename,
};
pub use list::{
    OneTable, Table, TableList, tabulator_open_query_status, tabulator_table_get, tabulator_tables_list,
};

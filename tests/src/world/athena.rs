//! What a person has at Athena: a workgroup, a database with tables, and a database of Quilt's Tabulator.

use serde_json::{Value, json};

use super::Person;
use crate::Result;
use crate::substrate::Substrate;

/// The data catalog of the Tabulator.
pub const TABULATOR: &str = "quilt-tests-tabulator";

/// How many rows the table of many has: more than Athena gives at a time.
pub const MANY: usize = 2_500;

/// In seconds since 1970: in 2021, before any history that is asked for.
const LONG_AGO: u64 = 1_610_000_000;

impl Person {
    /// Where their queries run.
    pub fn workgroup(&self) -> String {
        format!("quilt-{}", self.bucket)
    }

    /// Their database: tables `notes`, `many` and `endless`.
    pub fn database(&self) -> String {
        self.bucket.replace('-', "_")
    }

    /// What Athena calls a query of theirs that ended years ago. Its result is a row with their mark.
    pub fn finished_query(&self) -> String {
        format!("{}-finished", self.bucket)
    }
}

/// What a world has at Athena. It goes with the world: whoever lists workgroups looks at each that is left.
pub(super) struct AtAthena {
    pub(super) substrate: &'static Substrate,
    pub(super) world: String,
}

impl Drop for AtAthena {
    fn drop(&mut self) {
        self.substrate.forget_at_athena(&self.world);
    }
}

pub(super) async fn set_up(substrate: &Substrate, person: &Person) -> Result<()> {
    let workgroup = json!({
        "name": person.workgroup(),
        "description": person.canary,
        "output_location": format!("s3://{}/athena", person.bucket),
    });
    let finished = json!({
        "id": person.finished_query(),
        "workgroup": person.workgroup(),
        "sql": "SELECT note FROM notes WHERE id = 1",
        "submitted": LONG_AGO,
        "columns": [["note", "varchar"]],
        "rows": [[person.canary]],
    });
    let wanted = json!({"workgroups": [workgroup], "databases": databases(person), "executions": [finished]});
    substrate.define_at_athena(&wanted).await
}

pub(super) fn rights(account: &str, person: &Person) -> Vec<Value> {
    let athena = |what: &str| format!("arn:aws:athena:us-east-1:{account}:{what}");
    let glue = |what: &str| format!("arn:aws:glue:us-east-1:{account}:{what}");
    let (database, bucket) = (person.database(), &person.bucket);
    let mut tables = vec![glue("catalog")];
    for name in [&database, bucket] {
        tables.extend([glue(&format!("database/{name}")), glue(&format!("table/{name}/*"))]);
    }
    let workgroups = [person.workgroup(), format!("{}-*", person.workgroup())];
    let workgroups = workgroups.map(|name| athena(&format!("workgroup/{name}")));
    vec![
        // As nearly everybody may, at AWS: the names of workgroups and catalogs.
        json!({"Effect": "Allow", "Action": "athena:ListWorkGroups", "Resource": "*"}),
        json!({
            "Effect": "Allow",
            "Action": ["athena:ListDatabases", "athena:ListTableMetadata", "athena:GetTableMetadata"],
            "Resource": athena("datacatalog/*"),
        }),
        json!({"Effect": "Allow", "Action": "athena:*", "Resource": workgroups}),
        json!({"Effect": "Allow", "Action": "glue:Get*", "Resource": tables}),
    ]
}

fn databases(person: &Person) -> Value {
    let column = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let location = format!("s3://{}/notes/", person.bucket);
    let notes = json!({
        "name": "notes",
        "comment": person.canary,
        "location": location,
        "columns": [
            column("id", "bigint"), column("note", "varchar"), column("created_at", "timestamp"),
            column("score", "double"), column("done", "boolean"),
        ],
        "partitions": [column("day", "date")],
        "rows": [
            [1, person.canary, "2026-01-01 10:00:00.000", 0.5, true, "2026-01-01"],
            [2, "", null, null, null, "2026-01-01"],
            [3, null, "2026-01-02 10:00:00.000", -1.5, false, "2026-01-02"],
        ],
    });
    let pair = [column("id", "integer"), column("name", "varchar")];
    let many = json!({"name": "many", "location": location, "columns": pair, "numbered": MANY});
    let endless = json!({"name": "endless", "location": location, "columns": pair, "endless": true});
    let packages =
        json!({"name": "packages", "location": location, "columns": pair, "rows": [[1, person.canary]]});
    json!([
        {
            "catalog": "AwsDataCatalog",
            "name": person.database(),
            "description": person.canary,
            "tables": [notes, many, endless],
        },
        {"catalog": TABULATOR, "name": person.bucket, "tables": [packages]},
    ])
}

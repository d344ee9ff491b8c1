//! The shape of a tenant's database, and how an older one becomes the present one.

use rusqlite::{Connection, TransactionBehavior};

use super::connection::{Failure, unavailable};

/// Marks the file as ours ("QLTW").
const APPLICATION_ID: i32 = 0x514c_5457;

/// Each brings the database from the version of its index to the next. Only ever appended to.
pub(super) const MIGRATIONS: &[&str] = &[
    // `tenant` says whose file it is, and counts the changes: a version comes from `revision`, so it never recurs.
    // Every key begins with the user, although the file is the tenant's own.
    "CREATE TABLE tenant (
         only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
         name     TEXT    NOT NULL,
         revision INTEGER NOT NULL DEFAULT 0
     ) STRICT;
     CREATE TABLE workflow (
         issuer     TEXT    NOT NULL,
         subject    TEXT    NOT NULL,
         id         TEXT    NOT NULL,
         version    INTEGER NOT NULL,
         updated_at TEXT    NOT NULL,
         summary    TEXT    NOT NULL,
         record     TEXT    NOT NULL,
         PRIMARY KEY (issuer, subject, id)
     ) STRICT, WITHOUT ROWID;",
];

/// Whether the database is new, or `tenant`'s in a format that is known. Changes nothing in it.
pub(super) fn recognise(connection: &Connection, tenant: &str) -> Result<(), Failure> {
    match pending(connection, MIGRATIONS)? {
        Some(0) => Ok(()),
        Some(_) | None => check_tenant(connection, tenant),
    }
}

/// Brings the database of `tenant` up to date, and makes sure that it is that tenant's.
pub(super) fn prepare(connection: &mut Connection, tenant: &str) -> Result<(), Failure> {
    migrate(connection, tenant, MIGRATIONS)?;
    check_tenant(connection, tenant)
}

/// Whose it says it is.
pub(super) fn tenant_of(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("SELECT name FROM tenant", [], |row| row.get(0))
}

fn check_tenant(connection: &Connection, tenant: &str) -> Result<(), Failure> {
    if tenant_of(connection)? != tenant {
        return Err(Failure::Unusable("the file belongs to another tenant".into()));
    }
    Ok(())
}

fn migrate(connection: &mut Connection, tenant: &str, migrations: &[&str]) -> Result<(), Failure> {
    while pending(connection, migrations)?.is_some() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster: look again, now that the lock is held.
        if let Some(version) = pending(&transaction, migrations)? {
            transaction.execute_batch(migrations[version])?;
            if version == 0 {
                transaction.execute("INSERT INTO tenant (only_row, name) VALUES (1, ?1)", [tenant])?;
                transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            }
            transaction.pragma_update(None, "user_version", format_number(version + 1))?;
            transaction.commit()?;
        }
    }
    Ok(())
}

/// The version that the database has, if a migration leads on from there.
fn pending(connection: &Connection, migrations: &[&str]) -> Result<Option<usize>, Failure> {
    let version = version(connection)?;
    let known = migrations.len();
    if version > known {
        return Err(Failure::Refused(
            unavailable(&format!(
                "the workflows of this tenant were saved by a newer server (format {version}; this one knows \
                 formats up to {known})"
            ))
            .with_hint("the operator has to run the newer server, or restore an older backup"),
        ));
    }
    Ok((version < known).then_some(version))
}

/// Whether nothing was saved in it yet. Fails if it is another application's.
pub(super) fn is_new(connection: &Connection) -> Result<bool, Failure> {
    Ok(version(connection)? == 0)
}

/// The version of the format: 0 for an empty database.
fn version(connection: &Connection) -> Result<usize, Failure> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let new = application == 0 && version == 0 && tables == 0;
    if !new && (application != APPLICATION_ID || version == 0) {
        return Err(Failure::Unusable(format!("a database of another application ({application:#x})")));
    }
    usize::try_from(version).map_err(|_| Failure::Unusable(format!("format {version}")))
}

fn format_number(version: usize) -> i32 {
    i32::try_from(version).expect("there are few migrations")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: &str = "ALTER TABLE workflow ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'";

    fn memory() -> Connection {
        Connection::open_in_memory().expect("memory")
    }

    fn insert(connection: &Connection) {
        connection
            .execute("INSERT INTO workflow VALUES ('i', 's', 'w', 1, 't', '{}', '{}')", [])
            .expect("the first format");
    }

    #[test]
    fn a_new_file_gets_the_present_format_once() {
        let mut connection = memory();
        prepare(&mut connection, "acme").expect("new");
        insert(&connection);
        prepare(&mut connection, "acme").expect("again");
        assert_eq!(version(&connection).expect("ours"), MIGRATIONS.len());
        let rows: i64 =
            connection.query_row("SELECT count(*) FROM workflow", [], |r| r.get(0)).expect("rows");
        assert_eq!(rows, 1);
    }

    #[test]
    fn an_older_file_is_brought_up_to_date_with_its_rows() {
        let mut connection = memory();
        migrate(&mut connection, "acme", &MIGRATIONS[..1]).expect("the first format");
        insert(&connection);
        migrate(&mut connection, "acme", &[MIGRATIONS[0], SECOND]).expect("the second");
        assert_eq!(version(&connection).expect("ours"), 2);
        let colour: String =
            connection.query_row("SELECT colour FROM workflow", [], |r| r.get(0)).expect("the new column");
        assert_eq!(colour, "blue");
    }

    #[test]
    fn a_migration_that_fails_leaves_the_older_format() {
        let mut connection = memory();
        migrate(&mut connection, "acme", &MIGRATIONS[..1]).expect("the first format");
        insert(&connection);
        let half = format!("{SECOND}; THIS IS NOT SQL");
        migrate(&mut connection, "acme", &[MIGRATIONS[0], &half]).expect_err("bad SQL");
        assert_eq!(version(&connection).expect("ours"), 1);
        assert!(connection.query_row("SELECT colour FROM workflow", [], |_| Ok(())).is_err());
    }

    #[test]
    fn a_newer_file_is_refused_and_left_alone() {
        let mut connection = memory();
        migrate(&mut connection, "acme", &[MIGRATIONS[0], SECOND]).expect("a newer server");
        let Err(Failure::Refused(error)) = migrate(&mut connection, "acme", &MIGRATIONS[..1]) else {
            panic!("a downgrade was accepted");
        };
        assert!(error.message().contains("newer server (format 2"), "{error}");
        assert_eq!(version(&connection).expect("ours"), 2);
    }

    #[test]
    fn the_file_of_another_tenant_or_application_is_refused() {
        let mut connection = memory();
        prepare(&mut connection, "acme").expect("new");
        for tenant in ["Acme", "acme ", "globex", ""] {
            assert!(matches!(recognise(&connection, tenant), Err(Failure::Unusable(_))), "{tenant:?}");
            assert!(matches!(prepare(&mut connection, tenant), Err(Failure::Unusable(_))), "{tenant:?}");
        }
        let connection = memory();
        connection.execute_batch("CREATE TABLE tenant (name TEXT)").expect("a table");
        assert!(matches!(recognise(&connection, "acme"), Err(Failure::Unusable(_))));
    }
}

"""What Athena can be asked about here: data catalogs, databases, tables. The rows are in SQLite, which runs the queries.

So a query answers what it asks for, and not what a test put in a queue. SQLite's SQL is not Trino's: what both read alike
works. Names have at most two parts.
"""

import sqlite3
import threading
import time

_lock = threading.Lock()
_databases = {}
_INFERRED = {int: "bigint", float: "double", bytes: "varbinary"}


class Failed(Exception):
    """A query has failed, for this reason."""


class Denied(Exception):
    """The caller lacks a right."""

    def __init__(self, action, resource):
        super().__init__(action, resource)
        self.action, self.resource = action, resource


class Table:
    """A table as `POST /quilt-test/athena` gives it: with `rows`, or so many that are `numbered`. A query of one that is
    `endless` runs until it is stopped.
    """

    def __init__(self, wanted):
        self.name, self.comment = wanted["name"], wanted.get("comment", "")
        self.columns, self.partitions = wanted["columns"], wanted.get("partitions", [])
        self.location = wanted.get("location")
        self._rows, self._numbered = wanted.get("rows", []), wanted.get("numbered", 0)
        self.endless, self.created = wanted.get("endless", False), time.time()

    @property
    def rows(self):
        """Each as long as the columns are many."""
        return self._rows or ([number, f"row {number}"] for number in range(self._numbered))

    @property
    def all_columns(self):
        """Those in the data, then those by which it is divided."""
        return [*self.columns, *self.partitions]


class Database:
    """A database of a data catalog, with its tables by name."""

    def __init__(self, wanted):
        self.catalog, self.name = wanted["catalog"], wanted["name"]
        self.description = wanted.get("description", "")
        self.tables = {table["name"]: Table(table) for table in wanted["tables"]}


def define(databases):
    """Puts databases in place, with what is in them."""
    with _lock:
        for wanted in databases:
            database = Database(wanted)
            _databases[database.catalog, database.name] = database


def forget(part):
    """Takes away the databases whose names hold this."""
    with _lock:
        for key in [key for key in _databases if part in key[1]]:
            del _databases[key]


def databases(catalog):
    """All of a catalog, by name."""
    with _lock:
        return sorted((d for d in _databases.values() if d.catalog == catalog), key=lambda d: d.name)


def database(catalog, name):
    """One, or None."""
    with _lock:
        return _databases.get((catalog, name))


def endless(sql, catalog, default):
    """Whether a query of this is one that does not end."""
    return any(table.endless for database in _named(sql, catalog, default) for table in _tables_in(sql, database))


def run(sql, catalog, default, may_read):
    """The columns and rows of a query. `may_read` raises `Denied` for what the caller may not read."""
    words = sql.rstrip("; \n").split()
    if [word.upper() for word in words[:2]] == ["SHOW", "TABLES"]:
        return _show_tables(catalog, words[3] if len(words) > 3 else default, may_read)
    if [word.upper() for word in words[:2]] == ["DROP", "TABLE"]:
        return _drop_table(catalog, words[2], default, may_read)
    named = _named(sql, catalog, default)
    connection = sqlite3.connect(":memory:")
    denied = []
    try:
        for database in named:
            _fill(connection, database, sql)
        connection.set_authorizer(_authorizer({d.name: d for d in named}, may_read, denied))
        cursor = connection.execute(sql.rstrip("; \n"))
        names = [column[0] for column in cursor.description or []]
        rows = cursor.fetchall()
    except sqlite3.Error as error:
        if denied:
            raise denied[0] from None
        raise Failed(_in_trinos_words(str(error), catalog, default)) from None
    finally:
        connection.close()
    return _typed(names, rows, [table for database in named for table in _tables_in(sql, database)]), rows


def _named(sql, catalog, default):
    """The databases that a query names, the one that counts without a name first."""
    named = [database for database in databases(catalog) if database.name in sql or database.name == default]
    return sorted(named, key=lambda database: database.name != default)


def _tables_in(sql, database):
    return [table for table in database.tables.values() if table.name in sql]


def _show_tables(catalog, name, may_read):
    found = database(catalog, name)
    if found is None:
        raise Failed(f"SCHEMA_NOT_FOUND: Schema '{name}' does not exist")
    may_read(found, None)
    return [("tab_name", "string")], [(table,) for table in sorted(found.tables)]


def _drop_table(catalog, name, default, may_read):
    of, _, table = name.rpartition(".")
    found = database(catalog, of or default)
    if found is None or table not in found.tables:
        raise Failed(f"TABLE_NOT_FOUND: Table '{name}' does not exist")
    # Here who may read a table may drop it.
    may_read(found, found.tables[table])
    with _lock:
        del found.tables[table]
    return [], []


def _fill(connection, database, sql):
    connection.execute("ATTACH ':memory:' AS ?", (database.name,))
    for table in _tables_in(sql, database):
        names = ", ".join(f'"{column["name"]}"' for column in table.all_columns)
        places = ", ".join("?" for _ in table.all_columns)
        connection.execute(f'CREATE TABLE "{database.name}"."{table.name}" ({names})')
        connection.executemany(f'INSERT INTO "{database.name}"."{table.name}" VALUES ({places})', table.rows)


def _authorizer(named, may_read, denied):
    def authorize(action, table, _column, schema, _inner):
        if action == sqlite3.SQLITE_READ and schema in named and table in named[schema].tables:
            try:
                may_read(named[schema], named[schema].tables[table])
            except Denied as refusal:
                denied.append(refusal)
                return sqlite3.SQLITE_DENY
        # What would write meets tables that are gone with the query.
        return sqlite3.SQLITE_OK

    return authorize


def _in_trinos_words(message, catalog, default):
    what, _, name = message.partition(": ")
    if what == "no such table":
        full = name if "." in name else f"{default}.{name}"
        return f"TABLE_NOT_FOUND: line 1:15: Table '{catalog.lower()}.{full}' does not exist"
    if what == "no such column":
        return f"COLUMN_NOT_FOUND: line 1:8: Column '{name}' cannot be resolved"
    return f"SYNTAX_ERROR: line 1:1: {message}"


def _typed(names, rows, tables):
    declared = {column["name"]: column["type"] for table in tables for column in table.all_columns}

    def inferred(at):
        value = next((row[at] for row in rows if row[at] is not None), "")
        return _INFERRED.get(type(value), "varchar")

    return [(name, declared.get(name) or inferred(at)) for at, name in enumerate(names)]

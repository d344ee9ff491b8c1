"""A query at Athena, from when it is sent to when it has ended."""

import time
import uuid

from . import lake

ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}


class Execution:
    """A query that was sent. It reads and writes with the rights of who sent it."""

    def __init__(self, sql, context, workgroup, output, caller):
        self.id, self.sql = str(uuid.uuid4()), sql
        self.catalog, self.database = context.get("Catalog", "AwsDataCatalog"), context.get("Database")
        self.workgroup, self.output, self.caller = workgroup, f"{output.rstrip('/')}/{self.id}.csv", caller
        self.state, self.reason, self.columns, self.rows = "QUEUED", None, [], []
        self.submitted, self.completed = time.time(), None
        # So often a look at it among others does not get to it.
        self.unprocessed = 0
        self.is_definition = self.sql.lstrip().upper().startswith(("SHOW", "DESCRIBE", "CREATE", "DROP", "ALTER"))

    @classmethod
    def ended(cls, wanted, output):
        """One that ended before the test began: `id`, `workgroup`, `sql`, and if wanted `submitted`, `state`, `unprocessed`,
        `columns` as pairs of name and type, and `rows`, or so many that are `numbered`."""
        execution = cls(wanted["sql"], {}, wanted["workgroup"], output, None)
        execution.id = wanted["id"]
        execution.submitted = execution.completed = wanted.get("submitted", execution.submitted)
        execution.unprocessed = wanted.get("unprocessed", 0)
        execution.state, execution.columns = wanted.get("state", "SUCCEEDED"), wanted.get("columns", [])
        numbered = ([number, f"row {number}"] for number in range(wanted.get("numbered", 0)))
        execution.rows = wanted.get("rows") or list(numbered)
        return execution

    def advance(self):
        """One step, at each look."""
        if self.state == "QUEUED":
            self.state = "RUNNING"
        elif self.state == "RUNNING" and not lake.endless(self.sql, self.catalog, self.database):
            try:
                self._require("s3:PutObject", arn_of_location(self.output))
                self.columns, self.rows = lake.run(self.sql, self.catalog, self.database, self._may_read)
                self.end("SUCCEEDED")
            except lake.Failed as failure:
                self.end("FAILED", str(failure))
            except lake.Denied as refusal:
                self.end("FAILED", f"PERMISSION_DENIED: {refused(self.caller, refusal.action, refusal.resource)}")

    def end(self, state, reason=None):
        """It has ended."""
        self.state, self.reason, self.completed = state, reason, time.time()

    def _may_read(self, database, table):
        name = f"{database.name}/{table.name}" if table else database.name
        self._require("glue:GetTable" if table else "glue:GetTables", glue_arn("table" if table else "database", name))
        if table and table.location:
            self._require("s3:GetObject", arn_of_location(table.location) + "data")

    def _require(self, action, resource):
        if self.caller and not self.caller.may(action, resource, {}):
            raise lake.Denied(action, resource)

    def shown(self):
        """As GetQueryExecution gives it."""
        status = {"State": self.state, "SubmissionDateTime": self.submitted}
        status |= {"CompletionDateTime": self.completed} if self.completed else {}
        status |= {"StateChangeReason": self.reason} if self.reason else {}
        context = {"Catalog": self.catalog} | ({"Database": self.database} if self.database else {})
        took = int(1000 * ((self.completed or time.time()) - self.submitted))
        return {
            "QueryExecutionId": self.id,
            "Query": self.sql,
            "StatementType": "DDL" if self.is_definition else "DML",
            "ResultConfiguration": {"OutputLocation": self.output},
            "QueryExecutionContext": context,
            "Status": status,
            "Statistics": {"DataScannedInBytes": len(str(self.rows)), "TotalExecutionTimeInMillis": took},
            "WorkGroup": self.workgroup,
        }


def refused(caller, action, resource):
    """What AWS says to who may not."""
    return f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource}"


def glue_arn(kind, name):
    """Of a database, or of a table as `database/table`."""
    return f"arn:aws:glue:us-east-1:123456789012:{kind}/{name}"


def arn_of_location(location):
    """Of what is at an S3 URI."""
    return "arn:aws:s3:::" + location.removeprefix("s3://")

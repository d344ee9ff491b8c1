"""Athena as far as moto has none: rights by workgroup and table, states of queries, results in pages, what was asked.

A query is QUEUED, is RUNNING once it was looked at, and is done when it is looked at again. It reads tables with the rights
of who sent it, and its workgroup needs a place for results that the sender may write to. Rights to tables are Glue's,
whatever the catalog. Names of databases are only shown to who may `glue:GetDatabase` them, as with Lake Formation.
Workgroups are listed by name for everybody who may list them at all, as at AWS.
"""

import json
import re
import threading
import time

from moto.athena.models import athena_backends
from moto.athena.responses import AthenaResponse
from moto.core.exceptions import JsonRESTError

from . import authorise, lake, record
from .queries import ENDED, Execution, glue_arn, refused

ACCOUNT = "123456789012"
_lock = threading.Lock()
_executions = {}
_tokens = {}


def install() -> None:
    """Replaces what moto answers, and adds what it does not know."""
    for action in (
        _list_work_groups,
        _get_work_group,
        _start_query_execution,
        _get_query_execution,
        _batch_get_query_execution,
        _get_query_results,
        _list_query_executions,
        _stop_query_execution,
        _list_databases,
        _list_table_metadata,
        _get_table_metadata,
    ):
        setattr(AthenaResponse, action.__name__.removeprefix("_"), action)


def define(workgroups):
    """Puts workgroups in place: `name`, and if wanted `description`, `output_location`, `state`."""
    backend = athena_backends[ACCOUNT]["us-east-1"]
    for wanted in workgroups:
        place = {"OutputLocation": wanted["output_location"]} if "output_location" in wanted else {}
        backend.create_work_group(wanted["name"], {"ResultConfiguration": place}, wanted.get("description", ""), [])
        backend.work_groups[wanted["name"]].state = wanted.get("state", "ENABLED")


def define_executions(executions):
    """Puts queries in place that have ended: see `Execution.ended`."""
    ended = [Execution.ended(wanted, "s3://results") for wanted in executions]
    with _lock:
        _executions.update((execution.id, execution) for execution in ended)


def forget(part):
    """Takes away the workgroups whose names hold this, and what was asked there."""
    groups = athena_backends[ACCOUNT]["us-east-1"].work_groups
    for name in [name for name in list(groups) if part in name]:
        groups.pop(name, None)
    with _lock:
        for key in [key for key, execution in _executions.items() if part in execution.workgroup]:
            del _executions[key]


def _list_work_groups(self):
    groups = sorted(list(self.athena_backend.work_groups.values()), key=lambda group: group.name)
    shown = [{"Name": g.name, "State": g.state, "Description": g.description} for g in groups]
    return _page(self, "WorkGroups", shown, 50)


def _get_work_group(self):
    name = self._get_param("WorkGroup")
    _judge(self, "GetWorkGroup", _athena_arn(f"workgroup/{name}"))
    group = _work_group(self, name)
    about = {"Name": group.name, "State": group.state, "Description": group.description}
    return json.dumps({"WorkGroup": about | {"Configuration": group.configuration, "CreationTime": time.time()}})


def _start_query_execution(self):
    name = self._get_param("WorkGroup") or "primary"
    _judge(self, "StartQueryExecution", _athena_arn(f"workgroup/{name}"))
    group = _work_group(self, name)
    if group.state != "ENABLED":
        raise _invalid(f"WorkGroup {name} is disabled.")
    output = group.configuration.get("ResultConfiguration", {}).get("OutputLocation")
    if not output:
        raise _invalid("No output location provided. An output location is required either through the Workgroup ..")
    context = self._get_param("QueryExecutionContext") or {}
    execution = Execution(self._get_param("QueryString"), context, name, output, _caller())
    with _lock:
        # Sent again by a retry, it is the same query.
        token = self._get_param("ClientRequestToken") or execution.id
        execution = _executions.setdefault(_tokens.setdefault((_caller() and _caller().arn, token), execution.id), execution)
    return json.dumps({"QueryExecutionId": execution.id})


def _get_query_execution(self):
    execution = _execution(self, "GetQueryExecution")
    with _lock:
        execution.advance()
    return json.dumps({"QueryExecution": execution.shown()})


def _batch_get_query_execution(self):
    ids = self._get_param("QueryExecutionIds")
    left = [_unprocessed(i, "INVALID_INPUT", "QueryExecution was not found") for i in ids if i not in _executions]
    shown = []
    for execution in (_executions[i] for i in ids if i in _executions):
        _judge(self, "BatchGetQueryExecution", _athena_arn(f"workgroup/{execution.workgroup}"))
        with _lock:
            if execution.unprocessed:
                execution.unprocessed -= 1
                left.append(_unprocessed(execution.id, "INTERNAL_FAILURE", "Try again"))
            else:
                shown.append(execution.shown())
    return json.dumps({"QueryExecutions": shown, "UnprocessedQueryExecutionIds": left})


def _unprocessed(execution_id, code, message):
    return {"QueryExecutionId": execution_id, "ErrorCode": code, "ErrorMessage": message}


def _get_query_results(self):
    execution = _execution(self, "GetQueryResults")
    if execution.state != "SUCCEEDED":
        raise _invalid(f"Query has not yet finished. Current state: {execution.state}")
    rows = [[_text(kind, value) for (_, kind), value in zip(execution.columns, row)] for row in execution.rows]
    if not execution.is_definition:
        rows.insert(0, [name for name, _ in execution.columns])
    page = json.loads(_page(self, "Rows", rows, 1000))
    shown = [{"Data": [{} if text is None else {"VarCharValue": text} for text in row]} for row in page.pop("Rows")]
    columns = [{"Name": name, "Type": kind} for name, kind in execution.columns]
    result = {"Rows": shown, "ResultSetMetadata": {"ColumnInfo": columns}}
    return json.dumps({"ResultSet": result, "UpdateCount": 0} | page)


def _list_query_executions(self):
    name = self._get_param("WorkGroup") or "primary"
    _judge(self, "ListQueryExecutions", _athena_arn(f"workgroup/{name}"))
    of_group = [execution for execution in list(_executions.values()) if execution.workgroup == name]
    newest_first = sorted(of_group, key=lambda execution: -execution.submitted)
    return _page(self, "QueryExecutionIds", [execution.id for execution in newest_first], 50)


def _stop_query_execution(self):
    execution = _execution(self, "StopQueryExecution")
    with _lock:
        if execution.state not in ENDED:
            execution.end("CANCELLED", "Query cancelled by user")
    return json.dumps({})


def _list_databases(self):
    catalog = self._get_param("CatalogName")
    _judge(self, "ListDatabases", _athena_arn(f"datacatalog/{catalog}"))
    caller = _caller()
    seen = [
        database
        for database in lake.databases(catalog)
        if not caller or caller.may("glue:GetDatabase", glue_arn("database", database.name), {})
    ]
    shown = [{"Name": d.name, "Description": d.description, "Parameters": {}} for d in seen]
    return _page(self, "DatabaseList", shown, 50)


def _list_table_metadata(self):
    database = _database(self, "ListTableMetadata", "glue:GetTables")
    pattern = re.compile(self._get_param("Expression") or "")
    tables = [t for _, t in sorted(database.tables.items()) if pattern.search(t.name)]
    return _page(self, "TableMetadataList", [_shown_table(table) for table in tables], 50)


def _get_table_metadata(self):
    database = _database(self, "GetTableMetadata", "glue:GetTable")
    table = database.tables.get(self._get_param("TableName"))
    if table is None:
        raise JsonRESTError("MetadataException", "EntityNotFoundException: Entity Not Found")
    return json.dumps({"TableMetadata": _shown_table(table)})


def _shown_table(table):
    def columns(of):
        return [{"Name": c["name"], "Type": c["type"], "Comment": c.get("comment", "")} for c in of]

    return {
        "Name": table.name,
        "CreateTime": table.created,
        "TableType": "EXTERNAL_TABLE",
        "Columns": columns(table.columns),
        "PartitionKeys": columns(table.partitions),
        "Parameters": {"comment": table.comment, "location": table.location or "", "EXTERNAL": "TRUE"},
    }


def _database(self, action, of_glue):
    catalog, name = self._get_param("CatalogName"), self._get_param("DatabaseName")
    _judge(self, action, _athena_arn(f"datacatalog/{catalog}"))
    caller, arn = _caller(), glue_arn("database", name)
    if caller and not caller.may(of_glue, arn, {}):
        raise JsonRESTError("MetadataException", refused(caller, of_glue, arn))
    database = lake.database(catalog, name)
    if database is None:
        raise JsonRESTError("MetadataException", f"EntityNotFoundException: Database {name} not found.")
    return database


def _execution(self, action):
    execution = _executions.get(self._get_param("QueryExecutionId"))
    if execution is None:
        raise _invalid("QueryExecution was not found")
    _judge(self, action, _athena_arn(f"workgroup/{execution.workgroup}"))
    return execution


def _work_group(self, name):
    group = self.athena_backend.work_groups.get(name)
    if group is None:
        raise _invalid(f"WorkGroup {name} is not found.")
    return group


def _judge(self, action, resource):
    """moto has asked already whether the caller may do this anywhere; here it is known where."""
    record.note_action(f"athena:{action}", resource)
    caller = _caller()
    if caller and not caller.may(f"athena:{action}", resource, {}):
        raise JsonRESTError("AccessDeniedException", refused(caller, f"athena:{action}", resource))


def _page(self, name, items, most):
    token = self._get_param("NextToken") or "0"
    if not token.isdecimal():
        raise _invalid("Invalid NextToken")
    start = int(token)
    end = start + min(int(self._get_param("MaxResults") or most), most)
    following = {"NextToken": str(end)} if end < len(items) else {}
    return json.dumps({name: items[start:end]} | following)


def _text(kind, value):
    if value is None:
        return None
    return ("true" if value else "false") if kind == "boolean" else str(value)


def _caller():
    return getattr(authorise.current, "caller", None)


def _invalid(message):
    return JsonRESTError("InvalidRequestException", message)


def _athena_arn(what):
    return f"arn:aws:athena:us-east-1:{ACCOUNT}:{what}"


"""What administrators ask for and change. Everything here stands under a field that the schema keeps for them."""

import json

import yaml

from . import state
from .graphql_api import declined, resolves, wrong


def _roles(registry, names):
    """The roles of these names, or the refusal."""
    for name in names:
        if name not in registry.roles:
            return None, declined("RoleNotFound", f"Role {name} does not exist")
    return [registry.roles[name] for name in names], None


@resolves("Query", "roles")
def _all_roles(view, _):
    return list(view.registry.roles.values())


@resolves("Query", "admin")
@resolves("Mutation", "admin")
@resolves("AdminQueries", "user")
@resolves("AdminMutations", "user")
def _deeper(_view, _source):
    return {}


@resolves("UserAdminQueries", "list")
def _users(view, _):
    return list(view.registry.users.values())


@resolves("UserAdminQueries", "get")
def _user(view, _, name):
    return view.registry.users.get(name)


@resolves("UserAdminMutations", "create")
def _create(view, _, input):
    if input["name"] in view.registry.users:
        return declined("UserExists", f"User {input['name']} already exists")
    if "@" not in input["email"]:
        return wrong("input.email", "not an e-mail address")
    extra = input.get("extraRoles") or []
    _, refusal = _roles(view.registry, [input["role"], *extra])
    if refusal:
        return refusal
    view.registry.add_user(input["name"], input["email"], role=input["role"], extra_roles=extra)
    return view.registry.users[input["name"]]


@resolves("UserAdminMutations", "mutate")
def _mutate(view, _, name):
    user = view.registry.users.get(name)
    return user and {"user": user}


@resolves("MutateUserAdminMutations", "delete")
def _delete(view, source):
    if source["user"] is view.user:
        return declined("SelfDelete", "Nobody deletes themselves")
    del view.registry.users[source["user"]["name"]]
    return {"__typename": "Ok"}


@resolves("MutateUserAdminMutations", "resetPassword")
def _reset(_view, source):
    if source["user"]["isSsoOnly"]:
        return declined("SsoOnly", "There is no password")
    return {"__typename": "Ok"}


@resolves("MutateUserAdminMutations", "setEmail")
def _email(_view, source, email):
    source["user"]["email"] = email
    return source["user"]


@resolves("MutateUserAdminMutations", "setAdmin")
def _admin(_view, source, admin):
    source["user"]["isAdmin"] = admin
    return source["user"]


@resolves("MutateUserAdminMutations", "setActive")
def _active(_view, source, active):
    source["user"]["isActive"] = active
    return source["user"]


@resolves("MutateUserAdminMutations", "setRole")
def _role(view, source, role, append, extraRoles=None):
    named, refusal = _roles(view.registry, [role, *(extraRoles or [])])
    if refusal:
        return refusal
    user, (first, *extra) = source["user"], named
    if append:
        extra = user["extraRoles"] + [one for one in extra if one not in user["extraRoles"]]
    elif extraRoles is None:
        extra = user["extraRoles"]
    user["role"], user["extraRoles"] = first, [one for one in extra if one is not first]
    return user


@resolves("MutateUserAdminMutations", "addRoles")
def _add(view, source, roles):
    named, refusal = _roles(view.registry, roles)
    if refusal:
        return refusal
    user = source["user"]
    user["extraRoles"] = user["extraRoles"] + [one for one in named if one not in (*user["extraRoles"], user["role"])]
    return user


@resolves("MutateUserAdminMutations", "removeRoles")
def _remove(view, source, roles, fallback=None):
    gone, refusal = _roles(view.registry, [*roles, *([fallback] if fallback else [])])
    if refusal:
        return refusal
    user, gone = source["user"], gone[: len(roles)]
    if user["role"] in gone:
        if fallback is None:
            return declined("NoFallback", "The role that counts is removed, and there is no fallback")
        user["role"] = view.registry.roles[fallback]
    user["extraRoles"] = [one for one in user["extraRoles"] if one not in (*gone, user["role"])]
    return user


@resolves("AdminQueries", "ssoConfig")
def _sso(view, _):
    return view.registry.sso


@resolves("AdminMutations", "setSsoConfig")
def _set_sso(view, _, config=None):
    if config is None:
        view.registry.sso = None
        return None
    try:
        if not isinstance(yaml.safe_load(config), dict):
            return wrong("config", "not a mapping")
    except yaml.YAMLError:
        return wrong("config", "not YAML")
    view.registry.sso = {"__typename": "SsoConfig", "text": config, "timestamp": state.now(), "uploader": view.user}
    return view.registry.sso


@resolves("AdminQueries", "tabulatorOpenQuery")
def _open_query(view, _):
    return view.registry.open_query


@resolves("AdminMutations", "setTabulatorOpenQuery")
def _set_open_query(view, _, enabled):
    view.registry.open_query = enabled
    return {"tabulatorOpenQuery": enabled}


@resolves("AdminMutations", "bucketSetTabulatorTable")
def _set_table(view, _, bucketName, tableName, config=None):
    if bucketName not in view.registry.visible(view.user):
        return declined("BucketNotFound", f"Bucket {bucketName} not found")
    tables = view.registry.tables.setdefault(bucketName, {})
    if config is None:
        tables.pop(tableName, None)
    else:
        if problem := _table_problem(config):
            return wrong("config", problem)
        tables[tableName] = config
    return view.registry.buckets[bucketName]


@resolves("AdminMutations", "bucketRenameTabulatorTable")
def _rename_table(view, _, bucketName, tableName, newTableName):
    if bucketName not in view.registry.visible(view.user):
        return declined("BucketNotFound", f"Bucket {bucketName} not found")
    tables = view.registry.tables.get(bucketName, {})
    if tableName not in tables:
        return declined("TableNotFound", f"Table {tableName} not found")
    if newTableName in tables:
        return declined("TableExists", f"Table {newTableName} already exists")
    tables[newTableName] = tables.pop(tableName)
    return view.registry.buckets[bucketName]


def _table_problem(config):
    """What the tabulator would not read."""
    try:
        read = yaml.safe_load(config)
        if set(read) != {"schema", "source", "parser"} or read["source"]["type"] != "quilt-packages":
            return "schema, source and parser are wanted"
        if set(read["parser"]) - {"format", "delimiter", "header"} or read["parser"]["format"] not in ("csv", "parquet"):
            return "the parser is unknown"
        if not read["schema"] or any(set(column) != {"name", "type"} for column in read["schema"]):
            return "columns have a name and a type"
    except (yaml.YAMLError, TypeError, KeyError, AttributeError) as problem:
        return f"not a configuration: {json.dumps(str(problem))}"
    return None

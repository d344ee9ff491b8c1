"""GraphQL: operations are executed against the schema by graphql-core, for the user that asks."""

from graphql import GraphQLError, assert_valid_schema, build_schema, graphql_sync, parse
from graphql.language import OperationDefinitionNode

QUERIES = {}


def resolves(type_name, field_name):
    """Marks what answers a field. It is given the caller's view, the object the field is of, and the field's arguments."""

    def mark(function):
        QUERIES[type_name, field_name] = function
        return function

    return mark


class View:
    """One user at one registry."""

    def __init__(self, registry, user):
        self.registry, self.user = registry, user


class Engine:
    """A schema, and how its fields are answered."""

    def __init__(self, sdl):
        self.schema = build_schema(sdl)
        assert_valid_schema(self.schema)

    def execute(self, request, view):
        """The answer to one request's body, as JSON says it."""
        with view.registry.lock:
            result = graphql_sync(
                self.schema,
                request["query"],
                root_value={},
                context_value=view,
                variable_values=request.get("variables"),
                operation_name=request.get("operationName"),
                field_resolver=_resolve,
                type_resolver=lambda value, *_: value["__typename"],
            )
        return result.formatted

    @staticmethod
    def operation(request):
        """What the request calls itself: its operation's name, and whether it is a mutation."""
        try:
            wanted = request.get("operationName")
            for definition in parse(request["query"]).definitions:
                if isinstance(definition, OperationDefinitionNode):
                    name = definition.name.value if definition.name else "(unnamed)"
                    if wanted in (None, name):
                        return name, definition.operation.value
        except (GraphQLError, KeyError, TypeError, AttributeError):
            pass
        return "(no operation)", None


def declined(name, message):
    """A change that is not possible."""
    return {"__typename": "OperationError", "name": name, "message": message}


def wrong(path, message):
    """A change that is asked for in a wrong way."""
    error = {"path": path, "name": "InvalidInput", "message": message}
    return {"__typename": "InvalidInput", "errors": [error]}


def _resolve(source, info, **arguments):
    view = info.context
    field = info.parent_type.fields[info.field_name]
    guarded = any(directive.name.value == "admin" for directive in field.ast_node.directives or ())
    if guarded and not view.user["isAdmin"]:
        raise GraphQLError("Forbidden", extensions={"code": "FORBIDDEN"})
    if function := QUERIES.get((info.parent_type.name, info.field_name)):
        return function(view, source, **arguments)
    if info.field_name in source:
        return source[info.field_name]
    raise GraphQLError(f"this registry does not answer {info.parent_type.name}.{info.field_name}")


@resolves("Query", "me")
def _me(view, _):
    user = view.user
    roles = [user["role"], *user["extraRoles"]]
    names = [{"name": role["name"]} for role in roles if role]
    return {**{name: user[name] for name in ("name", "email", "isAdmin")}, "role": names[0], "roles": names}


@resolves("Query", "bucketConfigs")
def _buckets(view, _):
    return [view.registry.buckets[name] for name in sorted(view.registry.visible(view.user))]


@resolves("Query", "bucketConfig")
def _bucket(view, _, name):
    return view.registry.buckets[name] if name in view.registry.visible(view.user) else None


@resolves("BucketConfig", "tabulatorTables")
def _tables(view, source):
    tables = view.registry.tables.get(source["name"], {})
    return [{"name": name, "config": tables[name]} for name in sorted(tables)]

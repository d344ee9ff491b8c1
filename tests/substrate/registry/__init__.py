"""A Quilt registry that was not written to please the server under test.

It executes operations against the schema with a real GraphQL engine, and rejects what the schema rejects. Who asks, it finds
out from the token alone, by the secret that it shares with the token's issuer. Each issuer has a registry of its own here, with
its own users, buckets, roles and tables, so that tests which run at once do not meet.

| file | what it does |
|---|---|
| `http.py` | the endpoints, and the order in which a request is judged |
| `tokens.py` | whose token it is |
| `state.py` | the registries, and what is in them |
| `graphql_api.py` | GraphQL: the engine, what administrators alone may see, queries |
| `administration.py` | users, roles, single sign-on, tabulator tables: what administrators ask for and change |
| `browsing.py` | sessions in which somebody looks into a package |
| `search.py` | `/api/search` |
| `faults.py` | slow, down, refusing, redirecting, malformed, huge |
| `record.py` | each request: whose token, which operation, when |
| `control.py` | the interface for tests |
"""

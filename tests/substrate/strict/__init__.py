"""A stricter moto: what AWS refuses, this refuses too.

moto 5.2.5 answers like S3, STS, IAM and Athena, and enforces identity policies. It does not enforce what isolation between
tenants rests on beside them: session policies, conditions, bucket policies by principal, the source of a copy, signed
URLs. The modules here replace its authorisation and add what the tests observe and disturb it with:

`policy`      evaluates policy documents; knows nothing of moto
`caller`      who signed a request, and what they may do
`signature`   checks the signatures that moto does not (signed URLs)
`authorise`   the one hook that every request passes
`s3`, `sts`   the places where one request needs more than one judgement
`roles`       roles that many threads make and look for at once
`simulate`    iam:SimulatePrincipalPolicy and iam:SimulateCustomPolicy
`athena`      Athena, with rights by workgroup and table; `queries` run, `lake` has the tables
`checksums`   two checksums that S3 returns and moto leaves out
`record`      one entry for each request served: the tests' oracle
`faults`      delays, failures and holds, by action
`control`     the HTTP interface to the last two

It is test equipment: a fault here is not a fault in AWS. It replaces private functions of moto, so the version is pinned.
"""


def install() -> None:
    """Puts every part in place. Once, before the first request."""
    from . import athena, authorise, checksums, roles, s3, simulate, sts

    for part in (checksums, authorise, roles, s3, sts, simulate, athena):
        part.install()

//! The policy documents of a world.

use serde_json::{Value, json};

use super::{AccountListing, Person, ServerRights, athena};

/// What it takes to exchange a caller's token, with a session that names the caller.
const EXCHANGE: [&str; 3] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

pub(super) fn of_server(account: &str, id: &str, rights: ServerRights) -> Value {
    match rights {
        ServerRights::OnlyExchange => allow(&EXCHANGE, &[format!("arn:aws:iam::{account}:role/{id}-*")]),
        ServerRights::Everything => allow(&["*"], &["*".into()]),
    }
}

pub(super) fn trusting_server(account: &str, id: &str) -> Value {
    let server = format!("arn:aws:iam::{account}:user/{id}-server");
    document(&[json!({"Effect": "Allow", "Principal": {"AWS": server}, "Action": EXCHANGE})])
}

pub(super) fn of_person(account: &str, person: &Person, listed: &[String], listing: AccountListing) -> Value {
    let arn = |bucket: &str| format!("arn:aws:s3:::{bucket}");
    let own: Vec<String> = std::iter::once(&person.bucket)
        .chain(&person.second_bucket)
        .flat_map(|bucket| [arn(bucket), format!("{}/*", arn(bucket))])
        .collect();
    let mut statements = vec![
        json!({"Effect": "Allow", "Action": "s3:*", "Resource": own}),
        // To learn one's own rights.
        json!({"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": person.role_arn}),
    ];
    statements.extend(athena::rights(account, person));
    if listing == AccountListing::Allowed {
        // As nearly everybody may, at AWS: the names of buckets, nothing of what is in them.
        statements.push(json!({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}));
    }
    let listed: Vec<String> = listed.iter().map(|bucket| arn(bucket)).collect();
    if !listed.is_empty() {
        statements.push(json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": listed}));
    }
    document(&statements)
}

fn allow(actions: &[&str], resources: &[String]) -> Value {
    document(&[json!({"Effect": "Allow", "Action": actions, "Resource": resources})])
}

fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

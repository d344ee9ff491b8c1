//! Who lives in the demo, what they may do, and what they find there.
//!
//! Two tenants that must not see each other, and in the first of them a second person with fewer rights. Roles and data
//! are fixed; the secrets are made anew at each start.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use uuid::Uuid;

mod samples;

pub(super) use self::samples::{SAMPLES, Sample};

/// The region that everything in the demo claims to be in.
pub(super) const REGION: &str = "us-east-1";
/// Who issues the demo's tokens.
pub(super) const ISSUER: &str = "https://demo.quilt-mcp.invalid";
/// For whom the demo's tokens are meant.
pub(super) const AUDIENCE: &str = "quilt-mcp-demo";
/// Which roles each tenant's tokens may name, in the form of `QUILT_MCP_ALLOWED_ROLES`.
pub(super) const ALLOWED_ROLES: &str =
    "lab-a=arn:aws:iam::111111111111:role/lab-a-*,lab-b=arn:aws:iam::222222222222:role/lab-b-*";
/// How long a demo token lasts, in hours.
pub(super) const TOKEN_HOURS: u64 = 12;

/// What a role may do with the objects of one bucket. Listing is part of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    Read,
    ReadWrite,
}

/// An IAM role of the demo.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) account: &'static str,
    pub(super) name: &'static str,
    pub(super) buckets: &'static [(&'static str, Rights)],
}

impl Role {
    /// The role that `arn` names.
    pub(super) fn by_arn(arn: &str) -> Option<&'static Self> {
        PEOPLE.iter().map(|person| &person.role).find(|role| role.arn() == arn)
    }

    pub(super) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account, self.name)
    }

    /// What the role may do in `bucket`; `None` for nothing at all.
    pub(super) fn rights_in(&self, bucket: &str) -> Option<Rights> {
        self.buckets.iter().find(|(name, _)| *name == bucket).map(|(_, rights)| *rights)
    }
}

/// A person with a token.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) tenant: &'static str,
    pub(super) role: Role,
}

/// Everybody.
pub(super) static PEOPLE: [Person; 3] = [
    Person {
        name: "alice",
        tenant: "lab-a",
        role: Role {
            account: "111111111111",
            name: "lab-a-researcher",
            buckets: &[("lab-a-plants", Rights::ReadWrite), ("lab-a-drafts", Rights::ReadWrite)],
        },
    },
    Person {
        name: "carol",
        tenant: "lab-a",
        role: Role {
            account: "111111111111",
            name: "lab-a-reader",
            buckets: &[("lab-a-plants", Rights::Read)],
        },
    },
    Person {
        name: "bob",
        tenant: "lab-b",
        role: Role {
            account: "222222222222",
            name: "lab-b-researcher",
            buckets: &[("lab-b-sensors", Rights::ReadWrite)],
        },
    },
];

/// Every bucket that somebody can reach.
pub(super) fn buckets() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> =
        PEOPLE.iter().flat_map(|person| person.role.buckets).map(|(bucket, _)| *bucket).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}

/// Signs the tokens of one run of the demo.
pub(super) struct TokenMint {
    secret: SecretString,
}

impl TokenMint {
    /// With a secret that nobody has used before.
    pub(super) fn new() -> Self {
        Self { secret: random_secret() }
    }

    /// What the server verifies the tokens with.
    pub(super) fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// A bearer token that says who `person` is.
    pub(super) fn token_for(&self, person: &Person) -> Result<String, jsonwebtoken::errors::Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let claims = Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: person.name,
            iat: now,
            exp: now + TOKEN_HOURS * 3600,
            tenant: person.tenant,
            role_arn: person.role.arn(),
        };
        let key = EncodingKey::from_secret(self.secret.expose_secret().as_bytes());
        jsonwebtoken::encode(&Header::default(), &claims, &key)
    }
}

#[derive(Serialize)]
struct Claims {
    iss: &'static str,
    aud: &'static str,
    sub: &'static str,
    iat: u64,
    exp: u64,
    tenant: &'static str,
    role_arn: String,
}

/// 244 random bits as hexadecimal digits.
pub(super) fn random_secret() -> SecretString {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_of_a_role_has_data_and_belongs_to_one_tenant() {
        for bucket in buckets() {
            assert!(SAMPLES.iter().any(|sample| sample.bucket == bucket), "{bucket} is empty");
            let tenants: std::collections::BTreeSet<_> = PEOPLE
                .iter()
                .filter(|person| person.role.rights_in(bucket).is_some())
                .map(|person| person.tenant)
                .collect();
            assert_eq!(tenants.len(), 1, "{bucket} is shared");
        }
        assert!(SAMPLES.iter().all(|sample| buckets().any(|bucket| bucket == sample.bucket)));
    }

    #[test]
    fn a_token_says_who_someone_is_and_fits_one_secret() {
        use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};

        let mint = TokenMint::new();
        let token = mint.token_for(&PEOPLE[2]).expect("a token");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        let read = |mint: &TokenMint| {
            let key = DecodingKey::from_secret(mint.secret().expose_secret().as_bytes());
            decode::<serde_json::Value>(&token, &key, &validation).map(|token| token.claims)
        };
        let claims = read(&mint).expect("the server can verify it");
        assert_eq!(claims["sub"], "bob");
        assert_eq!(claims["tenant"], "lab-b");
        assert_eq!(claims["role_arn"], "arn:aws:iam::222222222222:role/lab-b-researcher");
        assert!(read(&TokenMint::new()).is_err());
    }

    #[test]
    fn a_role_is_found_by_its_whole_arn_only() {
        assert_eq!(
            Role::by_arn("arn:aws:iam::111111111111:role/lab-a-reader").map(|role| role.name),
            Some("lab-a-reader")
        );
        assert!(Role::by_arn("arn:aws:iam::222222222222:role/lab-a-reader").is_none());
    }
}

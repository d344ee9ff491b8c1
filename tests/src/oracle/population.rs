//! Many people in many tenants, under names that collide wherever names may: every tenant has the same subjects.
//!
//! A mark stands in whatever is somebody's. `zqs` marks what only its owner may see: contents, names of objects,
//! metadata, workflows. `zqh` marks what others may know and name in a request: buckets, roles, ids.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::token::{TokenMint, now};

/// What precedes a person's number in something that is theirs alone.
pub const SECRET: &str = "zqs";
/// What precedes a person's number in something that others may name.
pub const HANDLE: &str = "zqh";
/// What precedes a tenant's number in its name.
pub const TENANT: &str = "tnt-";
/// The account of everybody's roles.
pub const ACCOUNT: &str = "123456789012";
/// By which name the server is known to the issuers.
const AUDIENCE: &str = "quilt-mcp-oracle";
/// For how long a good token is good, in seconds.
const LIFETIME: u64 = 6 * 3600;

/// The roles of everybody, by number. The first may write, the second read only, the third STS no longer gives.
pub const HATS: [&str; 3] = ["writer", "reader", "revoked"];
/// The number of the role that STS does not give.
pub const REVOKED: usize = 2;

/// Everybody, and who vouches for them.
pub struct Population {
    /// Of this run, and no other.
    pub run: u32,
    /// By number.
    pub people: Vec<Person>,
    /// Two, each with a secret of its own and half of the tenants.
    pub issuers: [TokenMint; 2],
}

/// Somebody.
#[derive(Clone, Debug)]
pub struct Person {
    /// Position in the population.
    pub number: usize,
    /// Position of the issuer.
    pub issuer: usize,
    /// The token's `tenant`.
    pub tenant: String,
    /// The token's `sub`. Somebody in every tenant has it.
    pub subject: String,
    /// In everything that is theirs alone.
    pub secret: String,
    /// In the names of what is theirs.
    pub handle: String,
    /// A good token for each role.
    pub tokens: [String; HATS.len()],
}

impl Population {
    /// `people` people in `tenants` tenants.
    pub fn of(people: usize, tenants: usize) -> Self {
        let run = Uuid::new_v4().as_fields().0 | 1;
        let issuers =
            ["one", "two"].map(|name| TokenMint::new(&format!("https://{name}.oracle.test"), AUDIENCE));
        let mut population = Self { run, people: Vec::with_capacity(people), issuers };
        for number in 0..people {
            let person = population.somebody(number, tenants);
            population.people.push(person);
        }
        population
    }

    fn somebody(&self, number: usize, tenants: usize) -> Person {
        let tenant = number % tenants;
        let mut person = Person {
            number,
            issuer: tenant % self.issuers.len(),
            tenant: format!("{TENANT}{tenant:02}"),
            subject: format!("user{}@lab.test", number / tenants),
            secret: format!("{SECRET}{number:04x}{:08x}", Uuid::new_v4().as_fields().0),
            handle: format!("{HANDLE}{number:04x}"),
            tokens: Default::default(),
        };
        person.tokens = std::array::from_fn(|hat| {
            self.token(&person, |claims| {
                claims.insert("role_arn".into(), person.role(hat).into());
            })
        });
        person
    }

    /// A token of `person`'s issuer, good but for what `change` makes of it.
    pub fn token(&self, person: &Person, change: impl FnOnce(&mut Map<String, Value>)) -> String {
        let mint = &self.issuers[person.issuer];
        let mut claims = self.claims(person);
        change(&mut claims);
        signed(mint, &claims)
    }

    /// What a good token of `person` says.
    pub fn claims(&self, person: &Person) -> Map<String, Value> {
        let mint = &self.issuers[person.issuer];
        let claims = json!({
            "iss": mint.issuer, "aud": mint.audience, "sub": person.subject, "tenant": person.tenant,
            "iat": now(), "exp": now() + LIFETIME, "role_arn": person.role(0),
        });
        let Value::Object(claims) = claims else { unreachable!("written as an object above") };
        claims
    }

    /// Which roles the tenants of an issuer may name, as pairs of the configuration. `any`: those of everybody.
    pub fn allowed_roles(&self, issuer: usize, any: bool) -> Vec<String> {
        let of_issuer = self.people.iter().filter(|person| person.issuer == issuer);
        let mut pairs: Vec<String> = of_issuer
            .map(|person| {
                let (tenant, whose) = (&person.tenant, if any { "" } else { person.tenant.as_str() });
                format!("{tenant}=arn:aws:iam::{ACCOUNT}:role/{whose}*")
            })
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Whose role this is, and which of theirs.
    pub fn whose_role(&self, arn: &str) -> Option<(usize, usize)> {
        let name = arn.rsplit('/').next()?;
        let person = self.whose(name)?;
        let hat = HATS.iter().position(|hat| name.ends_with(hat))?;
        (self.people[person].role(hat) == arn).then_some((person, hat))
    }

    /// Who is marked in a name: a bucket, a role, an id.
    pub fn whose(&self, name: &str) -> Option<usize> {
        let digits = name.split(HANDLE).nth(1)?.get(..4)?;
        usize::from_str_radix(digits, 16).ok().filter(|number| *number < self.people.len())
    }
}

impl Person {
    /// The ARN of one of their roles.
    pub fn role(&self, hat: usize) -> String {
        format!("arn:aws:iam::{ACCOUNT}:role/{}-{}-{}", self.tenant, self.handle, HATS[hat])
    }

    /// Their bucket.
    pub fn bucket(&self) -> String {
        format!("{}-data", self.handle)
    }

    /// An object of theirs whose name others know.
    pub fn known_uri(&self) -> String {
        format!("s3://{}/{KNOWN}", self.bucket())
    }

    /// The workflow that they never delete.
    pub fn kept(&self) -> String {
        format!("{}-kept", self.handle)
    }
}

/// The key of the object in every bucket whose name everybody knows.
pub const KNOWN: &str = "notes/first.txt";
/// The key under which S3 answers that it is too busy.
pub const THROTTLED: &str = "busy/throttled.txt";

/// A token of exactly these claims.
pub fn signed(mint: &TokenMint, claims: &Map<String, Value>) -> String {
    mint.sign(r#"{"alg":"HS256","typ":"JWT"}"#, &Value::Object(claims.clone()).to_string())
        .expect("an object and a secret can be signed")
}

//! People with rights: each has a tenant, a role, a bucket, and objects that name their owner.

mod athena;
mod packages;
mod policy;
mod wanted;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Result;
use crate::registry::{Account, Registry};
use crate::substrate::{Entry, Key, Session, Substrate};
use crate::token::TokenMint;
use wanted::AccountListing;

use athena::AtAthena;

pub use athena::{MANY, TABULATOR};
pub use packages::Package;
pub use wanted::Wanted;

/// How many people are set up at once.
const HANDS: usize = 8;

/// A set of people who share a substrate and a token issuer with nobody else.
pub struct World {
    /// Where their data is.
    pub substrate: &'static Substrate,
    /// In every name of this world, and of no other.
    pub id: String,
    /// Who issues their tokens.
    pub mint: TokenMint,
    /// In the order in which they were asked for.
    pub people: Vec<Person>,
    /// The server's own identity at AWS.
    pub server_key: Key,
    /// The Quilt registry where they have accounts, if they do.
    pub registry: Option<&'static Registry>,
    _at_athena: AtAthena,
}

/// Somebody with a role that reaches their own bucket, and what else was asked for.
#[derive(Clone, Debug)]
pub struct Person {
    /// The token's `tenant`.
    pub tenant: String,
    /// The token's `sub`.
    pub subject: String,
    /// The token's `role_arn`.
    pub role_arn: String,
    /// Theirs alone.
    pub bucket: String,
    /// A text that stands in every object of theirs and nowhere else.
    pub canary: String,
    /// What the real quilt3 made of their objects, if that was asked for.
    pub package: Option<Package>,
    /// Another bucket, empty and theirs alone, if that was asked for.
    pub second_bucket: Option<String>,
}

/// What the server itself may do at AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerRights {
    /// Exchange its callers' tokens, as it should be.
    OnlyExchange,
    /// Everything: a server that used its own rights for a caller would succeed, and give itself away.
    Everything,
}

/// Ada of one tenant and ben of another, who have nothing in common.
pub fn ada_and_ben() -> [Wanted; 2] {
    [Wanted::new("acme", "ada"), Wanted::new("zeta", "ben")]
}

/// The same two, each with a package.
pub fn ada_and_ben_with_packages() -> [Wanted; 2] {
    ada_and_ben().map(Wanted::with_package)
}

impl World {
    /// Sets up everybody, on the substrate that most tests share.
    ///
    /// # Errors
    /// If the substrate does not come up or refuses.
    pub async fn of(people: impl IntoIterator<Item = Wanted>, rights: ServerRights) -> Result<Self> {
        Self::on(Substrate::shared()?, people, rights).await
    }

    /// Sets up everybody.
    ///
    /// # Errors
    /// If the substrate refuses.
    pub async fn on(
        substrate: &'static Substrate,
        people: impl IntoIterator<Item = Wanted>,
        rights: ServerRights,
    ) -> Result<Self> {
        let id = Uuid::new_v4().simple().to_string()[..8].to_owned();
        let mint = TokenMint::new(&format!("https://idp.{id}.test"), "quilt-mcp");
        let document = policy::of_server(substrate.account(), &id, rights);
        let server_key = create_user(substrate, &format!("{id}-server"), &document).await?;
        let people = futures_util::stream::iter(people)
            .map(|wanted| create_person(substrate, &id, wanted))
            .buffered(HANDS)
            .try_collect()
            .await?;
        let at_athena = AtAthena { substrate, world: id.clone() };
        Ok(Self { substrate, id, mint, people, server_key, registry: None, _at_athena: at_athena })
    }

    /// Everybody has an account at a registry, which shows them their own bucket.
    ///
    /// # Errors
    /// If the registry refuses.
    pub async fn at(mut self, registry: &'static Registry) -> Result<Self> {
        registry.trust(&self.mint).await?;
        for person in &self.people {
            registry.add_user(&self.mint.issuer, &person.account()).await?;
        }
        self.registry = Some(registry);
        Ok(self)
    }

    /// The same, and everybody administers the registry.
    ///
    /// # Errors
    /// If the registry refuses.
    pub async fn administering(self, registry: &'static Registry) -> Result<Self> {
        let this = self.at(registry).await?;
        for person in &this.people {
            registry.add_user(&this.mint.issuer, &person.account().who_administers()).await?;
        }
        Ok(this)
    }

    /// Somebody by name. Panics if nobody has it: the test is wrong then.
    pub fn person(&self, name: &str) -> &Person {
        let subject = subject(&self.id, name);
        self.people
            .iter()
            .find(|p| p.subject == subject)
            .unwrap_or_else(|| panic!("nobody in this world is called {name}"))
    }

    /// A good token.
    pub fn token(&self, person: &Person) -> String {
        self.mint.good(person)
    }

    /// The value of `QUILT_MCP_ALLOWED_ROLES`: each tenant may use the roles that carry its name.
    pub fn allowed_roles(&self) -> String {
        let mut tenants: Vec<&str> = self.people.iter().map(|p| p.tenant.as_str()).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let account = self.substrate.account();
        let pair = |tenant: &str| format!("{tenant}=arn:aws:iam::{account}:role/{}-{tenant}-*", self.id);
        tenants.into_iter().map(pair).collect::<Vec<_>>().join(",")
    }

    /// Whether this is about the people or the server of this world. Other worlds write to the same record, and who lists all
    /// buckets of the account there looks into those of this world too.
    pub fn owns(&self, entry: &Entry) -> bool {
        entry.access_key_id.as_ref() == Some(&self.server_key.access_key_id)
            || entry.role().is_some_and(|role| self.whose_role(role).is_some())
            || entry.bucket.as_ref().is_some_and(|bucket| bucket.starts_with(&format!("q-{}-", self.id)))
                && !entry.caller.as_deref().is_some_and(|caller| self.is_of_another(caller))
    }

    /// Whether this is the ARN of a user or a role that another world has made: their names begin with its id.
    fn is_of_another(&self, arn: &str) -> bool {
        let name = arn.split('/').nth(1).unwrap_or_default();
        let maker = name.split_once('-').map_or("", |(maker, _)| maker);
        maker.len() == self.id.len() && maker.bytes().all(|b| b.is_ascii_hexdigit()) && maker != self.id
    }

    /// An IAM user with the rights of a person, and its key: for somebody who runs a server for themselves.
    ///
    /// # Errors
    /// If the substrate refuses.
    pub async fn key_of(&self, person: &Person) -> Result<Key> {
        let document = policy::of_person(self.substrate.account(), person, &[], AccountListing::Allowed);
        create_user(self.substrate, &format!("{}-{}", self.id, Uuid::new_v4().simple()), &document).await
    }

    /// Credentials of a person's role, in the words of a Quilt registry.
    ///
    /// # Errors
    /// If the substrate refuses.
    pub async fn registry_credentials(&self, person: &Person) -> Result<String> {
        let sts = self.substrate.sts_as(&self.server_key);
        let session =
            sts.assume_role().role_arn(&person.role_arn).role_session_name("registry").send().await?;
        let keys = session.credentials.ok_or("STS answers with the session that it opened")?;
        Ok(json!({
            "AccessKeyId": keys.access_key_id,
            "SecretAccessKey": keys.secret_access_key,
            "SessionToken": keys.session_token,
            "Expiration": "2100-01-01T00:00:00Z",
        })
        .to_string())
    }

    /// An IAM user who may do everything, and its key: bait for a server that takes what credentials it finds.
    ///
    /// # Errors
    /// If the substrate refuses.
    pub async fn powerful_key(&self) -> Result<Key> {
        let document = policy::of_server(self.substrate.account(), &self.id, ServerRights::Everything);
        create_user(self.substrate, &format!("{}-{}", self.id, Uuid::new_v4().simple()), &document).await
    }

    /// A session of a role that may do everything: bait of the kind that metadata services give out.
    ///
    /// # Errors
    /// If the substrate refuses.
    pub async fn powerful_session(&self) -> Result<Session> {
        let (substrate, name) = (self.substrate, format!("{}-{}", self.id, Uuid::new_v4().simple()));
        let rights = policy::of_server(substrate.account(), &self.id, ServerRights::Everything);
        let role = create_role(substrate, &self.id, &name, &rights).await?;
        let sts = substrate.sts_as(&self.server_key);
        let session = sts.assume_role().role_arn(role).role_session_name("bait").send().await?;
        let session = session.credentials().ok_or("STS answers with the session that it opened")?;
        let key = Key {
            access_key_id: session.access_key_id().into(),
            secret_access_key: session.secret_access_key().into(),
        };
        Ok(Session { key, token: session.session_token().into() })
    }

    /// Whose role this is.
    pub fn whose_role(&self, role_arn: &str) -> Option<&Person> {
        self.people.iter().find(|p| p.role_arn == role_arn)
    }
}

impl Person {
    /// What a person is called in the world: the part of the subject before the `@`.
    pub fn name(&self) -> &str {
        self.subject.split('@').next().expect("a split has a first part")
    }

    /// Their account at a registry, which shows them their own bucket.
    pub fn account(&self) -> Account {
        Account::of(&self.subject).who_sees(&[&self.bucket])
    }

    /// The key of the first object.
    pub fn first_key(&self) -> String {
        object_key(0)
    }

    /// Of the first object.
    pub fn first_uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.first_key())
    }

    /// Their second bucket. Panics if they have none: the test is wrong then.
    pub fn second_bucket(&self) -> &str {
        self.second_bucket.as_ref().unwrap_or_else(|| panic!("{} was not made with two", self.subject))
    }

    /// Their package. Panics if they have none: the test is wrong then.
    pub fn package(&self) -> &Package {
        self.package.as_ref().unwrap_or_else(|| panic!("{} was not made with a package", self.subject))
    }

    /// What the server's log calls this person: see `Principal::log_hash`.
    pub fn log_hash(&self, issuer: &str) -> String {
        let mut hash = Sha256::new();
        for part in [issuer, &self.tenant, &self.subject] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hex::encode(&hash.finalize()[..8])
    }
}

fn subject(id: &str, name: &str) -> String {
    format!("{name}@{id}.test")
}

fn bucket(id: &str, name: &str) -> String {
    format!("q-{id}-{name}")
}

fn object_key(number: usize) -> String {
    format!("notes/note-{number}.txt")
}

async fn create_user(substrate: &Substrate, name: &str, document: &Value) -> Result<Key> {
    let iam = substrate.iam();
    iam.create_user().user_name(name).send().await?;
    iam.put_user_policy()
        .user_name(name)
        .policy_name("rights")
        .policy_document(document.to_string())
        .send()
        .await?;
    let key = iam.create_access_key().user_name(name).send().await?;
    let key = key.access_key().ok_or("IAM answers with the key that it made")?;
    Ok(Key { access_key_id: key.access_key_id().into(), secret_access_key: key.secret_access_key().into() })
}

/// A role that the world's server may assume. Its ARN.
async fn create_role(substrate: &Substrate, id: &str, name: &str, rights: &Value) -> Result<String> {
    let iam = substrate.iam();
    iam.create_role()
        .role_name(name)
        .assume_role_policy_document(policy::trusting_server(substrate.account(), id).to_string())
        .send()
        .await?;
    iam.put_role_policy()
        .role_name(name)
        .policy_name("rights")
        .policy_document(rights.to_string())
        .send()
        .await?;
    Ok(format!("arn:aws:iam::{}:role/{name}", substrate.account()))
}

async fn create_person(substrate: &'static Substrate, id: &str, wanted: Wanted) -> Result<Person> {
    let role_name = format!("{id}-{}-{}", wanted.tenant, wanted.name);
    let mut person = Person {
        role_arn: format!("arn:aws:iam::{}:role/{role_name}", substrate.account()),
        bucket: bucket(id, &wanted.name),
        subject: subject(id, &wanted.name),
        canary: format!("canary {id} belongs to {} of {}", wanted.name, wanted.tenant),
        tenant: wanted.tenant,
        package: None,
        second_bucket: wanted.second_bucket.then(|| bucket(id, &format!("{}-2", wanted.name))),
    };
    let listed: Vec<String> = wanted.lists.iter().map(|name| bucket(id, name)).collect();
    let rights = policy::of_person(substrate.account(), &person, &listed, wanted.account);
    create_role(substrate, id, &role_name, &rights).await?;
    fill_bucket(&substrate.s3(), &person, wanted.objects).await?;
    if let Some(second) = &person.second_bucket {
        create_bucket(&substrate.s3(), second).await?;
    }
    athena::set_up(substrate, &person).await?;
    if wanted.package {
        person.package = Some(packages::push(substrate, &person).await?);
    }
    Ok(person)
}

/// One that keeps versions.
async fn create_bucket(s3: &aws_sdk_s3::Client, name: &str) -> Result<()> {
    s3.create_bucket().bucket(name).send().await?;
    let versioned = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(name).versioning_configuration(versioned).send().await?;
    Ok(())
}

async fn fill_bucket(s3: &aws_sdk_s3::Client, person: &Person, objects: usize) -> Result<()> {
    create_bucket(s3, &person.bucket).await?;
    for number in 0..objects {
        let text = format!("{}\nnote {number}\n", person.canary);
        s3.put_object()
            .bucket(&person.bucket)
            .key(object_key(number))
            .content_type("text/plain")
            .body(ByteStream::from(text.into_bytes()))
            .send()
            .await?;
    }
    Ok(())
}

//! What is wrong, in words, and the checks that several scenarios share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;
use serde_json::Value;

use crate::client::Answer;
use crate::registry::Asked;
use crate::server::Log;
use crate::substrate::{Entry, Signed, request_ids};
use crate::world::{Person, World};

/// Something that must not happen and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Collects what is wrong: a scenario goes on after the first finding.
#[derive(Debug, Default)]
pub struct Findings(Vec<Violation>);

impl Findings {
    /// Notes one.
    pub fn add(&mut self, what: impl Into<String>) {
        self.0.push(Violation(what.into()));
    }

    /// Notes one unless all is well.
    pub fn check(&mut self, well: Result<(), String>) {
        if let Err(what) = well {
            self.add(what);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn all(self) -> Vec<Violation> {
        self.0
    }
}

/// Fails the test with every violation in a line of its own.
///
/// # Panics
/// If there is any.
pub fn assert_clean(scenario: &str, violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{scenario}: {} violations\n{}", lines.len(), lines.join("\n"));
}

/// Fails the test unless each of these words is in a violation: what a broken server does must be seen.
///
/// # Panics
/// If one is not.
pub fn assert_caught(scenario: &str, violations: &[Violation], words: &[&str]) {
    for expected in words {
        let is_found = violations.iter().any(|violation| violation.0.contains(expected));
        assert!(is_found, "{scenario}: nothing says `{expected}`: {violations:#?}");
    }
}

/// Whether an answer to `reader` holds anything that belongs to somebody else in the world.
///
/// # Errors
/// Whose, and where it was found.
pub fn nothing_foreign(world: &World, reader: &Person, answer: &Answer) -> Result<(), String> {
    let owner =
        world.people.iter().filter(|p| p.subject != reader.subject).find(|p| tells(answer, &p.canary));
    match owner {
        Some(owner) => {
            let everything = answer.everything();
            Err(format!("{} was given data of {}: {everything}", reader.subject, owner.subject))
        }
        None => Ok(()),
    }
}

/// Both alphabets, with padding or without.
const ANY_BASE64: [GeneralPurpose; 2] = {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [GeneralPurpose::new(&alphabet::STANDARD, lenient), GeneralPurpose::new(&alphabet::URL_SAFE, lenient)]
};

/// Whether a text is in an answer, as it is or in a string of base64.
fn tells(answer: &Answer, text: &str) -> bool {
    answer.everything().contains(text) || within(&answer.structured, text)
}

/// Whether a text is in a string of base64 somewhere in a value.
fn within(value: &Value, text: &str) -> bool {
    match value {
        Value::String(written) => {
            // Lines may be broken.
            let written: String = written.split_ascii_whitespace().collect();
            let decoded = ANY_BASE64.iter().filter_map(|engine| engine.decode(&written).ok());
            decoded.into_iter().any(|bytes| memmem::find(&bytes, text.as_bytes()).is_some())
        }
        Value::Array(items) => items.iter().any(|item| within(item, text)),
        Value::Object(members) => members.values().any(|member| within(member, text)),
        _ => false,
    }
}

/// Checks the record of the endpoint against the world: every request in a person's name stays in what that person was
/// given, none is made in the server's own name but exchanges, and each role is assumed for one person. Listing is left
/// to the endpoint: a world may grant it beyond one's own bucket.
pub fn record_agrees(world: &World, entries: &[Entry]) -> Vec<Violation> {
    let mut findings = Findings::default();
    let mut identity_of_role: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| world.owns(entry)) {
        let action = entry.action.as_deref().unwrap_or("nothing");
        let by_server = entry.access_key_id.as_ref() == Some(&world.server_key.access_key_id);
        if by_server && !entry.is_exchange() {
            findings.add(format!("{action} was signed with the server's own key: {entry:?}"));
        }
        if entry.is_exchange() && !by_server {
            findings
                .add(format!("credentials were exchanged with a key that is not the server's: {entry:?}"));
        }
        if entry.is_s3() && entry.signed == Signed::None {
            findings.add(format!("{action} was not signed: {entry:?}"));
        }
        if let (Some(role), Some(identity)) = (entry.role_arn.as_deref(), entry.source_identity.as_deref()) {
            identity_of_role.entry(role).or_default().insert(identity);
        }
        // The endpoint enforces its policies; this checks that it does, and that the role is the person's.
        let granted = entry.status < 400 && entry.bucket.is_some();
        if let (true, Some(person)) = (granted, entry.role().and_then(|role| world.whose_role(role)))
            && entry.bucket.as_ref() != Some(&person.bucket)
            && action != "s3:ListBucket"
        {
            findings.add(format!("{} was granted {action} in {:?}", person.subject, entry.bucket));
        }
    }
    check_source_identities(&identity_of_role, &mut findings);
    findings.all()
}

fn check_source_identities(of_role: &BTreeMap<&str, BTreeSet<&str>>, findings: &mut Findings) {
    let mut owner: BTreeMap<&str, &str> = BTreeMap::new();
    for (role, identities) in of_role {
        if identities.len() > 1 {
            findings.add(format!("{role} was assumed under several source identities: {identities:?}"));
        }
        for identity in identities {
            if let Some(other) = owner.insert(identity, role) {
                findings.add(format!("{role} and {other} share the source identity {identity}"));
            }
        }
    }
}

/// Who asked in each request, by the server's own account: whose hash stands beside its name in the log.
struct Askers<'w>(BTreeMap<String, Vec<&'w Person>>);

impl<'w> Askers<'w> {
    fn read(world: &'w World, log: &Log) -> Self {
        let hashes: Vec<_> = world.people.iter().map(|p| (p.log_hash(&world.mint.issuer), p)).collect();
        let mut named: BTreeMap<String, Vec<&Person>> = BTreeMap::new();
        for line in log.lines() {
            let here = hashes.iter().filter(|(hash, _)| line.contains(hash.as_str())).map(|(_, p)| *p);
            let here: Vec<&Person> = here.collect();
            for id in request_ids(&line) {
                let known = named.entry(id.to_owned()).or_default();
                for &person in &here {
                    if !known.iter().any(|one| one.subject == person.subject) {
                        known.push(person);
                    }
                }
            }
        }
        Self(named)
    }

    fn knows(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// The one who asked.
    fn only(&self, id: &str) -> Result<&'w Person, String> {
        match self.0.get(id).map(Vec::as_slice) {
            Some(&[person]) => Ok(person),
            None | Some([]) => Err("no log line names who asked".to_owned()),
            Some(several) => {
                let names: Vec<&str> = several.iter().map(|p| p.subject.as_str()).collect();
                Err(format!("the log names {names:?}"))
            }
        }
    }
}

/// Checks that the log names the right person for each request at the endpoint: the request id in the user agent leads to
/// log lines with that person's hash, and to none with another's.
pub fn log_agrees(world: &World, log: &Log, entries: &[Entry]) -> Vec<Violation> {
    let mut findings = Findings::default();
    let askers = Askers::read(world, log);
    let mut by_request: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| world.owns(entry) && entry.signed == Signed::Header) {
        let Some(id) = entry.request_id() else {
            findings.add(format!("the user agent carries no request id: {:?}", entry.user_agent));
            continue;
        };
        let Some(role) = entry.role() else {
            findings.add(format!("a request in nobody's name: {entry:?}"));
            continue;
        };
        // People of other worlds who look at every bucket of the account also look at ours; another server logs that.
        if world.whose_role(role).is_none() {
            continue;
        }
        if let Some(other) = by_request.insert(id, role)
            && other != role
        {
            findings.add(format!("request {id} acted as {role} and as {other}"));
        }
    }
    for (id, role) in by_request {
        match askers.only(id) {
            Ok(person) if person.role_arn == role => {}
            Ok(person) => findings.add(format!("request {id} of {} acted as {role}", person.subject)),
            Err(problem) => findings.add(format!("in request {id}, which acted as {role}, {problem}")),
        }
    }
    findings.all()
}

/// Checks the record of the registry in the same way: each request shows the token of the person who asked, and of nobody else.
pub fn registry_agrees(world: &World, log: &Log, record: &[Asked]) -> Vec<Violation> {
    let mut findings = Findings::default();
    let askers = Askers::read(world, log);
    for asked in record {
        let of_this_world = asked.issuer.as_deref() == Some(world.mint.issuer.as_str());
        let Some(id) = asked.request_id().filter(|id| of_this_world || askers.knows(id)) else {
            if of_this_world {
                findings.add(format!("the registry is not told for which request it is: {asked:?}"));
            }
            continue;
        };
        match (askers.only(id), asked.subject.as_deref()) {
            (Ok(person), Some(subject)) if of_this_world && person.subject == subject => {}
            (Ok(person), Some(subject)) => findings.add(format!(
                "{} was asked with the token of {subject} in a request of {}",
                asked.operation, person.subject
            )),
            (Ok(person), None) => {
                findings.add(format!(
                    "{} was asked without a good token for {}",
                    asked.operation, person.subject
                ));
            }
            (Err(problem), _) => {
                findings.add(format!("{} was asked, and {problem}: {asked:?}", asked.operation));
            }
        }
    }
    findings.all()
}

/// Checks that everybody asked at each system: where nobody asks, nothing can be wrong.
pub fn everybody_was_everywhere(world: &World, entries: &[Entry], record: &[Asked]) -> Vec<Violation> {
    let mut findings = Findings::default();
    for person in &world.people {
        let at_aws = |service: &str| {
            entries.iter().any(|entry| {
                entry.role() == Some(person.role_arn.as_str())
                    && entry.action.as_deref().is_some_and(|action| action.starts_with(service))
            })
        };
        let at_registry = |wanted: fn(&Asked) -> bool| {
            record.iter().any(|asked| asked.subject.as_ref() == Some(&person.subject) && wanted(asked))
        };
        for (system, asked) in [
            ("STS", at_aws("sts:")),
            ("S3", at_aws("s3:")),
            ("Athena", at_aws("athena:")),
            ("the registry", at_registry(|asked| asked.kind.is_some())),
            ("search", at_registry(|asked| asked.operation == "api/search")),
        ] {
            if !asked {
                findings.add(format!("{} never asked at {system}", person.subject));
            }
        }
    }
    findings.all()
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_foreign_is_found_in_base64_too() {
        let canary = "canary 1 belongs to ben? of zeta>";
        let with = |data: &str| {
            let structured = json!({"success": true, "items": [{"data": data}]});
            Answer { is_error: false, text: String::new(), structured }
        };
        let around = format!("\u{1}\u{2}{canary}\u{3}");
        let broken = BASE64_STANDARD.encode(&around);
        let (first, rest) = broken.split_at(20);
        for data in [
            canary.to_owned(),
            BASE64_STANDARD.encode(&around),
            BASE64_URL_SAFE_NO_PAD.encode(&around),
            format!("{first}\n{rest}\n"),
        ] {
            assert!(tells(&with(&data), canary), "{data}");
        }
        for data in ["", "canary 1", &BASE64_STANDARD.encode("canary 2 belongs to ada")] {
            assert!(!tells(&with(data), canary), "{data}");
        }
    }
}

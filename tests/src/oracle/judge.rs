//! Looks at everything that the server puts out, and at everything that reaches AWS.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use memchr::memmem;
use quilt_mcp::domain::principal::log_hash;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::door::Response;
use super::endpoint::Issued;
use super::population::{HANDLE, Population, SECRET, TENANT};
use super::reading::{Foreign, foreign_tenant, foreign_to, holds_a_secret, holds_a_token};
use super::trace::Asked;

/// How many findings are kept in words.
const KEPT: usize = 20;
/// So that few wait for each other.
const SHELVES: usize = 16;

/// Judges one run.
pub struct Judge {
    population: Arc<Population>,
    /// What the log calls each person.
    hashes: Vec<String>,
    reuse: bool,
    /// Which request of the run each of the server's names for requests belongs to.
    ids: [Mutex<HashMap<u128, u64>>; SHELVES],
    findings: Mutex<Vec<String>>,
    found: AtomicU64,
    first: CancellationToken,
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    answers: AtomicU64,
    answered_bytes: AtomicU64,
    gone: AtomicU64,
    late: AtomicU64,
    records: AtomicU64,
    exchanges: AtomicU64,
    lines: AtomicU64,
    logged_bytes: AtomicU64,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Answers that were read in full.
    pub answers: u64,
    /// Callers who went away before their answer.
    pub gone: u64,
    /// Answers that only said that there was no time for more.
    pub late: u64,
    /// Requests at AWS, exchanges among them.
    pub records: u64,
    /// Exchanges of a caller's grant.
    pub exchanges: u64,
    /// Lines of the log.
    pub lines: u64,
    /// Of answers and the log.
    pub bytes: u64,
    /// How much was found.
    pub found: u64,
    /// The first of it, in words.
    pub findings: Vec<String>,
}

impl Judge {
    /// Nothing seen yet. `reuse`: an exchange may serve several requests of one token.
    pub fn new(population: Arc<Population>, reuse: bool) -> Arc<Self> {
        let hash = |person: &super::population::Person| {
            log_hash(&population.issuers[person.issuer].issuer, &person.tenant, &person.subject)
        };
        Arc::new(Self {
            hashes: population.people.iter().map(hash).collect(),
            population,
            reuse,
            ids: std::array::from_fn(|_| Mutex::default()),
            findings: Mutex::default(),
            found: AtomicU64::new(0),
            first: CancellationToken::new(),
            seen: Seen::default(),
        })
    }

    /// Fires at the first finding.
    pub fn first_finding(&self) -> &CancellationToken {
        &self.first
    }

    /// Something must not be.
    pub fn finds(&self, what: impl FnOnce() -> String) {
        self.found.fetch_add(1, Ordering::Relaxed);
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        if findings.len() < KEPT {
            findings.push(what());
        }
        self.first.cancel();
    }

    /// `id`, by which the server calls a request, belongs to request `number` and to no other.
    pub(super) fn binds(&self, id: u128, number: u64) {
        let shelf = &self.ids[usize::try_from(id % SHELVES as u128).expect("few shelves")];
        let earlier = *shelf.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert(number);
        if earlier != number {
            self.finds(|| format!("the server calls requests {earlier} and {number} both {id:032x}"));
        }
    }

    /// Something reached AWS.
    pub(super) fn counts_record(&self) {
        self.seen.records.fetch_add(1, Ordering::Relaxed);
    }

    /// What reaches AWS shows it no caller's token: that is for this server.
    pub(super) fn shows_no_token(&self, asked: Asked, bytes: &[u8], what: &dyn Fn() -> String) {
        if holds_a_token(bytes) {
            self.finds(|| format!("{} shows AWS the token of {asked:?}", what()));
        }
    }

    /// A caller's key was used.
    pub(super) fn acts(&self, issued: Issued, asked: Asked, what: &dyn Fn() -> String) {
        let (person, hat) = (issued.person, issued.hat);
        if person != asked.person {
            self.finds(|| format!("{} was signed with a key of person {person} for {asked:?}", what()));
        } else if hat != asked.hat {
            self.finds(|| format!("{} was signed with a key of role {hat} for {asked:?}", what()));
        } else if !self.reuse && !issued.in_request(asked) {
            self.finds(|| {
                format!("{} was signed with a key of another request: {issued:?} for {asked:?}", what())
            });
        }
    }

    /// The server asked for somebody's role.
    pub(super) fn exchanges(
        &self,
        asked: Asked,
        role: Option<(usize, usize)>,
        form: &std::collections::BTreeMap<String, String>,
    ) {
        self.seen.exchanges.fetch_add(1, Ordering::Relaxed);
        if role != Some((asked.person, asked.hat)) {
            self.finds(|| format!("the role {:?} was assumed for {asked:?}", form.get("RoleArn")));
        }
        let person = &self.population.people[asked.person];
        let tag = |name: &str| {
            let at = form.iter().find(|(field, value)| field.ends_with(".Key") && *value == name)?.0;
            form.get(&at.replace(".Key", ".Value"))
        };
        let named = (form.get("SourceIdentity"), tag("tenant"));
        if named != (Some(&person.subject), Some(&person.tenant)) {
            self.finds(|| format!("AWS was told that {named:?} acts, in request {asked:?}"));
        }
    }

    /// Somebody's key writes to their bucket.
    pub(super) fn writes(&self, person: usize, body: &[u8]) {
        if let Some(foreign) = foreign_to(&self.population, person, None, body) {
            self.finds(|| format!("{foreign} is written to the bucket of person {person}"));
        }
    }

    /// Somebody went away before the answer.
    pub(super) fn counts_gone(&self) {
        self.seen.gone.fetch_add(1, Ordering::Relaxed);
    }

    /// There was no time for somebody's call.
    pub(super) fn counts_late(&self) {
        self.seen.late.fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody who named `named` in the request reads the answer.
    pub(super) fn reads(&self, asked: Asked, named: Option<usize>, response: &Response) {
        self.seen.answers.fetch_add(1, Ordering::Relaxed);
        self.seen.answered_bytes.fetch_add(response.body.len() as u64, Ordering::Relaxed);
        let shown = || String::from_utf8_lossy(&response.body).chars().take(600).collect::<String>();
        let headers = format!("{:?}", response.headers);
        for bytes in [&response.body, headers.as_bytes()] {
            if let Some(foreign) = foreign_to(&self.population, asked.person, named, bytes) {
                self.finds(|| format!("{foreign} is told to {asked:?}: {}", shown()));
            }
        }
        let id = response.headers.get("x-request-id").and_then(|id| id.to_str().ok());
        match id.and_then(|id| u128::from_str_radix(id, 16).ok()) {
            Some(id) => self.binds(id, asked.number),
            None => self.finds(|| format!("an answer without a request id: {}", shown())),
        }
        for at in memmem::find_iter(&response.body, b"\"traceparent\":\"00-") {
            let trace = response.body.get(at + 18..at + 50).and_then(|id| std::str::from_utf8(id).ok());
            if trace.and_then(|id| Asked::read(self.population.run, id)) != Some(asked) {
                self.finds(|| format!("the answer to {asked:?} is in trace {trace:?}"));
            }
        }
        for at in memmem::find_iter(&response.body, b"X-Amz-Credential=") {
            let key = response.body.get(at + 17..at + 37).and_then(|key| std::str::from_utf8(key).ok());
            let issued = key.and_then(Issued::read);
            if issued.map(|issued| (issued.person, issued.hat)) != Some((asked.person, asked.hat)) {
                self.finds(|| format!("a link for {asked:?} is signed with {key:?}"));
            }
        }
    }

    /// One line of the log.
    pub fn reads_line(&self, line: &[u8]) {
        self.seen.lines.fetch_add(1, Ordering::Relaxed);
        self.seen.logged_bytes.fetch_add(line.len() as u64, Ordering::Relaxed);
        let shown = || String::from_utf8_lossy(line).into_owned();
        if holds_a_secret(line) {
            self.finds(|| format!("the log holds what is somebody's: {}", shown()));
        }
        let Ok(fields) = serde_json::from_slice::<Value>(line) else {
            return self.finds(|| format!("a line that is no JSON: {}", shown()));
        };
        let text = |name: &str| fields[name].as_str();
        let Some(asked) = text("trace_id").and_then(|id| Asked::read(self.population.run, id)) else {
            return;
        };
        let person = &self.population.people[asked.person];
        // A token that is refused says who it is for, and that is for somebody else.
        if asked.refused {
            return;
        }
        // What an event says beside its span stands under another name.
        let users = [text("user"), text("event.user")];
        if users.into_iter().flatten().any(|user| user != self.hashes[asked.person])
            || text("tenant").is_some_and(|tenant| tenant != person.tenant)
        {
            self.finds(|| format!("the log takes somebody else for {asked:?}: {}", shown()));
        }
        if let Some(foreign) = foreign_tenant(&self.population, asked.person, None, line) {
            self.finds(|| format!("{foreign} is logged in a request of {asked:?}: {}", shown()));
        }
        if let Some(id) = text("request_id").and_then(|id| u128::from_str_radix(id, 16).ok()) {
            self.binds(id, asked.number);
        }
    }

    /// What operators see, which names nobody.
    pub fn reads_metrics(&self, text: &str) {
        for mark in [SECRET, HANDLE, TENANT, "@lab.test"] {
            if let Some(line) = text.lines().find(|line| line.contains(mark)) {
                self.finds(|| format!("a metric names somebody: {line}"));
            }
        }
        if let Some(line) = text.lines().find(|line| self.hashes.iter().any(|hash| line.contains(hash))) {
            self.finds(|| format!("a metric names somebody by hash: {line}"));
        }
    }

    /// All so far.
    pub fn verdict(&self) -> Verdict {
        let seen = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Verdict {
            answers: seen(&self.seen.answers),
            gone: seen(&self.seen.gone),
            late: seen(&self.seen.late),
            records: seen(&self.seen.records),
            exchanges: seen(&self.seen.exchanges),
            lines: seen(&self.seen.lines),
            bytes: seen(&self.seen.answered_bytes) + seen(&self.seen.logged_bytes),
            found: self.found.load(Ordering::Relaxed),
            findings: self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(owner) => write!(f, "what person {owner} alone may see"),
            Self::Handle(owner) => write!(f, "the name of something of person {owner}'s"),
            Self::Tenant(tenant) => write!(f, "the name of {tenant}"),
        }
    }
}

impl Verdict {
    /// Whether the run shows that nothing reaches the wrong one: something of each kind was looked at, nothing was found, and
    /// most of it was not late.
    pub fn is_clean(&self) -> bool {
        self.found == 0 && self.records > 0 && self.lines > 0 && self.late * 2 < self.answers
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} answers, {} of them late, and {} log lines read ({} MB); {} callers went away; {} requests at AWS, {} of them \
             exchanges",
            self.answers,
            self.late,
            self.lines,
            self.bytes >> 20,
            self.gone,
            self.records,
            self.exchanges
        )?;
        write!(f, "{} findings", self.found)?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

/// A log that the judge reads, line by line.
pub struct JudgedLog(pub Arc<Judge>);

impl io::Write for JudgedLog {
    /// The server writes each line in one piece.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.reads_line(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

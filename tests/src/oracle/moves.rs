//! What people do: with what is theirs, with what is another's, and with what nobody should take them for.

mod attacks;
mod deeds;
mod expect;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Request;
use serde_json::{Map, Value, json};

pub use self::expect::{Expect, Outcome, misfit};
use super::population::{HATS, Person, Population, REVOKED};
use super::random::Random;
use super::trace::Asked;

const STATELESS: &str = "2026-07-28";
const WITH_SESSION: &str = "2025-11-25";

/// What everybody has learnt in this run.
pub struct Memory {
    population: Arc<Population>,
    /// Of each person who opened one.
    sessions: Vec<Mutex<Option<String>>>,
    /// Where each person's last listing goes on.
    cursors: Vec<Mutex<Option<String>>>,
    /// Whether each person has made the workflow that they keep.
    kept: Vec<AtomicBool>,
}

/// One request, ready to be sent, and what must come of it.
pub struct Move {
    /// Who sends it.
    pub asked: Asked,
    /// Whom the request names besides its sender.
    pub named: Option<usize>,
    /// The tool that it calls, if it calls one.
    pub tool: Option<String>,
    /// Itself.
    pub request: Request<String>,
    /// What must come back.
    pub expect: Expect,
    /// What its sender learns from the answer.
    pub lesson: Option<Lesson>,
}

/// What can be learnt from an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// The workflow is there.
    Kept,
    /// Where the listing goes on.
    Cursor,
}

/// How a request is made, while it is made.
pub(super) struct Draft<'m> {
    memory: &'m Memory,
    random: Random,
    me: &'m Person,
    hat: usize,
    other: &'m Person,
    method: &'static str,
    /// What `Mcp-Name` says.
    name: Option<String>,
    params: Value,
    names_other: bool,
    bearer: Option<String>,
    headers: Vec<(&'static str, String)>,
    session: Option<String>,
    refused: bool,
    expect: Expect,
    lesson: Option<Lesson>,
}

impl Memory {
    /// Of a run that begins.
    pub fn new(population: Arc<Population>) -> Self {
        let people = population.people.len();
        Self {
            population,
            sessions: (0..people).map(|_| Mutex::default()).collect(),
            cursors: (0..people).map(|_| Mutex::default()).collect(),
            kept: (0..people).map(|_| AtomicBool::new(false)).collect(),
        }
    }

    /// Request `number` of a seed.
    pub fn draw(&self, seed: u64, number: u64) -> Move {
        let mut random = Random::of(seed, number);
        let people = &self.population.people;
        let me = &people[random.below(people.len())];
        let other = &people[(me.number + 1 + random.below(people.len() - 1)) % people.len()];
        let hat = match random.below(16) {
            0 => REVOKED,
            1..=4 => 1,
            _ => 0,
        };
        let mut draft = Draft {
            memory: self,
            random,
            me,
            hat,
            other,
            method: "tools/call",
            name: None,
            params: json!({}),
            names_other: false,
            bearer: Some(me.tokens[hat].clone()),
            headers: Vec::new(),
            session: None,
            refused: false,
            expect: Expect::Anything,
            lesson: None,
        };
        if draft.random.once_in(6) {
            draft.session = recalled(&self.sessions[me.number]);
        }
        if draft.random.once_in(5) {
            attacks::choose(&mut draft);
        } else {
            deeds::choose(&mut draft);
        }
        draft.finish(self.population.run, number)
    }

    /// A request by which `person` opens a session. Its number is none of those that are drawn.
    pub fn greeting(&self, person: usize) -> Move {
        let me = &self.population.people[person];
        let params = json!({
            "protocolVersion": WITH_SESSION, "capabilities": {},
            "clientInfo": {"name": "oracle", "version": "1"},
        });
        let asked = Asked {
            run: self.population.run,
            person,
            hat: 0,
            refused: false,
            number: u64::MAX / 2 - person as u64,
        };
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let request = head(asked, WITH_SESSION)
            .header("authorization", format!("Bearer {}", me.tokens[0]))
            .body(body.to_string())
            .expect("plain headers");
        Move { asked, named: None, tool: None, request, expect: Expect::Anything, lesson: None }
    }

    /// `person` has opened this session.
    pub fn has_session(&self, person: usize, session: &str) {
        remember(&self.sessions[person], session);
    }

    /// What `person` learns from a good answer.
    pub fn learns(&self, person: usize, lesson: Lesson, answer: &Value) {
        match lesson {
            Lesson::Kept => self.kept[person].store(true, Ordering::Relaxed),
            Lesson::Cursor => {
                if let Some(cursor) = answer.pointer("/result/structuredContent/next_continuation_token") {
                    remember(&self.cursors[person], cursor.as_str().unwrap_or_default());
                }
            }
        }
    }
}

impl Draft<'_> {
    fn tool(&mut self, name: &str, arguments: Value) {
        self.name = Some(name.to_owned());
        self.params = json!({ "name": name });
        self.params["arguments"] = arguments;
    }

    /// About what is the other's.
    fn about_other(&mut self) {
        self.names_other = true;
    }

    /// Only with a role that STS gives can AWS be asked.
    fn expect_of_aws(&mut self, expect: Expect) {
        self.expect =
            if self.hat == REVOKED { Expect::Refusal(&["credentials_unavailable"]) } else { expect };
    }

    fn finish(mut self, run: u32, number: u64) -> Move {
        let asked = Asked { run, person: self.me.number, hat: self.hat, refused: self.refused, number };
        let stateless = self.session.is_none();
        if stateless {
            let meta = self.params.as_object_mut().expect("parameters are an object").entry("_meta");
            let meta = meta.or_insert_with(|| Value::Object(Map::new()));
            meta["io.modelcontextprotocol/protocolVersion"] = STATELESS.into();
            meta["io.modelcontextprotocol/clientInfo"] = json!({"name": "oracle", "version": "1"});
            meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
        }
        // Ids that everybody uses at once where each request stands alone; within a session each has its own.
        let id = if stateless { number % 4 } else { number };
        let body = json!({"jsonrpc": "2.0", "id": id, "method": self.method, "params": self.params});
        let mut request = head(asked, if stateless { STATELESS } else { WITH_SESSION });
        if stateless {
            request = request.header("mcp-method", self.method);
            if let Some(name) = &self.name {
                request = request.header("mcp-name", name);
            }
        }
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if let Some(token) = &self.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        Move {
            asked,
            named: self.names_other.then_some(self.other.number),
            tool: self.name.filter(|_| self.method == "tools/call"),
            request: request.body(body.to_string()).expect("plain headers"),
            expect: self.expect,
            lesson: self.lesson,
        }
    }
}

fn head(asked: Asked, version: &str) -> http::request::Builder {
    Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", version)
        .header("traceparent", asked.header())
}

fn recalled(memory: &Mutex<Option<String>>) -> Option<String> {
    memory.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn remember(memory: &Mutex<Option<String>>, what: &str) {
    *memory.lock().unwrap_or_else(PoisonError::into_inner) = Some(what.to_owned());
}

const _: () = assert!(HATS.len() == REVOKED + 1);

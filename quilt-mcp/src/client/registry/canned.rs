//! A registry for tests: it always gives the same answer, and notes what it was asked.

use std::sync::Mutex;

use bytes::Bytes;
use quilt_scope::BoxFuture;
use serde_json::Value;

use crate::client::fetch::{Fetch, FetchError, Fetched, Get};

/// No status, but a registry that is down.
pub(super) const DOWN: u16 = 0;

pub(super) struct Canned {
    status: u16,
    body: &'static str,
    asked: Mutex<Vec<Question>>,
}

/// What it was asked, and with which token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Question {
    pub(super) url: String,
    pub(super) token: String,
    /// What was posted.
    pub(super) json: Option<Value>,
}

impl Canned {
    pub(super) fn answering(status: u16, body: &'static str) -> Self {
        Self { status, body, asked: Mutex::default() }
    }

    pub(super) fn asked(&self) -> Vec<Question> {
        self.asked.lock().expect("not poisoned").clone()
    }

    fn answer(&self, to: &Get<'_>, json: Option<Value>) -> Result<Fetched, FetchError> {
        let token = to.bearer.map(|token| token.expose().to_owned()).unwrap_or_default();
        self.asked.lock().expect("not poisoned").push(Question { url: to.url.to_owned(), token, json });
        match self.status {
            DOWN => Err(FetchError::new("down")),
            status => Ok(Fetched::answering(status, self.body)),
        }
    }
}

impl Fetch for Canned {
    fn get<'a>(&'a self, get: Get<'a>) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(std::future::ready(self.answer(&get, None)))
    }

    fn post<'a>(&'a self, to: Get<'a>, json: Bytes) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        let json = serde_json::from_slice(&json).expect("JSON");
        Box::pin(std::future::ready(self.answer(&to, Some(json))))
    }
}

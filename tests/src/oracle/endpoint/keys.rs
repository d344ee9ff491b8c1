//! Keys that say for whom they were issued. Nothing is kept of them: a key's secret follows from its id.

use aws_lc_rs::hmac::{HMAC_SHA256, Key as Mac, sign};
use uuid::Uuid;

use crate::oracle::trace::Asked;

/// Of the requests of a run, as many as a key's id can tell apart.
const NUMBERS: u64 = 1 << 44;

/// Issues keys, and recognises them.
pub(super) struct KeyRing {
    master: Mac,
    /// The server's own.
    pub(super) server: String,
}

/// For whom a key was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Whose role it is of.
    pub person: usize,
    /// Which of their roles.
    pub hat: usize,
    /// In which request, as far as the key tells.
    pub number: u64,
}

impl Issued {
    /// What a key's id says.
    pub fn read(access_key: &str) -> Option<Self> {
        let digits = access_key.strip_prefix("ASIA").filter(|digits| digits.len() == 16)?;
        let part = |from: usize, to: usize| u64::from_str_radix(digits.get(from..to)?, 16).ok();
        Some(Self {
            person: usize::try_from(part(0, 4)?).ok()?,
            hat: usize::try_from(part(4, 5)?).ok()?,
            number: part(5, 16)?,
        })
    }

    /// Whether it was issued in this very request.
    pub fn in_request(self, asked: Asked) -> bool {
        self.number == asked.number % NUMBERS
    }

    fn id(self) -> String {
        format!("ASIA{:04X}{:X}{:011X}", self.person, self.hat, self.number % NUMBERS)
    }
}

impl KeyRing {
    pub(super) fn new() -> Self {
        Self {
            master: Mac::new(HMAC_SHA256, Uuid::new_v4().as_bytes()),
            server: format!("AKIA{}", &Uuid::new_v4().simple().to_string().to_uppercase()[..16]),
        }
    }

    /// A key for somebody's role: its id, its secret, its session token.
    pub(super) fn issue(&self, person: usize, hat: usize, number: u64) -> (String, String, String) {
        let id = Issued { person, hat, number }.id();
        let (secret, token) = (self.secret(&id), self.token(&id));
        (id, secret, token)
    }

    pub(super) fn secret(&self, id: &str) -> String {
        self.derived("secret", id)
    }

    pub(super) fn token(&self, id: &str) -> String {
        self.derived("token", id)
    }

    fn derived(&self, what: &str, id: &str) -> String {
        hex::encode(sign(&self.master, format!("{what} {id}").as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_for_whom_it_is() {
        let (id, ..) = KeyRing::new().issue(999, 1, 123_456_789);
        assert_eq!(id.len(), 20);
        assert_eq!(Issued::read(&id), Some(Issued { person: 999, hat: 1, number: 123_456_789 }));
    }
}

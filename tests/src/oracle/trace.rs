//! The id of a trace says who asked. It travels from the client through the server to the endpoint and into the log.

use std::fmt;

/// Who sent a request, which one, and with which of their roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Of this run, and no other.
    pub run: u32,
    /// Who.
    pub person: usize,
    /// With which of their roles.
    pub hat: usize,
    /// Whether it must be refused at the door, so that nothing of it is ever seen at AWS.
    pub refused: bool,
    /// Which request of the run.
    pub number: u64,
}

impl Asked {
    /// What a trace id says, if it is one of this run.
    pub fn read(run: u32, trace_id: &str) -> Option<Self> {
        let id = u128::from_str_radix(trace_id, 16).ok()?;
        let part = |shift: u32, bits: u32| ((id >> shift) & ((1 << bits) - 1)) as u64;
        let asked = Self {
            run: u32::try_from(part(96, 32)).ok()?,
            person: usize::try_from(part(80, 16)).ok()?,
            hat: usize::try_from(part(72, 8)).ok()?,
            refused: part(64, 8) == 1,
            number: part(0, 64),
        };
        (asked.run == run).then_some(asked)
    }

    /// What a `traceparent` header says, if it is one of this run.
    pub fn in_header(run: u32, traceparent: &str) -> Option<Self> {
        Self::read(run, traceparent.split('-').nth(1)?)
    }

    /// The `traceparent` header that says so.
    pub fn header(self) -> String {
        format!("00-{self}-{:016x}-01", self.number | 1 << 63)
    }
}

/// The trace id.
impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (person, hat, refused) = (self.person as u16, self.hat as u8, u8::from(self.refused));
        write!(f, "{:08x}{person:04x}{hat:02x}{refused:02x}{:016x}", self.run, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let asked = Asked { run: 0xdead_beef, person: 999, hat: 2, refused: true, number: u64::MAX - 1 };
        assert_eq!(Asked::in_header(asked.run, &asked.header()), Some(asked));
        assert_eq!(Asked::in_header(1, &asked.header()), None);
    }
}

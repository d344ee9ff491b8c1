//! A request's place in a trace that spans several programs: W3C Trace Context.

use std::fmt;

use uuid::Uuid;

/// A trace, and one span in it. What `traceparent` says.
///
/// It comes from callers, is not verified, and decides nothing: it finds the lines of one request in the logs of several
/// programs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace: u128,
    span: u64,
    flags: u8,
}

impl TraceContext {
    /// The longest `traceparent` that is looked at: later versions may be longer than the 55 bytes of this one.
    const MAX_LENGTH: usize = 256;
    const SAMPLED: u8 = 1;

    /// What a `traceparent` says. `None` if it is malformed: the specification has it ignored then, and a new trace begun.
    pub fn parse(traceparent: &str) -> Option<Self> {
        if !(55..=Self::MAX_LENGTH).contains(&traceparent.len()) || !traceparent.is_ascii() {
            return None;
        }
        let (known, rest) = traceparent.split_at(55);
        let mut parts = known.split('-');
        let version = hexadecimal(parts.next()?, 2)?;
        let trace = hexadecimal(parts.next()?, 32)?;
        let span = u64::try_from(hexadecimal(parts.next()?, 16)?).ok()?;
        let flags = u8::try_from(hexadecimal(parts.next()?, 2)?).ok()?;
        // Version 0 ends here; a later one may go on, after another `-`.
        let ends_well = rest.is_empty() || (version != 0 && rest.starts_with('-'));
        let good = parts.next().is_none() && version != 0xff && trace != 0 && span != 0 && ends_well;
        good.then_some(Self { trace, span, flags: flags & Self::SAMPLED })
    }

    /// The first span of a new trace, of this name.
    pub(super) fn root(trace: Uuid) -> Self {
        Self { trace: trace.as_u128(), span: span_of(trace), flags: Self::SAMPLED }
    }

    /// A new span in this trace.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span: new_span(), ..self }
    }

    /// The trace's name as a number. Never zero.
    pub fn trace(self) -> u128 {
        self.trace
    }

    /// The span's name as a number. Never zero.
    pub fn span(self) -> u64 {
        self.span
    }

    /// Whether whoever began the trace wants its spans recorded.
    pub fn is_sampled(self) -> bool {
        self.flags & Self::SAMPLED != 0
    }

    /// The trace's name, 32 hexadecimal digits.
    pub fn trace_id(self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The span's name, 16 hexadecimal digits.
    pub fn span_id(self) -> String {
        format!("{:016x}", self.span)
    }
}

/// A `traceparent`.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn new_span() -> u64 {
    span_of(Uuid::new_v4())
}

/// A UUID's second half: random in the versions that are used here, and never zero, since it begins with a fixed bit.
fn span_of(uuid: Uuid) -> u64 {
    uuid.as_u64_pair().1
}

/// Lower case only, as the specification has it.
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let good = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    good.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_read_is_what_is_written() {
        let read = TraceContext::parse(GOOD).expect("the specification's own example");
        assert_eq!(read.to_string(), GOOD);
        assert_eq!((read.trace_id().as_str(), read.span_id().as_str()), (&GOOD[3..35], &GOOD[36..52]));
        let later = TraceContext::parse(&format!("cc{}-what-comes", &GOOD[2..])).expect("a later version");
        assert_eq!(later.trace_id(), read.trace_id());
        assert_eq!(
            TraceContext::parse(&GOOD.replace("-01", "-ff")).map(|read| read.to_string()),
            Some(GOOD.into())
        );
    }

    #[test]
    fn what_is_malformed_is_ignored() {
        let zeros = "0".repeat(32);
        for bad in [
            String::new(),
            GOOD.to_uppercase(),
            GOOD.replace("0af7651916cd43dd8448eb211c80319c", &zeros),
            GOOD.replace("b7ad6b7169203331", &zeros[..16]),
            GOOD.replacen("00", "ff", 1),
            format!("{GOOD}-more"),
            format!("{GOOD} "),
            format!(" {GOOD}"),
            GOOD[..54].to_owned(),
            GOOD.replace('-', "_"),
            GOOD.replace("0af7", "+af7"),
            GOOD.replace("b7ad", "ü7a"),
            format!("01{}-{}", &GOOD[2..], "x".repeat(1_000)),
            "a\r\nforged: 1".repeat(5),
        ] {
            assert_eq!(TraceContext::parse(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_child_is_another_span_of_the_same_trace() {
        let parent = TraceContext::parse(GOOD).expect("good");
        let child = parent.child();
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child.span_id(), parent.span_id());
        assert_ne!(child.span_id(), parent.child().span_id());
    }
}

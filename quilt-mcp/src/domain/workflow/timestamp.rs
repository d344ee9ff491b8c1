//! A moment, as the records write it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A moment in UTC, in whole microseconds.
///
/// Written as RFC 3339 with a fixed width, so that the texts sort as the moments do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// The moment of the call.
    pub fn now() -> Self {
        Self::from(OffsetDateTime::now_utc())
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        let utc = moment.to_offset(UtcOffset::UTC);
        Self(utc.replace_microsecond(utc.microsecond()).expect("its own microsecond is in range"))
    }
}

impl Timestamp {
    /// By hand: a workflow that is written has hundreds of them, which took a third of the instructions of a step's update with `fmt`.
    fn text(self) -> Text {
        let t = self.0;
        let mut text = Text(*b"0000-00-00T00:00:00.000000Z");
        // Four digits: `time` has no year above 9999, and one below 0 is refused when it is read.
        text.put(0..4, t.year().unsigned_abs());
        text.put(5..7, u8::from(t.month()).into());
        text.put(8..10, t.day().into());
        text.put(11..13, t.hour().into());
        text.put(14..16, t.minute().into());
        text.put(17..19, t.second().into());
        text.put(20..26, t.microsecond());
        text
    }
}

struct Text([u8; 27]);

impl Text {
    fn put(&mut self, place: Range<usize>, mut number: u32) {
        for digit in self.0[place].iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits and punctuation")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text().as_str())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let there = OffsetDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)?;
        // RFC 3339 has the years 0000 to 9999, and another offset may be at the other side of their end.
        let utc = there.checked_to_offset(UtcOffset::UTC).filter(|utc| utc.year() >= 0);
        utc.map(Self::from)
            .ok_or_else(|| de::Error::custom("the moment is outside of the years 0000 to 9999"))
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::format_description;

    use super::*;

    #[test]
    fn it_reads_what_it_writes() {
        let now = Timestamp::now();
        let text = serde_json::to_string(&now).expect("encodes");
        assert_eq!(serde_json::from_str::<Timestamp>(&text).expect("decodes"), now);
        assert_eq!(text.len(), "\"2026-01-01T00:00:00.000000Z\"".len());
    }

    #[test]
    fn a_moment_that_utc_cannot_write_is_refused() {
        for there in ["0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"] {
            let refused = serde_json::from_value::<Timestamp>(there.into()).expect_err(there);
            assert!(refused.to_string().contains("0000 to 9999"), "{refused}");
        }
    }

    proptest! {
        /// Over all years that RFC 3339 has.
        #[test]
        fn it_writes_what_time_writes(micros in -62_167_219_200_000_000..=253_402_300_799_999_999_i64) {
            let moment = OffsetDateTime::UNIX_EPOCH + time::Duration::microseconds(micros);
            let format = "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z";
            let format = format_description::parse_borrowed::<2>(format).expect("a format");
            prop_assert_eq!(Timestamp::from(moment).to_string(), moment.format(&format).expect("formats"));
        }
    }

    #[test]
    fn another_offset_is_the_same_moment() {
        let there: Timestamp = serde_json::from_str("\"2026-03-01T01:30:00.5+01:30\"").expect("RFC 3339");
        assert_eq!(there.to_string(), "2026-03-01T00:00:00.500000Z");
    }
}

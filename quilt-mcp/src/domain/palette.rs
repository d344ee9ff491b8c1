//! Colours of charts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Five colours that go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum ColorScheme {
    /// Greens and blues of sequence browsers.
    Genomics,
    /// Strong colours, easy to tell apart.
    Ml,
    /// Quiet colours for print.
    Research,
    /// Colours of business reports.
    Analytics,
    /// The usual ones.
    #[default]
    Default,
}

impl ColorScheme {
    /// The colours as `#rrggbb`.
    pub const fn colors(self) -> [&'static str; 5] {
        match self {
            Self::Default => ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd"],
            Self::Genomics => ["#2e8b57", "#1e6fa8", "#e0a100", "#b5446e", "#6a5acd"],
            Self::Ml => ["#e63946", "#1d7874", "#f4a261", "#457b9d", "#6d597a"],
            Self::Research => ["#34495e", "#c0392b", "#16a085", "#d68910", "#7d3c98"],
            Self::Analytics => ["#003f5c", "#bc5090", "#ffa600", "#58508d", "#ff6361"],
        }
    }

    /// The colour of the `n`th series, as red, green, blue. After the fifth they begin again.
    pub fn rgb(self, n: usize) -> (u8, u8, u8) {
        let hex = self.colors()[n % 5].trim_start_matches('#');
        let part = |at: usize| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
        (part(0).unwrap_or_default(), part(2).unwrap_or_default(), part(4).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_from_their_hexadecimal_form() {
        assert_eq!(ColorScheme::Default.rgb(0), (0x1f, 0x77, 0xb4));
        assert_eq!(ColorScheme::Default.rgb(5), ColorScheme::Default.rgb(0));
    }
}

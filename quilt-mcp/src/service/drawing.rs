//! Pictures as SVG. Needs no fonts and no library of the system: text stays text, and the viewer chooses the font.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::prelude::*;

use crate::domain::palette::ColorScheme;
use crate::error::ToolError;

mod panel;

pub use panel::{Panel, Slice, dashboard};

/// The media type of every picture.
pub const MEDIA_TYPE: &str = "image/svg+xml";

/// The size of a picture, in pixels.
pub(super) const SIZE: (u32, u32) = (900, 560);

/// The most characters of a label that are drawn.
const LABEL: usize = 18;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// A white picture with what `paint` puts on it.
pub(super) fn svg(size: (u32, u32), paint: impl FnOnce(&Area<'_>) -> Drawn) -> Result<String, ToolError> {
    let mut text = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE).and_then(|()| paint(&area)).and_then(|()| area.present())
    };
    drawn.map_err(|error| ToolError::internal(format_args!("drawing failed: {error}")))?;
    Ok(text)
}

pub(super) fn color(colors: ColorScheme, number: usize) -> RGBColor {
    let (red, green, blue) = colors.rgb(number);
    RGBColor(red, green, blue)
}

/// A range that shows everything from `low` to `high`, with some air, and that has a length even if they are the same.
///
/// The axis must have room for numbers between its ends, or the marks on it could not be counted.
pub(super) fn padded(low: f64, high: f64) -> Range<f64> {
    let (low, high) = (drawable(low), drawable(high));
    let least = (low.abs().max(high.abs()) * 1e-9).max(1e-300);
    let air = ((high - low) * 0.05).max(least);
    low - air..high + air
}

/// What is farther out is drawn at the edge: the length of an axis must be a finite number.
pub(super) fn drawable(number: f64) -> f64 {
    number.clamp(-1e300, 1e300)
}

/// The least and the greatest of finite numbers; 0 to 1 if there are none.
pub(super) fn extent(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), n| (low.min(n), high.max(n)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

/// The beginning of a label, if it is long.
pub(super) fn short(label: &str) -> String {
    let mut characters = label.chars().filter(|c| !c.is_control());
    let start: String = characters.by_ref().take(LABEL).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

/// A number in few characters.
pub(super) fn brief(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        format!("{number:.1e}")
    } else {
        let text = format!("{number:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// The name of the category that stands at `place`, if one stands there.
pub(super) fn at(categories: &[String], place: f64) -> String {
    let nearest = place.round();
    if (place - nearest).abs() > 1e-6 || nearest < 0.0 {
        return String::new();
    }
    categories.get(nearest as usize).map(|name| short(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_a_length_and_room_within() {
        for (low, high) in
            [(0.0, 0.0), (5.0, 5.0), (1e16, 1e16 + 2.0), (-f64::MAX, f64::MAX), (1e-320, 2e-320), (-3.0, 4.0)]
        {
            let range = padded(low, high);
            let step = (range.end - range.start) / 100.0;
            assert!(step.is_finite() && range.start + step > range.start, "{low}..{high}: {range:?}");
        }
    }

    #[test]
    fn labels_and_numbers_are_short() {
        assert_eq!(short("a label that goes on and on"), "a label that goes …");
        assert_eq!(short("fine\n"), "fine");
        assert_eq!(
            [brief(0.0), brief(12.5), brief(1_234_567.0), brief(0.000_01)],
            ["0", "12.5", "1.2e6", "1.0e-5"]
        );
    }
}

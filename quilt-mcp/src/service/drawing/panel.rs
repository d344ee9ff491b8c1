//! Plain charts of a few named numbers.

use plotters::prelude::*;

use super::{Area, Drawn, SIZE, at, brief, color, extent, padded, short, svg};
use crate::domain::palette::ColorScheme;
use crate::error::ToolError;

/// How many bars a histogram has.
const BINS: usize = 10;

/// A named number.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// Its name.
    pub label: String,
    /// The number, not negative.
    pub value: f64,
}

/// A plain chart.
#[derive(Clone, Debug)]
pub enum Panel {
    /// Parts of a whole.
    Pie {
        /// Above it.
        title: String,
        /// The parts.
        slices: Vec<Slice>,
    },
    /// Numbers side by side, the first on top.
    Bars {
        /// Above it.
        title: String,
        /// What they count.
        unit: String,
        /// The numbers.
        slices: Vec<Slice>,
    },
    /// How often numbers of each size occur.
    Histogram {
        /// Above it.
        title: String,
        /// What they count.
        unit: String,
        /// The numbers.
        values: Vec<f64>,
    },
    /// A few lines of text.
    Facts {
        /// Above it.
        title: String,
        /// The lines.
        lines: Vec<String>,
    },
}

impl Panel {
    /// The picture of this panel alone.
    ///
    /// # Errors
    ///
    /// `internal`: drawing into memory does not fail.
    pub fn picture(&self, colors: ColorScheme) -> Result<String, ToolError> {
        svg(SIZE, |area| self.paint(area, colors))
    }

    fn paint(&self, area: &Area<'_>, colors: ColorScheme) -> Drawn {
        match self {
            Self::Pie { title, slices } => pie(&area.titled(&short_title(title), font(18))?, slices, colors),
            Self::Bars { title, unit, slices } => bars(area, title, unit, slices, colors),
            Self::Histogram { title, unit, values } => histogram(area, title, unit, values, colors),
            Self::Facts { title, lines } => {
                let area = area.titled(&short_title(title), font(18))?;
                for (number, line) in lines.iter().enumerate() {
                    let place = (20, 20 + 24 * i32::try_from(number).unwrap_or(i32::MAX / 24 - 1));
                    area.draw(&Text::new(line.clone(), place, font(15)))?;
                }
                Ok(())
            }
        }
    }
}

/// Four panels in two rows.
///
/// # Errors
///
/// `internal`: drawing into memory does not fail.
pub fn dashboard(title: &str, panels: &[Panel; 4], colors: ColorScheme) -> Result<String, ToolError> {
    svg((SIZE.0 * 3 / 2, SIZE.1 * 3 / 2), |area| {
        let area = area.titled(&short_title(title), font(22))?;
        panels.iter().zip(area.split_evenly((2, 2))).try_for_each(|(panel, area)| panel.paint(&area, colors))
    })
}

fn font(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&BLACK)
}

fn short_title(title: &str) -> String {
    title.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn pie(area: &Area<'_>, slices: &[Slice], colors: ColorScheme) -> Drawn {
    let (width, height) = area.dim_in_pixel();
    let center = (width as i32 / 2, height as i32 / 2);
    let radius = f64::from(width.min(height)) * 0.34;
    let sizes: Vec<f64> = slices.iter().map(|slice| slice.value).collect();
    if sizes.iter().sum::<f64>() <= 0.0 {
        return Ok(());
    }
    let labels: Vec<String> = slices.iter().map(|slice| short(&slice.label)).collect();
    let paints: Vec<RGBColor> = (0..slices.len()).map(|number| color(colors, number)).collect();
    let mut pie = Pie::new(&center, &radius, &sizes, &paints, &labels);
    pie.start_angle(-90.0);
    pie.label_style(font(14));
    area.draw(&pie)
}

fn bars(area: &Area<'_>, title: &str, unit: &str, slices: &[Slice], colors: ColorScheme) -> Drawn {
    let (_, most) = extent(slices.iter().map(|slice| slice.value));
    let names: Vec<String> = slices.iter().rev().map(|slice| slice.label.clone()).collect();
    let mut chart = ChartBuilder::on(area)
        .caption(short_title(title), font(18))
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(140)
        .build_cartesian_2d(0.0..padded(0.0, most).end, -0.5..names.len() as f64 - 0.5)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(names.len().clamp(2, 30))
        .y_label_formatter(&|place| at(&names, *place))
        .x_label_formatter(&|number| brief(*number))
        .x_desc(unit)
        .draw()?;
    chart.draw_series(slices.iter().rev().enumerate().map(|(number, slice)| {
        let place = number as f64;
        let paint = color(colors, slices.len() - 1 - number);
        Rectangle::new([(0.0, place - 0.35), (slice.value, place + 0.35)], paint.filled())
    }))?;
    Ok(())
}

fn histogram(area: &Area<'_>, title: &str, unit: &str, values: &[f64], colors: ColorScheme) -> Drawn {
    let bins = counted(values);
    let range = bins.first().map_or(0.0, |bin| bin.0)..bins.last().map_or(1.0, |bin| bin.1);
    let most = bins.iter().map(|bin| bin.2).max().unwrap_or(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .caption(short_title(title), font(18))
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(range, 0.0..most * 1.05)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_label_formatter(&|number| brief(*number))
        .y_label_formatter(&|number| brief(*number))
        .x_desc(unit)
        .y_desc("files")
        .draw()?;
    chart.draw_series(bins.iter().map(|(from, to, count)| {
        Rectangle::new([(*from, 0.0), (*to, *count as f64)], color(colors, 0).mix(0.8).filled())
    }))?;
    Ok(())
}

/// Bins of equal width: from, to, how many.
fn counted(values: &[f64]) -> Vec<(f64, f64, usize)> {
    let (low, high) = extent(values.iter().copied());
    let range = if high > low { low..high } else { padded(low, high) };
    let width = (range.end - range.start) / BINS as f64;
    let mut bins: Vec<_> = (0..BINS)
        .map(|number| {
            let from = range.start + width * number as f64;
            (from, from + width, 0)
        })
        .collect();
    for value in values {
        // The greatest belongs to the last bin, not to one after it.
        let bin = (((value - range.start) / width) as usize).min(BINS - 1);
        bins[bin].2 += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bin() {
        for values in [vec![0.0, 1.0, 5.0, 10.0], vec![3.0; 7]] {
            assert_eq!(counted(&values).iter().map(|bin| bin.2).sum::<usize>(), values.len());
        }
    }

    #[test]
    fn names_are_text_in_the_picture_and_nothing_else() -> Result<(), ToolError> {
        let slices =
            vec![Slice { label: "<script>".into(), value: 3.0 }, Slice { label: "a&b".into(), value: 1.0 }];
        let panels = [
            Panel::Pie { title: "<b>".into(), slices: slices.clone() },
            Panel::Bars { title: "bars".into(), unit: "files".into(), slices },
            Panel::Histogram { title: "h".into(), unit: "MB".into(), values: vec![0.0; 3] },
            Panel::Facts { title: "f".into(), lines: vec!["\"quoted\"".into()] },
        ];
        for picture in panels.iter().map(|panel| panel.picture(ColorScheme::Ml)).chain([dashboard(
            "all",
            &panels,
            ColorScheme::Ml,
        )]) {
            let picture = picture?;
            assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"), "{picture}");
            assert!(!picture.contains("<script>") && !picture.contains("<b>"), "{picture}");
        }
        assert!(panels[1].picture(ColorScheme::Ml)?.contains("&lt;script&gt;"));
        Ok(())
    }
}

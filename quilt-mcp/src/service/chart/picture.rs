//! A chart as a picture.

use std::ops::Range;

use plotters::element::{DynElement, IntoDynElement, PathElement};
use plotters::prelude::*;

use super::{Chart, Marks, PlotType, Series};
use crate::error::ToolError;
use crate::service::drawing::{Area, Drawn, SIZE, at, brief, color, drawable, extent, padded, short, svg};

/// The most series whose names fit beside the chart.
const LEGEND: usize = 15;

/// The picture of `chart`, as SVG.
///
/// # Errors
///
/// `internal`: drawing into memory does not fail.
pub fn picture(chart: &Chart) -> Result<String, ToolError> {
    svg(SIZE, |area| paint(area, chart))
}

fn paint(area: &Area<'_>, chart: &Chart) -> Drawn {
    let (x_range, y_range) = ranges(chart);
    let title: String = chart.title.chars().filter(|c| !c.is_control()).take(80).collect();
    let mut axes = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 20))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(72)
        .build_cartesian_2d(x_range, y_range)?;
    let named = |x: &f64| match &chart.categories {
        Some(categories) => at(categories, *x),
        None => brief(*x),
    };
    axes.configure_mesh()
        .x_labels(chart.categories.as_ref().map_or(10, |categories| categories.len().clamp(2, 12)))
        .x_label_formatter(&named)
        .y_label_formatter(&|y| brief(*y))
        .x_desc(short(&chart.x_label))
        .y_desc(short(&chart.y_label))
        .draw()?;
    for (number, series) in chart.series.iter().enumerate() {
        let paint = color(chart.colors, number);
        let drawn = axes.draw_series(marks(chart, series, number, paint))?;
        if chart.series.len() > 1 && number < LEGEND {
            drawn
                .label(short(&series.name))
                .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 10, y + 5)], paint.filled()));
        }
    }
    if chart.series.len() > 1 {
        axes.configure_series_labels()
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.3))
            .draw()?;
    }
    Ok(())
}

fn ranges(chart: &Chart) -> (Range<f64>, Range<f64>) {
    let points = chart.series.iter().flat_map(|series| match &series.marks {
        Marks::Points(points) => points.clone(),
        _ => Vec::new(),
    });
    let x = match &chart.categories {
        Some(categories) => -0.5..categories.len() as f64 - 0.5,
        None => {
            let (low, high) = extent(points.map(|(x, _)| x));
            padded(low, high)
        }
    };
    let (low, high) = extent(chart.series.iter().flat_map(heights));
    let y = match chart.plot {
        // Bars are read by their length, so they begin at zero.
        PlotType::Bar => padded(low.min(0.0), high.max(0.0)),
        _ => padded(low, high),
    };
    (x, y)
}

fn heights(series: &Series) -> Vec<f64> {
    match &series.marks {
        Marks::Points(points) => points.iter().map(|(_, y)| *y).collect(),
        Marks::Bars(bars) => bars.iter().flatten().copied().collect(),
        Marks::Boxes(boxes) => boxes.iter().flatten().flat_map(|of| [of.min, of.max]).collect(),
    }
}

type Element<'a> = DynElement<'static, SVGBackend<'a>, (f64, f64)>;

fn marks<'a>(chart: &Chart, series: &Series, number: usize, paint: RGBColor) -> Vec<Element<'a>> {
    match &series.marks {
        Marks::Points(points) if chart.plot == PlotType::Line => {
            let path: Vec<(f64, f64)> = points.iter().copied().map(place).collect();
            vec![PathElement::new(path, paint.stroke_width(2)).into_dyn()]
        }
        Marks::Points(points) => points
            .iter()
            .map(|point| Circle::new(place(*point), 3, paint.mix(0.7).filled()).into_dyn())
            .collect(),
        Marks::Bars(bars) => {
            let heights = bars.iter().enumerate().filter_map(|(place, bar)| Some((place, (*bar)?)));
            heights
                .map(|(place, height)| {
                    let (left, right) = slot(place, number, chart.series.len());
                    Rectangle::new([(left, 0.0), (right, drawable(height))], paint.filled()).into_dyn()
                })
                .collect()
        }
        Marks::Boxes(boxes) => {
            let boxes = boxes.iter().enumerate().filter_map(|(place, of)| Some((place, (*of)?)));
            boxes
                .flat_map(|(place, of)| {
                    let (left, right) = slot(place, number, chart.series.len());
                    let middle = f64::midpoint(left, right);
                    let of = of.each(drawable);
                    let line = |from, to| PathElement::new(vec![from, to], paint.stroke_width(2)).into_dyn();
                    [
                        line((middle, of.min), (middle, of.q1)),
                        line((middle, of.q3), (middle, of.max)),
                        Rectangle::new([(left, of.q1), (right, of.q3)], paint.mix(0.4).filled()).into_dyn(),
                        Rectangle::new([(left, of.q1), (right, of.q3)], paint.stroke_width(1)).into_dyn(),
                        line((left, of.median), (right, of.median)),
                    ]
                })
                .collect()
        }
    }
}

fn place((x, y): (f64, f64)) -> (f64, f64) {
    (drawable(x), drawable(y))
}

/// Where the `number`th of `all` series stands at a category: beside the others.
fn slot(place: usize, number: usize, all: usize) -> (f64, f64) {
    let width = 0.8 / all as f64;
    let left = place as f64 - 0.4 + width * number as f64;
    (left + width * 0.05, left + width * 0.95)
}

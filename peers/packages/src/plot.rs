//! How time and memory grow, as pictures.

use std::collections::BTreeMap;
use std::path::Path;

use plotters::prelude::*;

use crate::Result;

const SIZE: (u32, u32) = (760, 440);
/// Who, whether they write, and how the line is drawn.
const LINES: [(&str, bool, RGBColor); 4] = [
    ("ours", false, RGBColor(31, 119, 180)),
    ("ours", true, RGBColor(23, 190, 207)),
    ("quilt3", false, RGBColor(214, 39, 40)),
    ("quilt3", true, RGBColor(255, 127, 14)),
];

type Points = Vec<(f64, f64)>;

/// Who, whether they write, and how many entries there are.
type Figures = BTreeMap<(String, bool, u64), Vec<f64>>;

/// Draws `NAME-time.svg` and `NAME-memory.svg`.
pub(crate) fn draw(figures: &Path, folder: &Path, name: &str) -> Result {
    let text = std::fs::read_to_string(figures)?;
    let (mut seconds, mut mebibytes) = (Figures::new(), Figures::new());
    for line in text.lines() {
        let [title, who, entries, time, _, _, kibibytes] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("no figures: {line}").into());
        };
        let entries: u64 = entries.parse()?;
        if entries > 0 {
            let key = (who.to_owned(), title.starts_with("add") || title.starts_with("rewrite"), entries);
            seconds.entry(key.clone()).or_default().push(time.parse()?);
            mebibytes.entry(key).or_default().push(kibibytes.parse::<f64>()? / 1024.0);
        }
    }
    picture(&folder.join(format!("{name}-time.svg")), "seconds", &seconds)?;
    picture(&folder.join(format!("{name}-memory.svg")), "MiB at most", &mebibytes)
}

fn picture(path: &Path, axis: &str, figures: &Figures) -> Result {
    let of = |who: &str, writes: bool| -> Points {
        let own = figures.iter().filter(|((of, to, _), _)| of == who && *to == writes);
        own.map(|((.., entries), turns)| (*entries as f64, median(turns))).collect()
    };
    let all = figures.values().map(|turns| median(turns));
    let (low, high) = all.fold((f64::MAX, 0.0), |(low, high): (f64, f64), at| (low.min(at), high.max(at)));
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(42)
        .y_label_area_size(64)
        .build_cartesian_2d((80.0..1.25e6).log_scale(), (low / 2.0..high * 2.0).log_scale())?;
    let power = |at: &f64| if *at < 1.0 { format!("{at}") } else { format!("{at:.0}") };
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("entries")
        .y_desc(axis)
        .x_label_formatter(&power)
        .y_label_formatter(&power)
        .draw()?;
    for (who, writes, color) in LINES {
        let points = of(who, writes);
        let what = if writes { "write" } else { "read" };
        chart
            .draw_series(LineSeries::new(points.clone(), color.stroke_width(2)).point_size(3))?
            .label(format!("{who}, {what}"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(RGBColor(200, 200, 200))
        .draw()?;
    Ok(area.present()?)
}

fn median(turns: &[f64]) -> f64 {
    let mut turns = turns.to_vec();
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 2]
}

//! A chart as an option object of Apache ECharts, which the catalog draws.

use serde_json::{Value, json};

use super::{Chart, Marks, PlotType, Series};

/// The option of `chart`.
pub fn option(chart: &Chart) -> Value {
    let series: Vec<Value> = chart.series.iter().map(|series| of_series(chart, series)).collect();
    let mut x_axis = json!({
        "name": chart.x_label,
        "nameLocation": "middle",
        "nameGap": 30,
        "type": if chart.categories.is_some() { "category" } else { "value" },
    });
    if let Some(categories) = &chart.categories {
        x_axis["data"] = json!(categories);
    } else {
        x_axis["scale"] = json!(true);
    }
    let mut option = json!({
        "title": { "text": chart.title, "left": "center" },
        "color": chart.colors.colors(),
        "tooltip": { "trigger": if chart.plot == PlotType::Bar { "axis" } else { "item" } },
        "grid": { "containLabel": true },
        "xAxis": x_axis,
        "yAxis": {
            "name": chart.y_label,
            "type": "value",
            // Bars are read by their length, so they begin at zero.
            "scale": chart.plot != PlotType::Bar,
        },
        "series": series,
    });
    if chart.series.len() > 1 {
        let names: Vec<&str> = chart.series.iter().map(|series| series.name.as_str()).collect();
        option["legend"] = json!({ "data": names, "bottom": 0 });
    }
    option
}

fn of_series(chart: &Chart, series: &Series) -> Value {
    let data: Vec<Value> = match &series.marks {
        Marks::Points(points) => points.iter().map(|(x, y)| json!([x, y])).collect(),
        Marks::Bars(bars) => bars.iter().map(|bar| json!(bar)).collect(),
        Marks::Boxes(boxes) => boxes
            .iter()
            .map(|of| of.map_or(json!([]), |of| json!([of.min, of.q1, of.median, of.q3, of.max])))
            .collect(),
    };
    let mut value = json!({ "type": chart.plot.as_str(), "data": data });
    if !series.name.is_empty() {
        value["name"] = json!(series.name);
    }
    if chart.plot == PlotType::Line {
        value["showSymbol"] = json!(data_is_sparse(series));
    }
    value
}

fn data_is_sparse(series: &Series) -> bool {
    matches!(&series.marks, Marks::Points(points) if points.len() <= 100)
}

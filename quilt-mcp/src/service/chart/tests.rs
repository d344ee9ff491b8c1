use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::service::table::Format;

const EXPRESSION: &str = "gene,value,arm\nb,1,x\na,3,x\nb,5,y\na,NA,y\na,7,y\n";

fn plan(plot: PlotType, x: &str, y: Option<&str>, group: Option<&str>) -> Plan {
    Plan {
        plot,
        x: x.into(),
        y: y.map(Into::into),
        group: group.map(Into::into),
        title: String::new(),
        x_label: String::new(),
        y_label: String::new(),
        colors: ColorScheme::Genomics,
    }
}

fn table(text: &str) -> Table {
    Table::read(text.as_bytes(), Format::Csv).expect("a table")
}

fn chart(text: &str, plan: &Plan) -> Chart {
    Chart::of(&table(text), plan).expect("a chart")
}

fn refusal(text: &str, plan: &Plan) -> ToolError {
    Chart::of(&table(text), plan).expect_err("refused")
}

#[test]
fn bars_are_means_in_the_order_first_seen() {
    let chart = chart(EXPRESSION, &plan(PlotType::Bar, "gene", Some("value"), None));
    assert_eq!(chart.categories, Some(vec!["b".into(), "a".into()]));
    assert_eq!(chart.series[0].marks, Marks::Bars(vec![Some(3.0), Some(5.0)]));
    assert_eq!((chart.title.as_str(), chart.rows_left_out, chart.statistics.count), ("value by gene", 1, 4));
}

#[test]
fn bars_without_a_y_count_rows() {
    let chart = chart(EXPRESSION, &plan(PlotType::Bar, "gene", None, None));
    assert_eq!(chart.series[0].marks, Marks::Bars(vec![Some(2.0), Some(3.0)]));
    assert_eq!(chart.y_label, "rows");
}

#[test]
fn groups_are_series_and_may_lack_a_category() {
    let chart = chart(EXPRESSION, &plan(PlotType::Bar, "gene", Some("value"), Some("arm")));
    let named: Vec<_> = chart.series.iter().map(|s| (s.name.as_str(), s.marks.clone())).collect();
    assert_eq!(
        named,
        [("x", Marks::Bars(vec![Some(1.0), Some(3.0)])), ("y", Marks::Bars(vec![Some(5.0), Some(7.0)]))]
    );
    let option = option(&chart);
    assert_eq!(option["legend"]["data"], json!(["x", "y"]));
    assert_eq!(option["yAxis"]["scale"], false);
}

#[test]
fn a_line_goes_in_the_order_of_x() {
    let chart = chart("x,y\n10,1\n9,2\n", &plan(PlotType::Line, "x", Some("y"), None));
    assert_eq!(chart.series[0].marks, Marks::Points(vec![(9.0, 2.0), (10.0, 1.0)]));
    assert_eq!(option(&chart)["xAxis"]["type"], "value");
}

#[test]
fn boxes_are_five_numbers() {
    let chart = chart("g,y\na,1\na,2\na,3\n", &plan(PlotType::Boxplot, "g", Some("y"), None));
    assert_eq!(option(&chart)["series"][0]["data"], json!([[1.0, 1.5, 2.0, 2.5, 3.0]]));
}

#[test]
fn what_cannot_be_plotted_is_refused() {
    for (text, plan, said) in [
        (EXPRESSION, plan(PlotType::Bar, "nothing", None, None), "no column `nothing`"),
        (EXPRESSION, plan(PlotType::Line, "gene", None, None), "needs `y_column`"),
        (EXPRESSION, plan(PlotType::Bar, "value", Some("gene"), None), "`b` in row 1, which is no number"),
        ("x,y\n1,NA\n", plan(PlotType::Scatter, "x", Some("y"), None), "no row has a value"),
    ] {
        let error = refusal(text, &plan);
        assert_eq!(error.code(), ErrorCode::InvalidInput);
        assert!(error.message().contains(said), "{error}");
    }
    let mut many = String::from("x,y\n");
    many.extend((0..=MAX_POINTS).map(|n| format!("{n},{n}\n")));
    for plot in [PlotType::Scatter, PlotType::Bar] {
        assert_eq!(refusal(&many, &plan(plot, "x", Some("y"), None)).code(), ErrorCode::LimitExceeded);
    }
}

fn plots() -> impl Strategy<Value = PlotType> {
    prop_oneof![Just(PlotType::Bar), Just(PlotType::Boxplot), Just(PlotType::Line), Just(PlotType::Scatter)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_the_numbers_a_picture_is_drawn(
        plot in plots(),
        numbers in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL, 1..12),
    ) {
        let mut text = String::from("x,y,g\n");
        text.extend(numbers.iter().enumerate().map(|(n, y)| format!("{},{y:e},{}\n", numbers[n / 2], n % 3)));
        let chart = chart(&text, &plan(plot, "x", Some("y"), Some("g")));
        let picture = picture(&chart).expect("drawn");
        prop_assert!(picture.trim_end().ends_with("</svg>"));
        prop_assert!(!picture.contains("NaN"));
        prop_assert!(!option(&chart).to_string().contains("NaN"));
    }
}

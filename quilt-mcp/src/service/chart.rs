//! Charts: what a table says when it is plotted, before anybody draws it.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::table::{Cell, Column, Table};
use crate::domain::palette::ColorScheme;
use crate::error::{ErrorCode, ToolError};

mod echarts;
mod picture;
mod statistics;

pub use echarts::option;
pub use picture::picture;
pub use statistics::{FiveNumbers, Statistics};

/// The most points that are drawn one by one, in a scatter plot or a line.
pub const MAX_POINTS: usize = 5_000;

/// The most categories on an axis, and the most groups.
pub const MAX_CATEGORIES: usize = 200;

/// The kind of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum PlotType {
    /// A box for each category: quartiles, least and greatest.
    Boxplot,
    /// A point for each row.
    Scatter,
    /// The rows in order of x, joined.
    Line,
    /// The mean for each category, or how many rows it has.
    Bar,
}

impl PlotType {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Boxplot => "boxplot",
            Self::Scatter => "scatter",
            Self::Line => "line",
            Self::Bar => "bar",
        }
    }
}

/// What is wanted of a table.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The kind of chart.
    pub plot: PlotType,
    /// The column along the horizontal axis.
    pub x: String,
    /// The column of numbers. Only bars can do without: they count rows then.
    pub y: Option<String>,
    /// The column that tells series apart.
    pub group: Option<String>,
    /// Above the chart.
    pub title: String,
    /// Below the horizontal axis.
    pub x_label: String,
    /// Beside the vertical axis.
    pub y_label: String,
    /// The colours.
    pub colors: ColorScheme,
}

/// A chart, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Its kind.
    pub plot: PlotType,
    /// Above it.
    pub title: String,
    /// Below the horizontal axis.
    pub x_label: String,
    /// Beside the vertical axis.
    pub y_label: String,
    /// The names along the horizontal axis. `None`: it has numbers.
    pub categories: Option<Vec<String>>,
    /// What is drawn.
    pub series: Vec<Series>,
    /// The colours.
    pub colors: ColorScheme,
    /// What the numbers are like, all together.
    pub statistics: Statistics,
    /// How many rows were left out for want of a value.
    pub rows_left_out: usize,
}

/// What is drawn in one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name; empty if there is only one.
    pub name: String,
    /// Its marks.
    pub marks: Marks,
}

/// The marks of a series. On an axis of categories, x is the number of the category, from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Marks {
    /// Points, for scatter plots and lines.
    Points(Vec<(f64, f64)>),
    /// A bar for each category.
    Bars(Vec<Option<f64>>),
    /// A box for each category.
    Boxes(Vec<Option<FiveNumbers>>),
}

/// One row that has all that is plotted.
struct Row {
    x: Cell,
    y: f64,
    group: usize,
}

impl Chart {
    /// The chart of `table` that `plan` asks for.
    ///
    /// # Errors
    ///
    /// A column does not exist, does not hold what the chart needs, or there is more than can be drawn.
    pub fn of(table: &Table, plan: &Plan) -> Result<Self, ToolError> {
        let x = table.column(&plan.x)?;
        let y = plan.y.as_deref().map(|name| table.column(name)).transpose()?;
        let group = plan.group.as_deref().map(|name| table.column(name)).transpose()?;
        if y.is_none() && plan.plot != PlotType::Bar {
            let message = format!("a {} chart needs `y_column`", plan.plot.as_str());
            return Err(ToolError::invalid_input(message));
        }
        let mut groups = Labels::default();
        let mut rows = Vec::with_capacity(table.rows());
        for number in 0..table.rows() {
            let Some(value) = y.map_or(Ok(Some(1.0)), |y| number_in(y, number))? else { continue };
            let place = x.cells.get(number).cloned().unwrap_or(Cell::Empty);
            if place == Cell::Empty {
                continue;
            }
            let group = match group {
                Some(group) => groups.number(&name_of(&group.cells[number]), &group.name)?,
                None => 0,
            };
            rows.push(Row { x: place, y: value, group });
        }
        if rows.is_empty() {
            let columns = y.map_or(format!("`{}`", x.name), |y| format!("`{}` and `{}`", x.name, y.name));
            return Err(ToolError::invalid_input(format!("no row has a value in {columns}")));
        }
        let numbers: Vec<f64> = rows.iter().map(|row| row.y).collect();
        let rows_left_out = table.rows() - rows.len();
        if groups.names.is_empty() {
            groups.names.push(String::new());
        }
        let (categories, marks) = match plan.plot {
            PlotType::Scatter | PlotType::Line => points(rows, groups.names.len(), plan)?,
            PlotType::Bar | PlotType::Boxplot => by_category(rows, groups.names.len(), y.is_none(), plan)?,
        };
        let series =
            groups.names.into_iter().zip(marks).map(|(name, marks)| Series { name, marks }).collect();
        let y_name = y.map_or("rows", |y| y.name.as_str());
        Ok(Self {
            plot: plan.plot,
            title: or_else(&plan.title, || format!("{y_name} by {}", x.name)),
            x_label: or_else(&plan.x_label, || x.name.clone()),
            y_label: or_else(&plan.y_label, || y_name.to_owned()),
            categories,
            series,
            colors: plan.colors,
            statistics: Statistics::of(&numbers),
            rows_left_out,
        })
    }

    /// How many marks are drawn.
    pub fn marks(&self) -> usize {
        let count = |series: &Series| match &series.marks {
            Marks::Points(points) => points.len(),
            Marks::Bars(bars) => bars.iter().flatten().count(),
            Marks::Boxes(boxes) => boxes.iter().flatten().count(),
        };
        self.series.iter().map(count).sum()
    }
}

/// What a group is called in the legend.
fn name_of(cell: &Cell) -> String {
    if *cell == Cell::Empty { "(empty)".to_owned() } else { cell.label() }
}

fn or_else(given: &str, default: impl FnOnce() -> String) -> String {
    if given.is_empty() { default() } else { given.to_owned() }
}

fn number_in(column: &Column, row: usize) -> Result<Option<f64>, ToolError> {
    match column.cells.get(row) {
        Some(Cell::Number(number)) => Ok(Some(*number)),
        None | Some(Cell::Empty) => Ok(None),
        Some(Cell::Text(text)) => {
            let shown: String = text.chars().take(40).collect();
            let message =
                format!("column `{}` holds `{shown}` in row {}, which is no number", column.name, row + 1);
            Err(ToolError::invalid_input(message).with_hint("choose a column of numbers as `y_column`"))
        }
    }
}

/// Labels in the order in which they were first seen.
#[derive(Default)]
struct Labels {
    names: Vec<String>,
    by_name: HashMap<String, usize>,
}

impl Labels {
    fn number(&mut self, label: &str, column: &str) -> Result<usize, ToolError> {
        if let Some(&number) = self.by_name.get(label) {
            return Ok(number);
        }
        let number = self.names.len();
        if number == MAX_CATEGORIES {
            let message = format!("column `{column}` has more than {MAX_CATEGORIES} different values");
            return Err(ToolError::new(ErrorCode::LimitExceeded, message)
                .with_hint("choose a column with fewer values, or group them first"));
        }
        self.by_name.insert(label.to_owned(), number);
        self.names.push(label.to_owned());
        Ok(number)
    }
}

type Drawn = (Option<Vec<String>>, Vec<Marks>);

fn points(mut rows: Vec<Row>, groups: usize, plan: &Plan) -> Result<Drawn, ToolError> {
    if rows.len() > MAX_POINTS {
        let message = format!("{} points are more than the {MAX_POINTS} that are drawn", rows.len());
        return Err(ToolError::new(ErrorCode::LimitExceeded, message)
            .with_hint("aggregate or sample the data, or make a boxplot or bars of it"));
    }
    let numeric = rows.iter().all(|row| matches!(row.x, Cell::Number(_)));
    if plan.plot == PlotType::Line {
        rows.sort_by(|a, b| match (&a.x, &b.x) {
            (Cell::Number(a), Cell::Number(b)) => a.total_cmp(b),
            (a, b) => a.label().cmp(&b.label()),
        });
    }
    let mut labels = Labels::default();
    let mut series = vec![Vec::new(); groups];
    for row in rows {
        let x = match row.x {
            Cell::Number(x) if numeric => x,
            other => labels.number(&other.label(), &plan.x)? as f64,
        };
        series[row.group].push((x, row.y));
    }
    let categories = (!numeric).then_some(labels.names);
    Ok((categories, series.into_iter().map(Marks::Points).collect()))
}

fn by_category(rows: Vec<Row>, groups: usize, counted: bool, plan: &Plan) -> Result<Drawn, ToolError> {
    let mut labels = Labels::default();
    let mut values: Vec<Vec<Vec<f64>>> = vec![Vec::new(); groups];
    for row in rows {
        let category = labels.number(&row.x.label(), &plan.x)?;
        let of_group = &mut values[row.group];
        if of_group.len() <= category {
            of_group.resize_with(category + 1, Vec::new);
        }
        of_group[category].push(row.y);
    }
    let marks = values.into_iter().map(|mut of_group| {
        of_group.resize_with(labels.names.len(), Vec::new);
        let each = of_group.into_iter().map(|values| (!values.is_empty()).then_some(values));
        match plan.plot {
            PlotType::Boxplot => Marks::Boxes(each.map(|v| v.map(|v| FiveNumbers::of(&v))).collect()),
            _ if counted => Marks::Bars(each.map(|v| v.map(|v| v.len() as f64)).collect()),
            _ => Marks::Bars(each.map(|v| v.map(|v| Statistics::of(&v).mean)).collect()),
        }
    });
    let marks = marks.collect();
    Ok((Some(labels.names), marks))
}

#[cfg(test)]
mod tests;

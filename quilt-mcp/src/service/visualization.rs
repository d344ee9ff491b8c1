//! From data wherever it lies to a chart and the files that show it in the catalog.

use quilt_scope::Lazy;
use serde_json::Value;

use super::chart::{self, Chart, Plan};
use super::object::{MAX_BYTES, ObjectService};
use super::summary::CatalogEntry;
use super::table::{self, Format, Table};
use super::threads::TenantThreads;
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};

mod data;

pub use data::{Data, MAX_TEXT};

/// A file to be put into a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its key.
    pub key: String,
    /// Its content.
    pub text: String,
    /// Its media type.
    pub content_type: &'static str,
}

/// A chart, and the files that show it.
#[derive(Debug)]
pub struct Visualization {
    /// The chart.
    pub chart: Chart,
    /// It as an option of ECharts.
    pub option: Value,
    /// The option as a file.
    pub option_file: File,
    /// The picture.
    pub picture: File,
    /// The columns that were plotted, as CSV.
    pub data: File,
    /// How many rows `data` has.
    pub rows: usize,
    /// The names of the columns that were plotted.
    pub columns: Vec<String>,
    /// What the catalog is to show.
    pub page: Vec<CatalogEntry>,
    /// The same as a file.
    pub page_file: File,
}

/// Plots `data` as `plan` asks. S3 is asked only if the data lies there, and in the caller's name.
///
/// # Errors
///
/// The data cannot be had, read or plotted. The message says which, and where it went wrong.
pub async fn visualize(
    objects: Lazy<'_, ObjectService<'_>>,
    threads: &TenantThreads<'_>,
    data: Data,
    plan: Plan,
) -> Result<Visualization, ToolError> {
    let source = match data.located()? {
        Source::Here(data) => Loaded::Data(data),
        Source::Object(uri) => {
            let format = format_of(&uri)?;
            let objects = objects.get().await.map_err(ToolError::internal)?;
            let content = objects.fetch(&uri, MAX_BYTES).await?;
            if content.truncated {
                let message = format!("`{uri}` is larger than the {} MiB that are read", MAX_BYTES >> 20);
                return Err(ToolError::new(ErrorCode::LimitExceeded, message)
                    .with_hint("make a smaller file of the columns and rows to be plotted"));
            }
            Loaded::Bytes(content.bytes, format)
        }
    };
    let drawing = move || {
        let table = match source {
            Loaded::Data(data) => data.table()?,
            Loaded::Bytes(bytes, format) => Table::read(&bytes, format)?,
        };
        plotted(&table, &plan)
    };
    threads.run(drawing).await
}

/// Where data is.
enum Source {
    Here(Data),
    Object(S3Uri),
}

enum Loaded {
    Data(Data),
    Bytes(Vec<u8>, Format),
}

fn format_of(uri: &S3Uri) -> Result<Format, ToolError> {
    Format::of_key(uri.key().as_str()).ok_or_else(|| {
        ToolError::invalid_input(format!("`{uri}` is of no kind that is read"))
            .with_hint("the key must end in .csv, .tsv, .json or .parquet")
    })
}

fn plotted(table: &Table, plan: &Plan) -> Result<Visualization, ToolError> {
    let chart = Chart::of(table, plan)?;
    let columns: Vec<String> =
        [Some(&plan.x), plan.y.as_ref(), plan.group.as_ref()].into_iter().flatten().cloned().collect();
    let mut used = Vec::new();
    for name in &columns {
        let column = table.column(name)?;
        if !used.contains(&column) {
            used.push(column);
        }
    }
    let stem = stem(plan);
    let option = chart::option(&chart);
    let option_file =
        File { key: format!("{stem}.json"), text: option.to_string(), content_type: "application/json" };
    let picture = File {
        key: format!("{stem}.svg"),
        text: chart::picture(&chart)?,
        content_type: super::drawing::MEDIA_TYPE,
    };
    let data = File { key: format!("{stem}.csv"), text: table::to_csv(&used)?, content_type: "text/csv" };
    let shown_as = |path: &str, title: String, kind: &str| CatalogEntry {
        types: vec![kind.to_owned()],
        ..CatalogEntry::new(path, title)
    };
    let page = vec![
        shown_as(&option_file.key, chart.title.clone(), "echarts"),
        shown_as(&data.key, format!("Data of {}", chart.title), "perspective"),
    ];
    let page_file = File {
        key: "quilt_summarize.json".to_owned(),
        text: serde_json::to_string_pretty(&page).map_err(ToolError::internal)?,
        content_type: "application/json",
    };
    Ok(Visualization {
        rows: table.rows(),
        chart,
        option,
        option_file,
        picture,
        data,
        columns,
        page,
        page_file,
    })
}

/// `viz_<plot>_<x>_<y>`, of characters that need no escaping anywhere.
fn stem(plan: &Plan) -> String {
    let plain = |name: &str| -> String {
        let plain =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        plain.take(40).collect()
    };
    let y = plan.y.as_deref().map_or("rows".to_owned(), plain);
    format!("viz_{}_{}_{y}", plan.plot.as_str(), plain(&plan.x))
}

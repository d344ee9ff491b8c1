//! Charts of data.

use quilt_scope::{Lazy, scoped_tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::metadata::MetadataTemplate;
use crate::domain::palette::ColorScheme;
use crate::error::ToolError;
use crate::service::chart::{Plan, PlotType, Statistics};
use crate::service::object::ObjectService;
use crate::service::summary::CatalogEntry;
use crate::service::threads::TenantThreads;
use crate::service::visualization::{self, Data, File, Visualization};

/// The form of a chart for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum OutputFormat {
    /// An option object of Apache ECharts, which the Quilt catalog draws.
    #[default]
    Echarts,
}

/// A chart, and the files that show it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DataVisualization {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The chart for programs.
    pub visualization_config: ChartConfig,
    /// The data that is plotted. Its text is in `files_to_upload`.
    pub data_file: FileNote,
    /// The picture. Its text, SVG, is in `files_to_upload`.
    pub picture_file: FileNote,
    /// The content of `quilt_summarize.json`, which makes the catalog show chart and data.
    pub quilt_summarize: Vec<CatalogEntry>,
    /// Chart, picture, data and `quilt_summarize.json`: give them as `items` to `bucket_objects_put`, or put them into a
    /// package.
    pub files_to_upload: Vec<UploadFile>,
    /// What was plotted.
    pub metadata: ChartNotes,
}

/// A chart for programs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChartConfig {
    /// What it is for.
    #[serde(rename = "type")]
    pub format: OutputFormat,
    /// The option object.
    pub option: Map<String, Value>,
    /// The file it belongs into.
    pub filename: String,
}

/// A file, without its content.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileNote {
    /// Its key.
    pub key: String,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes.
    pub size: usize,
}

/// A file to be written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadFile {
    /// Its key.
    pub key: String,
    /// Its content.
    pub text: String,
    /// Its media type.
    pub content_type: String,
}

/// What was plotted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChartNotes {
    /// The kind of chart.
    pub plot_type: PlotType,
    /// What the numbers are like, all together.
    pub statistics: Statistics,
    /// How many rows were plotted.
    pub data_points: usize,
    /// How many points, bars or boxes are drawn.
    pub marks: usize,
    /// How many rows were left out because a value is missing.
    pub rows_left_out: usize,
    /// What draws the chart in the catalog.
    pub visualization_engine: String,
    /// The columns that were plotted: x, y, group.
    pub columns_used: Vec<String>,
}

/// Plot data as a chart: bars, boxes, a line or points.
///
/// Returns an ECharts option for the Quilt catalog, a picture (SVG), the plotted columns as CSV, and the
/// `quilt_summarize.json` that shows them. Nothing is written. Data is given inline or as an S3 object, which is read with
/// your rights. At most 50,000 rows and 1,000 columns are read, 5,000 points drawn one by one, and 200 categories or groups.
#[scoped_tool(read_only, idempotent, open_world, title = "Plot data")]
#[expect(clippy::too_many_arguments, reason = "each is a parameter that clients may give")]
pub async fn create_data_visualization(
    objects: Lazy<'_, ObjectService<'_>>,
    threads: &TenantThreads<'_>,
    /// Columns as an object of lists, rows as a list of objects, CSV, TSV or JSON text, or the `s3://` URI of such an object
    /// or of a Parquet file (uncompressed or Snappy), of at most 10 MiB.
    data: Data,
    /// `bar`: the mean of y for each x, or the number of rows. `boxplot`: quartiles of y for each x. `line` and `scatter`: a
    /// point for each row.
    plot_type: PlotType,
    /// The column along the horizontal axis.
    x_column: String,
    /// The column of numbers. Only `bar` can do without: it counts rows then.
    y_column: Option<String>,
    /// The column that tells series apart, each in a colour of its own.
    group_column: Option<String>,
    /// What stands above the chart; empty for the columns' names.
    #[default(String::new())]
    title: String,
    /// What stands below the horizontal axis; empty for the column's name.
    #[default(String::new())]
    xlabel: String,
    /// What stands beside the vertical axis; empty for the column's name.
    #[default(String::new())]
    ylabel: String,
    /// The colours.
    #[default(ColorScheme::Genomics)]
    color_scheme: ColorScheme,
    /// The kind of package the chart is for. If `color_scheme` is `default`, it decides the colours.
    #[default(MetadataTemplate::Research)]
    template: MetadataTemplate,
    /// The form of the chart for programs.
    #[default(OutputFormat::default())]
    output_format: OutputFormat,
) -> Result<DataVisualization, ToolError> {
    let colors = if color_scheme == ColorScheme::Default { template.color_scheme() } else { color_scheme };
    let named = |column: Option<String>| column.filter(|name| !name.is_empty());
    let plan = Plan {
        plot: plot_type,
        x: x_column,
        y: named(y_column),
        group: named(group_column),
        title,
        x_label: xlabel,
        y_label: ylabel,
        colors,
    };
    answer(visualization::visualize(objects, threads, data, plan).await?, output_format)
}

fn answer(made: Visualization, format: OutputFormat) -> Result<DataVisualization, ToolError> {
    let Value::Object(option) = made.option else {
        return Err(ToolError::internal("an ECharts option is an object"));
    };
    Ok(DataVisualization {
        success: true,
        visualization_config: ChartConfig { format, option, filename: made.option_file.key.clone() },
        data_file: note(&made.data),
        picture_file: note(&made.picture),
        quilt_summarize: made.page,
        metadata: ChartNotes {
            plot_type: made.chart.plot,
            statistics: made.chart.statistics,
            data_points: made.rows - made.chart.rows_left_out,
            marks: made.chart.marks(),
            rows_left_out: made.chart.rows_left_out,
            visualization_engine: "echarts".to_owned(),
            columns_used: made.columns,
        },
        files_to_upload: [made.option_file, made.data, made.page_file, made.picture]
            .into_iter()
            .map(|file| UploadFile {
                key: file.key,
                text: file.text,
                content_type: file.content_type.to_owned(),
            })
            .collect(),
    })
}

fn note(file: &File) -> FileNote {
    FileNote { key: file.key.clone(), content_type: file.content_type.to_owned(), size: file.text.len() }
}

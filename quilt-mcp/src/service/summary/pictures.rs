//! Pictures of what a package holds.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Folders, extension, files, megabytes, total_size};
use crate::domain::metadata::MetadataTemplate;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::drawing::{MEDIA_TYPE, Panel, Slice, dashboard};

/// The most parts a picture tells apart; the rest is one part.
const PARTS: usize = 10;

/// A histogram of fewer sizes says nothing.
const SIZES_WORTH_A_HISTOGRAM: usize = 6;

/// A picture of what a package holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Picture {
    /// How it is drawn: `pie_chart`, `bar_chart`, `histogram` or `dashboard`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What stands above it.
    pub title: String,
    /// What it shows.
    pub description: String,
    /// The numbers that it shows.
    pub data: Map<String, Value>,
    /// The picture, in base64.
    pub image_base64: String,
    /// The media type of the picture.
    pub mime_type: String,
}

/// Pictures that belong together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Dashboard {
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// When it was made, RFC 3339.
    pub generated_at: String,
    /// What is on it, in order.
    pub widgets: Vec<Widget>,
}

/// A place on a dashboard.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Widget {
    /// Its name: the key of the picture.
    pub id: String,
    /// How the picture is drawn.
    #[serde(rename = "type")]
    pub kind: String,
    /// What stands above it.
    pub title: String,
}

/// How many files of each ending there are.
pub fn file_types_of(folders: &Folders) -> BTreeMap<String, u64> {
    let mut types = BTreeMap::new();
    for file in files(folders) {
        *types.entry(extension(&file.key)).or_default() += 1;
    }
    types
}

/// The pictures of a package, by name: kinds of files (if there are several), folders, sizes (if there are enough), and
/// all of it on one page.
///
/// # Errors
///
/// `internal`: drawing into memory does not fail.
pub fn pictures(
    name: &PackageName,
    folders: &Folders,
    types: &BTreeMap<String, u64>,
    template: MetadataTemplate,
) -> Result<BTreeMap<String, Picture>, ToolError> {
    let colors = template.color_scheme();
    let types = most_first(types.iter().map(|(label, count)| (label.clone(), *count as f64)));
    let counts = most_first(folders.iter().map(|(folder, files)| (shown(folder), files.len() as f64)));
    let sizes: Vec<f64> = files(folders).map(|file| megabytes(file.size)).collect();

    let pie = Panel::Pie { title: format!("File types of {name}"), slices: types.clone() };
    let bars =
        Panel::Bars { title: format!("Folders of {name}"), unit: "files".into(), slices: counts.clone() };
    let histogram = Panel::Histogram {
        title: format!("File sizes of {name}"),
        unit: "MiB".into(),
        values: sizes.clone(),
    };
    let facts = Panel::Facts {
        title: "At a glance".into(),
        lines: vec![
            format!("{} files", sizes.len()),
            format!("{} MiB", megabytes(total_size(folders))),
            format!("{} folders", folders.len()),
            format!("{} file types", types.len()),
            format!("template: {}", template.as_str()),
        ],
    };

    let mut drawn = BTreeMap::new();
    if types.len() > 1 {
        let about = ("pie_chart", "Share of each file type", data(&types));
        drawn.insert("file_type_distribution".to_owned(), picture(&pie, about, template)?);
    }
    if !counts.is_empty() {
        let about = ("bar_chart", "Number of files in each folder", data(&counts));
        drawn.insert("folder_structure".to_owned(), picture(&bars, about, template)?);
    }
    if sizes.len() >= SIZES_WORTH_A_HISTOGRAM {
        let (least, most) = crate::service::drawing::extent(sizes.iter().copied());
        let numbers = Map::from_iter([
            ("files".to_owned(), json!(sizes.len())),
            ("min_mb".to_owned(), json!(least)),
            ("max_mb".to_owned(), json!(most)),
        ]);
        let about = ("histogram", "How many files are of which size", numbers);
        drawn.insert("file_size_distribution".to_owned(), picture(&histogram, about, template)?);
    }
    let title = format!("Package {name}");
    let svg = dashboard(&title, &[pie, bars, histogram, facts], colors)?;
    let numbers = Map::from_iter([
        ("total_files".to_owned(), json!(sizes.len())),
        ("total_size_mb".to_owned(), json!(megabytes(total_size(folders)))),
        ("file_types".to_owned(), json!(types.len())),
        ("folders".to_owned(), json!(folders.len())),
    ]);
    let whole = encoded("dashboard", title, "The package on one page", numbers, &svg);
    drawn.insert("package_dashboard".to_owned(), whole);
    Ok(drawn)
}

/// The dashboard of all `pictures`.
pub fn dashboard_of(name: &PackageName, pictures: &BTreeMap<String, Picture>, now: &str) -> Dashboard {
    let widget = |(id, picture): (&String, &Picture)| Widget {
        id: id.clone(),
        kind: picture.kind.clone(),
        title: picture.title.clone(),
    };
    Dashboard {
        id: format!("{}-dashboard", name.as_str().replace('/', "-")),
        title: format!("Package {name}"),
        generated_at: now.to_owned(),
        widgets: pictures.iter().map(widget).collect(),
    }
}

fn picture(
    panel: &Panel,
    (kind, description, data): (&str, &str, Map<String, Value>),
    template: MetadataTemplate,
) -> Result<Picture, ToolError> {
    let title = match panel {
        Panel::Pie { title, .. }
        | Panel::Bars { title, .. }
        | Panel::Histogram { title, .. }
        | Panel::Facts { title, .. } => title.clone(),
    };
    Ok(encoded(kind, title, description, data, &panel.picture(template.color_scheme())?))
}

fn encoded(kind: &str, title: String, description: &str, data: Map<String, Value>, svg: &str) -> Picture {
    Picture {
        kind: kind.to_owned(),
        title,
        description: description.to_owned(),
        data,
        image_base64: BASE64.encode(svg),
        mime_type: MEDIA_TYPE.to_owned(),
    }
}

fn shown(folder: &str) -> String {
    if folder.trim_matches('/').is_empty() { "(top)".to_owned() } else { folder.to_owned() }
}

fn data(slices: &[Slice]) -> Map<String, Value> {
    slices.iter().map(|slice| (slice.label.clone(), json!(slice.value))).collect()
}

/// The greatest first, and what is beyond the tenth as one.
fn most_first(numbers: impl Iterator<Item = (String, f64)>) -> Vec<Slice> {
    let mut slices: Vec<Slice> = numbers.map(|(label, value)| Slice { label, value }).collect();
    slices.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    if slices.len() > PARTS {
        let rest = slices.split_off(PARTS - 1).into_iter().map(|slice| slice.value).sum();
        slices.push(Slice { label: "others".into(), value: rest });
    }
    slices
}

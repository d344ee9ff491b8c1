use serde_json::json;

use super::*;
use crate::domain::catalog::CatalogUrl;

fn folders(value: Value) -> Folders {
    serde_json::from_value(value).expect("folders")
}

fn three() -> Folders {
    folders(json!({
        "data/processed": [
            {"Key": "in/a.CSV", "Size": 1_048_576, "ETag": "left alone"},
            {"key": "in/b.csv", "size": 1},
        ],
        "docs": [{"logical_key": "in/README"}],
    }))
}

fn with_subject<R>(folders: &Folders, readme: &str, look: impl FnOnce(&Subject<'_>) -> R) -> R {
    let name = "team/data".parse().expect("a name");
    let metadata = Map::from_iter([("description".to_owned(), json!("Counts"))]);
    let source = SourceInfo { bucket: Some("my-bucket".into()), ..SourceInfo::default() };
    look(&Subject {
        name: &name,
        metadata: &metadata,
        folders,
        readme,
        source: &source,
        template: MetadataTemplate::Genomics,
        now: "2025-01-01T00:00:00Z",
    })
}

#[test]
fn a_report_counts_and_links() {
    let catalog: CatalogUrl = "https://c.example".parse().expect("a URL");
    let report = with_subject(&three(), "# Title\ntext", |subject| report(subject, Some(&catalog)));
    let data = &report.data_summary;
    assert_eq!((data.total_files, data.total_size_bytes, data.total_size_mb), (3, 1_048_577, 1.0));
    assert_eq!(data.file_types, ["csv", "none"]);
    assert_eq!(data.file_type_distribution["csv"], FileTypeCount { count: 2, total_size_bytes: 1_048_577 });
    assert_eq!(report.structure.organization_type, Organization::SmartHierarchy);
    assert_eq!(report.package_info.description, "Counts");
    assert_eq!(report.documentation.readme_title.as_deref(), Some("Title"));
    assert_eq!(
        report.access.catalog_url.as_deref(),
        Some("https://c.example/b/my-bucket/packages/team/data")
    );
    let without = with_subject(&three(), "", |subject| super::report(subject, None));
    assert_eq!((without.access.catalog_url, without.documentation.has_readme), (None, false));
}

#[test]
fn the_catalog_shows_the_readme_first_and_only_what_it_can_show() {
    let many = folders(json!({
        "": [{"Key": "README.md"}, {"Key": "z.bam"}],
        "d": (0..30).map(|n| json!({"Key": format!("f{n:02}.csv")})).collect::<Vec<_>>(),
        "p": [{"Key": "plot.png"}],
    }));
    let page = with_subject(&many, "text", catalog_page);
    let paths: Vec<&str> = page.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(&paths[..3], ["README.md", "p/plot.png", "d/f00.csv"]);
    assert_eq!(paths.len(), 12);
    assert_eq!(json!(page[1]), json!({"path": "p/plot.png", "title": "plot.png"}));
}

#[test]
fn pictures_are_drawn_where_there_is_something_to_see() -> Result<(), ToolError> {
    let name = "team/data".parse().expect("a name");
    let few = three();
    let drawn = pictures(&name, &few, &file_types_of(&few), MetadataTemplate::Ml)?;
    assert_eq!(
        drawn.keys().collect::<Vec<_>>(),
        ["file_type_distribution", "folder_structure", "package_dashboard"]
    );
    assert_eq!(
        drawn["file_type_distribution"].data,
        *json!({"csv": 2.0, "none": 1.0}).as_object().expect("one")
    );
    let none = Folders::new();
    let drawn = pictures(&name, &none, &file_types_of(&none), MetadataTemplate::Ml)?;
    assert_eq!(drawn.keys().collect::<Vec<_>>(), ["package_dashboard"]);
    let many: Vec<Value> = (0..40).map(|n| json!({"Key": format!("a.x{n}"), "Size": n})).collect();
    let many = folders(json!({ "": many }));
    let drawn = pictures(&name, &many, &file_types_of(&many), MetadataTemplate::Ml)?;
    assert_eq!(drawn["file_type_distribution"].data.len(), 10);
    assert!(drawn.contains_key("file_size_distribution"));
    Ok(())
}

#[test]
fn too_many_files_are_refused() {
    let many = Folders::from([(String::new(), vec![FileEntry::default(); MAX_FILES + 1])]);
    assert_eq!(check(&many).map_err(|error| error.code()), Err(ErrorCode::LimitExceeded));
    assert!(check(&three()).is_ok());
}

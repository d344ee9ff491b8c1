//! Packages whose manifests are larger than what a request may hold in memory.

use std::path::Path;

use quilt_package::hash::Algorithm;
use quilt_package::manifest::Writer;
use quilt_package::registry::{Pointer, Timestamp, manifest_key, pointer_key};
use quilt_package::{Entry, Header, Json, Object, ObjectHash, PackageName, S3Object, TopHash};
use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::memory::high_water;
use quilt_tests::server::Plan;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::json;

use super::{NAME, adding, ask, merged, named, put, put_into};
use crate::stage::Stage;

/// 40 MB of manifest.
const ENTRIES: usize = 20_000;
const METADATA: usize = 2_000;
/// What a request may hold besides the parts that are in flight, of which a manifest has one.
const MOST: u64 = (16 + 8) << 20;

/// A server whose calls may take long: this one is not optimised.
async fn patient() -> Result<Stage> {
    let patient = |plan: Plan| plan.set("QUILT_MCP_CALL_TIMEOUT", "10m");
    Stage::planned(ada_and_ben(), ServerRights::Everything, patient).await
}

/// A package of so many entries, as if somebody had pushed it. How large its manifest is.
async fn placed(stage: &Stage, person: &Person, entries: usize) -> Result<usize> {
    placed_as(&stage.world, person, NAME, entries, 'n').await
}

/// The same, as a package of that name in which the metadata of every entry is made of one letter.
pub(crate) async fn placed_as(
    world: &World,
    person: &Person,
    name: &str,
    entries: usize,
    letter: char,
) -> Result<usize> {
    let note = letter.to_string().repeat(METADATA);
    let meta: Object = [("note".to_owned(), note.into())].into_iter().collect();
    let (manifest, hash) = manifest(person, entries, &meta)?;
    let size = manifest.len();
    published(world, person, name, &hash, manifest).await?;
    Ok(size)
}

/// The manifest of so many entries of which each has this metadata.
fn manifest(person: &Person, entries: usize, meta: &Object) -> Result<(Vec<u8>, TopHash)> {
    let mut writer = Writer::new(Vec::new(), &Header::new(Some("large")))?;
    for at in 0..entries {
        let key = format!("run-{:03}/well-{at:06}.csv", at / 1000);
        let mut entry = Entry {
            logical_key: key.parse()?,
            physical_key: S3Object { bucket: person.bucket.clone(), key, version: None }.into(),
            size: at as u64,
            hash: ObjectHash::new(
                Algorithm::Sha256Chunked.name(),
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            ),
            meta: Object::new(),
        };
        entry.set_user_meta(Some(meta.clone()));
        writer.entry(&entry)?;
    }
    Ok(writer.finish())
}

/// A package of this manifest, as if somebody had pushed it.
async fn published(
    world: &World,
    person: &Person,
    name: &str,
    hash: &TopHash,
    manifest: Vec<u8>,
) -> Result<()> {
    let name: PackageName = name.parse()?;
    put_into(world, &person.bucket, &manifest_key(hash), manifest).await?;
    for pointer in [Pointer::At(Timestamp::new(1_700_000_000).ok_or("a second")?), Pointer::Latest] {
        put_into(world, &person.bucket, &pointer_key(&name, pointer), Pointer::content(hash).into_bytes())
            .await?;
    }
    Ok(())
}

/// What is asked of the server. One thing of each server: what an allocator keeps of the first would count for the second.
#[derive(Clone, Copy)]
enum Work {
    Reads,
    /// As many rows as can be asked for, with all that is said of each.
    ReadsMost,
    /// What changed from another package, in which the metadata of every entry is another.
    Compares,
    /// The package, with one more note.
    Writes(usize),
    /// The same, against the rules of the registry. A large package is refused.
    WritesByRules(usize),
}

/// What a package is compared with.
const OTHER: &str = "lab/other";

async fn done(work: Work, client: &Client, person: &Person, entries: usize) -> Result<()> {
    let told = |answer: &quilt_tests::client::Answer, expected: usize| {
        assert_eq!(answer.structured["total_entries"], expected, "{}", answer.everything());
    };
    match work {
        Work::Reads => told(&ask(client, "package_browse", named(person)).await?, entries),
        Work::ReadsMost => {
            let most = merged(named(person), json!({"top": 10_000}));
            let answer = ask(client, "package_browse", most).await?;
            told(&answer, entries);
            // It ends by bytes, long before there are so many rows, and says so.
            let rows = answer.structured["entries"].as_array().ok_or("rows")?.len();
            let cut = entries == ENTRIES;
            assert_eq!(answer.structured["truncated"], cut, "{rows} rows");
            assert!(if cut { (300..1_000).contains(&rows) } else { rows == entries }, "{rows} rows");
        }
        Work::Compares => {
            let both = json!({
                "package1_name": OTHER, "package2_name": NAME, "registry": person.bucket, "limit": 10_000,
            });
            let answer = ask(client, "package_diff", both).await?.structured;
            assert_eq!(answer["counts"]["modified"], entries, "{}", answer["counts"]);
            assert_eq!(answer["truncated"], entries > 10_000);
            let first = &answer["diff"]["modified"][0];
            assert_eq!(
                (&first["content_changed"], &first["metadata_changed"]),
                (&json!(false), &json!(true))
            );
        }
        Work::Writes(note) => {
            told(&ask(client, "package_update", adding(person, note)).await?, entries + 1);
        }
        Work::WritesByRules(note) if entries < ENTRIES => {
            told(&ask(client, "package_update", adding(person, note)).await?, entries + 1);
        }
        Work::WritesByRules(note) => {
            let refused = client.call("package_update", adding(person, note)).await?;
            assert_eq!(refused.error_code(), Some("limit_exceeded"), "{}", refused.everything());
            assert!(refused.everything().contains("entries_schema"), "{}", refused.everything());
        }
    }
    Ok(())
}

/// How much more memory the server has had at once for a large package than for a small one, and the large one's manifest.
async fn grown(stage: &Stage, [small, large]: [Work; 2]) -> Result<(u64, u64)> {
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    placed(stage, ada, 100).await?;
    placed_as(&stage.world, ada, OTHER, 100, 'o').await?;
    done(small, &client, ada, 100).await?;
    let before = high_water(stage.server.process_id())?;
    let manifest = placed(stage, ada, ENTRIES).await? as u64;
    placed_as(&stage.world, ada, OTHER, ENTRIES, 'o').await?;
    done(large, &client, ada, ENTRIES).await?;
    Ok((high_water(stage.server.process_id())? - before, manifest))
}

async fn stays_small(work: [Work; 2]) -> Result<()> {
    stays_small_on(&patient().await?, work).await
}

async fn stays_small_on(stage: &Stage, work: [Work; 2]) -> Result<()> {
    let (grown, manifest) = grown(stage, work).await?;
    assert!(manifest > MOST + (MOST / 2), "a manifest of {manifest} bytes shows nothing");
    assert!(grown <= MOST, "{grown} bytes more, for a manifest of {manifest}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_manifest_is_read_in_bounded_memory() -> Result<()> {
    stays_small([Work::Reads; 2]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_large_metadata_are_shown_in_bounded_memory() -> Result<()> {
    stays_small([Work::ReadsMost; 2]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn large_packages_of_which_every_entry_differs_are_compared_in_bounded_memory() -> Result<()> {
    stays_small([Work::Compares; 2]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_manifest_is_written_in_bounded_memory() -> Result<()> {
    stays_small([Work::Writes(0), Work::Writes(1)]).await
}

/// So many entries from the last to the first, whose metadata, of many small numbers, takes several times as much memory once it is
/// read. How large the manifest is.
async fn placed_in_disorder(stage: &Stage, name: &str, entries: usize, letter: char) -> Result<usize> {
    let ada = stage.person("ada");
    let meta: Object = (0..150).map(|at| (format!("{letter}{at}"), Json::from(&json!(0)))).collect();
    let (manifest, hash) = manifest(ada, entries, &meta)?;
    let (header, lines) = std::str::from_utf8(&manifest)?.split_once('\n').ok_or("a header")?;
    let disordered: Vec<&str> = std::iter::once(header).chain(lines.lines().rev()).collect();
    published(&stage.world, ada, name, &hash, (disordered.join("\n") + "\n").into_bytes()).await?;
    Ok(manifest.len())
}

/// Two at once of the largest that are put in order.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn manifests_that_are_put_in_order_are_compared_in_bounded_memory() -> Result<()> {
    let stage = patient().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let mut before = None;
    for (entries, sized) in [(10, 0..64 << 10), (2_300, 3_500_000..4 << 20)] {
        let sizes = [
            placed_in_disorder(&stage, NAME, entries, 'n').await?,
            placed_in_disorder(&stage, OTHER, entries, 'o').await?,
        ];
        assert!(sizes.iter().all(|size| sized.contains(size)), "{sizes:?} bytes show nothing");
        done(Work::Compares, &client, ada, entries).await?;
        let now = high_water(stage.server.process_id())?;
        let grown = now - *before.get_or_insert(now);
        println!("{grown} bytes more for two manifests of {} bytes", sizes[0]);
        assert!(grown <= 16 << 20, "{grown} bytes more for two manifests of {} bytes", sizes[0]);
    }
    Ok(())
}

/// What streams by cannot be put in order: of a small one that can, see `tools::packages`.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_manifest_that_is_not_in_order_is_refused() -> Result<()> {
    let stage = patient().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    assert!(placed(&stage, ada, 2_000).await? > 4 << 20, "a smaller one is put in order");
    let hash = ask(&client, "package_browse", named(ada)).await?.structured["top_hash"].clone();
    let key = format!(".quilt/packages/{}", hash.as_str().ok_or("a hash")?);
    let s3 = stage.world.substrate.s3();
    let whole = s3.get_object().bucket(&ada.bucket).key(&key).send().await?.body.collect().await?.to_vec();
    let text = String::from_utf8(whole)?;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(300, 301);
    put(&stage, ada, &key, (lines.join("\n") + "\n").into_bytes()).await?;
    let refused = client.call("package_browse", named(ada)).await?;
    assert_eq!(refused.error_code(), Some("invalid_state"), "{}", refused.everything());
    assert!(refused.everything().contains("not in order near line 302"), "{}", refused.everything());
    Ok(())
}

/// Rules that look at all entries at once want them all in memory: more than are held are refused before.
#[tokio::test(flavor = "multi_thread")]
async fn entries_that_a_workflow_checks_are_held_up_to_a_limit() -> Result<()> {
    let stage = patient().await?;
    let ada = stage.person("ada");
    let config = format!(
        "version: '1'\ndefault_workflow: alpha\nworkflows:\n  alpha:\n    name: Alpha\n    entries_schema: entries\n\
         schemas:\n  entries:\n    url: s3://{}/entries.json\n",
        ada.bucket
    );
    put(&stage, ada, ".quilt/workflows/config.yml", config.into_bytes()).await?;
    put(&stage, ada, "entries.json", json!({"minItems": 1}).to_string().into_bytes()).await?;
    stays_small_on(&stage, [Work::WritesByRules(0), Work::WritesByRules(1)]).await
}

/// The twin: a server that has all entries of a package in memory once, which is seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_holds_all_entries_is_seen() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::Everything).await?;
    let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
    let plan = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "entries");
    let stage = Stage::start(world, plan.set("QUILT_MCP_CALL_TIMEOUT", "10m")).await?;
    let (grown, manifest) = grown(&stage, [Work::Reads; 2]).await?;
    assert!(grown > MOST, "{grown} bytes more, for a manifest of {manifest}");
    Ok(())
}

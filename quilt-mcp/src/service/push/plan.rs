//! What a push would do, found out without doing any of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use quilt_package::hash::Algorithm;
use quilt_package::{Entry, Header, Json, KeyOrder, LogicalKey, Object, ObjectHash, PhysicalKey, registry};

use super::checked::Collected;
use super::gate::Gate;
use super::head::Head;
use super::merge::{Merge, Place};
use super::{Base, CopyMode, MetadataChange, Push, PushService, Source, Text, no_package, object};
use crate::client::s3::{Original, S3Client, not_there};
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};
use crate::service::package::{ManifestStream, Revision};
use crate::service::threads::TenantThreads;

/// How many objects are looked at at a time.
const CONCURRENT_LOOKS: usize = 16;

/// What a push will do. Nothing of it has been done.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) push: Push,
    pub(super) head: Head,
    pub(super) current: Option<Revision>,
    pub(super) header: Header,
    pub(super) entries: BTreeMap<LogicalKey, Planned>,
    /// Entries of the whole package as it will be.
    pub total_entries: u64,
    /// Their bytes.
    pub total_size: u64,
    /// Which of them take the place of others.
    pub replaced: Vec<LogicalKey>,
}

/// An entry that comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Where it will stand.
    pub logical_key: LogicalKey,
    /// Where its bytes come from.
    pub origin: Origin,
}

/// Where the bytes of an entry come from, and where they will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// They stay where they are.
    Reference(Original),
    /// They are copied.
    Copy {
        /// From there.
        original: Original,
        /// There.
        to: S3Uri,
    },
    /// They are made here.
    Upload {
        /// They themselves.
        content: Bytes,
        /// Their media type.
        media_type: &'static str,
        /// Where they will be.
        to: S3Uri,
    },
}

impl Origin {
    /// In bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Reference(original) | Self::Copy { original, .. } => original.size,
            Self::Upload { content, .. } => content.len() as u64,
        }
    }
}

impl Plan {
    /// What comes in, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Planned> {
        self.entries.values()
    }

    /// The metadata that the package will have.
    pub fn user_meta(&self) -> Option<&Json> {
        self.header.user_meta()
    }
}

impl PushService<'_> {
    /// Plans a push: looks at every object, reads what the package holds, and holds it to the registry's rules.
    ///
    /// # Errors
    ///
    /// The caller may not read something, an object or the package is not there, or is there and should not be, two entries
    /// cannot be in one package, or a rule of the registry is broken.
    pub async fn plan(&self, push: Push) -> Result<Plan, ToolError> {
        check_name(&push)?;
        check_keys(&push)?;
        let s3 = self.auth.s3().await?;
        let head = Head::read(s3, &push.registry, &push.name).await?;
        let current = current(&push, &head)?;
        let gate = self.gate(s3, &push).await?;
        let manifest = self.open(current.as_ref()).await?;
        let header = header(&push, manifest.as_ref().map(ManifestStream::header), gate.as_ref());
        let entries = self.look(s3, &push).await?;
        let mut plan = Plan {
            push,
            head,
            current,
            header,
            entries,
            total_entries: 0,
            total_size: 0,
            replaced: Vec::new(),
        };
        survey(self.threads, &mut plan, manifest, gate.as_ref()).await?;
        Ok(plan)
    }

    pub(super) async fn open(&self, current: Option<&Revision>) -> Result<Option<ManifestStream>, ToolError> {
        match current {
            Some(revision) => self.packages.manifest(revision).await.map(Some),
            None => Ok(None),
        }
    }

    async fn look(&self, s3: &S3Client, push: &Push) -> Result<BTreeMap<LogicalKey, Planned>, ToolError> {
        let mut entries = BTreeMap::new();
        for text in &push.texts {
            entries.insert(text.logical_key.clone(), upload(push, text)?);
        }
        let total = push.objects.len() as u64;
        let (mut looks, mut done) = (FuturesUnordered::new(), 0);
        let mut sources = push.objects.iter();
        loop {
            while looks.len() < CONCURRENT_LOOKS
                && let Some(source) = sources.next()
            {
                looks.push(look_at(s3, push, source));
            }
            let Some(planned) = looks.next().await.transpose()? else { return Ok(entries) };
            entries.insert(planned.logical_key.clone(), planned);
            done += 1;
            self.steps.add(1, || format!("{done} of {total} objects looked at"));
        }
    }
}

fn check_name(push: &Push) -> Result<(), ToolError> {
    if push.name.in_format().is_portable() {
        return Ok(());
    }
    Err(ToolError::invalid_input(format!("`{}` cannot be the name of a new revision", push.name))
        .with_hint("use the letters a to z, digits, `-` and `_`, in `namespace/name`"))
}

/// Everything of one name at once, so that the caller can correct it at once.
fn check_keys(push: &Push) -> Result<(), ToolError> {
    let mut sources: BTreeMap<&LogicalKey, Vec<String>> = BTreeMap::new();
    for source in &push.objects {
        sources.entry(&source.logical_key).or_default().push(format!("`{}`", source.uri));
    }
    for text in &push.texts {
        sources.entry(&text.logical_key).or_default().push("a file made by this call".to_owned());
    }
    let twice: Vec<String> = sources
        .into_iter()
        .filter(|(_, from)| from.len() > 1)
        .map(|(key, from)| format!("`{key}` would be {}", from.join(" and ")))
        .collect();
    if twice.is_empty() {
        return Ok(());
    }
    Err(ToolError::invalid_input(format!("two files of one name: {}", twice.join("; ")))
        .with_hint("leave one of them out, or keep their folders: `flatten` or `auto_organize` false"))
}

fn current(push: &Push, head: &Head) -> Result<Option<Revision>, ToolError> {
    let (registry, name) = (&push.registry, &push.name);
    match push.base {
        Base::Anything => Ok(None),
        Base::Nothing if head.is_there() => {
            let at = head.top_hash.map(|hash| format!(", at {hash}")).unwrap_or_default();
            Err(ToolError::new(
                ErrorCode::Conflict,
                format!("there is a package `{name}` in `{registry}` already{at}"),
            )
            .with_hint("add to it with package_update, or set `force`: what it holds now becomes history"))
        }
        Base::Nothing => Ok(None),
        Base::Current if !head.is_there() => Err(no_package(registry, name)),
        Base::Current => {
            let top_hash = head.top_hash.ok_or_else(|| {
                let message = format!("`latest` of `{name}` in `{registry}` holds no top hash");
                ToolError::new(ErrorCode::InvalidState, message)
                    .with_hint("roll the package back to a revision that is whole")
            })?;
            Ok(Some(Revision { registry: registry.clone(), name: name.clone(), top_hash }))
        }
    }
}

fn header(push: &Push, current: Option<&Header>, gate: Option<&Gate>) -> Header {
    let user_meta = user_meta(&push.metadata, current.and_then(Header::user_meta));
    let message = Some(push.message.as_str()).filter(|message| !message.is_empty());
    let workflow = gate.map(Gate::header_value);
    match current {
        None => Header::with(user_meta, workflow, message),
        Some(current) => {
            let mut header = current.clone();
            header.set_message(message);
            header.set_user_meta(user_meta);
            header.set_workflow(workflow);
            header
        }
    }
}

fn user_meta(change: &MetadataChange, current: Option<&Json>) -> Option<Json> {
    match change {
        MetadataChange::Keep => current.cloned(),
        MetadataChange::Replace(members) => Some(members.clone().into()),
        MetadataChange::Merge(members) => {
            let mut all: Object = current.and_then(Json::as_object).cloned().unwrap_or_default();
            all.extend(members.clone());
            Some(all.into())
        }
    }
}

fn upload(push: &Push, text: &Text) -> Result<Planned, ToolError> {
    let to = destination(push, &text.logical_key)?;
    let origin = Origin::Upload { content: text.content.clone(), media_type: text.media_type, to };
    Ok(Planned { logical_key: text.logical_key.clone(), origin })
}

async fn look_at(s3: &S3Client, push: &Push, source: &Source) -> Result<Planned, ToolError> {
    let to = destination(push, &source.logical_key)?;
    let original = s3.original(&source.uri).await?.ok_or_else(|| not_there(&source.uri))?;
    let in_registry = original.uri.bucket() == to.bucket();
    let stays = match push.copy {
        // What is where a copy would be is no copy's source.
        CopyMode::All => in_registry && original.uri.key() == to.key(),
        CopyMode::SameBucket => in_registry,
        CopyMode::None => true,
    };
    let origin = if stays { Origin::Reference(original) } else { Origin::Copy { original, to } };
    Ok(Planned { logical_key: source.logical_key.clone(), origin })
}

fn destination(push: &Push, key: &LogicalKey) -> Result<S3Uri, ToolError> {
    object(&push.registry, registry::object_key(push.name.in_format(), key))
}

/// Walks through the package as it will be.
async fn survey(
    threads: &TenantThreads<'_>,
    plan: &mut Plan,
    manifest: Option<ManifestStream>,
    gate: Option<&Gate>,
) -> Result<(), ToolError> {
    let mut collected = Collected::for_rules(gate.is_some_and(Gate::wants_entries));
    let mut order = KeyOrder::new();
    let mut merge = Merge::new(manifest, plan.entries.clone());
    while let Some(place) = merge.next().await? {
        let entry = match place {
            Place::Kept(entry) => entry,
            Place::Set { value, replaced } => {
                if replaced {
                    plan.replaced.push(value.logical_key.clone());
                }
                unhashed(value)
            }
        };
        order.follow(&entry.logical_key).map_err(|why| ToolError::invalid_input(why.to_string()))?;
        plan.total_entries += 1;
        plan.total_size = plan.total_size.saturating_add(entry.size);
        collected.add(&entry)?;
    }
    match gate {
        Some(gate) => gate.check(threads, &plan.push, plan.header.user_meta(), collected.all()).await,
        None => Ok(()),
    }
}

/// What is known of an entry before its bytes are where they will be: enough for order and rules, which ask for no hash.
fn unhashed(planned: Planned) -> Entry {
    let size = planned.origin.size();
    let at = match planned.origin {
        Origin::Reference(original) => original.uri,
        Origin::Copy { to, .. } | Origin::Upload { to, .. } => to,
    };
    Entry {
        logical_key: planned.logical_key,
        physical_key: physical_key(&at),
        size,
        hash: ObjectHash::new(Algorithm::Sha256Chunked.name(), ""),
        meta: Object::new(),
    }
}

/// As manifests name an object.
pub(super) fn physical_key(uri: &S3Uri) -> PhysicalKey {
    PhysicalKey::S3(quilt_package::S3Object {
        bucket: uri.bucket().to_string(),
        key: uri.key().to_string(),
        version: uri.version_id().map(str::to_owned),
    })
}

use std::sync::{Arc, Mutex, PoisonError};

use quilt_scope::Lazy;

use super::*;
use crate::client::canned::{Canned, Sent};
use crate::domain::principal::{Grant, Principal};
use crate::service::threads::{ComputeThreads, TenantThreads};

const EMPTY_LISTING: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
const NO_SUCH_KEY: &str = "<Error><Code>NoSuchKey</Code></Error>";
const TAKEN: &str = "<Error><Code>PreconditionFailed</Code></Error>";

fn push() -> Push {
    Push {
        registry: "abc".parse().expect("a bucket"),
        name: "lab/run".parse().expect("a name"),
        base: Base::Nothing,
        objects: vec![Source {
            logical_key: "a.csv".parse().expect("a key"),
            uri: "s3://abc/raw/a.csv".parse().expect("a URI"),
        }],
        texts: Vec::new(),
        metadata: MetadataChange::Keep,
        message: String::new(),
        workflow: WorkflowChoice::Default,
        copy: CopyMode::None,
        replace_manifest: false,
    }
}

/// Plans and performs a push of an empty object.
async fn performed(canned: &Canned) -> Result<Pushed, ToolError> {
    let (principal, endpoints, progress) = (Principal::single_user(), canned.endpoints(), Progress::none());
    let credentials = Canned::credentials(&principal);
    let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
    let (turns, compute) = (TurnsByTenant::new(1), ComputeThreads::of_this_machine().expect("threads"));
    let threads = TenantThreads::new(&principal, &compute);
    let packages = PackageService::new(&auth, &progress, &turns, &threads);
    let service = PushService::new(&auth, &packages, &progress, &turns, &threads);
    service.perform(&service.plan(push()).await?).await
}

/// The second in the key of a revision's pointer.
fn second(sent: &Sent) -> Option<u64> {
    sent.uri.split("/lab/run/").nth(1)?.get(..10)?.parse().ok()
}

fn is_read(sent: &Sent) -> bool {
    sent.method == "GET"
}

/// An empty registry in which the first `taken` pointers of revisions are refused, and hold what `held` says of the first
/// one that was sent.
fn registry(taken: usize, held: impl Fn(&str) -> String + Send + Sync + 'static) -> Canned {
    let refused: Arc<Mutex<Vec<(u64, String)>>> = Arc::default();
    Canned::answering(move |sent| {
        let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
        match second(sent) {
            Some(second) if is_read(sent) => {
                let body = refused.iter().find(|(at, _)| *at == second).map(|(_, body)| held(body));
                body.map_or((404, NO_SUCH_KEY.into()), |body| (200, body))
            }
            Some(second) if refused.len() < taken => {
                refused.push((second, sent.body.clone()));
                (412, TAKEN.into())
            }
            _ if sent.uri.contains("list-type=2") => (200, EMPTY_LISTING.into()),
            _ if is_read(sent) && sent.uri.contains(".quilt/") => (404, NO_SUCH_KEY.into()),
            _ => (200, String::new()),
        }
    })
}

fn filed(canned: &Canned) -> Vec<u64> {
    canned.requests().iter().filter(|sent| !is_read(sent)).filter_map(second).collect()
}

#[tokio::test]
async fn a_second_that_is_taken_is_left_to_whom_it_belongs() -> Result<(), ToolError> {
    let canned = registry(2, |_| "a".repeat(64));
    let pushed = performed(&canned).await?;
    let tried = filed(&canned);
    assert_eq!(tried, [tried[0], tried[0] + 1, tried[0] + 2]);
    let at = pushed.pushed_at.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    assert_eq!(at.map(|at| at.as_secs()), Some(tried[2]));
    Ok(())
}

#[tokio::test]
async fn a_pointer_whose_first_answer_was_lost_is_not_written_twice() -> Result<(), ToolError> {
    let canned = registry(1, str::to_owned);
    performed(&canned).await?;
    assert_eq!(filed(&canned).len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_is_visible_is_written_last_and_in_order() -> Result<(), ToolError> {
    let canned = registry(0, str::to_owned);
    performed(&canned).await?;
    let written: Vec<String> =
        canned.requests().into_iter().filter(|sent| sent.method == "PUT").map(|sent| sent.uri).collect();
    let [manifest, pointer, latest] = &written[..] else { panic!("{written:?}") };
    assert!(manifest.contains(".quilt/packages/"), "{manifest}");
    assert!(pointer.contains(".quilt/named_packages/lab/run/1"), "{pointer}");
    assert!(latest.contains(".quilt/named_packages/lab/run/latest"), "{latest}");
    Ok(())
}

use std::sync::mpsc;
use std::time::Duration;

use futures_util::FutureExt as _;

use super::*;
use crate::error::ErrorCode;

fn number(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("some")
}

fn threads(for_each: usize) -> ComputeThreads {
    ComputeThreads::new(number(for_each)).expect("threads")
}

/// No more threads than one tenant may keep busy.
fn without_a_spare(for_each: usize) -> ComputeThreads {
    ComputeThreads::of(number(for_each), number(for_each)).expect("threads")
}

fn of<'req>(threads: &'req ComputeThreads, tenant: &str) -> TenantThreads<'req> {
    let principal = Principal::verified("https://idp".into(), tenant.into(), "ada".into());
    TenantThreads::new(&principal, threads)
}

/// Who tells work to end, and what it comes to.
type Held = (mpsc::Sender<()>, oneshot::Receiver<bool>);

/// Work that goes on until it is told to end.
async fn held(threads: &TenantThreads<'_>) -> Result<Held, ToolError> {
    let (end, ended) = mpsc::channel::<()>();
    Ok((end, threads.begin(move || ended.recv().is_ok()).await?))
}

/// The same, and it has begun.
async fn begun(threads: &TenantThreads<'_>) -> Result<Held, ToolError> {
    let (tell, begun) = oneshot::channel();
    let (end, ended) = mpsc::channel::<()>();
    let work = threads.begin(move || tell.send(()).is_ok() && ended.recv().is_ok()).await?;
    begun.await.map_err(ToolError::internal)?;
    Ok((end, work))
}

#[tokio::test]
async fn a_tenant_has_so_many_at_work_and_those_side_by_side() -> Result<(), ToolError> {
    let threads = threads(2);
    let lab = of(&threads, "lab");
    let (to_one, at_one) = mpsc::channel::<()>();
    let (to_other, at_other) = mpsc::channel::<()>();
    // Each waits for the other: one after the other they would never end.
    let one = lab.begin(move || to_other.send(()).is_ok() && at_one.recv().is_ok()).await?;
    let other = lab.begin(move || to_one.send(()).is_ok() && at_other.recv().is_ok()).await?;
    assert!(one.await.map_err(ToolError::internal)? && other.await.map_err(ToolError::internal)?);
    let (first, second) = (begun(&lab).await?, begun(&lab).await?);
    let mut third = Box::pin(lab.begin(|| ()));
    assert!((&mut third).now_or_never().is_none(), "a third thread");
    assert_eq!(threads.waiting(), 1);
    drop(third);
    assert_eq!(threads.waiting(), 0, "who goes away waits no more");
    for (end, work) in [first, second] {
        assert!(end.send(()).is_ok() && work.await.map_err(ToolError::internal)?);
    }
    lab.run(|| Ok(())).await
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_still_takes_its_thread() -> Result<(), ToolError> {
    let threads = threads(1);
    let lab = of(&threads, "lab");
    let (end, work) = begun(&lab).await?;
    drop(work);
    assert_eq!((threads.busy(), threads.waiting()), (1, 0));
    assert!(lab.begin(|| ()).now_or_never().is_none(), "a second thread");
    assert!(end.send(()).is_ok());
    lab.run(|| Ok(())).await
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_begun() -> Result<(), ToolError> {
    let threads = without_a_spare(1);
    let (lab, other) = (of(&threads, "lab"), of(&threads, "other"));
    let (end, work) = held(&lab).await?;
    let (did, done) = mpsc::channel();
    drop(other.begin(move || did.send(())).await?);
    assert!(end.send(()).is_ok() && work.await.map_err(ToolError::internal)?);
    other.run(|| Ok(())).await?;
    assert!(done.try_recv().is_err(), "it was done for nobody");
    Ok(())
}

/// Whether another tenant's work is done within that time, while one tenant has all that it may at work.
async fn another_is_served(threads: &ComputeThreads, within: Duration) -> Result<bool, ToolError> {
    let (lab, other) = (of(threads, "lab"), of(threads, "other"));
    let mut at_work = Vec::new();
    while let Some(one_more) = held(&lab).now_or_never() {
        at_work.push(one_more?);
    }
    let served = tokio::time::timeout(within, other.run(|| Ok(()))).await.is_ok();
    for (end, work) in at_work {
        assert!(end.send(()).is_ok() && work.await.map_err(ToolError::internal)?);
    }
    Ok(served)
}

#[tokio::test]
async fn whatever_one_tenant_has_done_there_is_a_thread_for_the_others() -> Result<(), ToolError> {
    assert!(another_is_served(&threads(2), Duration::from_secs(60)).await?);
    // The twin: one tenant may have them all, and does not let them go while this waits.
    assert!(!another_is_served(&without_a_spare(2), Duration::from_millis(100)).await?);
    Ok(())
}

/// In which order a thread does what `lab` asks for three times and then `other` once, while it is held by work of the lab.
async fn order(threads: &ComputeThreads) -> Result<Vec<&'static str>, ToolError> {
    let (lab, other) = (of(threads, "lab"), of(threads, "other"));
    let (done, did) = mpsc::channel();
    let (end, work) = held(&lab).await?;
    let ask = |threads, who: &'static str| {
        let done = done.clone();
        TenantThreads::run(threads, move || done.send(who).map_err(ToolError::internal))
    };
    let mut waiting = vec![ask(&lab, "lab"), ask(&lab, "lab"), ask(&lab, "lab"), ask(&other, "other")]
        .into_iter()
        .map(Box::pin)
        .collect::<Vec<_>>();
    // All are in their queues, in this order.
    assert!(waiting.iter_mut().all(|asked| asked.now_or_never().is_none()));
    assert!(end.send(()).is_ok() && work.await.map_err(ToolError::internal)?);
    futures_util::future::try_join_all(waiting).await?;
    Ok(did.try_iter().collect())
}

#[tokio::test]
async fn who_asks_waits_for_one_work_of_another_tenant_and_not_for_all() -> Result<(), ToolError> {
    assert_eq!(order(&without_a_spare(1)).await?, ["other", "lab", "lab", "lab"]);
    // The twin: one queue for all.
    let common = ComputeThreads { queued: TurnsByTenant::new(100), ..without_a_spare(1) };
    assert_eq!(order(&common).await?, ["lab", "lab", "lab", "other"]);
    Ok(())
}

#[tokio::test]
async fn work_that_panics_is_told_and_its_thread_goes_on() -> Result<(), ToolError> {
    let threads = threads(1);
    let lab = of(&threads, "lab");
    let error = lab.run::<()>(|| panic!("as the test wants")).await.expect_err("it panicked");
    assert_eq!(error.code(), ErrorCode::Internal);
    lab.run(|| Ok(())).await
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn threads_that_serve_go_before_those_that_compute() -> Result<(), ToolError> {
    let niceness = || rustix::process::getpriority_process(None).map_err(ToolError::internal);
    let threads = threads(1);
    let mine = niceness()?;
    assert!(behind(mine) > mine || mine == 19);
    let theirs = of(&threads, "lab").run(niceness).await?;
    // It is said of the thread and not of the process.
    assert_eq!((theirs, niceness()?), (behind(mine), mine));
    Ok(())
}

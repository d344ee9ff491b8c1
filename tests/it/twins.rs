//! Servers that are broken on purpose, each in one place, judged by the scenarios that judge the real one.
//!
//! A scenario that does not catch its twin proves nothing. The sound twin is the control: the same program with nothing
//! replaced, so that a catch is due to the fault and not to the way twins are built.

use std::path::Path;

use quilt_tests::Result;
use quilt_tests::judge::{Violation, assert_clean};
use quilt_tests::server::Plan;
use quilt_tests::world::ServerRights;

use crate::isolation;
use crate::tools::{self, Case};

/// What the isolation scenarios find about the twin with this fault.
async fn findings_about(fault: &str) -> Result<Vec<Violation>> {
    let world = tools::world(ServerRights::OnlyExchange).await?;
    let plan =
        Plan::multi_tenant_with(Path::new(env!("CARGO_BIN_EXE_twin")), &world)?.set("QUILT_TWIN", fault);
    let server = plan.start().await?;
    let cases: Vec<&Case> = tools::cases();
    isolation::each_tool_keeps_to_its_caller(&world, &server, &cases).await
}

pub(crate) fn assert_caught(fault: &str, violations: &[Violation], at: &str) {
    let caught = violations.iter().any(|violation| violation.0.contains(at));
    assert!(caught, "the twin with {fault} was not caught at {at:?}; found: {violations:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_twin_is_found_sound() -> Result<()> {
    assert_clean("the sound twin", &findings_about("none").await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_in_a_process_wide_cell_are_caught() -> Result<()> {
    let violations = findings_about("credentials").await?;
    assert_caught("shared credentials", &violations, "bucket_object_text");
    assert_caught("shared credentials", &violations, "bucket_objects_list");
    assert_caught("shared credentials", &violations, "a link for");
    assert_caught("shared credentials", &violations, "athena_query_results");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_cache_keyed_by_bucket_is_caught() -> Result<()> {
    let violations = findings_about("permissions").await?;
    assert_caught("a shared permission cache", &violations, "check_bucket_access");
    assert_caught("a shared permission cache", &violations, "discover_permissions");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workgroup_cache_for_the_process_is_caught() -> Result<()> {
    let violations = findings_about("workgroups").await?;
    assert_caught("a shared workgroup cache", &violations, "athena_query_execute");
    assert_caught("a shared workgroup cache", &violations, "tabulator_bucket_query");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_key_without_the_user_is_caught() -> Result<()> {
    let violations = findings_about("workflows").await?;
    assert_caught("workflows without owners", &violations, "workflow_get_status");
    assert_caught("workflows without owners", &violations, "workflow_list_all");
    assert_caught("workflows without owners", &violations, "workflow_delete");
    Ok(())
}

//! The rules, one by one and under random use.

use proptest::prelude::*;
use time::{Duration, OffsetDateTime};

use super::limits::{MAX_METADATA_BYTES, MAX_RESULT_BYTES};
use super::*;

fn at(seconds: i64) -> Timestamp {
    let epoch = OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("in range");
    Timestamp::from(epoch + Duration::seconds(seconds))
}

fn id(id: &str) -> StepId {
    StepId::new(id).expect("a valid id")
}

fn object(key: &str, value: impl Into<serde_json::Value>) -> JsonObject {
    JsonObject::from_iter([(key.to_owned(), value.into())])
}

fn new_step(name: &str, dependencies: &[&str]) -> NewStep {
    NewStep {
        id: id(name),
        description: format!("do {name}"),
        step_type: NewStep::DEFAULT_TYPE.into(),
        dependencies: dependencies.iter().map(|on| id(on)).collect(),
        metadata: JsonObject::new(),
    }
}

/// `steps`: name and dependencies.
fn workflow(steps: &[(&str, &[&str])]) -> Workflow {
    let new = NewWorkflow {
        id: WorkflowId::new("w").expect("a valid id"),
        name: "a workflow".into(),
        description: String::new(),
        metadata: JsonObject::new(),
    };
    let mut workflow = Workflow::create(new, at(0)).expect("valid");
    for (name, dependencies) in steps {
        workflow.add_step(new_step(name, dependencies), at(0)).expect("valid");
    }
    workflow
}

fn set(
    workflow: &mut Workflow,
    step: &str,
    status: StepStatus,
    seconds: i64,
) -> Result<Effect, WorkflowError> {
    workflow.update_step(&id(step), StepUpdate::to(status), at(seconds))
}

#[track_caller]
fn must(workflow: &mut Workflow, step: &str, status: StepStatus, seconds: i64) {
    assert_eq!(set(workflow, step, status, seconds), Ok(Effect::Changed));
}

#[test]
fn a_step_waits_for_its_dependencies() {
    let mut w = workflow(&[("a", &[]), ("b", &["a"])]);
    for status in [StepStatus::InProgress, StepStatus::Completed, StepStatus::Failed] {
        let refused = set(&mut w, "b", status, 1).expect_err("a is pending");
        assert_eq!(refused.kind, RefusalKind::State);
        assert!(refused.message.contains("'a (pending)'"), "{}", refused.message);
    }
    assert_eq!(w.next_available_steps(), [w.step(&id("a")).expect("there")]);
    must(&mut w, "a", StepStatus::Completed, 1);
    assert_eq!(w.next_available_steps(), [w.step(&id("b")).expect("there")]);
    must(&mut w, "b", StepStatus::InProgress, 2);
}

#[test]
fn a_skipped_step_satisfies_and_counts_as_settled() {
    let mut w = workflow(&[("a", &[]), ("b", &["a"])]);
    must(&mut w, "a", StepStatus::Skipped, 1);
    must(&mut w, "b", StepStatus::Completed, 2);
    assert_eq!(w.status(), WorkflowStatus::Completed);
    assert_eq!(w.completed_at(), Some(at(2)));
    assert_eq!(w.counts().percentage.to_string(), "100");
}

#[test]
fn a_settled_step_does_not_change() {
    for settled in [StepStatus::Completed, StepStatus::Skipped] {
        let mut w = workflow(&[("a", &[])]);
        must(&mut w, "a", settled, 1);
        let before = w.clone();
        for next in StepStatus::ALL.into_iter().filter(|next| *next != settled) {
            let refused = set(&mut w, "a", next, 2).expect_err("settled");
            assert_eq!(refused.kind, RefusalKind::State);
        }
        let other = StepUpdate { result: Some(object("k", 2)), ..StepUpdate::to(settled) };
        let refused = w.update_step(&id("a"), other, at(2)).expect_err("another result");
        assert!(refused.message.contains("already"), "{}", refused.message);
        assert_eq!(w, before);
    }
}

#[test]
fn repeating_a_report_changes_nothing() {
    let mut w = workflow(&[("a", &[])]);
    let report = StepUpdate { result: Some(object("k", 1)), ..StepUpdate::to(StepStatus::Completed) };
    assert_eq!(w.update_step(&id("a"), report.clone(), at(1)), Ok(Effect::Changed));
    let before = w.clone();
    assert_eq!(w.update_step(&id("a"), report, at(2)), Ok(Effect::Repeated));
    assert_eq!(set(&mut w, "a", StepStatus::Completed, 2), Ok(Effect::Repeated));
    assert_eq!(w, before);
}

#[test]
fn a_failed_step_is_retried_and_the_workflow_reopens() {
    let mut w = workflow(&[("a", &[])]);
    must(&mut w, "a", StepStatus::InProgress, 1);
    let failed = StepUpdate { error_message: Some("no disk".into()), ..StepUpdate::to(StepStatus::Failed) };
    assert_eq!(w.update_step(&id("a"), failed, at(2)), Ok(Effect::Changed));
    assert_eq!(w.status(), WorkflowStatus::Failed);
    assert_eq!(w.steps()[0].completed_at, Some(at(2)));
    assert_eq!(w.execution_log().last().map(|entry| entry.message.as_str()), Some("no disk"));

    let refused = set(&mut w, "a", StepStatus::Completed, 3).expect_err("has to be tried again");
    assert!(refused.hint.expect("a hint").contains("in_progress"));

    must(&mut w, "a", StepStatus::InProgress, 4);
    assert_eq!(w.status(), WorkflowStatus::InProgress);
    assert_eq!((w.steps()[0].started_at, w.steps()[0].completed_at), (Some(at(4)), None));
    must(&mut w, "a", StepStatus::Completed, 5);
    assert_eq!(w.status(), WorkflowStatus::Completed);
    assert_eq!(w.started_at(), Some(at(1)));
    assert_eq!(w.steps()[0].error_message.as_deref(), Some("no disk"), "kept, as none was given");
}

#[test]
fn result_and_message_stay_when_not_given() {
    let mut w = workflow(&[("a", &[])]);
    let partial = StepUpdate { result: Some(object("rows", 10)), ..StepUpdate::to(StepStatus::InProgress) };
    assert_eq!(w.update_step(&id("a"), partial, at(1)), Ok(Effect::Changed));
    must(&mut w, "a", StepStatus::Completed, 2);
    assert_eq!(w.steps()[0].result, Some(object("rows", 10)));
}

#[test]
fn putting_a_step_back_forgets_its_attempt_but_not_the_workflow() {
    let mut w = workflow(&[("a", &[])]);
    must(&mut w, "a", StepStatus::InProgress, 1);
    must(&mut w, "a", StepStatus::Pending, 2);
    assert_eq!(w.steps()[0].started_at, None);
    assert_eq!((w.status(), w.started_at()), (WorkflowStatus::InProgress, Some(at(1))));
}

#[test]
fn adding_a_step_reopens_a_completed_workflow() {
    let mut w = workflow(&[("a", &[])]);
    must(&mut w, "a", StepStatus::Completed, 1);
    w.add_step(new_step("b", &["a"]), at(2)).expect("allowed");
    assert_eq!((w.status(), w.completed_at()), (WorkflowStatus::InProgress, None));
    assert!(w.execution_log().last().expect("an entry").message.contains("reopened"));
}

#[test]
fn dependencies_have_to_exist() {
    let mut w = workflow(&[("a", &[])]);
    for dependencies in [&["b"][..], &["c"], &["a", "c"]] {
        let refused = w.add_step(new_step("b", dependencies), at(1)).expect_err("self or missing");
        assert_eq!(refused.kind, RefusalKind::Invalid);
    }
    w.add_step(new_step("b", &["a", "a"]), at(1)).expect("named twice is named once");
    assert_eq!(w.steps()[1].dependencies, [id("a")]);
    assert_eq!(w.add_step(new_step("b", &[]), at(1)).expect_err("taken").kind, RefusalKind::Exists);
}

#[test]
fn an_empty_workflow_is_created_and_not_completed() {
    let w = workflow(&[]);
    assert_eq!(w.status(), WorkflowStatus::Created);
    assert_eq!(w.counts(), StepCounts::default());
}

#[test]
fn sizes_are_bounded() {
    let mut w = workflow(&[("a", &[])]);
    let before = w.clone();

    let big = "x".repeat(MAX_RESULT_BYTES);
    let update = StepUpdate { result: Some(object("k", big)), ..StepUpdate::to(StepStatus::Completed) };
    assert_eq!(w.update_step(&id("a"), update, at(1)).expect_err("large").kind, RefusalKind::Limit);

    let mut step = new_step("b", &[]);
    step.metadata = object("k", "x".repeat(MAX_METADATA_BYTES));
    assert_eq!(w.add_step(step, at(1)).expect_err("large").kind, RefusalKind::Limit);
    assert_eq!(w, before);

    for n in w.steps().len()..MAX_STEPS {
        w.add_step(new_step(&format!("s{n}"), &[]), at(1)).expect("within the limit");
    }
    let refused = w.add_step(new_step("one-more", &[]), at(1)).expect_err("full");
    assert_eq!(refused.kind, RefusalKind::Limit);
}

#[test]
fn the_whole_is_bounded_too() {
    let mut w = workflow(&[]);
    let mut refused = None;
    for n in 0..MAX_STEPS {
        w.add_step(new_step(&format!("s{n}"), &[]), at(1)).expect("small");
        let big = object("k", "x".repeat(MAX_RESULT_BYTES - 100));
        let update = StepUpdate { result: Some(big), ..StepUpdate::to(StepStatus::Completed) };
        refused = w.update_step(&id(&format!("s{n}")), update, at(1)).err();
        if refused.is_some() {
            break;
        }
    }
    assert_eq!(refused.expect("the sum of allowed results is too large").kind, RefusalKind::Limit);
    assert!(serde_json::to_vec(&w).expect("encodes").len() <= MAX_WORKFLOW_BYTES);
}

#[test]
fn a_saved_workflow_that_breaks_the_rules_is_not_read() {
    let mut w = workflow(&[("a", &[]), ("b", &["a"])]);
    must(&mut w, "a", StepStatus::Completed, 1);
    let saved = serde_json::to_value(&w).expect("encodes");
    assert_eq!(serde_json::from_value::<Workflow>(saved.clone()).expect("valid"), w);

    let breakages: [(&str, serde_json::Value); 4] = [
        ("/steps/1/id", "a".into()),
        ("/steps/0/dependencies", serde_json::json!(["b"])),
        ("/completed_at", saved["created_at"].clone()),
        ("/id", "".into()),
    ];
    for (place, value) in breakages {
        let mut broken = saved.clone();
        *broken.pointer_mut(place).expect("there") = value;
        assert!(serde_json::from_value::<Workflow>(broken).is_err(), "{place}");
    }
    let mut broken = saved;
    broken["steps"][0]["status"] = "pending".into();
    broken["steps"][1]["status"] = "completed".into();
    assert!(serde_json::from_value::<Workflow>(broken).is_err(), "b cannot be done before a");
}

#[test]
fn the_log_keeps_the_latest() {
    let mut w = workflow(&[("a", &[])]);
    let changes = MAX_LOG_ENTRIES + 10;
    for (n, second) in (0..changes).zip(0..) {
        let status = if n % 2 == 0 { StepStatus::InProgress } else { StepStatus::Pending };
        must(&mut w, "a", status, second);
        assert_eq!(w.execution_log().len(), (n + 1).min(MAX_LOG_ENTRIES));
        assert_eq!(w.execution_log().last().map(|entry| entry.timestamp), Some(at(second)));
    }
    assert_eq!(w.execution_log()[0].timestamp, at(10));
}

#[derive(Clone, Debug)]
enum Op {
    Add { depends_on: Vec<usize> },
    Update { step: usize, status: StepStatus, result: Option<u8>, message: Option<u8> },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        1 => prop::collection::vec(0..8_usize, 0..3).prop_map(|depends_on| Op::Add { depends_on }),
        4 => (
            0..8_usize,
            prop::sample::select(StepStatus::ALL.to_vec()),
            prop::option::of(0..3_u8),
            prop::option::of(0..3_u8),
        )
            .prop_map(|(step, status, result, message)| Op::Update { step, status, result, message }),
    ]
}

fn check_invariants(w: &Workflow) {
    let c = w.counts();
    let sum = c.completed_steps + c.failed_steps + c.skipped_steps + c.in_progress_steps + c.pending_steps;
    assert_eq!(sum, c.total_steps);
    assert_eq!(c.total_steps as usize, w.steps().len());
    assert!((0.0..=100.0).contains(&c.percentage));

    let all_settled = !w.steps().is_empty() && w.steps().iter().all(|step| step.status.is_settled());
    assert_eq!(w.status() == WorkflowStatus::Completed, all_settled);
    assert_eq!(w.completed_at().is_some(), all_settled);
    assert_eq!(c.percentage >= 100.0, all_settled);
    assert_eq!(w.status() == WorkflowStatus::Failed, c.failed_steps > 0);
    if w.status() == WorkflowStatus::Created {
        assert!(w.steps().iter().all(|step| step.status == StepStatus::Pending));
        assert_eq!(w.started_at(), None);
    }

    for step in w.steps() {
        let open = step.dependencies.iter().filter(|on| !w.step(on).expect("exists").status.is_settled());
        if step.status.has_begun() {
            assert_eq!(open.count(), 0, "{} has begun too early", step.id);
        }
        match step.status {
            StepStatus::Pending => assert_eq!((step.started_at, step.completed_at), (None, None)),
            StepStatus::InProgress => assert!(step.started_at.is_some() && step.completed_at.is_none()),
            StepStatus::Completed | StepStatus::Failed => {
                assert!(step.started_at.expect("begun") <= step.completed_at.expect("ended"));
            }
            StepStatus::Skipped => assert!(step.completed_at.is_some()),
        }
    }
    if w.status().is_active() && c.total_steps > 0 {
        let can_go_on = c.in_progress_steps > 0 || !w.next_available_steps().is_empty();
        assert!(can_go_on, "stuck: {w:?}");
    }
    assert!(w.execution_log().len() <= MAX_LOG_ENTRIES);
    let saved = serde_json::to_string(w).expect("encodes");
    assert_eq!(&serde_json::from_str::<Workflow>(&saved).expect("its own record"), w);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_use_keeps_the_rules(ops in prop::collection::vec((op(), -5..50_i64), 1..60)) {
        let mut w = workflow(&[("s0", &[])]);
        for (op, clock) in ops {
            let before = w.clone();
            let accepted = match op {
                Op::Add { depends_on } => {
                    let names: Vec<_> = depends_on.iter().map(|n| format!("s{n}")).collect();
                    let names: Vec<_> = names.iter().map(String::as_str).collect();
                    let name = format!("s{}", w.steps().len());
                    w.add_step(new_step(&name, &names), at(clock)).is_ok()
                }
                Op::Update { step, status, result, message } => {
                    let update = StepUpdate {
                        status,
                        result: result.map(|n| object("n", n)),
                        error_message: message.map(|n| format!("message {n}")),
                    };
                    w.update_step(&id(&format!("s{step}")), update, at(clock)).is_ok()
                }
            };
            if !accepted {
                prop_assert_eq!(&w, &before, "a refused change has an effect");
            }
            for (was, is) in before.steps().iter().zip(w.steps()) {
                prop_assert!(was.status.may_become(is.status) || was == is);
                prop_assert!(!was.status.is_settled() || was == is, "a settled step changed");
            }
            prop_assert!(before.updated_at() <= w.updated_at());
            check_invariants(&w);
        }
    }
}

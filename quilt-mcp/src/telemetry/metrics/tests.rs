use super::*;
use crate::identity::{PublishedKeys, Questions};

fn metrics() -> Metrics {
    Metrics::new(&[("bucket_list", "buckets"), ("package_create", "packages")], &["AuthService"])
}

#[test]
fn every_series_is_there_before_anything_happens() {
    let text = metrics().encode();
    for line in [
        "quilt_mcp_scopes_opened_total 0",
        "quilt_mcp_scopes_closed_total{how=\"finished\"} 0",
        "quilt_mcp_scopes_closed_total{how=\"abandoned\"} 0",
        "quilt_mcp_scopes_live 0",
        "quilt_mcp_scope_oldest_age_seconds 0.0",
        "quilt_mcp_services_built_total{service=\"AuthService\"} 0",
        "quilt_mcp_services_destroyed_total{service=\"AuthService\"} 0",
        "quilt_mcp_calls_total{tool=\"bucket_list\",outcome=\"ok\"} 0",
        "quilt_mcp_calls_total{tool=\"other\",outcome=\"fault\"} 0",
        "quilt_mcp_call_duration_seconds_count{group=\"packages\"} 0",
        "quilt_mcp_credential_exchanges_total{outcome=\"denied\"} 0",
        "quilt_mcp_auth_failures_total{reason=\"bad_signature\"} 0",
        "quilt_mcp_requests_refused_total{limit=\"tenant_rate\"} 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn what_is_counted_is_what_happened() {
    let metrics = metrics();
    let one = metrics.scope_opened();
    let two = metrics.scope_opened();
    let three = metrics.scope_opened();
    assert_eq!(metrics.live_scopes(), 3);
    for (scope, how) in [(one, ScopeEnd::Finished), (two, ScopeEnd::Stopped), (three, ScopeEnd::Abandoned)] {
        drop(scope);
        metrics.scope_closed(how);
    }
    metrics.service_built("AuthService", Duration::from_micros(50));
    metrics.service_built("AuthService", Duration::from_micros(50));
    metrics.service_destroyed("AuthService", Duration::from_millis(30));
    metrics.call_finished("bucket_list", CallOutcome::Denied, Duration::from_millis(30));
    metrics.credential_exchange(ExchangeOutcome::Ok, Duration::from_millis(30));
    metrics.call_failed(ErrorCode::AccessDenied);
    metrics.store.opened();
    metrics.store.waits();
    metrics.store.waited(Duration::ZERO);
    metrics.store.worked(StoreWork::Write, StoreOutcome::Full, Duration::from_millis(2));
    metrics.auth_failed(AuthError::Expired);
    metrics.request_refused(Limit::AllSessions);
    let idp = PublishedKeys {
        issuer: "https://idp",
        usable: 2,
        age: Duration::from_secs(9),
        fetched: 3,
        failed: 5,
        failing: 1,
    };
    metrics.issuers.look(&[idp]);
    let asked = Questions { issuer: "https://registry", known: 7, unknown: 4, unanswered: 2, failing: 1 };
    metrics.issuers.look_at_questions(&[asked]);
    // Who read them before and comes late.
    metrics.issuers.look(&[PublishedKeys { fetched: 2, failed: 4, ..idp }]);
    metrics.issuers.look_at_questions(&[Questions { known: 6, unknown: 3, unanswered: 1, ..asked }]);
    let text = metrics.encode();
    for line in [
        "quilt_mcp_scopes_opened_total 3",
        "quilt_mcp_scopes_closed_total{how=\"finished\"} 1",
        "quilt_mcp_scopes_closed_total{how=\"stopped\"} 1",
        "quilt_mcp_scopes_closed_total{how=\"abandoned\"} 1",
        "quilt_mcp_scopes_live 0",
        "quilt_mcp_services_built_total{service=\"AuthService\"} 2",
        "quilt_mcp_services_live{service=\"AuthService\"} 1",
        "quilt_mcp_service_lifetime_seconds_bucket{le=\"0.01\"} 0",
        "quilt_mcp_service_lifetime_seconds_bucket{le=\"0.1\"} 1",
        "quilt_mcp_services_destroyed_total{service=\"AuthService\"} 1",
        "quilt_mcp_service_build_seconds_total{service=\"AuthService\"} 0.0001",
        "quilt_mcp_service_build_duration_seconds_count 2",
        "quilt_mcp_calls_total{tool=\"bucket_list\",outcome=\"denied\"} 1",
        "quilt_mcp_call_duration_seconds_bucket{le=\"0.025\",group=\"buckets\"} 0",
        "quilt_mcp_call_duration_seconds_bucket{le=\"0.1\",group=\"buckets\"} 1",
        "quilt_mcp_credential_exchanges_total{outcome=\"ok\"} 1",
        "quilt_mcp_auth_failures_total{reason=\"expired\"} 1",
        "quilt_mcp_requests_refused_total{limit=\"all_sessions\"} 1",
        "quilt_mcp_issuer_keys{issuer=\"https://idp\"} 2",
        "quilt_mcp_issuer_keys_age_seconds{issuer=\"https://idp\"} 9.0",
        "quilt_mcp_issuer_key_fetches_total{issuer=\"https://idp\",outcome=\"ok\"} 3",
        "quilt_mcp_issuer_key_fetches_total{issuer=\"https://idp\",outcome=\"failed\"} 5",
        "quilt_mcp_issuer_questions_total{issuer=\"https://registry\",outcome=\"known\"} 7",
        "quilt_mcp_issuer_questions_total{issuer=\"https://registry\",outcome=\"unknown\"} 4",
        "quilt_mcp_issuer_questions_total{issuer=\"https://registry\",outcome=\"unanswered\"} 2",
        "quilt_mcp_credential_exchange_duration_seconds_bucket{le=\"0.025\"} 0",
        "quilt_mcp_credential_exchange_duration_seconds_bucket{le=\"0.05\"} 1",
        "quilt_mcp_call_errors_total{code=\"access_denied\"} 1",
        "quilt_mcp_store_operations_total{work=\"write\",outcome=\"full\"} 1",
        "quilt_mcp_store_operation_duration_seconds_count{work=\"write\"} 1",
        "quilt_mcp_store_wait_duration_seconds_count 1",
        "quilt_mcp_store_waiting 0",
        "quilt_mcp_store_open_files 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_age_of_the_oldest_scope_is_shown() {
    let metrics = metrics();
    assert_eq!(metrics.oldest_scope(), Duration::ZERO);
    let scope = metrics.scope_opened();
    while metrics.oldest_scope() < Duration::from_millis(2) {
        std::hint::spin_loop();
    }
    let text = metrics.encode();
    let age = text.lines().find_map(|line| line.strip_prefix("quilt_mcp_scope_oldest_age_seconds "));
    assert!(age.expect("is there").parse::<f64>().expect("a number") >= 0.002);
    drop(scope);
    assert_eq!(metrics.oldest_scope(), Duration::ZERO);
}

#[test]
fn callers_cannot_make_the_number_of_series_grow() {
    let metrics = metrics();
    let series = || metrics.encode().lines().filter(|line| !line.starts_with('#')).count();
    let before = series();
    for i in 0..10_000 {
        metrics.call_finished(&format!("tool_{i}\"}} 1\n"), CallOutcome::Failed, Duration::ZERO);
    }
    assert_eq!(series(), before);
    assert!(metrics.encode().contains("quilt_mcp_calls_total{tool=\"other\",outcome=\"failed\"} 10000"));
}

#[test]
fn counting_from_many_threads_loses_nothing() {
    let metrics = metrics();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..1_000 {
                    drop(metrics.scope_opened());
                    metrics.scope_closed(ScopeEnd::Finished);
                }
            });
        }
    });
    let text = metrics.encode();
    assert!(text.contains("quilt_mcp_scopes_opened_total 4000"), "{text}");
    assert!(text.contains("quilt_mcp_scopes_closed_total{how=\"finished\"} 4000"), "{text}");
    assert_eq!((metrics.live_scopes(), metrics.oldest_scope()), (0, Duration::ZERO));
}

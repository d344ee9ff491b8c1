use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use quilt_scope::Lazy;

use super::*;
use crate::client::canned::{Canned, Sent as Request};
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::{Progress, ProgressUpdate};
use crate::service::athena::{Configured, QueryRules};
use crate::service::auth::AuthService;

/// An Athena that runs every query for so many looks.
fn athena(looks: usize) -> Canned {
    let seen = AtomicUsize::new(0);
    Canned::answering(move |request: &Request| {
        let answer = if request.target.ends_with(".StartQueryExecution") {
            r#"{"QueryExecutionId": "q-1"}"#.to_owned()
        } else if request.target.ends_with(".GetQueryResults") {
            r#"{"ResultSet": {"Rows": [{"Data": [{"VarCharValue": "one"}]}, {"Data": [{}]}],
                "ResultSetMetadata": {"ColumnInfo": [{"Name": "one", "Type": "varchar"}]}}}"#
                .to_owned()
        } else {
            let done = seen.fetch_add(1, Ordering::Relaxed) >= looks;
            let state = if done { "SUCCEEDED" } else { "RUNNING" };
            format!(
                r#"{{"QueryExecution": {{"QueryExecutionId": "q-1", "Status": {{"State": "{state}"}}}}}}"#
            )
        };
        (200, answer)
    })
}

async fn ask(canned: &Canned, time_limit: Duration, progress: &Progress) -> Result<Answer, ToolError> {
    let (principal, endpoints) = (Principal::single_user(), canned.endpoints());
    let credentials = Canned::credentials(&principal);
    let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
    let workgroup = Configured("w".to_owned().try_into().map_err(|_| ToolError::internal("a name"))?);
    let rules = QueryRules { may_write: false, time_limit, tabulator_catalog: None };
    let service = AthenaService::new(&auth, &workgroup, &rules, progress);
    let limits = Limits { rows: 10, bytes: 1_000 };
    let (catalog, sql) = (DataCatalogName::of_aws(), "SELECT 1 AS one".to_owned());
    service.query(Ask { sql, catalog, database: None, workgroup: None, limits }).await
}

#[tokio::test]
async fn who_waits_is_told_how_long_it_has_been() -> Result<(), ToolError> {
    let told: Arc<Mutex<Vec<ProgressUpdate>>> = Arc::default();
    let listener = Arc::clone(&told);
    let progress = Progress::to(move |update| listener.lock().expect("not poisoned").push(update));
    let canned = athena(2);
    let answer = ask(&canned, Duration::from_secs(60), &progress).await?;
    assert_eq!(answer.rows.rows, [[None]], "a null, below the names of the columns");
    let told = told.lock().expect("not poisoned");
    assert_eq!(told.len(), 2, "one for each look at a query that runs: {told:?}");
    assert!(told.iter().all(|update| update.message.starts_with("running for ")), "{told:?}");
    assert!(canned.requests().iter().all(|request| request.signed_by("AKIAlocal")));
    Ok(())
}

#[tokio::test]
async fn the_time_limit_is_held_and_the_query_stopped() {
    let canned = athena(usize::MAX);
    let error = ask(&canned, Duration::from_millis(150), &Progress::none()).await.expect_err("too slow");
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
    let last = canned.requests().pop().expect("requests were made");
    assert_eq!(last.target, "AmazonAthena.StopQueryExecution");
    assert_eq!(last.body, r#"{"QueryExecutionId":"q-1"}"#);
}

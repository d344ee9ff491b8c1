//! Workflows in one SQLite file: a change is on disk before it is answered.

use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::Result;

/// Lines of a workflow's log; older ones make room.
const LOG: i64 = 200;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS workflow (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, metadata TEXT NOT NULL,
        created_at TEXT NOT NULL, updated_at TEXT NOT NULL, started_at TEXT, completed_at TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS step (
        workflow TEXT NOT NULL REFERENCES workflow, id TEXT NOT NULL, description TEXT NOT NULL,
        step_type TEXT NOT NULL, status TEXT NOT NULL, dependencies TEXT NOT NULL, metadata TEXT NOT NULL,
        created_at TEXT NOT NULL, started_at TEXT, completed_at TEXT, error_message TEXT, result TEXT,
        PRIMARY KEY (workflow, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS log (
        workflow TEXT NOT NULL REFERENCES workflow, number INTEGER NOT NULL, timestamp TEXT NOT NULL,
        step TEXT NOT NULL, status_change TEXT NOT NULL, message TEXT NOT NULL,
        PRIMARY KEY (workflow, number)
    ) STRICT, WITHOUT ROWID;";

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Create {
    workflow_id: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    metadata: Map<String, Value>,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct AddStep {
    workflow_id: String,
    step_id: String,
    description: String,
    #[serde(default = "manual")]
    step_type: String,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    metadata: Map<String, Value>,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct UpdateStep {
    workflow_id: String,
    step_id: String,
    status: Status,
    result: Option<Map<String, Value>>,
    error_message: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    InProgress,
    Completed,
    Failed,
    Skipped,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    fn may_follow(self, before: &str) -> bool {
        match before {
            "completed" | "skipped" => false,
            "failed" => self != Self::Completed,
            _ => true,
        }
    }

    fn has_begun(self) -> bool {
        matches!(self, Self::InProgress | Self::Completed | Self::Failed)
    }
}

fn manual() -> String {
    "manual".to_owned()
}

/// One writer at a time, which SQLite has anyway; who waits holds no thread.
#[derive(Clone)]
pub(crate) struct Workflows(Arc<Mutex<Connection>>);

impl Workflows {
    pub(crate) fn open(file: &str) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.execute_batch(TABLES)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    pub(crate) async fn create(&self, new: Create) -> Result<Value> {
        self.write(move |all| {
            let now = now()?;
            all.prepare_cached("INSERT INTO workflow VALUES (?1, ?2, ?3, ?4, ?5, ?5, NULL, NULL)")?.execute(
                params![new.workflow_id, new.name, new.description, json!(new.metadata).to_string(), now],
            )?;
            Ok(json!({"success": true, "workflow_id": new.workflow_id, "created_at": now}))
        })
        .await
    }

    pub(crate) async fn add_step(&self, new: AddStep) -> Result<Value> {
        self.write(move |all| {
            let now = now()?;
            all.prepare_cached(
                "INSERT INTO step VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?6, ?7, NULL, NULL, NULL, NULL)",
            )?
            .execute(params![
                new.workflow_id,
                new.step_id,
                new.description,
                new.step_type,
                json!(new.dependencies).to_string(),
                json!(new.metadata).to_string(),
                now
            ])?;
            all.prepare_cached("UPDATE workflow SET updated_at = ?2, completed_at = NULL WHERE id = ?1")?
                .execute(params![new.workflow_id, now])?;
            Ok(json!({"success": true, "workflow_id": new.workflow_id, "step_id": new.step_id}))
        })
        .await
    }

    pub(crate) async fn update_step(&self, report: UpdateStep) -> Result<Value> {
        self.write(move |all| {
            let mut step = step(all, &report)?.ok_or("there is no such step")?;
            let before = step["status"].as_str().unwrap_or_default().to_owned();
            let says_new =
                |field: &str, said: Option<Value>| said.is_some_and(|said| step.get(field) != Some(&said));
            if before != report.status.word()
                || says_new("result", report.result.clone().map(Value::Object))
                || says_new("error_message", report.error_message.clone().map(Value::String))
            {
                apply(all, &mut step, &before, &report)?;
            }
            let (progress, status) = progress(all, &report.workflow_id)?;
            Ok(json!({
                "success": true,
                "workflow_id": report.workflow_id,
                "step_id": report.step_id,
                "step": step,
                "workflow_status": status,
                "progress": progress,
            }))
        })
        .await
    }

    /// Off the runtime's threads, in a transaction that holds the write lock from the beginning.
    async fn write(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<Value> + Send + 'static,
    ) -> Result<Value> {
        let mut connection = Arc::clone(&self.0).lock_owned().await;
        tokio::task::spawn_blocking(move || {
            let all = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = work(&all)?;
            all.commit()?;
            Ok(answer)
        })
        .await?
    }
}

/// The step that is reported on, as it stands. What it does not have is left out.
fn step(all: &Transaction<'_>, report: &UpdateStep) -> Result<Option<Map<String, Value>>> {
    const JSON: [&str; 3] = ["dependencies", "metadata", "result"];
    let mut found = all.prepare_cached(
        "SELECT id, description, step_type, status, dependencies, metadata, created_at, started_at,
                completed_at, error_message, result FROM step WHERE workflow = ?1 AND id = ?2",
    )?;
    let names: Vec<String> = found.column_names().map(ToOwned::to_owned).collect();
    let texts = found
        .query_row([&report.workflow_id, &report.step_id], |row| {
            (0..names.len()).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Option<String>>>>()
        })
        .optional()?;
    let Some(texts) = texts else { return Ok(None) };
    let mut step = Map::new();
    for (name, text) in names.into_iter().zip(texts) {
        let Some(text) = text else { continue };
        let value = if JSON.contains(&&*name) { serde_json::from_str(&text)? } else { Value::String(text) };
        step.insert(name, value);
    }
    Ok(Some(step))
}

/// Makes the change if it may be made, in the file and in `step`.
fn apply(all: &Transaction<'_>, step: &mut Map<String, Value>, before: &str, report: &UpdateStep) -> Result {
    let (id, status, now) = (&report.workflow_id, report.status, now()?);
    if !status.may_follow(before) {
        return Err(format!("a step that is {before} cannot become {}", status.word()).into());
    }
    if status.has_begun() {
        let dependencies = step["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
        for dependency in dependencies.iter().filter_map(Value::as_str) {
            let settled: bool = all
                .prepare_cached(
                    "SELECT status IN ('completed', 'skipped') FROM step WHERE workflow = ?1 AND id = ?2",
                )?
                .query_row([id, dependency], |row| row.get(0))?;
            if !settled {
                return Err(format!("`{dependency}` comes first").into());
            }
        }
    }
    if before != status.word() {
        step.insert("status".into(), status.word().into());
        match status {
            Status::Pending => step.retain(|name, _| name != "started_at" && name != "completed_at"),
            Status::InProgress => {
                step.insert("started_at".into(), now.clone().into());
                step.remove("completed_at");
            }
            Status::Completed | Status::Failed => {
                step.entry("started_at").or_insert(now.clone().into());
                step.insert("completed_at".into(), now.clone().into());
            }
            Status::Skipped => drop(step.insert("completed_at".into(), now.clone().into())),
        }
    }
    if let Some(result) = &report.result {
        step.insert("result".into(), result.clone().into());
    }
    if let Some(message) = &report.error_message {
        step.insert("error_message".into(), message.clone().into());
    }
    let text = |name: &str| step.get(name).and_then(Value::as_str);
    all.prepare_cached(
        "UPDATE step SET status = ?3, started_at = ?4, completed_at = ?5, error_message = ?6, result = ?7
         WHERE workflow = ?1 AND id = ?2",
    )?
    .execute(params![
        id,
        report.step_id,
        status.word(),
        text("started_at"),
        text("completed_at"),
        text("error_message"),
        step.get("result").map(Value::to_string),
    ])?;
    log(all, report, before, &now)?;
    all.prepare_cached(
        "UPDATE workflow SET updated_at = ?2, started_at = coalesce(started_at, ?2),
             completed_at = iif((SELECT count(*) FROM step WHERE workflow = ?1 AND status NOT IN ('completed', 'skipped')), NULL, ?2)
         WHERE id = ?1",
    )?
    .execute([id, &now])?;
    Ok(())
}

fn log(all: &Transaction<'_>, report: &UpdateStep, before: &str, now: &str) -> Result {
    let word = report.status.word();
    let message = report.error_message.clone().unwrap_or_else(|| format!("Step {word}"));
    let number: i64 = all
        .prepare_cached(
            "INSERT INTO log SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5 FROM log WHERE workflow = ?1
             RETURNING number",
        )?
        .query_row(
            params![report.workflow_id, now, report.step_id, format!("{before} -> {word}"), message],
            |row| row.get(0),
        )?;
    all.prepare_cached("DELETE FROM log WHERE workflow = ?1 AND number <= ?2")?
        .execute(params![report.workflow_id, number - LOG])?;
    Ok(())
}

/// The steps of the workflow, counted, and what follows of them.
fn progress(all: &Transaction<'_>, workflow: &str) -> Result<(Value, &'static str)> {
    let mut counted =
        all.prepare_cached("SELECT status, count(*) FROM step WHERE workflow = ?1 GROUP BY status")?;
    let rows = counted.query_map([workflow], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?)))?;
    let counts = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let of = |wanted: &str| counts.iter().find(|(status, _)| status == wanted).map_or(0, |(_, many)| *many);
    let all_of_them: u32 = counts.iter().map(|(_, many)| many).sum();
    let (completed, failed, skipped) = (of("completed"), of("failed"), of("skipped"));
    let settled = completed + skipped;
    let status = match (failed, settled) {
        (1.., _) => "failed",
        (0, settled) if settled == all_of_them => "completed",
        _ => "in_progress",
    };
    let progress = json!({
        "total_steps": all_of_them,
        "completed_steps": completed,
        "failed_steps": failed,
        "skipped_steps": skipped,
        "in_progress_steps": of("in_progress"),
        "pending_steps": of("pending"),
        "percentage": (f64::from(settled) / f64::from(all_of_them.max(1)) * 1000.0).round() / 10.0,
    });
    Ok((progress, status))
}

fn now() -> Result<String> {
    Ok(DateTime::from(SystemTime::now()).fmt(DateTimeFormat::DateTime)?)
}

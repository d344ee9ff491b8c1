//! What a server logs: a line of JSON for each event.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::watch;

use crate::Result;
use crate::canary::Canaries;

/// The log of one process, growing.
#[derive(Clone)]
pub struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    progress: watch::Receiver<Progress>,
    reader: Arc<Mutex<Option<JoinHandle<()>>>>,
}

#[derive(Clone, Copy, Default)]
struct Progress {
    lines: usize,
    closed: bool,
}

impl Log {
    pub(super) fn of(stderr: impl Read + Send + 'static) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (told, progress) = watch::channel(Progress::default());
        let sink = Arc::clone(&lines);
        // A thread, not a task: the pipe must be emptied whatever the test's runtime is busy with.
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(std::result::Result::ok) {
                sink.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                told.send_modify(|p| p.lines += 1);
            }
            told.send_modify(|p| p.closed = true);
        });
        Self { lines, progress, reader: Arc::new(Mutex::new(Some(reader))) }
    }

    /// Reads to the end, and looks for secrets in all of it. The process must have ended.
    pub(super) fn finish(&self, canaries: &Canaries) {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reader) = reader {
            let _ = reader.join();
            canaries.look("log", self.text().as_bytes());
        }
    }

    /// Everything so far, as written.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The events so far: the lines that are JSON objects.
    pub fn events(&self) -> Vec<Value> {
        self.lines()
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(Value::is_object)
            .collect()
    }

    /// For a person who wants to know what went wrong.
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Waits for an event with this message. The event.
    ///
    /// # Errors
    /// If the log ends before.
    pub async fn event(&self, message: &str) -> Result<Value> {
        let mut progress = self.progress.clone();
        loop {
            let seen = *progress.borrow_and_update();
            if let Some(event) = self
                .events()
                .into_iter()
                .find(|e| field(e, "message").and_then(Value::as_str) == Some(message))
            {
                return Ok(event);
            }
            if seen.closed {
                return Err(format!("the log ended without the message {message:?}").into());
            }
            progress.changed().await?;
        }
    }

    /// The `address` of the event with this message.
    pub(super) async fn address(&self, message: &str) -> Result<String> {
        let event = self.event(message).await?;
        let address = field(&event, "address").and_then(Value::as_str);
        Ok(address.ok_or_else(|| format!("no address in {event}"))?.to_owned())
    }

    /// Waits for the end of the log, which is the end of the process.
    pub async fn closed(&self) {
        let mut progress = self.progress.clone();
        // An error means that the reading thread is gone, which is the end as well.
        let _ = progress.wait_for(|p| p.closed).await;
    }
}

/// A field of an event, whether the formatter puts fields beside the level or in an object of their own.
pub(crate) fn field<'e>(event: &'e Value, name: &str) -> Option<&'e Value> {
    event.get(name).or_else(|| event.get("fields")?.get(name))
}

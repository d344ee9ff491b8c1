//! What must come of a request, besides that nothing foreign comes of it.

use memchr::memmem;
use serde_json::Value;

use crate::client::schemas;
use crate::oracle::door::Response;
use crate::oracle::population::Person;

/// What must come of a request.
#[derive(Clone, Copy, Debug)]
pub enum Expect {
    /// Whatever it is, it must not be foreign.
    Anything,
    /// It works.
    Success,
    /// It works, and gives what is the asker's.
    Own,
    /// It works, or is refused with one of these.
    Either(&'static [&'static str]),
    /// It is refused, with one of these.
    Refusal(&'static [&'static str]),
    /// It fails.
    Failure,
    /// The door refuses it.
    Status(u16),
    /// What one may do with the bucket.
    Rights {
        /// `yes` or `no`.
        read: &'static str,
        /// `yes` or `no`.
        write: &'static str,
    },
    /// It works, and reports progress of so much, to its own listener.
    Progress {
        /// In the unit of the tool.
        total: u64,
    },
    /// One's own bucket is completed, and no other.
    Buckets,
}

fn messages(response: &Response) -> Vec<Value> {
    let is_stream =
        response.headers.get("content-type").is_some_and(|value| value.as_bytes().starts_with(b"text/event"));
    if !is_stream {
        return serde_json::from_slice(&response.body).into_iter().collect();
    }
    let text = String::from_utf8_lossy(&response.body);
    text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?.trim()).ok()).collect()
}

/// What an answer comes to that is not wrong.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is as it must be. With the answer, if there was one to be read.
    Right(Option<Value>),
    /// The machine was too busy: AWS was not reached in time, or the call took too long.
    Late,
}

/// With what a call ends that ran out of time.
const LATE: [&str; 3] = ["cancelled", "unavailable", "credentials_unavailable"];

/// How a call went.
enum End {
    Worked,
    Refused(String),
    Odd,
}

fn end(answer: &Value) -> End {
    let failed = answer.pointer("/result/isError") == Some(&Value::Bool(true));
    let envelope = answer.pointer("/result/content/0/text").filter(|_| failed).and_then(Value::as_str);
    let envelope: Value = envelope.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let code = envelope.pointer("/error/code").or_else(|| answer.pointer("/error/data/error/code"));
    match (code.and_then(Value::as_str), answer.get("result")) {
        (Some(code), _) => End::Refused(code.to_owned()),
        (None, Some(_)) if failed => End::Odd,
        (None, Some(_)) => End::Worked,
        // A resource that is not there is told in MCP's own words.
        (None, None) if answer.pointer("/error/message").is_some_and(|m| m == "resource not found") => {
            End::Refused("not_found".to_owned())
        }
        _ => End::Odd,
    }
}

impl Expect {
    /// Whether that is what `response` says to `asker`, whose request it answers.
    ///
    /// # Errors
    /// What it says instead.
    pub fn judge(self, asker: &Person, response: &Response) -> Result<Outcome, String> {
        let shown = || {
            let body: String = String::from_utf8_lossy(&response.body).chars().take(600).collect();
            format!("expected {self:?}, and got {}: {body}", response.status)
        };
        if let Self::Status(status) = self {
            return if response.status == status { Ok(Outcome::Right(None)) } else { Err(shown()) };
        }
        if matches!(self, Self::Anything) {
            return Ok(Outcome::Right(None));
        }
        let messages = messages(response);
        // Besides the answer there may be notifications, which have no id.
        let answer = messages.iter().find(|message| message.get("id").is_some()).ok_or_else(shown)?;
        let end = end(answer);
        let right = match (self, &end) {
            (Self::Success | Self::Either(_), End::Worked) => true,
            (Self::Own, End::Worked) => memmem::find(&response.body, asker.secret.as_bytes()).is_some(),
            (Self::Either(codes) | Self::Refusal(codes), End::Refused(code)) => {
                codes.contains(&code.as_str())
            }
            (Self::Failure, End::Refused(_)) => true,
            (Self::Rights { read, write }, End::Worked) => {
                let summary = answer.pointer("/result/structuredContent/access_summary");
                let said = |right: &str| summary.and_then(|summary| summary[right].as_str());
                let readable = said("can_read");
                // Who may neither list nor read is told that only the former is certain.
                (readable == Some(read) || (read == "no" && readable == Some("unknown")))
                    && said("can_write") == Some(write)
            }
            (Self::Progress { total }, End::Worked) => reported(asker, total, &messages),
            (Self::Buckets, End::Worked) => {
                answer.pointer("/result/completion/values") == Some(&Value::from(vec![asker.bucket()]))
            }
            _ => false,
        };
        match (right, end) {
            (true, _) => Ok(Outcome::Right(Some(answer.clone()))),
            (false, End::Refused(code)) if LATE.contains(&code.as_str()) => Ok(Outcome::Late),
            _ => Err(shown()),
        }
    }
}

/// What is wrong with an answer of `tool` that did not fail, by the tool's output schema.
pub fn misfit(tool: &str, response: &Response) -> Option<String> {
    let messages = messages(response);
    let answer = messages.iter().find(|message| message.get("id").is_some())?;
    let worked = matches!(end(answer), End::Worked);
    schemas::misfit(tool, &answer["result"]["structuredContent"]).filter(|_| worked)
}

/// Every report is to the asker, and of what the asker asked for. A few may be missing, if nobody had time for them.
fn reported(asker: &Person, total: u64, messages: &[Value]) -> bool {
    let mut reports =
        messages.iter().filter(|m| m["method"] == "notifications/progress").map(|m| &m["params"]);
    reports.all(|report| {
        let (done, of) = (report["progress"].as_f64(), report["total"].as_f64());
        report["progressToken"] == asker.secret.as_str() && of == Some(total as f64) && done <= of
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_that_its_schema_does_not_allow_is_found_and_a_refusal_is_none() {
        let good = json!({
            "success": true, "workflows": [], "total_workflows": 0, "active_workflows": 0, "completed_workflows": 0,
        });
        let mut wrong = good.clone();
        wrong["total_workflows"] = json!("none");
        for (structured, is_error, found) in
            [(&good, false, false), (&wrong, false, true), (&wrong, true, false)]
        {
            let result = json!({"content": [], "structuredContent": structured, "isError": is_error});
            let body = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string().into_bytes();
            let response = Response { status: StatusCode::OK, headers: HeaderMap::new(), body };
            assert_eq!(misfit("workflow_list_all", &response).is_some(), found, "{result}");
        }
    }
}

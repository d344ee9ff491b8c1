//! The script against stand-ins for the server: one that keeps people apart, and some that do not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use tokio::net::TcpListener;

use super::super::world::{PEOPLE, Rights, SAMPLES};
use super::*;

/// What a stand-in does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// One set of rights for everybody.
    SharedRights,
    /// Workflows keyed without the user.
    SharedWorkflows,
    /// A session id is enough.
    SharedSessions,
}

struct StandIn {
    fault: Fault,
    objects: Mutex<Vec<(String, String)>>,
    workflows: Mutex<HashMap<String, Vec<String>>>,
}

type Served = Arc<StandIn>;

/// Tokens are the people's names here, and so are the session ids.
async fn play_against(fault: Fault) -> (usize, String) {
    let objects = SAMPLES.iter().map(|sample| (sample.bucket.to_owned(), sample.key.to_owned())).collect();
    let server = StandIn { fault, objects: Mutex::new(objects), workflows: Mutex::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
    let router = axum::Router::new().route("/mcp", axum::routing::post(serve)).with_state(Arc::new(server));
    let serving = tokio::spawn(axum::serve(listener, router).into_future());
    let mut out = Vec::new();
    let tokens = Tokens { alice: "alice", carol: "carol", bob: "bob" };
    let broken = play(&url, &tokens, &mut out).await.expect("a transcript");
    serving.abort();
    (broken, String::from_utf8(out).expect("text"))
}

async fn serve(State(server): State<Served>, headers: HeaderMap, Json(message): Json<Value>) -> Response {
    let header =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let who = header("authorization").replace("Bearer ", "");
    let session = header(super::super::mcp::SESSION_ID);
    if !session.is_empty() && session != who && server.fault != Fault::SharedSessions {
        return StatusCode::NOT_FOUND.into_response();
    }
    if message["id"].is_null() {
        return StatusCode::ACCEPTED.into_response();
    }
    let result = match message["method"].as_str() {
        Some("tools/call") => match server.tool(&who, &message["params"]) {
            Some(output) => json!({ "structuredContent": output }),
            None => json!({
                "isError": true,
                "content": [{ "type": "text", "text": r#"{"error":{"code":"access_denied","message":"no"}}"# }],
            }),
        },
        _ => json!({ "protocolVersion": "2025-06-18" }),
    };
    let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
    let events = format!("data:\n\ndata: {answer}\n\n");
    let headers = [("content-type", "text/event-stream"), (super::super::mcp::SESSION_ID, who.as_str())];
    (headers, events).into_response()
}

impl StandIn {
    fn rights(&self, who: &str, bucket: &str) -> Option<Rights> {
        if self.fault == Fault::SharedRights {
            return Some(Rights::ReadWrite);
        }
        PEOPLE.iter().find(|person| person.name == who)?.role.rights_in(bucket)
    }

    fn tool(&self, who: &str, params: &Value) -> Option<Value> {
        let arguments = &params["arguments"];
        let mut objects = self.objects.lock().expect("no test panics with it");
        let mut workflows = self.workflows.lock().expect("no test panics with it");
        let owner = if self.fault == Fault::SharedWorkflows { "everybody" } else { who };
        match params["name"].as_str()? {
            "bucket_list" => {
                let mut names: Vec<_> = objects.iter().map(|(bucket, _)| bucket.as_str()).collect();
                names.dedup();
                names.retain(|bucket| self.rights(who, bucket).is_some());
                Some(
                    json!({ "buckets": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() }),
                )
            }
            "bucket_objects_list" => {
                let bucket = arguments["bucket"].as_str()?;
                let prefix = arguments["prefix"].as_str().unwrap_or("");
                self.rights(who, bucket)?;
                let keys = objects.iter().filter(|(inside, key)| inside == bucket && key.starts_with(prefix));
                Some(json!({ "objects": keys.map(|(_, key)| json!({ "key": key })).collect::<Vec<_>>() }))
            }
            "bucket_object_text" => {
                let (bucket, key) = arguments["s3_uri"].as_str()?.strip_prefix("s3://")?.split_once('/')?;
                self.rights(who, bucket)?;
                let sample = SAMPLES.iter().find(|sample| sample.bucket == bucket && sample.key == key)?;
                Some(json!({ "text": sample.text }))
            }
            "bucket_objects_put" => {
                let bucket = arguments["bucket"].as_str()?;
                if self.rights(who, bucket)? != Rights::ReadWrite {
                    return None;
                }
                objects.push((bucket.to_owned(), arguments["items"][0]["key"].as_str()?.to_owned()));
                Some(json!({}))
            }
            "check_bucket_access" => {
                let level = match self.rights(who, arguments["bucket"].as_str()?)? {
                    Rights::Read => "read_only",
                    Rights::ReadWrite => "full_access",
                };
                Some(json!({ "permission_level": level }))
            }
            "workflow_create" => {
                let name = arguments["name"].as_str()?.to_owned();
                workflows.entry(owner.to_owned()).or_default().push(name);
                Some(json!({}))
            }
            "workflow_list_all" => {
                let names = workflows.get(owner).cloned().unwrap_or_default();
                Some(
                    json!({ "workflows": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() }),
                )
            }
            _ => None,
        }
    }
}

#[tokio::test]
async fn a_server_that_keeps_people_apart_passes() {
    let (broken, transcript) = play_against(Fault::None).await;
    assert_eq!(broken, 0, "{transcript}");
    assert!(transcript.contains("access_denied"), "{transcript}");
    assert!(
        transcript.contains("ok    alice  check_bucket_access   lab-a-plants: full_access"),
        "{transcript}"
    );
    assert!(
        transcript.contains("ok    carol  check_bucket_access   lab-a-plants: read_only"),
        "{transcript}"
    );
    assert!(!transcript.contains("FAIL"), "{transcript}");
}

#[tokio::test]
async fn each_way_of_sharing_is_noticed() {
    for (fault, line) in [
        (Fault::SharedRights, "FAIL  bob    bucket_object_text"),
        (Fault::SharedRights, "FAIL  carol  bucket_objects_put"),
        (Fault::SharedRights, "FAIL  carol  check_bucket_access"),
        (Fault::SharedWorkflows, "FAIL  alice  workflow_list_all"),
        (Fault::SharedSessions, "FAIL  bob    (alice's session id)"),
    ] {
        let (broken, transcript) = play_against(fault).await;
        assert!(broken > 0, "{fault:?}\n{transcript}");
        assert!(transcript.contains(line), "{fault:?}\n{transcript}");
    }
}

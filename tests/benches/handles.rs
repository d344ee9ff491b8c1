//! Whether time tells another's handle from one that is not there.
//!
//! One person asks in turns for what is another's and for what is nobody's. If time told them apart, a guess by time
//! would be right more often than by chance: AUC is how often the one takes longer than the other, 0.5 if it says
//! nothing. `own` is the control: what is one's own is told apart, or the measure would not see.
//!
//! ```sh
//! cargo bench -p quilt-tests --bench handles
//! ```

use std::io::Write as _;
use std::time::Instant;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

const WARM_UP: usize = 200;
/// Of each.
const SAMPLES: usize = 5_000;
/// What cannot be told apart stays this near to one half.
const BOUND: f64 = 0.05;
/// Of rmcp's form.
const NO_SESSION: &str = "00000000-0000-4000-8000-000000000000";

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let server = Plan::multi_tenant(&world)?
        .set("QUILT_MCP_SESSIONS", "true")
        .set("QUILT_MCP_RATE_LIMIT", "0")
        .set("QUILT_MCP_TENANT_RATE_LIMIT", "0")
        // What is written of a refusal takes time, too.
        .set("QUILT_MCP_LOG", "info")
        .start()
        .await?;
    let token = |name: &str| world.token(world.person(name));
    let ada = Client::connect(&server.url, &token("ada"), Era::Initialize).await?;
    let ben = Client::connect(&server.url, &token("ben"), Era::Stateless).await?;
    for (client, id) in [(&ada, "plan-of-ada"), (&ben, "plan-of-ben")] {
        client.call("workflow_create", json!({"workflow_id": id, "name": "plan"})).await?;
    }

    let mut out = std::io::stdout().lock();
    writeln!(out, "{SAMPLES} timings of each\n\n{:<28} {:>7}", "", "AUC")?;
    let others = ben.on_session(ada.session().ok_or("a session")?);
    let none = ben.on_session(NO_SESSION);
    let session = auc(&[&others, &none], |client| async move {
        let _ = client.tools().await;
    })
    .await;
    let workflow = of_workflows(&ben, ["plan-of-ada", "plan-of-eve"]).await;
    let own = of_workflows(&ben, ["plan-of-ben", "plan-of-eve"]).await;
    for (what, auc) in [("session", session), ("workflow", workflow), ("own (control)", own)] {
        writeln!(out, "{what:<28} {auc:>7.3}")?;
    }
    let even = |auc: f64| (auc - 0.5).abs() <= BOUND;
    if even(session) && even(workflow) && !even(own) { Ok(()) } else { Err("not as it should be".into()) }
}

async fn of_workflows(ben: &Client, ids: [&'static str; 2]) -> f64 {
    auc(&[(ben, ids[0]), (ben, ids[1])], |(client, id)| async move {
        let _ = client.call("workflow_get_status", json!({ "id": id })).await;
    })
    .await
}

/// How often the first takes longer than the second.
async fn auc<T: Copy, F: Future<Output = ()>>(two: &[T; 2], ask: impl Fn(T) -> F) -> f64 {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..WARM_UP + SAMPLES {
        // In turns, and each as often first as second: what drifts hits both.
        for turn in 0..2 {
            let which = (turn + round) % 2;
            let start = Instant::now();
            ask(two[which]).await;
            if round >= WARM_UP {
                times[which].push(start.elapsed());
            }
        }
    }
    let [one, mut other] = times;
    other.sort_unstable();
    let longer: usize = one
        .iter()
        .map(|time| {
            let (below, upto) = (other.partition_point(|o| o < time), other.partition_point(|o| o <= time));
            below + upto
        })
        .sum();
    longer as f64 / 2.0 / (one.len() * other.len()) as f64
}

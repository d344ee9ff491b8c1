//! Whether tenants are in each other's way: the same calls over as many connections, of people of one tenant and of as many tenants
//! as there are people. What all of them share, a lock above all, would show as fewer answers to many than to one.

use crate::case::Case;
use crate::contender::Contender;
use crate::cost::prepare;
use crate::drive::{Outcome, closed};
use crate::process::Server;
use crate::{Plan, Result};

/// How many people, each with a connection. There are roles for as many tenants.
const PEOPLE: usize = crate::contender::TENANTS;
/// One after the other and again, so that a change of the machine's does not count as one of theirs.
const ROUNDS: usize = 3;

pub(crate) const HEAD: &str = "\
| asked by 64 people | of one tenant, req/s | p50 / p99 / p99.9 ms | of 64 tenants, req/s | p50 / p99 / p99.9 ms | many to one |\n\
|---|---|---|---|---|---|\n";

/// The table's lines: nothing kept, credentials for each person, something kept on disk for each tenant.
pub(crate) async fn measure(contender: &Contender, plan: &Plan) -> Result<String> {
    let mut rows = String::new();
    for case in [Case::Trivial, Case::ThreeServices, Case::UpdateStep] {
        let (mut one, mut many) = (Outcome::default(), Outcome::default());
        for _ in 0..ROUNDS {
            for (tenants, all) in [(1, &mut one), (PEOPLE, &mut many)] {
                all.follow(of(contender, case, tenants, plan).await?);
            }
        }
        let ratio = many.per_second() / one.per_second();
        rows += &format!(
            "| `{}` | {:.0} | {} | {:.0} | {} | {ratio:.2}× |\n",
            case.name(),
            one.per_second(),
            one.latencies.quantiles(),
            many.per_second(),
            many.latencies.quantiles(),
        );
    }
    Ok(rows)
}

/// On a server that is new, so that no round finds what another left.
async fn of(contender: &Contender, case: Case, tenants: usize, plan: &Plan) -> Result<Outcome> {
    let server = Server::start(&contender.launch).await?;
    let mut clients = contender.clients_of(&server, PEOPLE, tenants).await?;
    prepare(&mut clients, case).await?;
    let warm = closed(clients, case, plan.length / 5).await?;
    let outcome = closed(warm.clients, case, plan.length).await?;
    outcome.check()?;
    Ok(outcome)
}

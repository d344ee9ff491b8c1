//! Loads our server and its peers in the same way, one after the other, and prints tables for the documents.
//!
//! `load cost [seconds]`, `load cases [seconds]`, `load lists [seconds]`, `load neighbours [seconds]`, `load tenants [seconds]`,
//! `load wrk [seconds]`, `load instructions [calls]`. `../run load` prepares what is measured and says in the environment where it
//! is, and where pictures go. With `LOAD_ONLY` only those whose name contains it, or, of `cases`, what is asked of them.
//! `LOAD_PROFILE` is the file that `instructions` has callgrind write its profile to.

mod background;
mod case;
mod client;
mod contender;
mod cost;
mod drive;
mod endpoint;
mod figures;
mod goals;
mod instructions;
mod lists;
mod neighbours;
mod package;
mod picture;
mod process;
mod tenants;
mod token;
mod wire;
mod wrk;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::background::Background;
use crate::case::Case;
use crate::client::Era;
use crate::contender::{Contender, Programs};
use crate::endpoint::Endpoint;
use crate::figures::head;
use crate::goals::Measured;
use crate::token::Mint;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How long each single measurement takes.
struct Plan {
    length: Duration,
}

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = arguments.get(1).map(|text| text.parse::<f64>()).transpose()?;
    let plan = Plan { length: Duration::from_secs_f64(number.unwrap_or(5.0)) };
    let background = Background::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let published = Rc::new(Mint::published()?);
        let endpoint = Endpoint::start(published.key_set());
        let endpoint = match arguments.first().map(String::as_str) {
            Some("neighbours") => background.handle().spawn(endpoint).await??,
            _ => endpoint.await?,
        };
        let programs = programs(&endpoint, published)?;
        match arguments.first().map(String::as_str) {
            Some("cost") => everybody(&programs, &plan).await,
            Some("cases") => cases(&programs, &plan).await,
            Some("lists") => listed(&programs, &plan).await,
            Some("neighbours") => {
                let contender = programs.ours_with_default_limits(Era::New);
                print!(
                    "\n{}{}\n",
                    neighbours::HEAD,
                    neighbours::measure(&contender, &endpoint, &background.handle(), &plan).await?
                );
                Ok(())
            }
            Some("tenants") => {
                print!("\n{}{}\n", tenants::HEAD, tenants::measure(&programs.ours(Era::New), &plan).await?);
                Ok(())
            }
            Some("wrk") => by_wrk(&programs, &plan).await,
            Some("instructions") => counted(&programs, number.unwrap_or(5000.0) as u32).await,
            _ => Err("load cost|cases|lists|neighbours|tenants|wrk|instructions [seconds or calls]".into()),
        }
    })
}

/// The trivial tool, which everybody has.
async fn everybody(programs: &Programs, plan: &Plan) -> Result {
    print!("{}", head(&format!("server | MCP | {}", cost::COLUMNS)));
    let mut measured = Vec::new();
    for contender in programs.all().into_iter().filter(chosen) {
        // Who does not start or answers wrongly is said to, and the others are measured.
        let cost = cost::measure(&contender, Case::Trivial, plan).await;
        print!("{}", cost::row(&contender.columns(), &cost));
        measured.extend(cost.ok().map(|cost| Measured { name: contender.name, era: contender.era, cost }));
    }
    print!("\n{}\n", goals::table(&measured));
    if let Some(folder) = std::env::var_os("LOAD_PICTURES") {
        print!("{}\n\n", picture::draw(&measured, Path::new(&folder))?);
    }
    Ok(())
}

/// Ours and minimal rmcp, driven by somebody else; it opens no sessions.
async fn by_wrk(programs: &Programs, plan: &Plan) -> Result {
    print!("\n{}", wrk::HEAD);
    let driven = |contender: &Contender| contender.is_ours_or_minimal_rmcp() && contender.era != Era::Session;
    for contender in programs.all().into_iter().filter(|one| driven(one) && chosen(one)) {
        print!("{}", wrk::row(&contender, wrk::measure(&contender, plan).await?));
    }
    println!();
    Ok(())
}

/// What one call executes.
async fn counted(programs: &Programs, calls: u32) -> Result {
    print!("{}", head(instructions::COLUMNS));
    for case in Case::ALL {
        let asked = |contender: &Contender| is_chosen(&format!("{}, {}", case.name(), contender.said()));
        for contender in programs.counted(case).into_iter().filter(asked) {
            let each = instructions::each(&contender, case, calls).await?;
            print!("{}", instructions::row(&contender, case, each));
        }
    }
    println!();
    Ok(())
}

/// Each case, and whoever may be able to do it.
async fn cases(programs: &Programs, plan: &Plan) -> Result {
    print!("{}", head(&format!("asked | server | MCP | {}", cost::COLUMNS)));
    for case in Case::ALL {
        let asked = |contender: &Contender| is_chosen(&format!("{}, {}", case.name(), contender.said()));
        for contender in programs.able_to(case).into_iter().filter(asked) {
            let cost = cost::measure(&contender, case, plan).await;
            print!("{}", cost::row(&format!("`{}` | {}", case.name(), contender.columns()), &cost));
        }
    }
    println!();
    Ok(())
}

/// Which tools there are.
async fn listed(programs: &Programs, plan: &Plan) -> Result {
    print!("{}", head(lists::COLUMNS));
    let our_tools = lists::our_tools(programs).await?;
    for contender in programs.listing(&our_tools).into_iter().filter(chosen) {
        print!("{}", lists::row(&contender, plan).await);
    }
    println!();
    Ok(())
}

fn chosen(contender: &Contender) -> bool {
    is_chosen(&contender.said())
}

fn is_chosen(said: &str) -> bool {
    std::env::var("LOAD_ONLY").map_or(true, |wanted| said.contains(&wanted))
}

fn programs(endpoint: &Endpoint, published: Rc<Mint>) -> Result<Programs> {
    let path = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .ok_or_else(|| format!("{name} is not set: use `../run load`"))
    };
    Ok(Programs {
        ours: path("LOAD_QUILT_MCP")?,
        minimal: path("LOAD_MINIMAL_RMCP")?,
        python: path("LOAD_PYTHON")?,
        node: path("LOAD_NODE")?,
        fastmcp_script: path("LOAD_FASTMCP_SCRIPT")?,
        typescript_script: path("LOAD_TYPESCRIPT_SCRIPT")?,
        endpoint: endpoint.url(),
        published,
    })
}

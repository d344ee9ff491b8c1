//! Asks so many times, for a profiler that counts instructions or a clock: see docs/performance.md.
//!
//! `ambient_cost <ambient|direct> <asks>`

use std::future::pending;
use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use quilt_scope::{Scope, Slot, ambient, run, service};

struct Auth(u64);

#[service]
impl Auth {
    fn new() -> Self {
        Self(7)
    }
}

#[derive(Scope)]
struct App {}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

quilt_scope::ambient! {
    fn with_auth<'req>(Auth) in RequestScope<'static>;
}

async fn asks(times: u64) -> Result<u64, ambient::AmbientError> {
    let mut sum = 0;
    for _ in 0..times {
        sum += with_auth(|auth| Box::pin(async move { auth.0 })).await?;
    }
    Ok(sum)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, times] = &arguments[..] else {
        return Err("give `ambient` or `direct`, and how many asks".into());
    };
    let times: u64 = times.parse()?;
    let app = App::open();
    let scope = RequestScope::open(&app);
    let start = Instant::now();
    let sum = match &**how {
        "ambient" => {
            let body = ambient::within::<RequestScope<'static>, _>(&scope, asks(times));
            run(&scope, body, pending()).await.finished().ok_or("it panicked")??
        }
        "direct" => {
            let mut sum = 0;
            for _ in 0..times {
                sum += black_box(&scope).get::<Auth>().await?.0;
            }
            sum
        }
        other => return Err(format!("no way `{other}`").into()),
    };
    let each = start.elapsed().as_nanos() / u128::from(times.max(1));
    writeln!(std::io::stdout(), "{how}: {each} ns an ask, {sum}")?;
    Ok(())
}

//! What leaks at each step: `cargo run -p quilt-migration-example`.

use std::io::{self, Write as _};

use quilt_migration_example::judge::{Leak, leaks};
use quilt_migration_example::{step_0, step_1, step_2, step_3, step_4};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let found = [
        leaks(&step_0::Server).await,
        leaks(&step_1::Server::default()).await,
        leaks(&step_2::Server::default()).await,
        leaks(&step_3::Server::default()).await,
        leaks(&step_4::Server::default()).await,
    ];
    let mut out = io::stdout().lock();
    for (step, leaks) in found.iter().enumerate() {
        writeln!(out, "step {step}: {}", said(leaks))?;
    }
    Ok(())
}

fn said(leaks: &[Leak]) -> String {
    if leaks.is_empty() {
        "nothing of Ada's reaches Ben".to_owned()
    } else {
        format!("Ben gets Ada's {leaks:?}")
    }
}

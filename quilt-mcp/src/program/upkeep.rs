//! Commands that look after what the server keeps.

use std::error::Error;
use std::io::Write as _;

use crate::cli::{BackupArgs, RestoreArgs, StoreArgs};
use crate::config::{Config, Settings, StoreConfig};
use crate::store;

/// `quilt-mcp backup`.
pub(super) fn backup(args: BackupArgs) -> Result<(), Box<dyn Error>> {
    let config = store_config(args.store)?;
    let files = store::backup(&config.data_dir, &args.to)?;
    say(format_args!("backed up the files of {files} tenants into {}", args.to.display()))
}

/// `quilt-mcp restore`.
pub(super) fn restore(args: RestoreArgs) -> Result<(), Box<dyn Error>> {
    let config = store_config(args.store)?;
    let into = config.data_dir.display();
    let Some(tenant) = args.tenant else {
        let files = store::restore(&args.from, &config.data_dir)?;
        return say(format_args!("restored the files of {files} tenants into {into}"));
    };
    match store::restore_tenant(&args.from, &config.data_dir, &tenant)? {
        None => say(format_args!("restored the file of {tenant} into {into}")),
        Some(kept) => say(format_args!(
            "restored the file of {tenant} into {into}; what was there is {}",
            kept.display()
        )),
    }
}

fn store_config(args: StoreArgs) -> Result<StoreConfig, Box<dyn Error>> {
    Ok(Config::store(&Settings::read(args.into_flags(), std::env::vars_os()))?)
}

fn say(what: std::fmt::Arguments<'_>) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(std::io::stdout().lock(), "{what}")?)
}

//! A server that holds all entries of a package at once.

use std::hint::black_box;
use std::sync::Arc;

use futures_util::FutureExt as _;
use quilt_mcp::transport::Backend;
use quilt_tests::detour::detour;

/// What an entry with metadata takes.
const ENTRY: u64 = 2_000;

/// Each answer about a package is given with so much in memory as if its entries had been held until then.
pub(crate) fn held_all(sound: Arc<dyn Backend>) -> Arc<dyn Backend> {
    detour(sound, |sound, call| {
        async move {
            let answer = sound.call(call).await?;
            let entries = answer["total_entries"].as_u64().unwrap_or_default();
            let held = vec![1_u8; usize::try_from(entries * ENTRY).unwrap_or_default()];
            black_box(&held);
            Ok(answer)
        }
        .boxed()
    })
}

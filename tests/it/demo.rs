//! The first command of the README, from the outside.

use std::process::Command;

use quilt_tests::Result;
use quilt_tests::server::server;

#[test]
fn the_demo_shows_two_tenants_who_see_only_their_own() -> Result<()> {
    let output = Command::new(server()?).args(["demo", "--once", "--listen", "127.0.0.1:0"]).output()?;
    let shown = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{shown}\n{}", String::from_utf8_lossy(&output.stderr));
    for refused in ["bob    bucket_objects_list", "bob    bucket_object_text"] {
        let line =
            shown.lines().find(|line| line.contains(refused)).ok_or("the step is in the transcript")?;
        assert!(line.contains("access_denied") && line.trim_start().starts_with("ok"), "{line}");
    }
    assert!(shown.contains("Connect as alice") && shown.contains("mcp-remote"), "{shown}");
    Ok(())
}

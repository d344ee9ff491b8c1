//! What an operator meets: the admin listener, the first lines of the log, and what is said when something is in the way.

use quilt_tests::Result;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use reqwest::StatusCode;
use tokio::net::TcpListener;

async fn plan() -> Result<Plan> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    Plan::multi_tenant(&world)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_line_says_what_runs_where() -> Result<()> {
    let plan = plan().await?;
    let server = plan.start().await?;
    let event = server.log.event("starting").await?;
    for (name, value) in [
        ("mode", "multi-tenant"),
        ("transport", "http"),
        ("region", &*plan.environment()["AWS_REGION"]),
        ("data_dir", &*plan.environment()["QUILT_MCP_DATA_DIR"]),
    ] {
        assert_eq!(event[name], value, "{name} in {event}");
    }
    for (name, url) in [("address", &server.url), ("admin", &server.admin_url)] {
        let address = event[name].as_str().ok_or("an address is text")?;
        assert!(url.starts_with(&format!("http://{address}")), "{name} in {event}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_nobody_set_is_said_once() -> Result<()> {
    let plan = plan().await?.unset("AWS_REGION").unset("AWS_EC2_METADATA_DISABLED");
    let server = plan.start().await?;
    let warnings: Vec<_> = server.log.events().into_iter().filter(|event| event["level"] == "WARN").collect();
    let [warning] = warnings.as_slice() else { panic!("one warning: {warnings:#?}") };
    assert_eq!(warning["region"], "us-east-1", "{warning}");
    assert!(warning["message"].as_str().is_some_and(|text| text.contains("set AWS_REGION")), "{warning}");
    assert_eq!(server.log.event("starting").await?["region"], "us-east-1");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_listener_is_no_web_pages() -> Result<()> {
    let server = plan().await?.start().await?;
    let http = reqwest::Client::new();
    for path in ["livez", "readyz", "metrics"] {
        let url = format!("{}/{path}", server.admin_url);
        assert_eq!(http.get(&url).send().await?.status(), StatusCode::OK, "{path}");
        for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example")] {
            let status = http.get(&url).header(name, value).send().await?.status();
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} with {name}: {value}");
        }
    }
    assert!(!server.log.text().contains("without a token"), "on loopback there is nothing to warn of");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_listener_that_others_can_reach_is_warned_of() -> Result<()> {
    let server = plan().await?.set("QUILT_MCP_ADMIN_LISTEN", "0.0.0.0:0").start().await?;
    let warned = server.log.events().into_iter().any(|event| {
        event["level"] == "WARN"
            && event["message"].as_str().is_some_and(|text| text.contains("without a token"))
    });
    assert!(warned, "{}", server.log.text());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_admin_listener_the_server_serves_all_the_same() -> Result<()> {
    let server = plan().await?.set("QUILT_MCP_ADMIN_LISTEN", "off").start().await?;
    assert_eq!(server.log.event("starting").await?["admin"], "off");
    let status = reqwest::Client::new().post(&server.url).send().await?.status();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_ends_the_server_with_what_to_set() -> Result<()> {
    // Ours or somebody else's: it is taken.
    let _ours = TcpListener::bind("127.0.0.1:9464").await;
    let (status, log) = plan().await?.unset("QUILT_MCP_ADMIN_LISTEN").run_to_end().await?;
    assert!(!status.success(), "{log}");
    for words in ["127.0.0.1:9464", "QUILT_MCP_ADMIN_LISTEN", "off"] {
        assert!(log.contains(words), "{words} is not in:\n{log}");
    }
    let taken = TcpListener::bind("127.0.0.1:0").await?;
    let address = taken.local_addr()?.to_string();
    let (status, log) = plan().await?.set("QUILT_MCP_LISTEN", &address).run_to_end().await?;
    assert!(!status.success() && log.contains(&address) && log.contains("QUILT_MCP_LISTEN"), "{log}");
    Ok(())
}

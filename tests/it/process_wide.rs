//! One service at a time: what the single user may have kept for the process, and many tenants may not.

use std::collections::BTreeSet;
use std::fs;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::{Plan, Server};
use quilt_tests::substrate::{Entry, Key};
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

/// What is kept for how long, and what that does to the number of times AWS is asked.
const LIVES: [(&str, usize); 2] = [("request", 3), ("process", 1)];

async fn single_user(world: &World) -> Result<(Plan, Key)> {
    let key = world.key_of(world.person("ada")).await?;
    Ok((Plan::single_user(world, &key)?.http(), key))
}

async fn client(server: &Server) -> Result<Client> {
    Ok(Client::connect_with(reqwest::Client::new(), &server.url, None, Era::Stateless).await?)
}

/// What the log says at the start of how long the service is kept.
async fn announced(server: &Server, service: &str) -> Result<Value> {
    let event = server.log.event("services, and how long each is kept").await?;
    Ok(event.get(service).or_else(|| event["fields"].get(service)).cloned().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_obtained_for_each_request_or_once() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let ada: &Person = world.person("ada");
    for (lives, times) in LIVES {
        let (plan, key) = single_user(&world).await?;
        // A login helper, as AWS tools call one; it notes each time that it is asked.
        let config = plan.environment()["AWS_CONFIG_FILE"].clone();
        let notes = format!("{config}.asked");
        let helper = format!("{config}.sh");
        let answer =
            json!({"Version": 1, "AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key});
        fs::write(&helper, format!("echo asked >> {notes}\ncat <<'END'\n{answer}\nEND\n"))?;
        fs::write(&config, format!("[default]\ncredential_process = /bin/sh {helper}\n"))?;
        let plan = plan
            .unset("AWS_ACCESS_KEY_ID")
            .unset("AWS_SECRET_ACCESS_KEY")
            .set("PATH", "/usr/bin:/bin")
            .set("QUILT_MCP_SERVICES_AUTH", lives);
        let server = plan.start().await?;
        assert_eq!(announced(&server, "auth").await?, lives);
        assert_eq!(announced(&server, "workflows").await?, "request");
        let client = client(&server).await?;
        for _ in 0..3 {
            let own = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
            assert!(own.everything().contains(&ada.canary), "{lives}: {}", own.everything());
        }
        assert_eq!(fs::read_to_string(&notes)?.lines().count(), times, "{lives}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_found_out_in_each_request_or_once() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let bucket = &world.person("ada").bucket;
    for (lives, times) in LIVES {
        let (plan, _) = single_user(&world).await?;
        let server = plan.set("QUILT_MCP_SERVICES_PERMISSIONS", lives).start().await?;
        assert_eq!(announced(&server, "permissions").await?, lives);
        let client = client(&server).await?;
        let mark = world.substrate.mark().await?;
        let mut answers = Vec::new();
        for _ in 0..3 {
            let answer = client.call("check_bucket_access", json!({"bucket": bucket})).await?;
            answers.push(answer.structured["access_summary"].clone());
        }
        assert!(answers.iter().all(|answer| answer["can_read"] == "yes"), "{lives}: {answers:#?}");
        let entries = world.substrate.since(mark).await?;
        let asked = entries.iter().filter(|entry| world.owns(entry) && entry.is_s3());
        let requests: BTreeSet<_> = asked.filter_map(Entry::request_id).collect();
        assert_eq!(requests.len(), times, "{lives}: {entries:#?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_outlive_the_process_or_end_with_it() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    for (lives, left) in [("request", 1), ("process", 0)] {
        let (plan, _) = single_user(&world).await?;
        let plan = plan.set("QUILT_MCP_SERVICES_WORKFLOWS", lives);
        let server = plan.start().await?;
        assert_eq!(announced(&server, "workflows").await?, lives);
        let created = client(&server)
            .await?
            .call("workflow_create", json!({"workflow_id": "w", "name": "mine"}))
            .await?;
        assert!(!created.is_error, "{lives}: {}", created.everything());
        let list = client(&server).await?.call("workflow_list_all", json!({})).await?;
        assert_eq!(list.structured["total_workflows"], 1, "{lives}: other requests of the process have it");
        assert!(server.terminate().await?.success());
        let again = plan.start().await?;
        let list = client(&again).await?.call("workflow_list_all", json!({})).await?;
        assert_eq!(list.structured["total_workflows"], left, "{lives}: {}", list.everything());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_are_refused_with_any_service_kept_for_the_process() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    for service in ["AUTH", "PERMISSIONS", "WORKFLOWS"] {
        let variable = format!("QUILT_MCP_SERVICES_{service}");
        let (status, log) = Plan::multi_tenant(&world)?.set(&variable, "process").run_to_end().await?;
        assert!(
            !status.success() && log.contains(&variable) && log.contains("would serve the next"),
            "{log}"
        );
    }
    Ok(())
}

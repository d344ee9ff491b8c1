//! What IAM tells a role about itself.

use super::*;

/// What IAM says to each action on the resource, for the holder of `credentials`.
async fn simulate(
    running: &Running,
    credentials: Credentials,
    role: &str,
    actions: &[&str],
    resource: &str,
) -> Result<Vec<(String, String, String)>, String> {
    let iam = aws_sdk_iam::Client::from_conf(
        aws_sdk_iam::Config::builder()
            .behavior_version_latest()
            .region(aws_sdk_iam::config::Region::new(REGION))
            .endpoint_url(running.endpoint.url())
            .credentials_provider(credentials)
            .build(),
    );
    let asked = iam
        .simulate_principal_policy()
        .policy_source_arn(role)
        .set_action_names(Some(actions.iter().map(|&action| action.to_owned()).collect()))
        .resource_arns(resource)
        .send()
        .await
        .map_err(|error| code(&error))?;
    let said = asked.evaluation_results().iter().map(|result| {
        let on = result.eval_resource_name().unwrap_or_default();
        (result.eval_action_name().into(), on.into(), result.eval_decision().as_str().into())
    });
    Ok(said.collect())
}

#[tokio::test]
async fn iam_tells_a_role_what_it_may_do() {
    let running = Running::start().await;
    for (name, resource, expected) in [
        ("alice", "arn:aws:s3:::lab-a-plants/*", ["allowed", "allowed", "implicitDeny"]),
        ("carol", "arn:aws:s3:::lab-a-plants/*", ["allowed", "implicitDeny", "implicitDeny"]),
        ("carol", "arn:aws:s3:::lab-a-plants", ["implicitDeny", "implicitDeny", "allowed"]),
        ("carol", "arn:aws:s3:::lab-a-drafts/a&b", ["implicitDeny"; 3]),
        ("bob", "arn:aws:s3:::lab-a-plants/*", ["implicitDeny"; 3]),
        ("alice", "*", ["implicitDeny"; 3]),
    ] {
        let actions = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"];
        let role = person(name).role.arn();
        let said = simulate(&running, running.assume(name).await, &role, &actions, resource).await;
        let expected = actions
            .iter()
            .zip(expected)
            .map(|(&action, decision)| (action.to_owned(), resource.to_owned(), decision.to_owned()));
        assert_eq!(said, Ok(expected.collect()), "{name} on {resource}");
    }
}

#[tokio::test]
async fn iam_tells_nobody_about_others_and_checks_who_asks() {
    let running = Running::start().await;
    let alice = running.assume("alice").await;
    let own = person("alice").role.arn();
    let ask = async |credentials: Credentials, role: &str, action: &str| {
        let resource = "arn:aws:s3:::lab-a-plants/*";
        simulate(&running, credentials, role, &[action], resource).await.map(|said| said.len())
    };
    let get = "s3:GetObject";
    assert_eq!(ask(alice.clone(), &own, get).await, Ok(1));
    for other in ["carol", "bob"] {
        let role = person(other).role.arn();
        assert_eq!(ask(alice.clone(), &role, get).await, Err("AccessDenied".into()));
    }
    assert_eq!(ask(alice.clone(), &own, "ec2:RunInstances").await, Err("InvalidInput".into()));
    let server = Running::credentials(&running.endpoint.keys().issue_server_key());
    assert_eq!(ask(server, &own, get).await, Err("AccessDenied".into()));

    let (key, token) = (alice.access_key_id(), alice.session_token().map(str::to_owned));
    let wrong = Credentials::new(key, "wrong", token.clone(), None, "test");
    assert_eq!(ask(wrong, &own, get).await, Err("SignatureDoesNotMatch".into()));
    let bare = Credentials::new(key, alice.secret_access_key(), None, None, "test");
    assert_eq!(ask(bare, &own, get).await, Err("InvalidClientTokenId".into()));
    let unknown = Credentials::new("ASIA0000000000000000", "secret", token, None, "test");
    assert_eq!(ask(unknown, &own, get).await, Err("InvalidClientTokenId".into()));
    let expired =
        running.endpoint.keys().issue_session(&person("alice").role, "alice".into(), Duration::ZERO);
    assert_eq!(ask(Running::credentials(&expired), &own, get).await, Err("ExpiredToken".into()));
}

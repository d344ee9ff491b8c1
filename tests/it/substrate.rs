//! The equipment itself: what the other tests rest on must hold, or they prove nothing.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_sts::types::Tag;
use quilt_tests::Result;
use quilt_tests::substrate::{Key, Rule, Signed, Substrate};
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};

/// S3 with the role of somebody, as the server would come by it.
async fn s3_of(world: &World, person: &Person) -> Result<aws_sdk_s3::Client> {
    let tag = Tag::builder().key("tenant").value(&person.tenant).build()?;
    let answer = world
        .substrate
        .sts_as(&world.server_key)
        .assume_role()
        .role_arn(&person.role_arn)
        .role_session_name(&person.subject)
        .source_identity(&person.subject)
        .tags(tag)
        .send()
        .await?;
    let keys = answer.credentials.ok_or("STS answers with credentials")?;
    let credentials = aws_sdk_s3::config::Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        None,
        "tests",
    );
    let config =
        world.substrate.s3_as(&world.server_key).config().to_builder().credentials_provider(credentials);
    Ok(aws_sdk_s3::Client::from_conf(config.build()))
}

fn code<T, E: ProvideErrorMetadata>(answer: Result<T, E>) -> Option<String> {
    answer.err().and_then(|error| error.code().map(String::from))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_reaches_its_own_bucket_and_no_other() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    let s3 = s3_of(&world, ada).await?;

    let own = s3.get_object().bucket(&ada.bucket).key(ada.first_key()).send().await?;
    let text = String::from_utf8(own.body.collect().await?.to_vec())?;
    assert!(text.contains(&ada.canary), "{text}");

    let denied = Some("AccessDenied".to_owned());
    assert_eq!(code(s3.list_objects_v2().bucket(&ben.bucket).send().await), denied);
    assert_eq!(code(s3.get_object().bucket(&ben.bucket).key(ben.first_key()).send().await), denied);
    let stolen = format!("{}/{}", ben.bucket, ben.first_key());
    assert_eq!(
        code(s3.copy_object().bucket(&ada.bucket).key("mine").copy_source(stolen).send().await),
        denied
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_may_exchange_and_nothing_else() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let ada = world.person("ada");
    let s3 = world.substrate.s3_as(&world.server_key);
    let read = s3.get_object().bucket(&ada.bucket).key(ada.first_key()).send().await;
    assert_eq!(code(read).as_deref(), Some("AccessDenied"));

    let elsewhere = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let foreign = world
        .substrate
        .sts_as(&world.server_key)
        .assume_role()
        .role_arn(&elsewhere.person("ada").role_arn)
        .role_session_name("server")
        .send()
        .await;
    assert_eq!(code(foreign).as_deref(), Some("AccessDenied"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_says_who_did_what() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    let mark = world.substrate.mark().await?;
    let s3 = s3_of(&world, ada).await?;
    s3.get_object().bucket(&ada.bucket).key(ada.first_key()).send().await?;
    assert!(s3.list_objects_v2().bucket(&ben.bucket).send().await.is_err());

    let entries = world.substrate.since(mark).await?;
    let mine: Vec<_> = entries.iter().filter(|entry| world.owns(entry)).collect();
    let [exchange, read, refused] = mine.as_slice() else { panic!("three requests were made: {mine:#?}") };

    let issued = exchange.issued.as_ref().ok_or("an exchange issues a key")?;
    assert_eq!(
        (issued.role_arn.as_str(), issued.source_identity.as_deref()),
        (ada.role_arn.as_str(), Some(ada.subject.as_str()))
    );
    assert_eq!(issued.tags.get("tenant"), Some(&ada.tenant));
    assert_eq!(exchange.access_key_id.as_ref(), Some(&world.server_key.access_key_id));

    assert_eq!(read.action.as_deref(), Some("s3:GetObject"));
    assert_eq!(
        (read.bucket.as_deref(), read.key.as_deref()),
        (Some(ada.bucket.as_str()), Some(ada.first_key().as_str()))
    );
    assert_eq!(read.access_key_id.as_ref(), Some(&issued.access_key_id));
    assert_eq!(
        (read.role_arn.as_deref(), read.status, read.signed),
        (Some(ada.role_arn.as_str()), 200, Signed::Header)
    );

    assert_eq!((refused.action.as_deref(), refused.status), (Some("s3:ListBucket"), 403));
    assert_eq!(refused.session_name.as_ref(), Some(&ada.subject));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_request_waits_and_an_ended_session_is_refused() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let ada = world.person("ada");
    let s3 = s3_of(&world, ada).await?;
    let hold = world.substrate.inject(Rule::on("s3:ListBucket").in_bucket(&ada.bucket).holds()).await?;
    let list = tokio::spawn(s3.list_objects_v2().bucket(&ada.bucket).send());
    hold.held(1).await?;
    assert_eq!(world.substrate.expire_sessions(&ada.role_arn).await?, 1);
    assert!(!list.is_finished());
    assert_eq!(hold.lift().await?, 1);
    assert_eq!(code(list.await?).as_deref(), Some("ExpiredToken"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_hits_only_what_it_names() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    let down = world
        .substrate
        .inject(Rule::on("sts:AssumeRole").by_role(&ada.role_arn).fails(403, "AccessDenied"))
        .await?;
    assert!(s3_of(&world, ada).await.is_err());
    assert!(s3_of(&world, ben).await.is_ok());
    assert_eq!(down.lift().await?, 1);
    assert!(s3_of(&world, ada).await.is_ok());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_is_refused() -> Result<()> {
    let substrate = Substrate::shared()?;
    let nobody = Key { access_key_id: "AKIAIOSFODNN7EXAMPLE".into(), secret_access_key: "none".into() };
    assert_eq!(
        code(substrate.s3_as(&nobody).list_buckets().send().await).as_deref(),
        Some("InvalidAccessKeyId")
    );
    Ok(())
}

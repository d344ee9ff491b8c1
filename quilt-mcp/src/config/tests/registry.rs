//! Which registry, for whose tokens.

use super::*;

const URL: (&str, &str) = ("QUILT_MCP_REGISTRY_URL", "https://registry.example.com");

fn refused(environment: &[(&str, &str)], config: Option<&Path>) -> String {
    load(environment, &[], config).expect_err("refused").to_string()
}

#[test]
fn the_issuer_of_the_environment_has_the_registry_of_the_environment() {
    let config = load(&multi_tenant(&[URL]), &[], None).expect("good");
    let Deployment::MultiTenant(trust) = config.deployment else { panic!("single-user") };
    assert_eq!(trust.issuers[0].registry.as_ref().map(ToString::to_string).as_deref(), Some(URL.1));
    assert!(config.registry.own.is_none(), "nobody's token is the server's");
}

#[test]
fn one_persons_token_is_read_from_their_file_each_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = file(&directory, "token", 0o600, "first\n");
    let named = path.to_str().expect("a path");
    let config = load(&[URL, ("QUILT_MCP_REGISTRY_TOKEN_FILE", named)], &[], None).expect("good");
    let own = config.registry.own.expect("a registry");
    assert_eq!(own.token().expect("a token").as_str(), "first");
    fs::write(&path, "second").expect("writes");
    assert_eq!(own.token().expect("a token").as_str(), "second");
    fs::write(&path, "two words").expect("writes");
    assert!(!own.token().expect_err("no token").to_string().contains("two"));
}

#[test]
fn half_of_it_or_what_has_no_meaning_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = file(&directory, "open", 0o644, "token");
    let token = ("QUILT_MCP_REGISTRY_TOKEN_FILE", open.to_str().expect("a path"));
    assert!(refused(&[URL], None).contains("set QUILT_MCP_REGISTRY_TOKEN_FILE"));
    assert!(refused(&[token], None).contains("set QUILT_MCP_REGISTRY_URL"));
    assert!(refused(&[URL, token], None).contains("chmod 600"));
    assert!(refused(&multi_tenant(&[URL, token]), None).contains("each caller brings their own"));
    for (url, why) in [
        ("registry.example.com", "is no URL"),
        ("http://registry.example.com", "anybody on the way"),
        ("https://u:CANARY@registry.example.com", "user or a password"),
    ] {
        let error = refused(&multi_tenant(&[("QUILT_MCP_REGISTRY_URL", url)]), None);
        assert!(error.contains(why) && !error.contains("CANARY"), "{error}");
    }
    let issuers = "transport = 'http'\n[[issuer]]\nissuer = 'https://idp'\naudience = 'q'\njwks_url = 'https://idp/k'\n\
        allowed_roles = ['acme=arn:aws:iam::123456789012:role/quilt-*']\n";
    let config = file(&directory, "quilt.toml", 0o600, issuers);
    assert!(refused(&[URL], Some(&config)).contains("write `registry_url` into the"));
}

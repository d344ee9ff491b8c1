use super::*;

const GOOD: &str = r#"
issuer = "https://idp.example.com"
audience = "quilt"
jwks_url = "https://idp.example.com/jwks"
allowed_roles = ["acme=arn:aws:iam::123456789012:role/quilt-*"]
"#;

/// The good table with these lines in place of its own of the same key; a line `-key` takes one out.
fn with(changes: &str) -> Result<TrustedIssuer, ConfigError> {
    let mut table: toml::Table = GOOD.parse().expect("TOML");
    for line in changes.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix('-') {
            Some(key) => drop(table.remove(key)),
            None => table.extend(line.parse::<toml::Table>().expect("TOML")),
        }
    }
    IssuerTable::new(table, "quilt.toml:7".to_owned()).trusted().map_err(ConfigError::all)
}

fn names(issuer: &TrustedIssuer) -> Vec<&str> {
    issuer.algorithms.iter().map(|algorithm| algorithm.name()).collect()
}

#[test]
fn published_keys_sign_with_everything_but_a_shared_secret() {
    let issuer = with("").expect("good");
    assert_eq!(
        names(&issuer),
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
    );
    assert!(matches!(&issuer.keys, KeySource::Published(url) if &**url == "https://idp.example.com/jwks"));
    assert!(!issuer.scopes);
    assert_eq!(issuer.exchange.name(), "assume-role");
    assert_eq!(names(&with("algorithms = ['ES256', 'EdDSA']").expect("good")), ["ES256", "EdDSA"]);
}

#[test]
fn a_registry_that_gives_credentials_is_also_the_one_that_is_asked() {
    let registry = "credentials = 'registry'\nregistry_url = 'https://registry.example.com'\ntenants = ['acme']\n-allowed_roles";
    let issuer = with(registry).expect("good");
    let Exchange::Registry { registry, tenants } = &issuer.exchange else { panic!("{issuer:?}") };
    assert_eq!(registry.as_str(), "https://registry.example.com");
    assert_eq!(issuer.registry.as_ref(), Some(registry));
    assert_eq!(tenants.iter().collect::<Vec<_>>(), ["acme"]);
}

const CATALOG: &str = "-issuer\n-audience\n-jwks_url\n-allowed_roles\ntokens = 'catalog'\ncredentials = 'registry'\n\
                       registry_url = 'https://registry.example.com/'\ntenants = ['acme']";

#[test]
fn a_catalog_is_called_by_its_registrys_address() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("secret");
    std::fs::write(&file, "0123456789abcdef0123456789ABCDEF").expect("written");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("set");
    let issuer = with(&format!("{CATALOG}\nsecret_file = '{}'", file.display())).expect("good");
    assert_eq!(issuer.issuer.as_str(), "https://registry.example.com");
    assert!(matches!(&issuer.tokens, Tokens::Catalog { tenant } if tenant == "acme"));
    assert_eq!((names(&issuer), issuer.scopes), (vec!["HS256"], false));
    assert_eq!(issuer.exchange.tenants(), ["acme"]);
    assert!(issuer.registry.is_some());
}

#[test]
fn a_catalog_without_a_secret_is_vouched_for_by_the_registry_that_gives_its_credentials() {
    let issuer = with(CATALOG).expect("good");
    let KeySource::Registry(asked) = &issuer.keys else { panic!("{issuer:?}") };
    assert_eq!(asked.as_str(), "https://registry.example.com");
    assert_eq!(issuer.registry.as_ref(), Some(asked));
    assert_eq!((names(&issuer), issuer.scopes), (vec!["HS256"], false));
    // Only a catalog's: without keys nobody else could be believed.
    let named = "-jwks_url\n-allowed_roles\ncredentials = 'registry'\nregistry_url = 'https://registry.example.com'\n\
                 tenants = ['acme']";
    let error = with(named).expect_err("no keys").to_string();
    assert!(error.contains("there are no keys"), "{error}");
}

#[test]
fn a_catalog_that_could_be_taken_for_something_else_is_refused_with_what_to_set() {
    for (changes, expected) in [
        ("secret_file = '/nowhere'", "/nowhere"),
        ("issuer = 'https://idp.example.com'", "`issuer` has no meaning"),
        ("audience = 'quilt'", "`audience` has no meaning"),
        ("jwks_url = 'https://idp.example.com/jwks'", "`jwks_url` has no meaning"),
        ("algorithms = ['HS256']", "`algorithms` has no meaning"),
        ("scopes = true", "`scopes` has no meaning"),
        ("allowed_roles = ['acme=arn:aws:iam::123456789012:role/x']", "`allowed_roles` has no meaning"),
        ("allowed_roles_file = '/nowhere'", "`allowed_roles_file` has no meaning"),
        ("session_policy_file = '/nowhere'", "`session_policy_file` has no meaning"),
        ("-credentials", "Set credentials = \"registry\""),
        ("credentials = 'assume-role'", "Set credentials = \"registry\""),
        ("-registry_url", "set registry_url"),
        ("registry_url = 'http://registry.example.com'", "anybody on the way"),
        ("registry_url = 'https://u:CANARY@registry.example.com'", "user or a password"),
        ("-tenants", "names no tenant"),
        ("tenants = ['acme', 'zeta']", "set tenants = [\"acme\"]"),
        ("tenants = ['*']", "no wildcard"),
        ("tokens = 'stock'", "expected `named` or `catalog`"),
    ] {
        let error = with(&format!("{CATALOG}\n{changes}")).expect_err(changes).to_string();
        assert!(error.contains(expected), "{changes}: {error}");
        assert!(!error.contains("CANARY"), "{error}");
    }
}

#[test]
fn plain_http_is_for_this_machine() {
    for url in ["http://127.0.0.1:8080/jwks", "http://localhost/jwks", "http://[::1]:1/jwks"] {
        with(&format!("jwks_url = '{url}'")).expect(url);
    }
}

#[test]
fn unsafe_tables_are_refused_with_what_to_set() {
    for (changes, expected) in [
        ("-issuer", "missing field `issuer`"),
        ("-audience", "missing field `audience`"),
        ("audience = '*'", "issued for other servers"),
        ("issuer = 'http://idp.example.com'", "https URL"),
        ("issuer = 'local'", "reserved for single-user"),
        ("colour = 'red'", "unknown field `colour`"),
        ("secret = 'CANARY'", "no place for a secret"),
        ("-jwks_url", "there are no keys"),
        ("secret_file = '/nowhere'", "are both set"),
        ("jwks_url = 'http://idp.example.com/jwks'", "anybody on the way"),
        ("jwks_url = 'http://localhost.evil.example/jwks'", "anybody on the way"),
        ("jwks_url = 'http://127.0.0.1@evil.example/jwks'", "user or a password"),
        ("jwks_url = 'file:///etc/jwks'", "anybody on the way"),
        ("jwks_url = 'https://u:CANARY@idp.example.com/jwks'", "user or a password"),
        ("jwks_url = 'https://idp.example.com/jwks#x'", "has a fragment"),
        ("jwks_url = 'jwks'", "is no URL"),
        ("algorithms = []", "leave it out"),
        ("algorithms = ['none']", "none of"),
        ("algorithms = ['rs256']", "none of"),
        ("algorithms = ['ES512']", "none of"),
        ("algorithms = ['RS256', 'HS256']", "could sign"),
        ("allowed_roles_file = '/nowhere'", "are both set"),
        ("-allowed_roles", "no role is allowed"),
        ("allowed_roles = ['*=arn:aws:iam::123456789012:role/x']", "no wildcard for tenants"),
        ("allowed_roles = ['acme=arn:aws:iam::*:role/x']", "another's account"),
        ("credentials = 'ambient'", "unknown variant"),
        ("credentials = 'registry'", "has no meaning here"),
        ("credentials = 'registry'\n-allowed_roles", "set registry_url"),
        (
            "credentials = 'registry'\n-allowed_roles\nregistry_url = 'http://registry.example.com'",
            "anybody on the way",
        ),
        ("credentials = 'registry'\n-allowed_roles\nregistry_url = 'https://r.example.com/x'", "has a path"),
        (
            "credentials = 'registry'\n-allowed_roles\nregistry_url = 'https://r.example.com'",
            "names no tenant",
        ),
        (
            "credentials = 'registry'\n-allowed_roles\nregistry_url = 'https://r.example.com'\ntenants = ['*']",
            "no wildcard",
        ),
        ("tenants = ['acme']", "has no meaning here"),
        ("session_policy_file = '/nowhere'", "cannot be opened"),
    ] {
        let error = with(changes).expect_err(changes).to_string();
        assert!(error.contains(expected), "{changes}: {error}");
        assert!(error.starts_with("`[[issuer]]` "), "{error}");
        assert!(!error.contains("CANARY"), "{error}");
    }
}

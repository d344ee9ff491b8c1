use super::*;
use crate::config::Audience;

const LOOPBACK: [&str; 4] = ["127.0.0.1:8000", "[::1]:0", "127.8.9.1:1", "[::ffff:127.0.0.1]:80"];
const PUBLIC: [&str; 5] =
    ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:80", "[2001:db8::1]:80", "[::ffff:192.0.2.1]:80"];

/// What is configured, as one bit each: secret, issuer, audience, roles.
fn identity(bits: u8) -> IdentitySettings {
    let has = |bit: u8| bits & bit != 0;
    IdentitySettings {
        secret: has(1).then(|| JwtSecret::new(b"0123456789abcdef0123456789abcdef").expect("good")),
        issuer: has(2).then(|| Issuer::parse("https://idp.example.com").expect("good")),
        audience: has(4).then(|| Audience::parse("quilt").expect("good")),
        roles: has(8).then(|| AllowedRoles::parse(["acme=arn:aws:iam::123456789012:role/*"]).expect("good")),
        registry: None,
        keeps_exchanges: false,
        issuers: Vec::new(),
        files: Vec::new(),
    }
}

#[derive(Debug, PartialEq)]
enum Expected {
    Single,
    Multi,
    /// A message that has this.
    Refused(&'static str),
}

fn expected(asked: Mode, transport: Transport, public: bool, bits: u8) -> Expected {
    let something = bits != 0;
    match (asked, transport) {
        (Mode::SingleUser, _) if something => Expected::Refused("single-user mode takes no tokens"),
        (Mode::MultiTenant, Transport::Stdio) => Expected::Refused("multi-tenant mode needs HTTP"),
        (Mode::Auto, Transport::Stdio) if something => Expected::Refused("the transport is stdio"),
        (Mode::MultiTenant | Mode::Auto, Transport::Http) if bits == 15 => Expected::Multi,
        (Mode::MultiTenant, Transport::Http) => Expected::Refused("multi-tenant mode also needs"),
        (Mode::Auto, Transport::Http) if something => Expected::Refused("multi-tenant mode also needs"),
        (Mode::SingleUser | Mode::Auto, Transport::Http) if public => {
            Expected::Refused("your own AWS rights")
        }
        _ => Expected::Single,
    }
}

#[test]
fn every_combination_is_decided_or_refused() {
    let mut tried = 0;
    for asked in [Mode::Auto, Mode::SingleUser, Mode::MultiTenant] {
        for transport in [Transport::Stdio, Transport::Http] {
            for (public, addresses) in [(false, LOOPBACK.as_slice()), (true, PUBLIC.as_slice())] {
                for address in addresses {
                    for bits in 0..16 {
                        tried += 1;
                        let what = format!("{asked:?} {transport:?} {address} {bits:04b}");
                        let listen = address.parse().expect("an address");
                        let found = resolve(asked, transport, listen, identity(bits));
                        match (expected(asked, transport, public, bits), found) {
                            (Expected::Single, Ok(Deployment::SingleUser { tenant: "default" }))
                            | (Expected::Multi, Ok(Deployment::MultiTenant(_))) => {}
                            (Expected::Refused(text), Err(error)) => {
                                let error = error.to_string();
                                assert!(error.contains(text), "{what}: {error}");
                                assert!(
                                    error.contains("QUILT_MCP_") || error.contains("nset"),
                                    "says what to set: {error}"
                                );
                            }
                            (expected, found) => panic!("{what}: expected {expected:?}, found {found:?}"),
                        }
                    }
                }
            }
        }
    }
    assert_eq!(tried, 3 * 2 * 9 * 16);
}

#[test]
fn one_catalog_is_believed_at_most() {
    let catalog = |url: &str| {
        let registry: crate::domain::registry::RegistryUrl = url.parse().expect("a URL");
        TrustedIssuer {
            tokens: Tokens::Catalog { tenant: "acme".into() },
            ..TrustedIssuer::with_shared_secret(
                Issuer::of_registry(&registry),
                Audience::parse("unused").expect("good"),
                JwtSecret::new(b"0123456789abcdef0123456789abcdef").expect("good"),
                AllowedRoles::parse(["acme=arn:aws:iam::123456789012:role/*"]).expect("good"),
            )
        }
    };
    let listen = "127.0.0.1:8000".parse().expect("an address");
    let resolved =
        |issuers| resolve(Mode::Auto, Transport::Http, listen, IdentitySettings { issuers, ..identity(0) });
    assert!(resolved(vec![catalog("https://one.example.com")]).is_ok());
    let two = resolved(vec![catalog("https://one.example.com"), catalog("https://two.example.com")]);
    let error = two.expect_err("one could pass for the other").to_string();
    assert!(error.contains("a server for each catalog"), "{error}");
}

#[test]
fn all_that_is_missing_is_named_at_once() {
    let listen = "127.0.0.1:8000".parse().expect("an address");
    let error =
        resolve(Mode::MultiTenant, Transport::Http, listen, identity(2)).expect_err("incomplete").to_string();
    for name in ["QUILT_MCP_JWT_SECRET_FILE", "QUILT_MCP_JWT_AUDIENCE", "QUILT_MCP_ALLOWED_ROLES"] {
        assert!(error.contains(name), "{error}");
    }
    assert!(!error.contains("ISSUER"), "{error}");
}

//! What does not start, and what the operator is told to set.

use super::*;

#[test]
fn unsafe_environments_are_refused_with_what_to_set() {
    let single = |changes: &[(&'static str, &'static str)]| changes.to_vec();
    type Expected = &'static [&'static str];
    let long_issuer: &'static str = Box::leak("x".repeat(257).into_boxed_str());
    let cases: Vec<(Vec<(&str, &str)>, Expected)> = vec![
        // secrets
        (multi_tenant(&[("QUILT_MCP_JWT_SECRET", "short")]), &["only 5 bytes", "openssl rand"]),
        (multi_tenant(&[("QUILT_MCP_JWT_SECRET", "0123456789abcdef0123456789abcde")]), &["only 31 bytes"]),
        (multi_tenant(&[("QUILT_MCP_JWT_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]), &["easy to guess"]),
        (multi_tenant(&[("QUILT_MCP_JWT_SECRET", "passwordpasswordpasswordpassword")]), &["easy to guess"]),
        (multi_tenant(&[("QUILT_MCP_JWT_SECRET_FILE", "/nowhere")]), &["both set", "unset one"]),
        (
            multi_tenant(&[("QUILT_MCP_JWT_SECRET", ""), ("QUILT_MCP_JWT_SECRET_FILE", "/nowhere/at/all")]),
            &["/nowhere/at/all", "cannot be opened"],
        ),
        (
            multi_tenant(&[("QUILT_MCP_JWT_SECRET", ""), ("QUILT_MCP_JWT_SECRET_FILE", "/")]),
            &["not a regular file"],
        ),
        (single(&[("QUILT_MCP_JWT_SECRET", "")]), &["QUILT_MCP_JWT_SECRET is empty"]),
        (single(&[("QUILT_MCP_JWT_SECRET", "  ")]), &["QUILT_MCP_JWT_SECRET is empty"]),
        // issuer and audience
        (multi_tenant(&[("QUILT_MCP_JWT_ISSUER", "http://idp.example.com")]), &["https URL"]),
        (multi_tenant(&[("QUILT_MCP_JWT_ISSUER", "http://localhost.evil.example")]), &["https URL"]),
        (multi_tenant(&[("QUILT_MCP_JWT_ISSUER", "ftp://idp.example.com")]), &["https URL"]),
        (multi_tenant(&[("QUILT_MCP_JWT_ISSUER", "local")]), &["reserved for single-user"]),
        (multi_tenant(&[("QUILT_MCP_JWT_ISSUER", "https://a b")]), &["visible ASCII"]),
        (multi_tenant(&[("QUILT_MCP_JWT_ISSUER", long_issuer)]), &["1 to 256"]),
        (multi_tenant(&[("QUILT_MCP_JWT_AUDIENCE", "*")]), &["issued for other servers"]),
        (multi_tenant(&[("QUILT_MCP_JWT_AUDIENCE", "quilt-*")]), &["issued for other servers"]),
        (multi_tenant(&[("QUILT_MCP_JWT_AUDIENCE", "a b")]), &["visible ASCII"]),
        // roles
        (
            multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES", "*=arn:aws:iam::123456789012:role/x")]),
            &["no wildcard for tenants"],
        ),
        (multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES", "acme=*")]), &["another's account"]),
        (multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES", "acme=arn:aws:iam::*:role/x")]), &["another's account"]),
        (
            multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES", "acme=arn:*:iam::123456789012:role/x")]),
            &["another's account"],
        ),
        (
            multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES", "acme=arn:aws:iam::123456789012:user/x")]),
            &["no role ARN"],
        ),
        (multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES", "acme")]), &["no tenant=arn-pattern pair"]),
        (
            multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES", "acme=arn:aws:iam::123456789012:role/x,")]),
            &["no tenant=arn-pattern pair"],
        ),
        (multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES_FILE", "/nowhere")]), &["both set"]),
        // modes and doors
        (multi_tenant(&[("QUILT_MCP_TRANSPORT", "")]), &["transport is stdio", "QUILT_MCP_TRANSPORT=http"]),
        (
            multi_tenant(&[("QUILT_MCP_MODE", "single-user")]),
            &["takes no tokens, but QUILT_MCP_JWT_SECRET, "],
        ),
        (multi_tenant(&[("QUILT_MCP_JWT_AUDIENCE", "")]), &["also needs QUILT_MCP_JWT_AUDIENCE"]),
        (multi_tenant(&[("QUILT_MCP_ALLOWED_ROLES", "")]), &["also needs QUILT_MCP_ALLOWED_ROLES"]),
        (multi_tenant(&[("QUILT_MCP_MODE", "single-user")]), &["takes no tokens"]),
        (multi_tenant(&[("QUILT_MCP_LISTEN", "0.0.0.0:8000")]), &["QUILT_MCP_ALLOWED_HOSTS"]),
        (single(&[("QUILT_MCP_MODE", "multi-tenant")]), &["needs HTTP"]),
        (single(&[("QUILT_MCP_MODE", "multi")]), &["QUILT_MCP_MODE is \"multi\"", "`multi-tenant`"]),
        (single(&[("QUILT_MCP_TRANSPORT", "sse")]), &["`stdio` or `http`"]),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_LISTEN", "0.0.0.0:8000")]),
            &["your own AWS rights"],
        ),
        (single(&[("QUILT_MCP_LISTEN", "0.0.0.0:8000")]), &["QUILT_MCP_TRANSPORT=http"]),
        (single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_LISTEN", "8000")]), &["address with a port"]),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_LISTEN", "example.com:80")]),
            &["address with a port"],
        ),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_ADMIN_LISTEN", "127.0.0.1:8000")]),
            &["an address of their own"],
        ),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_LISTEN", "127.0.0.1:9464")]),
            &["an address of their own", "QUILT_MCP_ADMIN_LISTEN", "`off`"],
        ),
        (
            multi_tenant(&[
                ("QUILT_MCP_LISTEN", "0.0.0.0:9464"),
                ("QUILT_MCP_ALLOWED_HOSTS", "mcp.example.com"),
            ]),
            &["an address of their own"],
        ),
        (single(&[("QUILT_MCP_ADMIN_LISTEN", "no")]), &["QUILT_MCP_ADMIN_LISTEN is \"no\"", "`off`"]),
        (single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_ALLOWED_HOSTS", "*")]), &["no wildcard"]),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_ALLOWED_HOSTS", "*.example.com")]),
            &["no wildcard"],
        ),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_ALLOWED_HOSTS", "https://example.com")]),
            &["plain host names"],
        ),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_ALLOWED_HOSTS", "a@example.com")]),
            &["plain host names"],
        ),
        (single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_ALLOWED_ORIGINS", "*")]), &["no wildcard"]),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_ALLOWED_ORIGINS", "null")]),
            &["`null` is not allowed"],
        ),
        (
            single(&[
                ("QUILT_MCP_TRANSPORT", "http"),
                ("QUILT_MCP_ALLOWED_ORIGINS", "https://*.example.com"),
            ]),
            &["no wildcard"],
        ),
        (
            single(&[
                ("QUILT_MCP_TRANSPORT", "http"),
                ("QUILT_MCP_ALLOWED_ORIGINS", "https://example.com/app"),
            ]),
            &["without a path"],
        ),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_ALLOWED_ORIGINS", "example.com")]),
            &["whole origins"],
        ),
        // limits
        (single(&[("QUILT_MCP_CALL_TIMEOUT", "0")]), &["from 1s to 3600s"]),
        (single(&[("QUILT_MCP_CALL_TIMEOUT", "forever")]), &["90s or 2m"]),
        (single(&[("QUILT_MCP_CALL_TIMEOUT", "18446744073709551615m")]), &["90s or 2m"]),
        (single(&[("QUILT_MCP_MAX_CONCURRENT_CALLS", "0")]), &["from 1 to 1024"]),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_MAX_BODY_BYTES", "99999999999")]),
            &["from 1024 to 67108864"],
        ),
        (single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_SESSIONS", "maybe")]), &["`true` or `false`"]),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_RATE_LIMIT", "-1")]),
            &["a whole number from 0"],
        ),
        (single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_MAX_CONNECTIONS", "0")]), &["from 1 to"]),
        (single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_HEADER_TIMEOUT", "0")]), &["from 1s to 300s"]),
        (single(&[("QUILT_MCP_REUSE_CREDENTIALS", "many")]), &["a whole number from 0"]),
        (
            single(&[
                ("QUILT_MCP_TRANSPORT", "http"),
                ("QUILT_MCP_PUBLIC_URL", "http://mcp.example.com/mcp"),
            ]),
            &["the https URL by which clients reach"],
        ),
        (
            single(&[
                ("QUILT_MCP_TRANSPORT", "http"),
                ("QUILT_MCP_PUBLIC_URL", "https://:password@mcp.example.com/mcp"),
            ]),
            &["the https URL by which clients reach"],
        ),
        (
            single(&[("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_PUBLIC_URL", "https://mcp.example.com/")]),
            &["such as https://mcp.example.com/mcp"],
        ),
        // what would be overlooked
        (single(&[("LOG_SENSITIVE_BODIES", "true")]), &["log credentials", "unset it"]),
        (single(&[("LOG_SENSITIVE_BODIES", "TRUE")]), &["unset it"]),
        (single(&[("MCP_REQUIRE_JWT", "true")]), &["MCP_REQUIRE_JWT", "QUILT_MCP_MODE=multi-tenant"]),
        (single(&[("MCP_JWT_SECRET", "x")]), &["MCP_JWT_SECRET", "QUILT_MCP_JWT_SECRET_FILE"]),
        (single(&[("QUILT_MULTITENANT_MODE", "1")]), &["QUILT_MULTITENANT_MODE"]),
        (single(&[("QUILT_MCP_ALOWED_ROLES", "x")]), &["not a setting", "QUILT_MCP_ALLOWED_ROLES?"]),
        (single(&[("QUILT_MCP_COLOUR", "x")]), &["QUILT_MCP_COLOUR is not a setting"]),
        (single(&[("QUILT_MCP_CONFIG", "")]), &["QUILT_MCP_CONFIG is empty"]),
        (single(&[("QUILT_MCP_CONFIG", "/nowhere/c.toml")]), &["/nowhere/c.toml", "cannot be opened"]),
        (single(&[("HOME", "")]), &["QUILT_MCP_DATA_DIR"]),
        (single(&[("QUILT_MCP_LOG_FORMAT", "xml")]), &["`auto`, `json` or `human`"]),
    ];
    assert!(cases.len() >= 75);
    for (environment, expected) in cases {
        let error =
            load(&environment, &[], None).expect_err(&format!("{environment:?} must be refused")).to_string();
        for text in expected {
            assert!(error.contains(text), "{environment:?}: {error}");
        }
        assert!(!error.contains(SECRET), "a message with the secret: {error}");
    }
}

#[test]
fn unsafe_files_are_refused_with_what_to_do() {
    let directory = tempfile::tempdir().expect("a directory");
    let refused = |mode: u32, text: &str| {
        load(&[], &[], Some(&file(&directory, "c.toml", mode, text)))
            .expect_err("must be refused")
            .to_string()
    };
    for (mode, text, expected) in [
        (0o666, "", "chmod go-w"),
        (0o620, "", "chmod go-w"),
        (0o600, "jwt_secret = '0123456789abcdef0123456789ABCDEF'", "no place for a secret"),
        (0o600, "mood = 'auto'", "did you mean `mode`?"),
        (0o600, "[jwt]\nissuer = 'x'", "`jwt` ("),
        (0o600, "mode = 'auto'\nmode = 'single-user'", "is not TOML"),
        (0o600, "mode = ", "is not TOML"),
        (0o600, "mode = 1.5", "must be text"),
        (0o600, "mode = ['auto']", "is a list"),
        (0o600, "mode = ''", "is empty"),
        (0o600, "allowed_hosts = [1]", "must be text"),
        (0o600, "call_timeout = -1", "90s or 2m"),
        (0o600, "transport = 'http'\nallowed_hosts = []", "plain host names"),
        (0o600, "transport = 'http'\nallowed_roles = []", "names no role"),
    ] {
        let error = refused(mode, text);
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains("0123456789abcdef"), "a message with the secret: {error}");
    }
    let too_long = format!("# {}", "x".repeat(1 << 20));
    assert!(refused(0o600, &too_long).contains("larger than 1 MiB"));
}

#[test]
fn a_secret_that_others_can_read_is_no_secret() {
    let directory = tempfile::tempdir().expect("a directory");
    for mode in [0o644, 0o640, 0o604, 0o660, 0o601, 0o440] {
        let path = file(&directory, "secret", mode, SECRET);
        let path = path.to_str().expect("UTF-8");
        let environment = multi_tenant(&[("QUILT_MCP_JWT_SECRET", ""), ("QUILT_MCP_JWT_SECRET_FILE", path)]);
        let error = load(&environment, &[], None).expect_err("must be refused").to_string();
        assert!(error.contains("chmod 600"), "{mode:o}: {error}");
        fs::remove_file(path).expect("removes");
    }
    for mode in [0o600, 0o400] {
        let path = file(&directory, &format!("secret{mode:o}"), mode, &format!("{SECRET}\r\n"));
        let path = path.to_str().expect("UTF-8");
        load(&multi_tenant(&[("QUILT_MCP_JWT_SECRET", ""), ("QUILT_MCP_JWT_SECRET_FILE", path)]), &[], None)
            .expect("good");
    }
}

#[test]
fn roles_that_others_can_change_are_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = file(&directory, "roles", 0o664, ROLES);
    let environment = multi_tenant(&[
        ("QUILT_MCP_ALLOWED_ROLES", ""),
        ("QUILT_MCP_ALLOWED_ROLES_FILE", path.to_str().expect("UTF-8")),
    ]);
    let error = load(&environment, &[], None).expect_err("must be refused").to_string();
    assert!(error.contains("chmod go-w"), "{error}");
    file(&directory, "roles", 0o644, ROLES);
    load(&environment, &[], None).expect("good");
}

//! What the configuration comes to, for the operator to read.

use std::fmt::Write as _;

use super::{Config, ConfigError, Door, Setting, Settings};

/// Every setting with its value and where that comes from, as a configuration file; no secret.
///
/// # Errors
///
/// As [`Config::from_settings`]: what is wrong has no effect to be shown.
pub fn effective(settings: &Settings) -> Result<String, ConfigError> {
    let config = Config::from_settings(settings)?;
    let mut text = String::new();
    for setting in Setting::ALL {
        let (value, place) = settings.shown(*setting).unwrap_or_else(|| by_default(*setting, &config));
        // What has no value is a comment, so that the whole can be read back.
        let mark = if value.is_empty() || setting.is_secret() { "# " } else { "" };
        let line = format!("{mark}{} = {value}", setting.key());
        let _ = writeln!(text, "{line:<52} # {place}");
    }
    for issuer in settings.issuers() {
        text.push_str(&issuer.shown());
    }
    Ok(text)
}

fn by_default(setting: Setting, config: &Config) -> (String, String) {
    let value = match setting {
        // Said on stdio, an address is refused as an oversight.
        Setting::Listen if config.door == Door::Stdio => None,
        Setting::AdminListen => config.admin_listen.map(|address| address.to_string()),
        Setting::PublicUrl => match &config.door {
            Door::Http(http) => http.public_url.clone(),
            Door::Stdio => None,
        },
        Setting::DataDir => Some(config.store.data_dir.display().to_string()),
        _ => setting.default().map(str::to_owned),
    };
    match value {
        Some(value) => (format!("{value:?}"), "default".to_owned()),
        None => (String::new(), "not set".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;

    use super::super::Flags;
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789ABCDEF";

    fn settings(environment: &[(&str, &str)], flags: Flags) -> Settings {
        let environment = [("HOME", "/home/ada")].iter().chain(environment);
        Settings::read(flags, environment.map(|(name, value)| (OsString::from(name), OsString::from(value))))
    }

    #[test]
    fn each_setting_is_shown_with_its_source_and_secrets_are_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("quilt.toml");
        fs::write(&file, "\n# first\nlisten = \"127.0.0.1:9000\"\njwt_issuer = \"https://idp\"\n")
            .expect("writes");
        let environment = [
            ("QUILT_MCP_TRANSPORT", "http"),
            ("QUILT_MCP_JWT_SECRET", SECRET),
            ("QUILT_MCP_JWT_AUDIENCE", "quilt"),
            ("QUILT_MCP_ALLOWED_ROLES", "acme=arn:aws:iam::123456789012:role/quilt-*"),
        ];
        let flags = Flags { config: Some(file.clone()), given: vec![(Setting::CallTimeout, "9s".into())] };
        let shown = effective(&settings(&environment, flags)).expect("good");
        assert!(!shown.contains(SECRET), "{shown}");
        let line = |key: &str| {
            let found =
                shown.lines().find(|line| line.trim_start_matches("# ").starts_with(&format!("{key} = ")));
            found.unwrap_or_else(|| panic!("{key} is not in\n{shown}")).to_owned()
        };
        for (key, value, source) in [
            ("transport", "\"http\"", "QUILT_MCP_TRANSPORT"),
            ("listen", "\"127.0.0.1:9000\"", &format!("{}:3", file.display())),
            ("call_timeout", "\"9s\"", "--call-timeout"),
            ("drain_deadline", "\"20s\"", "default"),
            ("admin_listen", "\"127.0.0.1:9464\"", "default"),
            ("rate_limit", "\"6000\"", "default"),
            ("services_auth", "\"request\"", "default"),
            ("public_url", "", "not set"),
            ("data_dir", "\"/home/ada/.local/share/quilt-mcp\"", "default"),
            ("jwt_secret", "(set, not shown)", "QUILT_MCP_JWT_SECRET"),
            ("jwt_secret_file", "", "not set"),
        ] {
            let line = line(key);
            assert!(line.contains(value) && line.ends_with(&format!("# {source}")), "{line}");
        }
        for setting in Setting::ALL {
            line(setting.key());
        }
    }

    #[test]
    fn what_is_shown_can_be_read_back() {
        let shown = effective(&settings(&[], Flags::default())).expect("good");
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("quilt.toml");
        fs::write(&file, &shown).expect("writes");
        let again = settings(&[], Flags { config: Some(file), given: Vec::new() });
        let values = |text: &str| -> Vec<String> {
            text.lines().map(|line| line.split(" # ").next().unwrap_or_default().trim().to_owned()).collect()
        };
        assert_eq!(values(&effective(&again).expect("good")), values(&shown));
    }

    #[test]
    fn the_defaults_that_are_named_are_the_defaults() {
        let plain = Config::from_settings(&settings(&[], Flags::default())).expect("good");
        for setting in Setting::ALL {
            // An address without `http` is refused as an oversight.
            let Some(default) = setting.default().filter(|_| *setting != Setting::Listen) else { continue };
            let said = Flags { config: None, given: vec![(*setting, default.to_owned())] };
            let config = Config::from_settings(&settings(&[], said)).expect("good");
            assert_eq!(format!("{config:?}"), format!("{plain:?}"), "{setting:?}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_with_its_place() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("quilt.toml");
        fs::write(&file, "call_timeout = \"soon\"\n\nlistn = \"x\"\nmode = [\"auto\"]\n").expect("writes");
        let environment =
            [("QUILT_MCP_LISTEN", "nowhere"), ("QUILT_MCP_JWT_SECRET", "short"), ("QUILT_MCP_LOG", "")];
        let flags = Flags { config: Some(file.clone()), given: vec![(Setting::MaxSessions, "0".into())] };
        let error = effective(&settings(&environment, flags)).expect_err("refused").to_string();
        let place = file.display();
        for part in [
            "7 settings are wrong:".to_owned(),
            format!("`call_timeout` ({place}:1)"),
            format!("`listn` ({place}:3) is not a setting: did you mean `listen`?"),
            format!("`mode` ({place}:4) is a list"),
            "QUILT_MCP_LISTEN is \"nowhere\"".to_owned(),
            "the JWT secret has only 5 bytes".to_owned(),
            "QUILT_MCP_LOG is empty".to_owned(),
            "--max-sessions is \"0\"".to_owned(),
        ] {
            assert!(error.contains(&part), "{part} is not in {error}");
        }
        assert!(!error.contains("single-user"), "what follows from a malformed value is not told: {error}");
    }

    const ISSUERS: &str = r#"transport = "http"
[services]
auth = "process"

[[issuer]]
issuer = "https://idp.example.com"
audience = "quilt"
jwks_url = "https://idp.example.com/jwks"
allowed_roles = ["acme=arn:aws:iam::123456789012:role/quilt-*"]

[[issuer]]
issuer = "https://two.example.com"
audience = "*"
jwks_url = "http://two.example.com/jwks"
tenants = ["acme"]
"#;

    fn with_file(text: &str) -> (tempfile::TempDir, Result<String, ConfigError>) {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("quilt.toml");
        fs::write(&file, text).expect("writes");
        let shown = effective(&settings(&[], Flags { config: Some(file), given: Vec::new() }));
        (directory, shown)
    }

    #[test]
    fn issuers_are_shown_as_they_stand_with_their_place() {
        let good = ISSUERS.split("\n[[issuer]]\nissuer = \"https://two").next().expect("a part");
        let good = good.replace("process", "request");
        let (directory, shown) = with_file(&good);
        let shown = shown.expect("good");
        let place = directory.path().join("quilt.toml").display().to_string();
        let header = shown.lines().find(|line| line.starts_with("[[issuer]]")).expect("it is shown");
        assert!(header.ends_with(&format!("# {place}:5")), "{header}");
        for line in good.lines().filter(|line| !line.starts_with('[')) {
            assert!(shown.contains(line), "{line} is not in {shown}");
        }
        let auth = shown.lines().find(|line| line.starts_with("services_auth")).expect("it is shown");
        assert!(auth.ends_with(&format!("# {place}:3")), "{auth}");
        let (_directory, again) = with_file(&shown);
        assert!(again.expect("can be read back").contains("issuer = \"https://idp.example.com\""));
    }

    #[test]
    fn all_that_is_wrong_with_an_issuer_is_told_with_its_place_among_the_rest() {
        let (directory, shown) = with_file(&format!("rate_limit = \"many\"\n{ISSUERS}"));
        let error = shown.expect_err("refused").to_string();
        let place = directory.path().join("quilt.toml").display().to_string();
        let issuer = format!("`[[issuer]]` \"https://two.example.com\" ({place}:12): ");
        for part in [
            "4 settings are wrong:".to_owned(),
            format!("`rate_limit` ({place}:1) is \"many\""),
            format!("{issuer}the audience \"*\""),
            format!("{issuer}`jwks_url` is"),
            format!("{issuer}`tenants` has no meaning here"),
        ] {
            assert!(error.contains(&part), "{part} is not in {error}");
        }
        let (_directory, shown) =
            with_file(ISSUERS.split("\n[[issuer]]\nissuer = \"https://two").next().expect("a part"));
        let error = shown.expect_err("refused").to_string();
        assert!(error.contains("`services_auth` (") && error.contains("would serve the next"), "{error}");
    }
}

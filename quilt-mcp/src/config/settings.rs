//! What was said, in three layers, before anybody asks what it means.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{ConfigError, Setting, protected_file};

const PREFIX: &str = "QUILT_MCP_";

/// Variables by which the older Python server was told to serve many users. Ignoring them would serve one person's AWS
/// rights to all of those users.
const OLDER_MULTI_USER_SIGNS: [&str; 5] = [
    "MCP_REQUIRE_JWT",
    "MCP_JWT_SECRET",
    "MCP_JWT_SECRET_SSM_PARAMETER",
    "QUILT_MULTITENANT_MODE",
    "QUILT_MULTIUSER_MODE",
];

/// The layer of the command line.
#[derive(Debug, Default)]
pub struct Flags {
    /// `--config`: the file to read.
    pub config: Option<PathBuf>,
    /// What other flags said, as text.
    pub given: Vec<(Setting, String)>,
}

/// Where a value comes from. Orders as the layers do: the file yields to the environment, which yields to a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The configuration file.
    File,
    /// The environment of the process.
    Environment,
    /// The command line.
    Flag,
}

impl Source {
    /// How `setting` is spelled there.
    pub fn spell(self, setting: Setting) -> String {
        match self {
            Self::File => format!("`{}` in the configuration file", setting.key()),
            Self::Environment => setting.variable(),
            Self::Flag => setting.flag(),
        }
    }
}

/// What was said about each setting, by the highest layer that spoke of it.
#[derive(Debug, Default)]
pub struct Settings {
    given: BTreeMap<Setting, Given>,
    /// The `[[issuer]]` tables, which only the file can hold.
    issuers: Vec<toml::Table>,
    older_multi_user_sign: Option<&'static str>,
    home: Home,
}

/// Where this user keeps things, as the environment has it.
#[derive(Debug, Default)]
pub(super) struct Home {
    pub(super) home: Option<PathBuf>,
    pub(super) xdg_data_home: Option<PathBuf>,
    pub(super) local_app_data: Option<PathBuf>,
}

/// One value and where it comes from. `Debug` shows the source only: it may be a secret.
struct Given {
    value: Value,
    source: Source,
}

enum Value {
    One(Zeroizing<String>),
    Many(Vec<String>),
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Given").field(&self.source).finish()
    }
}

impl Settings {
    /// Reads the three layers.
    ///
    /// # Errors
    ///
    /// A name is unknown, a value is empty or not text, or the file cannot be read.
    pub fn read(
        flags: Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut from_environment = Self::default();
        let file_in_environment = from_environment.read_environment(environment)?;
        let mut settings = match flags.config.or(file_in_environment) {
            Some(path) => Self::read_file(&path)?,
            None => Self::default(),
        };
        settings.given.append(&mut from_environment.given);
        settings.older_multi_user_sign = from_environment.older_multi_user_sign;
        settings.home = from_environment.home;
        for (setting, value) in flags.given {
            settings.put(setting, Value::One(value.into()), Source::Flag)?;
        }
        Ok(settings)
    }

    /// The value of a setting that is one piece of text.
    pub(super) fn text(&self, setting: Setting) -> Result<Option<&str>, ConfigError> {
        let Some(given) = self.given.get(&setting) else { return Ok(None) };
        match &given.value {
            Value::One(text) => Ok(Some(text)),
            Value::Many(_) => {
                Err(ConfigError::new(format!("{} is a list: give one value", given.source.spell(setting))))
            }
        }
    }

    /// The value of a setting, parsed. `expected` completes "is not …" in the message.
    pub(super) fn parsed<T>(
        &self,
        setting: Setting,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(setting)? else { return Ok(None) };
        match parse(text) {
            Some(value) => Ok(Some(value)),
            None => {
                Err(ConfigError::new(format!("{} is {text:?}, which is not {expected}", self.spell(setting))))
            }
        }
    }

    /// The values of a setting that is a list: an array in the file, commas elsewhere.
    pub(super) fn list(&self, setting: Setting) -> Option<Vec<String>> {
        self.given.get(&setting).map(|given| match &given.value {
            Value::Many(items) => items.clone(),
            Value::One(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
        })
    }

    pub(super) fn issuers(&self) -> &[toml::Table] {
        &self.issuers
    }

    /// Which layer spoke of it.
    pub(super) fn source(&self, setting: Setting) -> Option<Source> {
        self.given.get(&setting).map(|given| given.source)
    }

    /// The setting's name as the operator wrote it.
    pub(super) fn spell(&self, setting: Setting) -> String {
        self.source(setting).map_or_else(|| setting.variable(), |source| source.spell(setting))
    }

    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    pub(super) fn refuse_signs_of_the_older_multi_user_modes(&self) -> Result<(), ConfigError> {
        match self.older_multi_user_sign {
            None => Ok(()),
            Some(sign) => Err(ConfigError::new(format!(
                "{sign} asks for the many-user mode of the older server, which this one does not read, and nothing \
                 else asks for multi-tenant mode. Set {}=multi-tenant with {}, {}, {} and {}; or unset {sign}",
                Setting::Mode.variable(),
                Setting::JwtSecretFile.variable(),
                Setting::JwtIssuer.variable(),
                Setting::JwtAudience.variable(),
                Setting::AllowedRoles.variable(),
            ))),
        }
    }

    /// Returns the configuration file that the environment names.
    fn read_environment(
        &mut self,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Option<PathBuf>, ConfigError> {
        let mut file = None;
        for (name, value) in environment {
            let Some(name) = name.to_str() else { continue };
            match name {
                "HOME" => self.home.home = Some(value.into()),
                "XDG_DATA_HOME" => self.home.xdg_data_home = Some(value.into()),
                "LOCALAPPDATA" => self.home.local_app_data = Some(value.into()),
                "QUILT_MCP_CONFIG" if value.is_empty() => return Err(empty(name)),
                "QUILT_MCP_CONFIG" => file = Some(value.into()),
                "LOG_SENSITIVE_BODIES" if says_yes(&value) => {
                    return Err(ConfigError::new(
                        "LOG_SENSITIVE_BODIES makes the AWS SDK log credentials: unset it",
                    ));
                }
                _ => {
                    if let Some(sign) = OLDER_MULTI_USER_SIGNS.iter().find(|sign| **sign == name) {
                        if says_yes(&value) {
                            self.older_multi_user_sign = Some(sign);
                        }
                    } else if let Some(key) = name.strip_prefix(PREFIX)
                        && !injected_by_kubernetes(key)
                    {
                        let setting = known(&key.to_ascii_lowercase(), name, Setting::variable)?;
                        let Ok(text) = value.into_string() else {
                            return Err(ConfigError::new(format!("{name} is not valid UTF-8")));
                        };
                        self.put(setting, Value::One(text.into()), Source::Environment)?;
                    }
                }
            }
        }
        Ok(file)
    }

    fn read_file(path: &Path) -> Result<Self, ConfigError> {
        let text = protected_file::read_trusted(path, "the configuration file")?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            // The parser's full message quotes the line, and a line may hold what should not be printed.
            ConfigError::new(format!("{} is not TOML: {}", path.display(), error.message()))
        })?;
        let mut settings = Self::default();
        for (key, value) in flat(table) {
            if key == "issuer" {
                settings.issuers = issuer_tables(value, path)?;
                continue;
            }
            let setting =
                known(&key, &format!("`{key}` in {}", path.display()), |near| format!("`{}`", near.key()))?;
            if setting == Setting::JwtSecret {
                return Err(ConfigError::new(format!(
                    "{}: a configuration file is no place for a secret. Put it into a file of its own with mode 0600 \
                     and name that in `{}`",
                    path.display(),
                    Setting::JwtSecretFile.key(),
                )));
            }
            let value = from_toml(value).ok_or_else(|| {
                ConfigError::new(format!(
                    "`{key}` in {} must be text, a whole number, true or false, or a list of texts",
                    path.display()
                ))
            })?;
            settings.put(setting, value, Source::File)?;
        }
        Ok(settings)
    }

    fn put(&mut self, setting: Setting, value: Value, source: Source) -> Result<(), ConfigError> {
        // An empty value is most often a variable that was meant to be filled in. To take it as "not set" would let an
        // empty secret switch authentication off.
        if matches!(&value, Value::One(text) if text.trim().is_empty()) {
            return Err(empty(&source.spell(setting)));
        }
        self.given.insert(setting, Given { value, source });
        Ok(())
    }
}

fn issuer_tables(value: toml::Value, path: &Path) -> Result<Vec<toml::Table>, ConfigError> {
    let tables = match value {
        toml::Value::Array(items) => items.into_iter().map(|item| item.try_into().ok()).collect(),
        _ => None,
    };
    tables.filter(|tables: &Vec<_>| !tables.is_empty()).ok_or_else(|| {
        ConfigError::new(format!(
            "`issuer` in {} must be tables: write each issuer below a line `[[issuer]]`",
            path.display()
        ))
    })
}

fn empty(name: &str) -> ConfigError {
    ConfigError::new(format!("{name} is empty: give it a value or leave it out"))
}

fn says_yes(value: &OsString) -> bool {
    !["", "0", "false", "no", "off"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

/// Kubernetes describes a service named `quilt-mcp` to its pods in variables with our prefix.
fn injected_by_kubernetes(key: &str) -> bool {
    key == "PORT" || key.starts_with("PORT_") || key.starts_with("SERVICE_")
}

fn known(key: &str, as_written: &str, spell: impl FnOnce(Setting) -> String) -> Result<Setting, ConfigError> {
    Setting::from_key(key).ok_or_else(|| {
        let hint =
            Setting::nearest(key).map(|near| format!(": did you mean {}?", spell(near))).unwrap_or_default();
        ConfigError::new(format!("{as_written} is not a setting{hint}"))
    })
}

/// The one table there is, `[services]`: `auth` there is `services_auth`.
fn flat(table: toml::Table) -> impl Iterator<Item = (String, toml::Value)> {
    table.into_iter().flat_map(|(key, value)| match value {
        toml::Value::Table(inner) if key == "services" => {
            inner.into_iter().map(|(own, value)| (format!("{key}_{own}"), value)).collect::<Vec<_>>()
        }
        value => vec![(key, value)],
    })
}

fn from_toml(value: toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::String(text) => Value::One(text.into()),
        toml::Value::Integer(number) => Value::One(number.to_string().into()),
        toml::Value::Boolean(yes) => Value::One(yes.to_string().into()),
        toml::Value::Array(items) => Value::Many(
            items
                .into_iter()
                .map(|item| match item {
                    toml::Value::String(text) => Some(text),
                    _ => None,
                })
                .collect::<Option<_>>()?,
        ),
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => return None,
    })
}

//! What was said, in three layers, before anybody asks what it means.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::file::{self, Said};
use super::issuer::IssuerTable;
use super::{ConfigError, Setting};

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

/// What was said about each setting, by the highest layer that spoke of it; and what of it is wrong, so that all of that
/// can be told at once.
#[derive(Debug, Default)]
pub struct Settings {
    given: BTreeMap<Setting, Given>,
    /// The `[[issuer]]` tables, which only the file can hold.
    issuers: Vec<IssuerTable>,
    problems: RefCell<Vec<ConfigError>>,
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
    /// File and line, if it is in the file.
    place: Option<String>,
}

impl Given {
    fn spell(&self, setting: Setting) -> String {
        match &self.place {
            Some(place) => format!("`{}` ({place})", setting.key()),
            None => self.source.spell(setting),
        }
    }
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
    /// Reads the three layers. What is wrong with them is told by [`Config::from_settings`](super::Config::from_settings),
    /// together with what is wrong with the values.
    pub fn read(flags: Flags, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut from_environment = Self::default();
        let file_in_environment = from_environment.read_environment(environment);
        let mut settings = Self::default();
        if let Some(path) = flags.config.or(file_in_environment) {
            let read = settings.read_file(&path);
            settings.note(read);
        }
        settings.given.append(&mut from_environment.given);
        settings.problems.get_mut().append(from_environment.problems.get_mut());
        settings.older_multi_user_sign = from_environment.older_multi_user_sign;
        settings.home = from_environment.home;
        for (setting, value) in flags.given {
            settings.put(setting, Value::One(value.into()), Source::Flag, None);
        }
        settings
    }

    /// The value, or else the problem is kept for [`problems`](Self::problems) and there is none.
    pub(super) fn note<T>(&self, value: Result<T, ConfigError>) -> Option<T> {
        value.map_err(|problem| self.problems.borrow_mut().push(problem)).ok()
    }

    /// Keeps what is wrong with something that is not one value.
    pub(super) fn note_all(&self, problems: Vec<ConfigError>) {
        self.problems.borrow_mut().extend(problems);
    }

    /// What was found to be wrong so far.
    pub(super) fn problems(&self) -> Vec<ConfigError> {
        self.problems.take()
    }

    /// The value of a setting that is one piece of text.
    pub(super) fn text(&self, setting: Setting) -> Option<&str> {
        let given = self.given.get(&setting)?;
        match &given.value {
            Value::One(text) => Some(text),
            Value::Many(_) => self
                .note(Err(ConfigError::new(format!("{} is a list: give one value", given.spell(setting))))),
        }
    }

    /// The value of a setting, parsed. `expected` completes "is not …" in the message.
    pub(super) fn parsed<T>(
        &self,
        setting: Setting,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(setting)?;
        let value = parse(text).ok_or_else(|| {
            ConfigError::new(format!("{} is {text:?}, which is not {expected}", self.spell(setting)))
        });
        self.note(value)
    }

    /// The values of a setting that is a list: an array in the file, commas elsewhere.
    pub(super) fn list(&self, setting: Setting) -> Option<Vec<String>> {
        self.given.get(&setting).map(|given| match &given.value {
            Value::Many(items) => items.clone(),
            Value::One(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
        })
    }

    /// The `[[issuer]]` tables.
    pub(super) fn issuers(&self) -> &[IssuerTable] {
        &self.issuers
    }

    /// Which layer spoke of it.
    pub(super) fn source(&self, setting: Setting) -> Option<Source> {
        self.given.get(&setting).map(|given| given.source)
    }

    /// The setting's name as the operator wrote it.
    pub(super) fn spell(&self, setting: Setting) -> String {
        self.given.get(&setting).map_or_else(|| setting.variable(), |given| given.spell(setting))
    }

    /// What was said, in the words of the file, and where. Not of a secret.
    pub(super) fn shown(&self, setting: Setting) -> Option<(String, String)> {
        let given = self.given.get(&setting)?;
        let place = given.place.clone().unwrap_or_else(|| given.source.spell(setting));
        let value = match &given.value {
            _ if setting.is_secret() => "\"(set, not shown)\"".to_owned(),
            Value::One(text) => format!("{:?}", text.as_str()),
            Value::Many(items) => format!("{items:?}"),
        };
        Some((value, place))
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
    ) -> Option<PathBuf> {
        let mut file = None;
        for (name, value) in environment {
            let Some(name) = name.to_str() else { continue };
            match name {
                "HOME" => self.home.home = Some(value.into()),
                "XDG_DATA_HOME" => self.home.xdg_data_home = Some(value.into()),
                "LOCALAPPDATA" => self.home.local_app_data = Some(value.into()),
                "QUILT_MCP_CONFIG" if value.is_empty() => drop(self.note::<()>(Err(empty(name)))),
                "QUILT_MCP_CONFIG" => file = Some(value.into()),
                "LOG_SENSITIVE_BODIES" if says_yes(&value) => {
                    let why = "LOG_SENSITIVE_BODIES makes the AWS SDK log credentials: unset it";
                    self.note::<()>(Err(ConfigError::new(why)));
                }
                _ => {
                    if let Some(sign) = OLDER_MULTI_USER_SIGNS.iter().find(|sign| **sign == name) {
                        if says_yes(&value) {
                            self.older_multi_user_sign = Some(sign);
                        }
                    } else if let Some(key) = name.strip_prefix(PREFIX)
                        && !injected_by_kubernetes(key)
                    {
                        self.read_variable(name, key, value);
                    }
                }
            }
        }
        file
    }

    fn read_variable(&mut self, name: &str, key: &str, value: OsString) {
        let setting = self.note(known(&key.to_ascii_lowercase(), name, Setting::variable));
        let text = self
            .note(value.into_string().map_err(|_| ConfigError::new(format!("{name} is not valid UTF-8"))));
        if let (Some(setting), Some(text)) = (setting, text) {
            self.put(setting, Value::One(text.into()), Source::Environment, None);
        }
    }

    fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let file = file::read(path)?;
        for Said { key, value, place } in file.keys {
            if let Some((setting, value)) = self.note(from_file(&key, value, &place)) {
                self.put(setting, value, Source::File, Some(place));
            }
        }
        self.issuers = self.note(file.issuers).unwrap_or_default();
        Ok(())
    }

    fn put(&mut self, setting: Setting, value: Value, source: Source, place: Option<String>) {
        let given = Given { value, source, place };
        // An empty value is most often a variable that was meant to be filled in. To take it as "not set" would let an
        // empty secret switch authentication off.
        if matches!(&given.value, Value::One(text) if text.trim().is_empty()) {
            self.note::<()>(Err(empty(&given.spell(setting))));
        } else {
            self.given.insert(setting, given);
        }
    }
}

/// What a line of the file says.
fn from_file(key: &str, value: toml::Value, place: &str) -> Result<(Setting, Value), ConfigError> {
    let setting = known(key, &format!("`{key}` ({place})"), |near| format!("`{}`", near.key()))?;
    if setting.is_secret() {
        return Err(ConfigError::new(format!(
            "{place}: a configuration file is no place for a secret. Put it into a file of its own with mode 0600 \
             and name that in `{}_file`",
            setting.key(),
        )));
    }
    let value = from_toml(value).ok_or_else(|| {
        ConfigError::new(format!(
            "`{key}` ({place}) must be text, a whole number, true or false, or a list of texts"
        ))
    })?;
    Ok((setting, value))
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

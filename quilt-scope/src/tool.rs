//! A tool: a function with a name, a description and schemas, that a scope can call.

use std::error::Error;
use std::fmt;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::ready::BoxFuture;
use crate::scope::Container;
use crate::service::Service;
use crate::{BoxError, ScopeError};

/// A JSON object: the arguments of a call, or a schema.
pub type JsonObject = Map<String, Value>;

/// What a client is told about a tool.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Descriptor {
    /// The name to call it by.
    pub name: &'static str,
    /// The name for people.
    pub title: String,
    /// What it does, from the function's doc comment.
    pub description: String,
    /// JSON Schema of the arguments. Injected parameters are not in it.
    pub input_schema: JsonObject,
    /// JSON Schema of the result.
    pub output_schema: JsonObject,
    /// What a client may assume before it calls.
    pub hints: Hints,
    /// What it takes from the scope, as the function names it, without lifetimes. Of no use to a client; it is for those who
    /// document or check a table.
    pub services: &'static [&'static str],
}

impl Descriptor {
    #[doc(hidden)]
    pub fn new(
        name: &'static str,
        title: &str,
        description: &str,
        input_schema: JsonObject,
        output_schema: JsonObject,
        hints: Hints,
    ) -> Self {
        Self {
            name,
            title: title.to_owned(),
            description: description.to_owned(),
            input_schema,
            output_schema,
            hints,
            services: &[],
        }
    }

    /// The same, of a tool that takes these from the scope.
    #[doc(hidden)]
    #[must_use]
    pub fn taking(self, services: &'static [&'static str]) -> Self {
        Self { services, ..self }
    }
}

/// What a client may assume before it calls. The words are MCP's tool annotations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hints {
    /// It changes nothing.
    pub read_only: bool,
    /// It may delete or overwrite.
    pub destructive: bool,
    /// Calling it again with the same arguments changes nothing more.
    pub idempotent: bool,
    /// It reaches beyond this server's own data.
    pub open_world: bool,
}

impl Hints {
    /// Nothing may be assumed.
    pub const NONE: Self =
        Self { read_only: false, destructive: false, idempotent: false, open_world: false };

    #[doc(hidden)]
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn destructive(self) -> Self {
        Self { destructive: true, ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn open_world(self) -> Self {
        Self { open_world: true, ..self }
    }
}

/// The name of a tool, known when compiling. Implemented by `#[scoped_tool]`.
pub trait Named: Sized + 'static {
    /// The name to call it by.
    const NAME: &'static str;
    /// The tool itself; tools have no state.
    const TOOL: &'static Self;
    /// What it takes from the scope, as the function names it, without lifetimes.
    const SERVICES: &'static [&'static str] = &[];
}

/// What a client is told about a tool. Implemented by `#[scoped_tool]`.
pub trait Describe {
    /// Put together anew at each call: ask once, at start-up, as [`ToolSet`](crate::ToolSet) does.
    fn descriptor(&self) -> Descriptor;
}

/// A tool that can be called in the scopes of `C`, because they provide all it takes by reference.
///
/// Implemented by [`#[scoped_tool]`](crate::scoped_tool) for every `C` for which that is so.
pub trait Tool<C: Container>: Describe + Send + Sync + 'static {
    /// Parses `arguments`, resolves what is injected, and calls the function.
    ///
    /// Arguments are checked before anything is built. The future is dropped to cancel the call.
    fn call<'req>(
        &'req self,
        scope: &'req C::Scope<'req>,
        arguments: JsonObject,
    ) -> BoxFuture<'req, Result<Value, CallError>>;
}

/// One line of a table of tools: a tool that can be called in the scopes of `C`. A message that requires this is about what the tool
/// takes by reference: have the scope provide it, or take it out of the tool. Nobody implements it.
///
/// A trait, and not a function, so that what a scope does not provide for the tool is said of the tool; and one for every
/// tool, so that messages do not list the tool's own implementation, with a type parameter that nobody wrote.
pub trait Listed<C: Container> {
    /// The tool.
    #[doc(hidden)]
    fn entry() -> &'static dyn Tool<C>;
}

impl<C: Container, T: Tool<C> + Named> Listed<C> for T {
    fn entry() -> &'static dyn Tool<C> {
        T::TOOL
    }
}

/// What a tool may return. Implemented for all that is `Serialize` and `JsonSchema`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a tool's result",
    label = "it could not be sent to a client, or the client not be told what to expect",
    note = "write `#[derive(serde::Serialize, schemars::JsonSchema)]` on `{Self}`, or return a struct of your own that \
            says what the client may know of it"
)]
pub trait Output: Sized {
    /// As the answer of a call.
    ///
    /// # Errors
    ///
    /// When it cannot be serialised.
    #[doc(hidden)]
    fn into_value(self) -> Result<Value, CallError>;

    /// Its schema.
    #[doc(hidden)]
    fn schema() -> JsonObject;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> Output for T {
    fn into_value(self) -> Result<Value, CallError> {
        serde_json::to_value(self).map_err(CallError::Output)
    }

    fn schema() -> JsonObject {
        as_object::<Self>(SchemaSettings::draft2020_12().for_serialize())
    }
}

/// What a tool or a constructor may fail with. Implemented for all errors, for texts and for boxed errors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error",
    label = "nobody could be told what went wrong",
    note = "implement `std::error::Error` for `{Self}`, which needs `Debug` and `Display`; it must be `Send + Sync` too"
)]
pub trait Failure {
    /// As any error.
    #[doc(hidden)]
    fn into_error(self) -> BoxError;

    /// As the answer of a call.
    #[doc(hidden)]
    fn answer<T>(result: Result<T, Self>) -> Result<T, CallError>
    where
        Self: Sized,
    {
        result.map_err(|error| CallError::Tool(error.into_error()))
    }

    /// As the answer of the constructor of `T`.
    #[doc(hidden)]
    #[inline]
    fn built<T: Service>(result: Result<T, Self>) -> Result<T, ScopeError>
    where
        Self: Sized,
    {
        result.map_err(|error| ScopeError::construction(T::INFO.name, error.into_error()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> Failure for E {
    fn into_error(self) -> BoxError {
        self.into()
    }
}

/// The future of an asynchronous tool's function.
///
/// The same is asked of the whole call, which is nobody's future; asked before of this one, it is said of the author's function.
#[doc(hidden)]
#[inline]
pub fn tool_body<F>(body: F) -> F
where
    F: Future,
    F: Send, // a call may change threads at `.await`: drop what cannot before it, or hold an `Arc`, an atomic or a `tokio::sync` lock
{
    body
}

/// The future of one call of a tool.
///
/// The compiler shows the line with the bound to whom it refuses, so that is where the advice stands.
#[doc(hidden)]
pub fn tool_future<'req, F>(call: F) -> BoxFuture<'req, Result<Value, CallError>>
where
    F: Future<Output = Result<Value, CallError>> + 'req,
    F: Send, // a call may change threads at `.await`: drop what cannot before it, or hold an `Arc`, an atomic or a `tokio::sync` lock
{
    Box::pin(call)
}

/// Nothing refers to elsewhere, for some clients do not follow.
pub(crate) fn settings(settings: SchemaSettings) -> SchemaSettings {
    settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    })
}

pub(crate) fn as_object<T: JsonSchema>(for_whom: SchemaSettings) -> JsonObject {
    let schema = settings(for_whom).into_generator().into_root_schema_for::<T>();
    let mut object = schema.as_object().cloned().unwrap_or_default();
    // The tool has a name and a description of its own; those of the Rust type would only confuse.
    object.remove("title");
    object.remove("description");
    object
}

/// Why a call gave no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError {
    /// The arguments do not fit. Nothing was done.
    Arguments(ArgumentError),
    /// A service could not be built.
    Scope(ScopeError),
    /// The function returned this error.
    Tool(BoxError),
    /// The result could not be serialised.
    Output(serde_json::Error),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(error) => error.fmt(f),
            Self::Scope(error) => error.fmt(f),
            Self::Tool(error) => error.fmt(f),
            Self::Output(error) => write!(f, "the result could not be serialised: {error}"),
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Arguments(_) => None,
            Self::Scope(error) => error.source(),
            Self::Tool(error) => error.source(),
            Self::Output(error) => Some(error),
        }
    }
}

/// An argument does not fit the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError {
    path: String,
    problem: String,
}

impl ArgumentError {
    pub(crate) fn new(path: impl Into<String>, problem: impl fmt::Display) -> Self {
        Self { path: path.into(), problem: problem.to_string() }
    }

    /// Which argument, and where in it: `operations[1]`. Empty if it is about the arguments as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "`{}`: {}", self.path, self.problem)
        }
    }
}

impl Error for ArgumentError {}

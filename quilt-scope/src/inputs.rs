//! What a client is told of the arguments of a tool.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::tool::{JsonObject, settings};

/// The inputs of a tool, described one after the other.
pub struct Inputs {
    generator: SchemaGenerator,
    properties: Vec<Property>,
}

/// One of them, to which is added what its attributes say.
pub struct Property {
    name: &'static str,
    schema: Schema,
    required: bool,
}

impl Inputs {
    /// The schema of the inputs that `describe` describes.
    pub fn schema(describe: impl FnOnce(&mut Self)) -> JsonObject {
        let generator = settings(SchemaSettings::draft2020_12()).into_generator();
        let mut inputs = Self { generator, properties: Vec::new() };
        describe(&mut inputs);
        inputs.into_object()
    }

    pub(crate) fn generator(&mut self) -> &mut SchemaGenerator {
        &mut self.generator
    }

    pub(crate) fn push(&mut self, name: &'static str, docs: &str, schema: Schema) -> &mut Property {
        let mut property = Property { name, schema, required: true };
        if !docs.is_empty() {
            property.schema.insert("description".to_owned(), docs.into());
        }
        self.properties.push(property);
        self.properties.last_mut().expect("just pushed")
    }

    fn into_object(mut self) -> JsonObject {
        let mut object = Map::new();
        object.insert("type".to_owned(), "object".into());
        let required: Vec<Value> = self
            .properties
            .iter()
            .filter(|property| property.required)
            .map(|property| property.name.into())
            .collect();
        let properties: Map<String, Value> = self
            .properties
            .into_iter()
            .map(|property| (property.name.to_owned(), property.schema.into()))
            .collect();
        if !properties.is_empty() {
            object.insert("properties".to_owned(), properties.into());
        }
        object.insert("additionalProperties".to_owned(), false.into());
        if !required.is_empty() {
            object.insert("required".to_owned(), required.into());
        }
        // Of types that contain themselves.
        let definitions = self.generator.take_definitions(true);
        if !definitions.is_empty() {
            object.insert("$defs".to_owned(), definitions.into());
        }
        object
    }
}

impl Property {
    /// It may be left out; then it is `default`, if that can be shown.
    pub fn optional(&mut self, default: Option<Value>) -> &mut Self {
        self.required = false;
        if let Some(default) = default {
            self.schema.insert("default".to_owned(), default);
        }
        self
    }

    /// From `least` to `most`, both included.
    pub fn range(&mut self, least: impl Into<Value>, most: impl Into<Value>) -> &mut Self {
        if self.is("number") || self.is("integer") {
            self.schema.insert("minimum".to_owned(), least.into());
            self.schema.insert("maximum".to_owned(), most.into());
        }
        self
    }

    /// So many characters or items, both ends included.
    pub fn length(&mut self, least: usize, most: usize) -> &mut Self {
        for (of, at_least, at_most) in
            [("string", "minLength", "maxLength"), ("array", "minItems", "maxItems")]
        {
            if self.is(of) {
                self.schema.insert(at_least.to_owned(), least.into());
                self.schema.insert(at_most.to_owned(), most.into());
            }
        }
        self
    }

    /// It matches this regular expression.
    pub fn pattern(&mut self, pattern: &str) -> &mut Self {
        if self.is("string") {
            self.schema.insert("pattern".to_owned(), pattern.into());
        }
        self
    }

    /// Whether it may be of that type, among others.
    fn is(&self, wanted: &str) -> bool {
        match self.schema.get("type") {
            Some(Value::String(only)) => only == wanted,
            Some(Value::Array(several)) => several.iter().any(|one| one == wanted),
            _ => false,
        }
    }
}

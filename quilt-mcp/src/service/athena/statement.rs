//! What a statement does, found out before anybody runs it.
//!
//! Athena runs one statement at a time, and its first word says which of two engines reads it. `SHOW` and `DESCRIBE` only
//! read, whatever follows. Of what begins like a query, every part must be understood: what is not understood is not taken
//! for a query.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, Select, Statement as Ast, TableFactor, Visit, Visitor};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::{ErrorCode, ToolError};

mod trino;

use trino::Trino;

/// The longest statement that Athena takes, in bytes.
pub const MAX_BYTES: usize = 262_144;

/// The most words and signs of one statement; literals and commas are not counted, so lists of values may be long. A
/// statement can be as deep as that, and reading it goes as deep into the stack.
pub const MAX_WORDS: usize = 2_500;

/// The stack on which a statement is read, in bytes: enough for the deepest in a debug build, whose frames are large. What
/// is not used costs nothing.
const STACK: usize = 256 * 1024 * 1024;

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It changes something, or runs something that may. Why.
    Writes(String),
    /// Not known. Why.
    Unknown(String),
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    sql: String,
    /// Its first word, in capitals.
    first: String,
    effect: Effect,
    /// The same with names quoted as queries have them, if that is what is wrong.
    corrected: Option<String>,
}

impl Statement {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// It is no statement, or several, or too long.
    pub fn read(text: &str) -> Result<Self, ToolError> {
        let sql = text.trim();
        if sql.len() > MAX_BYTES {
            let message = format!("the query has {} bytes; Athena takes {MAX_BYTES}", sql.len());
            return Err(ToolError::new(ErrorCode::LimitExceeded, message).with_hint("shorten it"));
        }
        let tokens = Tokenizer::new(&Trino, sql)
            .with_unescape(false)
            .tokenize()
            .map_err(|error| ToolError::invalid_input(format!("the query is no SQL: {error}")))?;
        let mut words = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_)));
        let first = match words.next() {
            None => return Err(ToolError::invalid_input("the query is empty")),
            Some(token) => token.to_string().to_ascii_uppercase(),
        };
        let after_the_end = tokens
            .iter()
            .skip_while(|token| **token != Token::SemiColon)
            .any(|token| !matches!(token, Token::Whitespace(_) | Token::SemiColon));
        if after_the_end {
            return Err(ToolError::invalid_input("the query holds several statements")
                .with_hint("send one statement a call"));
        }
        let effect = effect(sql, &first, &tokens);
        let corrected = (begins_a_query(&first) && tokens.contains(&Token::Char('`'))).then(|| {
            let quoted = tokens.iter().map(|token| match token {
                Token::Char('`') => "\"".to_owned(),
                other => other.to_string(),
            });
            quoted.collect()
        });
        Ok(Self { sql: sql.to_owned(), first, effect, corrected })
    }

    /// The text, without blanks around it.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Its first word, in capitals.
    pub fn first_word(&self) -> &str {
        &self.first
    }

    /// What it does.
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// How it would have to be written, where that is known.
    pub fn corrected(&self) -> Option<&str> {
        self.corrected.as_deref()
    }

    /// Refuses what does not only read.
    ///
    /// # Errors
    ///
    /// It changes something, or it is not known whether it does.
    pub fn must_read(&self) -> Result<(), ToolError> {
        match &self.effect {
            Effect::Reads => Ok(()),
            Effect::Writes(why) => Err(ToolError::new(
                ErrorCode::Unsupported,
                format!("this server only runs statements that read, and this one does not: {why}"),
            )
            .with_hint("write a SELECT, WITH, SHOW, DESCRIBE or EXPLAIN statement")),
            Effect::Unknown(why) => Err(ToolError::invalid_input(format!(
                "this server only runs statements that it knows to read, and this one it does not know: {why}"
            ))
            .with_hint(match &self.corrected {
                Some(corrected) if corrected.len() < 2_000 => format!("write: {corrected}"),
                _ => "write it in simpler SQL; athena_query_validate shows what is understood".to_owned(),
            })),
        }
    }
}

fn begins_a_query(first: &str) -> bool {
    matches!(first, "SELECT" | "WITH" | "VALUES" | "TABLE" | "EXPLAIN" | "(")
}

fn effect(sql: &str, first: &str, tokens: &[Token]) -> Effect {
    match first {
        // A comment ends there for Athena, but not for the parser here.
        _ if sql.replace("\r\n", "").contains('\r') => {
            Effect::Unknown("a line ends in a carriage return alone: end lines with a line feed".to_owned())
        }
        "SHOW" | "DESCRIBE" | "DESC" => Effect::Reads,
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "CREATE" | "DROP" | "ALTER" | "TRUNCATE" | "MSCK"
        | "UNLOAD" | "VACUUM" | "OPTIMIZE" | "GRANT" | "REVOKE" | "ANALYZE" | "REFRESH" | "COMMENT"
        | "SET" | "RESET" | "CALL" => Effect::Writes(format!("{first} changes something")),
        "PREPARE" | "EXECUTE" | "DEALLOCATE" => {
            Effect::Writes(format!("{first} is about a statement that is not in the query"))
        }
        "USING" => Effect::Writes("an external function runs outside of Athena".to_owned()),
        _ if begins_a_query(first) => on_a_deep_stack(|| of_query(tokens))
            .unwrap_or_else(|| Effect::Unknown("it could not be read".to_owned())),
        _ => Effect::Unknown(format!("nothing is known that begins with {first:.40}")),
    }
}

/// Does `work` where it may go deep, and waits for it. Nothing if it panics: the parser is not ours.
fn on_a_deep_stack<R: Send>(work: impl FnOnce() -> R + Send) -> Option<R> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().name("statement".to_owned()).stack_size(STACK);
        reader.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

fn of_query(tokens: &[Token]) -> Effect {
    let counted = |token: &&Token| {
        !matches!(
            token,
            Token::Whitespace(_) | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_)
        )
    };
    if tokens.iter().filter(counted).count() > MAX_WORDS {
        return Effect::Unknown(format!("it has more than {MAX_WORDS} words and signs"));
    }
    if tokens.contains(&Token::Char('`')) {
        return Effect::Unknown("a backtick quotes nothing in a query: quote names with \"..\"".to_owned());
    }
    let parsed = Parser::new(&Trino).with_tokens(tokens.to_vec()).parse_statements();
    match parsed {
        Ok(statements) => match statements.visit(&mut Reading) {
            ControlFlow::Continue(()) => Effect::Reads,
            ControlFlow::Break(why) => Effect::Writes(why.to_owned()),
        },
        Err(ParserError::RecursionLimitExceeded) => Effect::Unknown("it is nested too deeply".to_owned()),
        Err(ParserError::TokenizerError(why) | ParserError::ParserError(why)) => {
            Effect::Unknown(why.chars().take(300).collect())
        }
    }
}

/// Stops at the first part of a query that does more than read.
struct Reading;

impl Visitor for Reading {
    type Break = &'static str;

    fn pre_visit_statement(&mut self, statement: &Ast) -> ControlFlow<Self::Break> {
        match statement {
            Ast::Query(_) | Ast::Explain { .. } | Ast::ExplainTable { .. } => ControlFlow::Continue(()),
            _ => ControlFlow::Break("it holds a statement that is no query"),
        }
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        if query.locks.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break("it locks rows") }
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Self::Break> {
        match select.into {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break("SELECT INTO makes a table"),
        }
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<Self::Break> {
        let called = match table {
            TableFactor::Table { args: None, .. } => return ControlFlow::Continue(()),
            TableFactor::Table { name, .. } | TableFactor::Function { name, .. } => name.to_string(),
            TableFactor::TableFunction { expr: Expr::Function(called), .. } => called.name.to_string(),
            TableFactor::TableFunction { .. } => String::new(),
            _ => return ControlFlow::Continue(()),
        };
        match called.to_ascii_lowercase().as_str() {
            "unnest" | "sequence" | "exclude_columns" => ControlFlow::Continue(()),
            _ => ControlFlow::Break("a table function may run a statement in another system"),
        }
    }
}

#[cfg(test)]
mod tests;

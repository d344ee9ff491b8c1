//! What one file has.

use syn::visit_mut::{
    VisitMut, visit_expr_call_mut, visit_expr_method_call_mut, visit_impl_item_fn_mut, visit_item_mut,
    visit_item_static_mut,
};
use syn::{Attribute, Expr, File, Item, Meta, StaticMutability};

use crate::plain::is_plain;
use crate::tokens::{in_macro, kind_of_static};
use crate::{Error, Kind, Singleton};

/// Functions that make something last, or set something, for the whole process.
const CALLS: [(&str, Kind); 7] = [
    ("leak", Kind::Leaked),
    ("forget", Kind::Leaked),
    ("set_hook", Kind::Setting),
    ("set_var", Kind::Setting),
    ("remove_var", Kind::Setting),
    ("set_current_dir", Kind::Setting),
    ("install_default", Kind::Setting),
];

/// What `text` has, the contents of a file named `file`.
///
/// # Errors
///
/// It is no Rust.
pub fn find(file: &str, text: &str) -> Result<Vec<Singleton>, Error> {
    let parsed = syn::parse_file(text).map_err(|error| Error::Parse(file.to_owned(), error))?;
    Ok(visit(file, text, parsed))
}

pub(crate) fn visit(file: &str, text: &str, mut parsed: File) -> Vec<Singleton> {
    let mut found = Found { file, text, singletons: Vec::new() };
    found.visit_file_mut(&mut parsed);
    found.singletons
}

struct Found<'a> {
    file: &'a str,
    text: &'a str,
    singletons: Vec<Singleton>,
}

impl Found<'_> {
    fn push(&mut self, name: &str, kind: Kind) {
        let file = self.file.to_owned();
        // Places are not kept by the parser as it is built here; the next line of that name, not yet taken, is the one.
        let taken = |line: usize| self.singletons.iter().any(|one| one.name == name && one.line == line);
        let mut lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let is_it = |text: &str| {
            let declared = ["static", "fn", "use"].iter().any(|word| names(text, word));
            names(text, name) && !text.trim_start().starts_with("//") && (is_a_call(kind) || declared)
        };
        let line = lines.find(|(line, text)| is_it(text) && !taken(*line)).map_or(1, |(line, _)| line);
        self.singletons.push(Singleton { file, line, name: name.to_owned(), kind });
    }

    fn called(&mut self, name: &str) {
        if let Some((name, kind)) = CALLS.iter().find(|(call, _)| *call == name) {
            self.push(name, *kind);
        }
    }
}

fn is_a_call(kind: Kind) -> bool {
    matches!(kind, Kind::Leaked | Kind::Setting)
}

/// Whether `name` stands in `text` as a word.
fn names(text: &str, name: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(part_of_word) && !text[at + name.len()..].starts_with(part_of_word)
    })
}

impl VisitMut for Found<'_> {
    fn visit_item_mut(&mut self, item: &mut Item) {
        if !is_for_tests(attributes(item)) {
            visit_item_mut(self, item);
        }
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit_impl_item_fn_mut(self, function);
        }
    }

    fn visit_item_static_mut(&mut self, item: &mut syn::ItemStatic) {
        let kind = match item.mutability {
            StaticMutability::Mut(_) => Some(Kind::StaticMut),
            _ if is_plain(&item.ty) => None,
            _ => Some(kind_of_static(&item.ty)),
        };
        if let Some(kind) = kind {
            self.push(&item.ident.to_string(), kind);
        }
        visit_item_static_mut(self, item);
    }

    fn visit_foreign_item_static_mut(&mut self, item: &mut syn::ForeignItemStatic) {
        self.push(&item.ident.to_string(), Kind::StaticMut);
    }

    fn visit_macro_mut(&mut self, called: &mut syn::Macro) {
        for (name, kind) in in_macro(called, &CALLS) {
            self.push(&name, kind);
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        if let Expr::Path(function) = &*call.func
            && let Some(last) = function.path.segments.last()
        {
            self.called(&last.ident.to_string());
        }
        visit_expr_call_mut(self, call);
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        // The others are functions; a method of that name is something else.
        if call.method == "leak" || call.method == "install_default" {
            self.called(&call.method.to_string());
        }
        visit_expr_method_call_mut(self, call);
    }
}

/// The attributes of an item that can be compiled for tests only.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[test]`, `#[cfg(test)]`, `#[cfg(all(test, ..))]`.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.segments.last().is_some_and(|last| last.ident == "test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            let words = || condition.split(|c: char| !c.is_alphanumeric() && c != '_');
            words().any(|word| word == "test") && !words().any(|word| matches!(word, "not" | "any"))
        }
        _ => false,
    })
}

//! What macros are given, which is not parsed: looked through as tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Macro, Type};

use crate::Kind;
use crate::plain::is_plain;

/// Macros whose variables are of a kind of their own.
const MACROS: [(&str, Kind); 5] = [
    ("thread_local", Kind::ThreadLocal),
    ("scoped_thread_local", Kind::ThreadLocal),
    ("task_local", Kind::TaskLocal),
    ("lazy_static", Kind::Lazy),
    ("once_cell", Kind::Lazy),
];

/// Types that are made on first use.
const LAZY: [&str; 6] = ["LazyLock", "OnceLock", "OnceCell", "LazyCell", "Lazy", "Once"];

/// Types that change behind a shared reference.
const CELLS: [&str; 10] = [
    "Mutex",
    "RwLock",
    "RefCell",
    "Cell",
    "UnsafeCell",
    "DashMap",
    "ArcSwap",
    "Condvar",
    "Semaphore",
    "Notify",
];

/// What a static of this type is, unless it is plain.
pub(crate) fn kind_of_static(ty: &Type) -> Kind {
    kind_of(ty.to_token_stream())
}

fn kind_of(ty: TokenStream) -> Kind {
    let words: Vec<String> = words(ty);
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if any(&LAZY) {
        Kind::Lazy
    } else if any(&CELLS) || words.iter().any(|word| word.starts_with("Atomic")) {
        Kind::Cell
    } else {
        Kind::Static
    }
}

fn words(tokens: TokenStream) -> Vec<String> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(word) => vec![word.to_string()],
            TokenTree::Group(group) => words(group.stream()),
            _ => Vec::new(),
        })
        .collect()
}

/// What is in the arguments of a macro, or in its rules.
pub(crate) fn in_macro(called: &Macro, calls: &[(&'static str, Kind)]) -> Vec<(String, Kind)> {
    let name = called.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    of_macro(&name, called.tokens.clone(), calls)
}

fn of_macro(name: &str, tokens: TokenStream, calls: &[(&'static str, Kind)]) -> Vec<(String, Kind)> {
    let special = MACROS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    let found = in_tokens(tokens, special, calls);
    match special {
        // Its variables have another form than any that is known here.
        Some(kind) if found.is_empty() => vec![(name.to_owned(), kind)],
        _ => found,
    }
}

fn in_tokens(
    tokens: TokenStream,
    special: Option<Kind>,
    calls: &[(&'static str, Kind)],
) -> Vec<(String, Kind)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let text = |at: usize| tokens.get(at).map(ToString::to_string).unwrap_or_default();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let of_macro_inside = (at >= 2 && text(at - 1) == "!").then(|| text(at - 2));
                match of_macro_inside {
                    Some(name) => found.extend(of_macro(&name, group.stream(), calls)),
                    None => found.extend(in_tokens(group.stream(), special, calls)),
                }
            }
            // Not the lifetime, which is a mark and a word.
            TokenTree::Ident(word) if word == "static" && (at == 0 || text(at - 1) != "'") => {
                found.extend(declared(&tokens[at + 1..], special));
            }
            TokenTree::Ident(word) => {
                let is_call = matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
                let called = calls.iter().find(|(name, _)| word == name);
                if let Some((name, kind)) = called.filter(|_| is_call && (at == 0 || text(at - 1) != "fn")) {
                    found.push(((*name).to_owned(), *kind));
                }
            }
            _ => {}
        }
    }
    found
}

/// The variable that is declared after `static`: `[mut|ref] NAME: Type`, or `#name: ..` in a template.
fn declared(after: &[TokenTree], special: Option<Kind>) -> Option<(String, Kind)> {
    let mut rest = after.iter();
    let mut is_mut = false;
    let name = loop {
        match rest.next()? {
            TokenTree::Ident(word) if word == "mut" => is_mut = true,
            TokenTree::Ident(word) if word == "ref" => {}
            TokenTree::Ident(name) => break name.to_string(),
            TokenTree::Punct(mark) if matches!(mark.as_char(), '#' | '$') => {}
            _ => return None,
        }
    };
    if !matches!(rest.next(), Some(TokenTree::Punct(colon)) if colon.as_char() == ':') {
        return None;
    }
    let ty: TokenStream = rest
        .take_while(|token| !matches!(token, TokenTree::Punct(end) if matches!(end.as_char(), '=' | ';')))
        .cloned()
        .collect();
    if is_mut {
        return Some((name, Kind::StaticMut));
    }
    if special.is_none() && syn::parse2(ty.clone()).is_ok_and(|ty: Type| is_plain(&ty)) {
        return None;
    }
    Some((name, special.unwrap_or_else(|| kind_of(ty))))
}

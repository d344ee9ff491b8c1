//! What a body calls, and whether the names mean there what they should.
//!
//! Calls are looked for among tokens, since they may stand in the arguments of a macro (`join!`, `format!`). What gives a
//! name another meaning is looked for among patterns and items.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{
    VisitMut, visit_item_const_mut, visit_item_fn_mut, visit_item_static_mut, visit_pat_ident_mut,
};
use syn::{Block, Ident, UseTree};

use crate::diagnostics::{self, Errors};

/// Whether `name(..)` stands somewhere in `item`.
pub(crate) fn calls(item: &impl ToTokens, name: &Ident) -> bool {
    first_call(item.to_token_stream(), &|called| called == name).is_some()
}

/// The first call of a function that is `wanted`.
pub(crate) fn first_call(tokens: TokenStream, wanted: &dyn Fn(&Ident) -> bool) -> Option<Ident> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.iter().enumerate().find_map(|(at, token)| match token {
        TokenTree::Group(group) => first_call(group.stream(), wanted),
        TokenTree::Ident(name) if wanted(name) && is_call(&tokens, at) => Some(name.clone()),
        _ => None,
    })
}

/// The same tokens, with `in_front` of what each called function is given.
pub(crate) fn with_arguments(
    tokens: TokenStream,
    in_front: &dyn Fn(&Ident) -> Option<TokenStream>,
) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rewritten = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            rewritten.push(token.clone());
            continue;
        };
        let mut inner = with_arguments(group.stream(), in_front);
        if let Some(TokenTree::Ident(name)) = at.checked_sub(1).map(|before| &tokens[before])
            && is_call(&tokens, at - 1)
            && let Some(mut arguments) = in_front(name)
        {
            arguments.extend(inner);
            inner = arguments;
        }
        let mut group_with_them = Group::new(group.delimiter(), inner);
        group_with_them.set_span(group.span());
        rewritten.push(group_with_them.into());
    }
    rewritten.into_iter().collect()
}

/// Whether the name at `at` is called by itself, or as `self::name`: not as a method, and not declared.
fn is_call(tokens: &[TokenTree], at: usize) -> bool {
    let arguments = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    if !tokens.get(at + 1).is_some_and(arguments) {
        return false;
    }
    match at.checked_sub(1).map(|before| &tokens[before]) {
        Some(TokenTree::Punct(dot)) if dot.as_char() == '.' => is_range(tokens, at - 1),
        Some(TokenTree::Punct(colon)) if is_path(tokens, at) && colon.as_char() == ':' => {
            matches!(at.checked_sub(3).map(|start| &tokens[start]), Some(TokenTree::Ident(start)) if start == "self")
        }
        Some(TokenTree::Ident(word)) => word != "fn",
        _ => true,
    }
}

/// Whether the dot at `at` ends `..`.
fn is_range(tokens: &[TokenTree], at: usize) -> bool {
    matches!(at.checked_sub(1).map(|before| &tokens[before]), Some(TokenTree::Punct(dot)) if dot.as_char() == '.')
}

/// Whether `::` stands before the name at `at`.
fn is_path(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2
        && matches!(&tokens[at - 2..at], [TokenTree::Punct(first), TokenTree::Punct(second)]
            if first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':')
}

/// Refuses a body in which `name` is given another meaning.
pub(crate) fn keeps_its_meaning(name: &Ident, body: &Block, errors: &mut Errors) {
    Meanings { name, errors }.visit_block_mut(&mut body.clone());
}

/// Refuses `module::name`, a function of another place: as an expression, and among what a macro is given.
pub(crate) fn not_gone_past(name: &Ident, body: &Block, errors: &mut Errors) {
    Paths { name, errors }.visit_block_mut(&mut body.clone());
}

struct Paths<'a> {
    name: &'a Ident,
    errors: &'a mut Errors,
}

impl VisitMut for Paths<'_> {
    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        gone_past(path.to_token_stream(), self.name, self.errors);
    }

    fn visit_macro_mut(&mut self, called: &mut syn::Macro) {
        gone_past(called.tokens.clone(), self.name, self.errors);
    }
}

fn gone_past(tokens: TokenStream, name: &Ident, errors: &mut Errors) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => gone_past(group.stream(), name, errors),
            TokenTree::Ident(found) if found == name && is_path(&tokens, at) => {
                // A function of a type is no accessor, and types begin with a capital.
                let of_module = match at.checked_sub(3).map(|start| &tokens[start]) {
                    Some(TokenTree::Ident(start)) => {
                        start.to_string().starts_with(|c: char| c.is_lowercase() || c == '_')
                    }
                    _ => true,
                };
                if of_module {
                    errors.push(diagnostics::accessor_gone_past(found));
                }
            }
            _ => {}
        }
    }
}

struct Meanings<'a> {
    name: &'a Ident,
    errors: &'a mut Errors,
}

impl Meanings<'_> {
    fn refuse(&mut self, name: &Ident) {
        if name == self.name {
            self.errors.push(diagnostics::accessor_taken_in_body(name));
        }
    }
}

impl VisitMut for Meanings<'_> {
    fn visit_pat_ident_mut(&mut self, pattern: &mut syn::PatIdent) {
        self.refuse(&pattern.ident);
        visit_pat_ident_mut(self, pattern);
    }

    fn visit_item_fn_mut(&mut self, item: &mut syn::ItemFn) {
        self.refuse(&item.sig.ident);
        visit_item_fn_mut(self, item);
    }

    fn visit_item_static_mut(&mut self, item: &mut syn::ItemStatic) {
        self.refuse(&item.ident);
        visit_item_static_mut(self, item);
    }

    fn visit_item_const_mut(&mut self, item: &mut syn::ItemConst) {
        self.refuse(&item.ident);
        visit_item_const_mut(self, item);
    }

    fn visit_use_tree_mut(&mut self, tree: &mut UseTree) {
        match tree {
            UseTree::Name(last) => self.refuse(&last.ident),
            UseTree::Rename(last) => self.refuse(&last.rename),
            UseTree::Path(path) => {
                // The variants of a type are no accessors.
                let of_type = path.ident.to_string().starts_with(char::is_uppercase);
                match &mut *path.tree {
                    UseTree::Glob(_) if of_type => {}
                    tree => self.visit_use_tree_mut(tree),
                }
            }
            UseTree::Group(group) => group.items.iter_mut().for_each(|tree| self.visit_use_tree_mut(tree)),
            UseTree::Glob(glob) => {
                self.errors.push(diagnostics::accessor_hidden_by_glob(glob, self.name));
            }
        }
    }
}

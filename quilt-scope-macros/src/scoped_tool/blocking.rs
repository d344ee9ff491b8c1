//! Work that blocks, where it can be seen in the body of an asynchronous tool.
//!
//! Only what is written out in full is seen; a function that blocks somewhere below is not.

use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Expr, ExprClosure, ItemFn, Path};

use crate::diagnostics::{self, Errors};

/// What blocks, by the end of its path, and what to write instead.
const BLOCKING: [(&[&str], &str); 3] = [
    (&["thread", "sleep"], "`tokio::time::sleep(..).await`"),
    (&["std", "fs", "*"], "the asynchronous one, as `tokio::fs` has it"),
    (&["reqwest", "blocking", "*"], "the asynchronous `reqwest`"),
];

pub(super) fn refuse(function: &ItemFn, errors: &mut Errors) {
    if function.sig.asyncness.is_some() {
        Calls { errors }.visit_block_mut(&mut function.block.clone());
    }
}

struct Calls<'a> {
    errors: &'a mut Errors,
}

impl VisitMut for Calls<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Expr::Call(call) = expression
            && let Expr::Path(function) = &*call.func
            && let Some((_, instead)) = BLOCKING.iter().find(|(path, _)| ends_with(&function.path, path))
        {
            self.errors.push(diagnostics::blocks(&function.path, instead));
        }
        visit_expr_mut(self, expression);
    }

    /// A closure may well run elsewhere: that is what `spawn_blocking` takes.
    fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
}

fn ends_with(path: &Path, end: &[&str]) -> bool {
    let segments = path.segments.len();
    segments >= end.len()
        && path
            .segments
            .iter()
            .skip(segments - end.len())
            .zip(end)
            .all(|(segment, word)| *word == "*" || segment.ident == word)
}

//! Gives the references and lifetimes in a type the name that the expansion uses.

use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{Lifetime, Type, TypeParamBound, parse_quote};

/// The type with every anonymous lifetime (and those in `also`) replaced by `to`.
///
/// `dyn Trait` becomes `dyn Trait + 'to`, which is what it means behind a reference of that lifetime; in the place where
/// the expansion writes it, it would mean `'static`.
pub(crate) fn with_lifetime(ty: &Type, to: &Lifetime, also: Also) -> Type {
    let mut ty = ty.clone();
    Replace { to, also }.visit_type_mut(&mut ty);
    ty
}

/// Which named lifetimes are replaced too.
#[derive(Clone, Copy)]
pub(crate) enum Also {
    /// None: only `'_` and elided ones.
    Nothing,
    /// All but `'static`.
    Everything,
}

struct Replace<'a> {
    to: &'a Lifetime,
    also: Also,
}

impl VisitMut for Replace<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let replace = lifetime.ident == "_"
            || match self.also {
                Also::Nothing => false,
                Also::Everything => lifetime.ident != "static",
            };
        if replace {
            // The name changes, the place where it was written does not.
            *lifetime = Lifetime::new(&format!("'{}", self.to.ident), lifetime.span());
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Reference(reference) => {
                reference.lifetime.get_or_insert_with(|| self.to.clone());
            }
            Type::TraitObject(object)
                if !object.bounds.iter().any(|bound| matches!(bound, TypeParamBound::Lifetime(_))) =>
            {
                let to = self.to;
                object.bounds.push(parse_quote!(#to));
            }
            _ => {}
        }
        visit_type_mut(self, ty);
    }
}

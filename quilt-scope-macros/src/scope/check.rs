//! What is right about it: each field has one role, each type one provider.

use quote::ToTokens as _;
use syn::{GenericParam, Ident, Lifetime, Type};

use super::parse::{Written, WrittenField};
use crate::diagnostics::{self, Errors};
use crate::injected::type_argument;
use crate::paths::Runtime;

/// A container as the expansion needs it.
pub(super) struct Container {
    pub(super) runtime: Runtime,
    /// It stands in a module without the prelude.
    pub(super) no_prelude: bool,
    pub(super) name: Ident,
    pub(super) visibility: syn::Visibility,
    pub(super) generics: syn::Generics,
    /// How long the scope is borrowed; a root has none.
    pub(super) lifetime: Option<Lifetime>,
    pub(super) parent: Option<Parent>,
    pub(super) observer: Option<Given>,
    pub(super) seeds: Vec<Given>,
    pub(super) slots: Vec<SlotField>,
    /// `PhantomData`, which a scope needs whose services do not mention its lifetime.
    pub(super) markers: Vec<Ident>,
    /// What is in the fields whose role cannot be told.
    pub(super) unclear: Vec<Type>,
    /// All fields in order, since `open` takes what is given in that order.
    pub(super) order: Vec<Ident>,
}

/// The scope that this one opens under.
pub(super) struct Parent {
    pub(super) field: Ident,
    /// `&'req App`
    pub(super) ty: Type,
    /// `App`
    pub(super) scope: Type,
    /// What is seen of it; everything if not said.
    pub(super) inherits: Option<Vec<Type>>,
}

/// A field that is given when the scope opens.
pub(super) struct Given {
    pub(super) field: Ident,
    pub(super) ty: Type,
    /// The trait object that it also provides.
    pub(super) provides: Option<Type>,
}

/// A field that the scope builds.
pub(super) struct SlotField {
    pub(super) field: Ident,
    pub(super) ty: Type,
    pub(super) service: Type,
    pub(super) provides: Option<Type>,
}

/// The container, as far as it can be told, and what is wrong with it.
pub(super) fn check(written: &Written) -> (Container, syn::Result<()>) {
    let mut errors = Errors::default();
    if let Err(earlier) = written.errors.as_result() {
        errors.push(earlier);
    }
    for parameter in &written.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.push(diagnostics::generic(parameter, "scope"));
        }
    }
    let mut container = Container {
        runtime: Runtime::new(written.options.value("crate", "path", &mut errors)),
        no_prelude: written.options.word("no_prelude", &mut errors).is_some(),
        name: written.name.clone(),
        visibility: written.visibility.clone(),
        generics: written.generics.clone(),
        lifetime: written.generics.lifetimes().last().map(|own| own.lifetime.clone()),
        parent: None,
        observer: None,
        seeds: Vec::new(),
        slots: Vec::new(),
        markers: Vec::new(),
        unclear: Vec::new(),
        order: written.fields.iter().map(|field| field.name.clone()).collect(),
    };
    for field in &written.fields {
        place(field, &mut container, &mut errors);
    }
    let says_parent = written.fields.iter().any(|field| field.options.name_of("parent").is_some());
    match (&container.parent, &container.lifetime) {
        _ if !written.has_fields => {}
        (None, Some(_)) if !says_parent => errors.push(diagnostics::root_with_lifetime(&container.name)),
        (Some(_), None) => errors.push(diagnostics::child_without_lifetime(&container.name)),
        _ => {}
    }
    one_provider_each(&container, &mut errors);
    (container, errors.as_result())
}

/// Gives the field its role.
fn place(field: &WrittenField, container: &mut Container, errors: &mut Errors) {
    let parent = field.options.word("parent", errors);
    let seed = field.options.word("seed", errors);
    let observer = field.options.word("observer", errors);
    let provides: Option<Type> = field.options.value("provides", "dyn Trait", errors);
    let inherits: Option<Vec<Type>> = field.options.list("inherits", "(Type, Type)", errors);
    let roles: Vec<&Ident> = [&parent, &seed, &observer].into_iter().flatten().collect();
    if let [first, second, ..] = roles[..] {
        errors.push(diagnostics::options_exclude(second, &first.to_string(), diagnostics::ONE_ROLE));
        container.unclear.push(field.ty.clone());
        return;
    }

    if let Some(service) = slot_service(&field.ty) {
        if let Some(role) = roles.first() {
            errors.push(diagnostics::role_on_slot(role));
        }
        if let Some(service) = service {
            container.slots.push(SlotField {
                field: field.name.clone(),
                ty: field.ty.clone(),
                service,
                provides,
            });
        } else {
            errors.push(diagnostics::slot_without_type(&field.ty));
        }
    } else if parent.is_some() {
        match (&container.parent, &field.ty) {
            (Some(first), _) => errors.push(diagnostics::two_fields(&field.name, &first.field, "parent")),
            (None, Type::Reference(reference)) => {
                let scope = (*reference.elem).clone();
                container.parent =
                    Some(Parent { field: field.name.clone(), ty: field.ty.clone(), scope, inherits });
            }
            (None, ty) => errors.push(diagnostics::parent_by_value(ty)),
        }
    } else if observer.is_some() {
        match &container.observer {
            Some(first) => errors.push(diagnostics::two_fields(&field.name, &first.field, "observer")),
            None => {
                container.observer =
                    Some(Given { field: field.name.clone(), ty: field.ty.clone(), provides });
            }
        }
    } else if seed.is_some() {
        container.seeds.push(Given { field: field.name.clone(), ty: field.ty.clone(), provides });
    } else if is_marker(&field.ty) {
        container.markers.push(field.name.clone());
    } else {
        errors.push(diagnostics::unmarked_field(&field.name, &field.ty));
        container.unclear.push(field.ty.clone());
    }
}

fn is_marker(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "PhantomData"))
}

/// `Some` if the type is `Slot` or `Transient`, with what is in it.
#[expect(clippy::option_option, reason = "is it a slot, and does it say of what")]
fn slot_service(ty: &Type) -> Option<Option<Type>> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    (last.ident == "Slot" || last.ident == "Transient").then(|| type_argument(last).cloned())
}

/// What a seed provides: references, boxes and arcs are looked through.
pub(super) fn seen_through(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => &reference.elem,
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Box" || last.ident == "Arc" => type_argument(last).unwrap_or(ty),
            _ => ty,
        },
        _ => ty,
    }
}

fn one_provider_each(container: &Container, errors: &mut Errors) {
    let slots = container.slots.iter().map(|slot| (&slot.field, &slot.service, &slot.provides));
    let seeds = container.seeds.iter().map(|seed| (&seed.field, seen_through(&seed.ty), &seed.provides));
    let mut seen: Vec<(&Ident, &Type)> = Vec::new();
    for (field, ty, also) in seeds.chain(slots) {
        for provided in [Some(ty), also.as_ref()].into_iter().flatten() {
            let text = provided.to_token_stream().to_string();
            match seen.iter().find(|(_, earlier)| earlier.to_token_stream().to_string() == text) {
                Some((first, _)) => errors.push(diagnostics::two_providers(field, provided, first)),
                None => seen.push((field, provided)),
            }
        }
    }
}

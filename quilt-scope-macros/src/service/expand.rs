//! What it becomes: `Service` and `Construct`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse_quote;
use syn::spanned::Spanned as _;

use super::check::{Lives, Service};
use crate::attributes::{hidden, type_parameter};
use crate::injected::{bare_name, found_out, has_lifetime};
use crate::lifetimes::{Also, with_lifetime};
use crate::paths::{allow_absolute_paths, silent};

pub(super) fn expand(service: &Service) -> TokenStream {
    let facts = facts(service, &itself(service));
    let construct = construct(service);
    let borrows = has_lifetime(&service.ty) && !service.dependencies.is_empty();
    let found_out = found_out(borrows, &service.dependencies, &service.runtime);
    let stays = (service.lives != Lives::Singleton).then(|| stays(service));
    let wiped = service.secrets.then(|| wiped(service));
    let allow = allow_absolute_paths(Span::call_site());
    quote! {
        #allow
        const _: () = {
            #found_out
            #facts
            #construct
        };
        #stays
        #wiped
    }
}

/// Refuses a service that could be carried out of its request.
fn stays(service: &Service) -> TokenStream {
    let name = bare_name(&service.ty);
    let ty = with_lifetime(&service.ty, &parse_quote!('static), Also::Everything);
    let runtime = service.runtime.at(ty.span());
    let allow = allow_absolute_paths(ty.span());
    quote_spanned! {ty.span()=>
        #allow
        const _: () = {
            use #runtime::__private::Stays as _;
            #runtime::__private::assert_stays(#name, &[
                ("Copy", #runtime::__private::Carried::<#ty>::COPY),
                ("Clone", #runtime::__private::Carried::<#ty>::CLONE),
                ("Serialize", #runtime::__private::Carried::<#ty>::SERIALIZE),
                ("Deserialize", #runtime::__private::Carried::<#ty>::DESERIALIZE),
            ]);
        };
    }
}

/// Refuses a service that says it holds secrets and does not show that they are wiped.
fn wiped(service: &Service) -> TokenStream {
    let ty = with_lifetime(&service.ty, &parse_quote!('static), Also::Everything);
    let runtime = service.runtime.at(ty.span());
    let allow = allow_absolute_paths(ty.span());
    quote_spanned! {ty.span()=>
        #allow
        const _: fn() = <#ty as #runtime::Secrets>::assert_wiped;
    }
}

/// A service in name only, so that a container which keeps it is not a second error.
pub(super) fn stand_in(service: &Service) -> TokenStream {
    let runtime = service.runtime.path();
    let facts = facts(
        service,
        &quote!(
            type Itself = Self;
            const CHANGES_THREADS: usize = 1;
        ),
    );
    let Service { ty, generics, lifetime, .. } = service;
    let (scope, place) = (type_parameter("AnyScope", ty), type_parameter("AnyPlace", ty));
    let mut generics = generics.clone();
    generics.params.insert(0, parse_quote!(#lifetime));
    generics.params.push(parse_quote!(#scope));
    generics.make_where_clause().predicates.push(parse_quote!(#ty: #lifetime));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        const _: () = {
            #facts
            impl #impl_generics #runtime::Construct<#lifetime, #scope> for #ty #where_clause {
                fn build<#place: #runtime::Place<Self>>(_: &#lifetime #place, _: &#lifetime #scope)
                    -> #runtime::Ready<#lifetime, &#lifetime Self>
                {
                    #runtime::__private::core::unreachable!("it does not compile")
                }
            }
        };
    }
}

/// The type, if it may change threads; otherwise no type at all, so that it is told so here and nowhere else.
fn itself(service: &Service) -> TokenStream {
    let (runtime, ty) = (service.runtime.path(), &service.ty);
    let of_all = with_lifetime(ty, &parse_quote!('static), Also::Everything);
    // At the type, for what it lacks is said there.
    let at = service.runtime.at(ty.span());
    // Of one that keeps what has been told the same, nothing.
    let kept: Vec<_> = match has_lifetime(ty) {
        true => service.dependencies.iter().filter_map(|one| one.kept(&service.runtime)).collect(),
        false => Vec::new(),
    };
    let (count, asked) = match kept.as_slice() {
        [] => (None, quote!(#ty)),
        kept => (
            Some(quote!(const KEPT: usize = #at::__private::one_of_all(&[#(#kept),*]);)),
            quote_spanned!(ty.span()=> <[(); KEPT] as #at::__private::Then<#ty>>::Itself),
        ),
    };
    let changes = quote_spanned! {ty.span()=>
        const CHANGES_THREADS: usize = {
            #[allow(unused_imports, reason = "for what is not Sync")]
            use #at::__private::NotShared as _;
            #count
            #at::changes_threads::<#asked>(#at::Sent::<#asked>::known)
        };
    };
    quote! {
        type Itself = <
            [(); <#of_all as #runtime::Service>::CHANGES_THREADS] as #runtime::__private::Then<Self>
        >::Itself;
        #changes
    }
}

/// Name, lifetime and dependencies, as data.
fn facts(service: &Service, itself: &TokenStream) -> TokenStream {
    let runtime = service.runtime.path();
    let Service { ty, generics, is_async, .. } = service;
    let is_fallible = service.fails.is_some();
    let name = bare_name(ty);
    let (lifetime, lives) = match service.lives {
        Lives::Singleton => (quote!(Singleton), "singleton"),
        Lives::Request => (quote!(RequestScoped), "request-scoped"),
        Lives::Transient => (quote!(Transient), "transient"),
    };
    let gate = if *is_async { quote!(Queue) } else { quote!(Turnstile) };
    let gate = quote!(#runtime::__private::#gate);
    let (gate, close) = match &service.close {
        Some(method) => {
            let at = service.runtime.at(method.span());
            let closed = quote_spanned!(method.span()=> #at::close_body(Self::#method(self)));
            (
                quote!(#runtime::__private::Closing<#gate>),
                quote! {
                    const CLOSES: bool = true;
                    fn close(&self) -> #runtime::BoxFuture<'_, ()> {
                        #closed
                    }
                },
            )
        }
        None => (gate, TokenStream::new()),
    };
    let dependencies = service.dependencies.iter().map(|dependency| {
        let parameter = dependency.name.to_string();
        let type_name = dependency.type_name();
        let lazy = dependency.lazy;
        // A key does not depend on lifetimes, and the scope's own is not declared here.
        let service = with_lifetime(&dependency.written, &parse_quote!('static), Also::Nothing);
        quote! {
            #runtime::__private::Dependency::new(#parameter, #type_name, #lazy, {
                use #runtime::__private::KeyedByName as _;
                #runtime::__private::Keyed::<#service>::KEY
            })
        }
    });
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let silent = silent(service.no_prelude);
    quote! {
        #silent
        impl #impl_generics #runtime::Service for #ty #where_clause {
            type Lifetime = #runtime::lifetime::#lifetime;
            #itself
            type Gate = #gate;
            const KEY: #runtime::__private::Key = #runtime::__private::Key::of_service(
                #runtime::__private::core::module_path!(),
                #runtime::__private::core::line!(),
                #runtime::__private::core::column!(),
                #name,
            );
            const DEPENDENCIES: &'static [#runtime::__private::Dependency] = &[#(#dependencies),*];
            const INFO: &'static #runtime::__private::ServiceInfo = &#runtime::__private::ServiceInfo::new(
                #name, #lives, #is_async, #is_fallible, Self::DEPENDENCIES, Self::KEY,
            );
            #close
        }
    }
}

/// How a scope builds it.
fn construct(service: &Service) -> TokenStream {
    let runtime = service.runtime.path();
    let Service { ty, generics, lifetime, .. } = service;
    let (scope, place) = (hidden("scope"), hidden("place"));
    let written: Vec<_> = service.dependencies.iter().map(|dependency| &dependency.service).collect();
    let (scope_type, place_type) = (
        type_parameter("AnyScope", quote!(#ty #(#written)*)),
        type_parameter("AnyPlace", quote!(#ty #(#written)*)),
    );
    let scope_type_tokens = quote!(#scope_type);

    let mut impl_generics = generics.clone();
    if !generics.lifetimes().any(|own| own.lifetime == *lifetime) {
        impl_generics.params.insert(0, parse_quote!(#lifetime));
    }
    impl_generics.params.push(parse_quote!(#scope_type));
    let where_clause = impl_generics.make_where_clause();
    where_clause.predicates.push(parse_quote!(#scope_type: #runtime::SharedScope + #lifetime));
    for other in generics.lifetimes().filter(|own| own.lifetime != *lifetime) {
        where_clause.predicates.push({
            let other = &other.lifetime;
            parse_quote!(#other: #lifetime)
        });
    }
    for dependency in &service.dependencies {
        let bound = dependency.held(&scope_type_tokens, lifetime, &service.runtime);
        where_clause.predicates.push(parse_quote!(#bound));
        let whole = quote!(<#scope_type as #runtime::Scope>::Whole);
        let shared = dependency.shared("'any", &service.runtime);
        let also = shared.into_iter().chain(dependency.shares(&whole, &service.runtime));
        let also: syn::WhereClause = parse_quote!(where #(#also),*);
        where_clause.predicates.extend(also.predicates);
    }
    let (impl_generics, _, where_clause) = impl_generics.split_for_impl();

    let names: Vec<_> = service.dependencies.iter().map(|dependency| &dependency.name).collect();
    let asks = service.dependencies.iter().map(|dependency| dependency.take(&scope, &service.runtime));
    let asked = quote!((#(#asks,)*));
    let given = (!names.is_empty()).then(|| {
        quote! {
            #[allow(unused_imports, reason = "for seeds and objects")]
            use #runtime::__private::OfNoService as _;
        }
    });
    let resolved = quote!(#runtime::__private::Join::join(#asked));
    // At the type, for what the type lacks is said there: `Send`, `Sync`.
    let at = ty.span();
    let runtime_at = service.runtime.at(at);
    let made = made(service);
    let body = match (service.is_async, service.fails) {
        (false, None) => quote_spanned! {at=>
            #runtime_at::build(#place, #scope, #resolved, |(#(#names,)*)| #made)
        },
        (false, Some(_)) => quote_spanned! {at=>
            #runtime_at::build_fallible(#place, #scope, #resolved, |(#(#names,)*)| { #made })
        },
        (true, _) => quote_spanned! {at=>
            #runtime_at::build_async(#place, #scope, async move {
                let (#(#names,)*) = #runtime::__private::Join::all(#asked).await.map_err(#runtime::__private::dependency_failed::<Self>)?;
                #made
            })
        },
    };
    // As if written at the type, for a message shows the place of an implementation.
    let implementation = quote_spanned!(at=> #runtime_at::Construct<#lifetime, #scope_type>);
    let implement = quote_spanned!(at=> impl);
    quote! {
        #implement #impl_generics #implementation for #ty #where_clause {
            #[inline]
            fn build<#place_type>(#place: &#lifetime #place_type, #scope: &#lifetime #scope_type)
                -> #runtime::Ready<#lifetime, &#lifetime Self>
            where
                #place_type: #runtime::Place<Self>,
            {
                #given
                #body
            }
        }
    }
}

/// What the constructor makes, as its `build` function wants it.
fn made(service: &Service) -> TokenStream {
    let runtime = service.runtime.path();
    let Service { constructor, dependencies, is_async, .. } = service;
    let names = dependencies.iter().map(|dependency| &dependency.name);
    let called = quote_spanned!(constructor.span()=> Self::#constructor(#(#names),*));
    // At the constructor's name, for that is where to say that its future is not `Send`: its own before that of the whole.
    let at = service.runtime.at(constructor.span());
    let called = if *is_async {
        quote_spanned!(constructor.span()=> #at::service_body(#called).await)
    } else {
        called
    };
    // At the error, for what it lacks is said there.
    match service.fails {
        Some(fails) => {
            let (at, mut made) = (service.runtime.at(fails), hidden("made"));
            made.set_span(fails);
            let answer = quote_spanned!(fails=> #at::Failure::built(#made));
            quote!(let #made = #called; #answer)
        }
        None if *is_async => quote!(#runtime::__private::core::result::Result::Ok(#called)),
        None => called,
    }
}

//! What the macros write, held as files in `tests/expanded` so that a change of it is seen in review.
//!
//! `EXPANDED=overwrite cargo test -p quilt-scope-macros` writes them anew; read the difference.

mod shape;

use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::{scope, scoped_tool, scoped_tools, secrets, service, tool_set};

const SERVICES: [&str; 4] =
    ["service_plain", "service_async_fallible", "service_singleton", "service_transient"];

/// Every case by name: a macro, applied to something.
fn expand(case: &str) -> TokenStream {
    match case {
        "service_plain" => service::expand(
            quote!(),
            quote! {
                impl<'req> Auth<'req> {
                    pub fn new(principal: &'req Principal, pool: &'req Pool) -> Self {
                        Self { principal, pool }
                    }
                }
            },
        ),
        "service_async_fallible" => service::expand(
            quote!(new = connect, close = flush),
            quote! {
                impl<'req> Session<'req> {
                    pub async fn connect(
                        credentials: &'req dyn Credentials,
                        audit: Lazy<'req, Audit>,
                    ) -> Result<Self, Refused> {
                        Self::open(credentials, audit).await
                    }
                }
            },
        ),
        "service_singleton" => service::expand(
            quote!(singleton),
            quote! {
                impl Pool {
                    pub fn new(config: &Config) -> Result<Self, Refused> {
                        Self::open(config)
                    }
                }
            },
        ),
        "service_transient" => service::expand(
            quote!(transient),
            quote! {
                impl Stamp {
                    pub fn new() -> Self {
                        Self
                    }
                }
            },
        ),
        "scope_root" => scope::expand(quote! {
            pub struct App {
                #[scope(seed)]
                config: Config,
                pool: Slot<Pool>,
            }
        }),
        "scope_request" => scope::expand(quote! {
            pub struct RequestScope<'req> {
                #[scope(parent)]
                app: &'req App,
                #[scope(observer)]
                watch: &'req Watch<'req, Reporter>,
                #[scope(seed, provides = dyn Credentials)]
                credentials: Box<Fixed>,
                stamps: Transient<Stamp>,
                auth: Slot<Auth<'req>>,
            }
        }),
        "scope_child" => scope::expand(quote! {
            struct StepScope<'req, 'step> {
                #[scope(parent, inherits(Cache))]
                request: &'req RequestScope<'req>,
                #[scope(seed)]
                number: u32,
                lives: PhantomData<&'step ()>,
            }
        }),
        "scope_with_a_mistake" => scope::expand(quote! {
            pub struct RequestScope<'req> {
                #[scope(parent)]
                app: &'req App,
                principal: Principal,
                auth: Slot<Auth<'req>>,
            }
        }),
        "tool" => scoped_tool::expand(
            quote!(read_only, title = "List objects"),
            quote! {
                /// List the objects in a bucket.
                pub async fn bucket_list(
                    objects: &Objects<'_>,
                    audit: Lazy<'_, Audit>,
                    /// Bucket name.
                    #[length(3..=63)]
                    #[pattern("^[a-z]+$")]
                    bucket: String,
                    #[default(100)]
                    #[range(1..=1000)]
                    max_keys: u32,
                    prefix: Option<String>,
                ) -> Result<Listing, Refused> {
                    objects.list(bucket, max_keys, prefix).await
                }
            },
        ),
        "tool_params" => scoped_tool::expand(
            quote!(),
            quote! {
                fn search(index: &Index, #[params] search: Search) -> Found {
                    index.find(search)
                }
            },
        ),
        "tool_with_a_mistake" => scoped_tool::expand(
            quote!(readonly),
            quote! {
                fn search(words: String) -> Found {
                    Found::of(words)
                }
            },
        ),
        "secrets" => secrets::expand(quote! {
            pub struct Session<'req> {
                principal: &'req Principal,
                token: Option<Zeroizing<String>>,
                #[secrets(none)]
                region: String,
            }
        }),
        "tool_accessors" => scoped_tool::expand(
            quote!(read_only, accessors(auth_service: AuthService<'_>, permission_discovery: Lazy<'_, Permissions<'_>>)),
            quote! {
                /// What the caller may do with a bucket.
                pub async fn check_bucket_access(bucket: String) -> Result<Access, Refused> {
                    let who = auth_service().name();
                    permission_discovery().get().await?.check(who, bucket).await
                }
            },
        ),
        "tools_module" => scoped_tools::expand(
            quote!(accessors(auth_service: AuthService<'_>, workflow_service: Workflows<'_>)),
            quote! {
                pub mod tools {
                    #[scoped_tool]
                    pub async fn template_apply(id: String) -> Result<Done, Refused> {
                        let (created, _) = join!(create(id.clone()), audit(&id));
                        created
                    }

                    /// A tool, and called by another.
                    #[scoped_tool(idempotent)]
                    pub async fn create(id: String) -> Result<Done, Refused> {
                        workflow_service().create(&id).await
                    }

                    async fn audit(id: &str) -> Option<Entry> {
                        entry(auth_service().name(), id)
                    }

                    fn entry(who: &str, id: &str) -> Option<Entry> {
                        Entry::of(who, id)
                    }
                }
            },
        ),
        "table" => tool_set::expand(quote!(quilt_scope; bucket::bucket_list, search)),
        "table_of_a_scope" => {
            tool_set::expand(quote!(quilt_scope; Scope<'static>: bucket::bucket_list, search))
        }
        other => unreachable!("no case `{other}`"),
    }
}

const OTHERS: [&str; 12] = [
    "scope_root",
    "scope_request",
    "scope_child",
    "scope_with_a_mistake",
    "tool",
    "tool_params",
    "tool_with_a_mistake",
    "secrets",
    "tool_accessors",
    "tools_module",
    "table",
    "table_of_a_scope",
];

#[test]
fn expansions_are_as_they_were_reviewed() {
    for case in SERVICES.iter().chain(&OTHERS) {
        let written = readable(&expand(case));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expanded").join(format!("{case}.rs"));
        if std::env::var_os("EXPANDED").is_some_and(|value| value == "overwrite") {
            fs::write(&path, &written).expect("the folder is there");
        }
        let reviewed = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == reviewed, "{} differs; it would be now:\n{written}", path.display());
    }
}

/// Laid out as rustfmt would. A table is an expression, so it needs something around it.
fn readable(tokens: &TokenStream) -> String {
    let file = syn::parse2(tokens.clone())
        .or_else(|_| syn::parse2(quote!(fn table() -> ToolSet<Scope> { #tokens })))
        .expect("an expansion is Rust");
    prettyplease::unparse(&file)
}

/// A module may shadow anything, so an expansion goes to our crate by the path it was told, and nowhere by another.
#[test]
fn a_crate_path_given_by_option_is_the_only_way_to_our_crate() {
    let given = quote!(crate = elsewhere::renamed);
    let block = quote!(
        impl<'req> Auth<'req> {
            async fn new(pool: &'req Pool) -> Result<Self, Refused> {
                todo()
            }
        }
    );
    let function = quote! {
        fn search(pool: &Pool, lazy: Lazy<'_, Pool>, #[range(1..=2)] #[length(1..=2)] #[pattern("a")] words: String) -> Found { todo() }
    };
    let container = quote! {
        #[scope(crate = elsewhere::renamed)]
        struct RequestScope<'req> {
            #[scope(parent)]
            app: &'req App,
            #[scope(seed, provides = dyn Credentials)]
            fixed: Fixed,
            auth: Slot<Auth<'req>>,
        }
    };
    let expansions = [
        service::expand(given.clone(), block),
        service::expand(given.clone(), quote!(impl Auth { fn no_constructor() {} })),
        scoped_tool::expand(given.clone(), function),
        scoped_tool::expand(
            quote!(crate = elsewhere::renamed, mistake),
            quote!(
                fn search() -> Found {
                    todo()
                }
            ),
        ),
        scoped_tools::expand(
            quote!(crate = elsewhere::renamed, accessors(auth: Auth)),
            quote!(
                mod tools {
                    fn helper() -> usize {
                        auth().key.len()
                    }
                }
            ),
        ),
        scope::expand(container),
        tool_set::expand(quote!(elsewhere::renamed; search)),
    ];
    for expansion in expansions {
        let text = expansion.to_string();
        assert!(text.contains("elsewhere :: renamed"), "{text}");
        assert!(!mentions(expansion, "quilt_scope"), "{text}");
    }
    assert!(mentions(
        service::expand(quote!(), quote!(impl Auth { fn new() -> Self { Self } })),
        "quilt_scope"
    ));
}

fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{name}::")),
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) => false,
    })
}

/// What expands to something with a mistake still has the user's own item in it.
#[test]
fn the_users_item_is_emitted_after_a_mistake() {
    let tool = expand("tool_with_a_mistake").to_string();
    assert!(tool.contains("compile_error") && tool.contains("fn search"), "{tool}");
    let service = service::expand(quote!(), quote!(impl Auth { fn connect() -> Self { Self } })).to_string();
    assert!(service.contains("compile_error") && service.contains("fn connect"), "{service}");
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "what a tool takes by value is its input"
)]
/// List the objects in a bucket.
pub async fn bucket_list(
    objects: &Objects<'_>,
    audit: Lazy<'_, Audit>,
    bucket: String,
    max_keys: u32,
    prefix: Option<String>,
) -> Result<Listing, Refused> {
    objects.list(bucket, max_keys, prefix).await
}
#[allow(non_camel_case_types, reason = "a tool goes by the name of its function")]
///The tool of the function [`bucket_list`](fn@bucket_list).
pub struct bucket_list {}
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    #[allow(unused_imports, reason = "most modules have a prelude")]
    use ::quilt_scope::__private::prelude::{
        Default as _, Into as _, Some, ToString as _,
    };
    #[derive(
        ::quilt_scope::__private::serde::Deserialize,
        ::quilt_scope::__private::schemars::JsonSchema
    )]
    #[serde(crate = "::quilt_scope::__private::serde", deny_unknown_fields)]
    #[schemars(crate = "::quilt_scope::__private::schemars")]
    struct __quilt_scope_Arguments {
        /// Bucket name.
        #[schemars(regex(pattern = "^[a-z]+$"))]
        bucket: String,
        #[serde(default = "__quilt_scope_default_max_keys")]
        #[schemars(range(min = 1, max = 1000))]
        max_keys: u32,
        #[serde(default)]
        prefix: Option<String>,
    }
    fn __quilt_scope_default_max_keys() -> u32 {
        100
    }
    impl ::quilt_scope::Named for bucket_list {
        const NAME: &'static str = "bucket_list";
        const TOOL: &'static Self = &Self {};
    }
    impl ::quilt_scope::Describe for bucket_list {
        fn descriptor(&self) -> ::quilt_scope::Descriptor {
            ::quilt_scope::Descriptor::new(
                "bucket_list",
                "List objects",
                "List the objects in a bucket.",
                ::quilt_scope::__private::input_schema::<__quilt_scope_Arguments>(),
                ::quilt_scope::__private::output_schema::<Listing>(),
                ::quilt_scope::Hints::NONE.read_only(),
            )
        }
    }
    impl<__quilt_scope_C> ::quilt_scope::Tool<__quilt_scope_C> for bucket_list
    where
        __quilt_scope_C: ::quilt_scope::Container,
        for<'__req> __quilt_scope_C::Scope<
            '__req,
        >: ::quilt_scope::Provides<'__req, Objects<'__req>>,
        for<'__req> __quilt_scope_C::Scope<
            '__req,
        >: ::quilt_scope::Provides<'__req, Audit>,
    {
        #[allow(unused_variables, reason = "a tool may take nothing")]
        fn call<'__req>(
            &'__req self,
            __quilt_scope_scope: &'__req __quilt_scope_C::Scope<'__req>,
            __quilt_scope_raw: ::quilt_scope::JsonObject,
        ) -> ::quilt_scope::BoxFuture<
            '__req,
            ::quilt_scope::__private::core::result::Result<
                ::quilt_scope::__private::serde_json::Value,
                ::quilt_scope::CallError,
            >,
        > {
            ::quilt_scope::__private::core::boxed::Box::pin(async move {
                let __quilt_scope_arguments = ::quilt_scope::__private::parse::<
                    __quilt_scope_Arguments,
                >(__quilt_scope_raw)?;
                {
                    static PATTERN: ::quilt_scope::__private::Pattern = ::quilt_scope::__private::Pattern::new(
                        "^[a-z]+$",
                    );
                    PATTERN.check("bucket", [&__quilt_scope_arguments.bucket])?;
                }
                ::quilt_scope::__private::check_range(
                    "max_keys",
                    [&__quilt_scope_arguments.max_keys],
                    1..=1000,
                )?;
                let (__quilt_scope_injected_0, __quilt_scope_injected_1) = ::quilt_scope::__private::Join::all((
                        <__quilt_scope_C::Scope<
                            '__req,
                        > as ::quilt_scope::Provides<
                            '__req,
                            Objects<'__req>,
                        >>::provide(__quilt_scope_scope),
                        ::quilt_scope::Ready::now(
                            ::quilt_scope::Lazy::<
                                '__req,
                                Audit,
                            >::from_scope(__quilt_scope_scope),
                        ),
                    ))
                    .await
                    .map_err(::quilt_scope::CallError::Scope)?;
                ::quilt_scope::__private::IntoOutcome::into_outcome(
                    ::quilt_scope::__private::Fallible(
                        bucket_list(
                                __quilt_scope_injected_0,
                                __quilt_scope_injected_1,
                                __quilt_scope_arguments.bucket,
                                __quilt_scope_arguments.max_keys,
                                __quilt_scope_arguments.prefix,
                            )
                            .await,
                    ),
                )
            })
        }
    }
};

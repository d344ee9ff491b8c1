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
        #[schemars(length(min = 3, max = 63))]
        #[schemars(regex(pattern = "^[a-z]+$"))]
        #[serde(deserialize_with = "__quilt_scope_read_bucket")]
        #[schemars(schema_with = "__quilt_scope_schema_bucket")]
        bucket: String,
        #[serde(default = "__quilt_scope_default_max_keys")]
        #[schemars(range(min = 1, max = 1000))]
        #[serde(deserialize_with = "__quilt_scope_read_max_keys")]
        #[schemars(schema_with = "__quilt_scope_schema_max_keys")]
        max_keys: u32,
        #[serde(default)]
        #[serde(deserialize_with = "__quilt_scope_read_prefix")]
        #[schemars(schema_with = "__quilt_scope_schema_prefix")]
        prefix: Option<String>,
    }
    fn __quilt_scope_default_max_keys() -> u32 {
        100
    }
    fn __quilt_scope_read_bucket<
        'de,
        D: ::quilt_scope::__private::serde::Deserializer<'de>,
    >(given: D) -> ::quilt_scope::__private::core::result::Result<String, D::Error> {
        <String as ::quilt_scope::Input>::read(given)
    }
    fn __quilt_scope_schema_bucket(
        generator: &mut ::quilt_scope::__private::schemars::SchemaGenerator,
    ) -> ::quilt_scope::__private::schemars::Schema {
        <String as ::quilt_scope::Input>::describe(generator)
    }
    fn __quilt_scope_read_max_keys<
        'de,
        D: ::quilt_scope::__private::serde::Deserializer<'de>,
    >(given: D) -> ::quilt_scope::__private::core::result::Result<u32, D::Error> {
        <u32 as ::quilt_scope::Input>::read(given)
    }
    fn __quilt_scope_schema_max_keys(
        generator: &mut ::quilt_scope::__private::schemars::SchemaGenerator,
    ) -> ::quilt_scope::__private::schemars::Schema {
        <u32 as ::quilt_scope::Input>::describe(generator)
    }
    fn __quilt_scope_read_prefix<
        'de,
        D: ::quilt_scope::__private::serde::Deserializer<'de>,
    >(
        given: D,
    ) -> ::quilt_scope::__private::core::result::Result<Option<String>, D::Error> {
        <Option<String> as ::quilt_scope::Input>::read(given)
    }
    fn __quilt_scope_schema_prefix(
        generator: &mut ::quilt_scope::__private::schemars::SchemaGenerator,
    ) -> ::quilt_scope::__private::schemars::Schema {
        <Option<String> as ::quilt_scope::Input>::describe(generator)
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
                <__quilt_scope_Arguments as ::quilt_scope::Input>::schema(),
                <Listing as ::quilt_scope::Output>::schema(),
                ::quilt_scope::Hints::NONE.read_only(),
            )
        }
    }
    impl<AnyContainer> ::quilt_scope::Tool<AnyContainer> for bucket_list
    where
        AnyContainer: ::quilt_scope::Container,
        for<'req> AnyContainer::Scope<
            'req,
        >: ::quilt_scope::Provides<'req, Objects<'req>>,
        for<'req> AnyContainer::Scope<'req>: ::quilt_scope::Provides<'req, Audit>,
    {
        #[allow(unused_variables, reason = "a tool may take nothing")]
        fn call<'req>(
            &'req self,
            __quilt_scope_scope: &'req AnyContainer::Scope<'req>,
            __quilt_scope_raw: ::quilt_scope::JsonObject,
        ) -> ::quilt_scope::BoxFuture<
            'req,
            ::quilt_scope::__private::core::result::Result<
                ::quilt_scope::__private::serde_json::Value,
                ::quilt_scope::CallError,
            >,
        > {
            ::quilt_scope::tool_future(async move {
                let __quilt_scope_Arguments {
                    bucket: given_bucket,
                    max_keys: given_max_keys,
                    prefix: given_prefix,
                } = <__quilt_scope_Arguments as ::quilt_scope::Input>::read_all(
                    __quilt_scope_raw,
                )?;
                <String as ::quilt_scope::Length>::held(
                    &given_bucket,
                    "bucket",
                    3..=63,
                )?;
                {
                    static PATTERN: ::quilt_scope::__private::Pattern = ::quilt_scope::__private::Pattern::new(
                        "^[a-z]+$",
                    );
                    PATTERN.check("bucket", [&given_bucket])?;
                }
                ::quilt_scope::__private::check_range(
                    "max_keys",
                    [&given_max_keys],
                    1..=1000,
                )?;
                let (__quilt_scope_injected_0, __quilt_scope_injected_1) = ::quilt_scope::__private::Join::all((
                        <AnyContainer::Scope<
                            'req,
                        > as ::quilt_scope::Provides<
                            'req,
                            Objects<'req>,
                        >>::provide(__quilt_scope_scope),
                        ::quilt_scope::Ready::now(
                            ::quilt_scope::Lazy::<
                                'req,
                                Audit,
                            >::from_scope(__quilt_scope_scope),
                        ),
                    ))
                    .await
                    .map_err(::quilt_scope::CallError::Scope)?;
                <Listing as ::quilt_scope::Output>::into_value(
                    <Refused as ::quilt_scope::Failure>::answer(
                        bucket_list(
                                __quilt_scope_injected_0,
                                __quilt_scope_injected_1,
                                given_bucket,
                                given_max_keys,
                                given_prefix,
                            )
                            .await,
                    )?,
                )
            })
        }
    }
};

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
    #[allow(unused_imports, reason = "for what is not Sync")]
    use ::quilt_scope::__private::{NotKept as _, NotKnown as _};
    fn __quilt_scope_default_max_keys() -> u32 {
        100
    }
    impl ::quilt_scope::Named for bucket_list {
        const NAME: &'static str = "bucket_list";
        const TOOL: &'static Self = &Self {};
        const SERVICES: &'static [&'static str] = &["Objects", "Audit"];
    }
    impl ::quilt_scope::Describe for bucket_list {
        fn descriptor(&self) -> ::quilt_scope::Descriptor {
            ::quilt_scope::Descriptor::new(
                    "bucket_list",
                    "List objects",
                    "List the objects in a bucket.",
                    ::quilt_scope::__private::Inputs::schema(|__quilt_scope_inputs| {
                        <String as ::quilt_scope::Input>::describe(
                                __quilt_scope_inputs,
                                "bucket",
                                "Bucket name.",
                            )
                            .length(3, 63)
                            .pattern("^[a-z]+$");
                        <u32 as ::quilt_scope::Input>::describe(
                                __quilt_scope_inputs,
                                "max_keys",
                                "",
                            )
                            .optional({
                                use ::quilt_scope::__private::NotShown as _;
                                ::quilt_scope::__private::Shown(
                                        __quilt_scope_default_max_keys(),
                                    )
                                    .value()
                            })
                            .range(1, 1000);
                        <Option<
                            String,
                        > as ::quilt_scope::Input>::describe(
                                __quilt_scope_inputs,
                                "prefix",
                                "",
                            )
                            .optional(::quilt_scope::__private::NULL);
                    }),
                    <Listing as ::quilt_scope::Output>::schema(),
                    ::quilt_scope::Hints::NONE.read_only(),
                )
                .taking(<Self as ::quilt_scope::Named>::SERVICES)
        }
    }
    impl<AnyContainer> ::quilt_scope::Tool<AnyContainer> for bucket_list
    where
        AnyContainer: ::quilt_scope::Container,
        for<'req> AnyContainer::Scope<'req>: ::quilt_scope::SharedScope,
        for<'req> AnyContainer::Scope<
            'req,
        >: ::quilt_scope::Provides<'req, Objects<'req>>,
        for<'any> AnyContainer::Whole: ::quilt_scope::__private::Then<
            Objects<'any>,
            Itself = Objects<'any>,
        >,
        for<'any> <[(); ::quilt_scope::__private::Known::<
            Objects<'static>,
        >::SHARED] as ::quilt_scope::__private::Asks<
            AnyContainer::Whole,
            Objects<'any>,
        >>::Of: ::quilt_scope::__private::core::marker::Sync,
        for<'req> AnyContainer::Scope<'req>: ::quilt_scope::Provides<'req, Audit>,
        AnyContainer::Whole: ::quilt_scope::__private::Shares<Audit>,
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
                #[allow(unused_imports, reason = "for seeds and objects")]
                use ::quilt_scope::__private::OfNoService as _;
                let [given_bucket, given_max_keys, given_prefix] = ::quilt_scope::__private::arguments(
                    &["bucket", "max_keys", "prefix"],
                    __quilt_scope_raw,
                )?;
                let given_bucket = <String as ::quilt_scope::Input>::take(given_bucket)?;
                let given_max_keys = <u32 as ::quilt_scope::Input>::take_or(
                    given_max_keys,
                    __quilt_scope_default_max_keys,
                )?;
                let given_prefix = <Option<
                    String,
                > as ::quilt_scope::Input>::take_or(
                    given_prefix,
                    ::quilt_scope::__private::core::default::Default::default,
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
                        ::quilt_scope::__private::Of::<
                            Objects<'req>,
                        >::ask(__quilt_scope_scope),
                        ::quilt_scope::__private::Of::<
                            Audit,
                        >::ask_later(__quilt_scope_scope),
                    ))
                    .await
                    .map_err(::quilt_scope::CallError::Scope)?;
                <Listing as ::quilt_scope::Output>::into_value(
                    <Refused as ::quilt_scope::Failure>::answer(
                        ::quilt_scope::tool_body(
                                bucket_list(
                                    __quilt_scope_injected_0,
                                    __quilt_scope_injected_1,
                                    given_bucket,
                                    given_max_keys,
                                    given_prefix,
                                ),
                            )
                            .await,
                    )?,
                )
            })
        }
    }
};

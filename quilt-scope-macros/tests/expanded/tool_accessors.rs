#[allow(
    clippy::needless_pass_by_value,
    reason = "what a tool takes by value is its input"
)]
/// What the caller may do with a bucket.
pub async fn check_bucket_access(
    auth_service: &AuthService<'_>,
    permission_discovery: Lazy<'_, Permissions<'_>>,
    bucket: String,
) -> Result<Access, Refused> {
    let auth_service = ::quilt_scope::__private::accessor(auth_service);
    let permission_discovery = ::quilt_scope::__private::accessor(permission_discovery);
    let who = auth_service().name();
    permission_discovery().get().await?.check(who, bucket).await
}
#[allow(non_camel_case_types, reason = "a tool goes by the name of its function")]
///The tool of the function [`check_bucket_access`](fn@check_bucket_access).
pub struct check_bucket_access {}
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    #[allow(unused_imports, reason = "for what is not Sync")]
    use ::quilt_scope::__private::{NotKept as _, NotKnown as _};
    impl ::quilt_scope::Named for check_bucket_access {
        const NAME: &'static str = "check_bucket_access";
        const TOOL: &'static Self = &Self {};
        const SERVICES: &'static [&'static str] = &["AuthService", "Permissions"];
    }
    impl ::quilt_scope::Describe for check_bucket_access {
        fn descriptor(&self) -> ::quilt_scope::Descriptor {
            ::quilt_scope::Descriptor::new(
                    "check_bucket_access",
                    "Check bucket access",
                    "What the caller may do with a bucket.",
                    ::quilt_scope::__private::Inputs::schema(|__quilt_scope_inputs| {
                        <String as ::quilt_scope::Input>::describe(
                            __quilt_scope_inputs,
                            "bucket",
                            "",
                        );
                    }),
                    <Access as ::quilt_scope::Output>::schema(),
                    ::quilt_scope::Hints::NONE.read_only(),
                )
                .taking(<Self as ::quilt_scope::Named>::SERVICES)
        }
    }
    impl<AnyContainer> ::quilt_scope::Tool<AnyContainer> for check_bucket_access
    where
        AnyContainer: ::quilt_scope::Container,
        for<'req> AnyContainer::Scope<'req>: ::quilt_scope::SharedScope,
        for<'req> AnyContainer::Scope<
            'req,
        >: ::quilt_scope::Provides<'req, AuthService<'req>>,
        for<'any> AnyContainer::Whole: ::quilt_scope::__private::Then<
            AuthService<'any>,
            Itself = AuthService<'any>,
        >,
        for<'any> <[(); ::quilt_scope::__private::Known::<
            AuthService<'static>,
        >::SHARED] as ::quilt_scope::__private::Asks<
            AnyContainer::Whole,
            AuthService<'any>,
        >>::Of: ::quilt_scope::__private::core::marker::Sync,
        for<'req> AnyContainer::Scope<
            'req,
        >: ::quilt_scope::Provides<'req, Permissions<'req>>,
        for<'any> AnyContainer::Whole: ::quilt_scope::__private::Then<
            Permissions<'any>,
            Itself = Permissions<'any>,
        >,
        for<'any> <[(); ::quilt_scope::__private::Known::<
            Permissions<'static>,
        >::SHARED] as ::quilt_scope::__private::Asks<
            AnyContainer::Whole,
            Permissions<'any>,
        >>::Of: ::quilt_scope::__private::core::marker::Sync,
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
                let [given_bucket] = ::quilt_scope::__private::arguments(
                    &["bucket"],
                    __quilt_scope_raw,
                )?;
                let given_bucket = <String as ::quilt_scope::Input>::take(given_bucket)?;
                let (__quilt_scope_injected_0, __quilt_scope_injected_1) = ::quilt_scope::__private::Join::all((
                        ::quilt_scope::__private::Of::<
                            AuthService<'req>,
                        >::ask(__quilt_scope_scope),
                        ::quilt_scope::__private::Of::<
                            Permissions<'req>,
                        >::ask_later(__quilt_scope_scope),
                    ))
                    .await
                    .map_err(::quilt_scope::CallError::Scope)?;
                <Access as ::quilt_scope::Output>::into_value(
                    <Refused as ::quilt_scope::Failure>::answer(
                        ::quilt_scope::tool_body(
                                check_bucket_access(
                                    __quilt_scope_injected_0,
                                    __quilt_scope_injected_1,
                                    given_bucket,
                                ),
                            )
                            .await,
                    )?,
                )
            })
        }
    }
};

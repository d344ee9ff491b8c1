#[allow(
    clippy::needless_pass_by_value,
    reason = "what a tool takes by value is its input"
)]
fn search(index: &Index, search: Search) -> Found {
    index.find(search)
}
#[allow(non_camel_case_types, reason = "a tool goes by the name of its function")]
///The tool of the function [`search`](fn@search).
struct search {}
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    impl ::quilt_scope::Named for search {
        const NAME: &'static str = "search";
        const TOOL: &'static Self = &Self {};
        const SERVICES: &'static [&'static str] = &["Index"];
    }
    impl ::quilt_scope::Describe for search {
        fn descriptor(&self) -> ::quilt_scope::Descriptor {
            ::quilt_scope::Descriptor::new(
                    "search",
                    "Search",
                    "",
                    <Search as ::quilt_scope::Input>::schema(),
                    <Found as ::quilt_scope::Output>::schema(),
                    ::quilt_scope::Hints::NONE,
                )
                .taking(<Self as ::quilt_scope::Named>::SERVICES)
        }
    }
    impl<AnyContainer> ::quilt_scope::Tool<AnyContainer> for search
    where
        AnyContainer: ::quilt_scope::Container,
        for<'req> AnyContainer::Scope<'req>: ::quilt_scope::SharedScope,
        for<'req> AnyContainer::Scope<'req>: ::quilt_scope::Provides<'req, Index>,
        AnyContainer::Whole: ::quilt_scope::__private::Shares<Index>,
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
                let given_search = ::quilt_scope::held::<
                    Search,
                >(<Search as ::quilt_scope::Input>::read_all(__quilt_scope_raw)?);
                let (__quilt_scope_injected_0,) = ::quilt_scope::__private::Join::all((
                        ::quilt_scope::__private::Of::<Index>::ask(__quilt_scope_scope),
                    ))
                    .await
                    .map_err(::quilt_scope::CallError::Scope)?;
                <Found as ::quilt_scope::Output>::into_value(
                    search(__quilt_scope_injected_0, given_search),
                )
            })
        }
    }
};

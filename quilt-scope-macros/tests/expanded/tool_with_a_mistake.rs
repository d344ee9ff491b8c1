#[allow(
    clippy::needless_pass_by_value,
    reason = "what a tool takes by value is its input"
)]
fn search(words: String) -> Found {
    Found::of(words)
}
::core::compile_error! {
    "unknown option `readonly` of `scoped_tool`; did you mean `read_only`?"
}
#[allow(
    non_camel_case_types,
    dead_code,
    missing_docs,
    reason = "stands in for a tool with a mistake in it"
)]
struct search {}
const _: () = {
    impl ::quilt_scope::Named for search {
        const NAME: &'static str = "search";
        const TOOL: &'static Self = &Self {};
    }
    impl ::quilt_scope::Describe for search {
        fn descriptor(&self) -> ::quilt_scope::Descriptor {
            ::quilt_scope::__private::core::unreachable!("it does not compile")
        }
    }
    impl<AnyContainer: ::quilt_scope::Container> ::quilt_scope::Tool<AnyContainer>
    for search {
        fn call<'req>(
            &'req self,
            _: &'req AnyContainer::Scope<'req>,
            _: ::quilt_scope::JsonObject,
        ) -> ::quilt_scope::BoxFuture<
            'req,
            ::quilt_scope::__private::core::result::Result<
                ::quilt_scope::__private::serde_json::Value,
                ::quilt_scope::CallError,
            >,
        > {
            ::quilt_scope::__private::core::unreachable!("it does not compile")
        }
    }
};

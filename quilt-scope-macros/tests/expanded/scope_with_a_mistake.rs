#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    type __quilt_scope_Mistake = <[(); ::core::compile_error! {
        "what is `principal`? write `Slot<..>` for a service that is built once, `Transient<..>` for one built at each ask, or mark the field: `#[scope(seed)]` for what is given when the scope opens, `#[scope(parent)]` for the scope it opens under, `#[scope(observer)]` for who watches it"
    }] as ::quilt_scope::__private::Mistaken>::Instead;
    #[allow(
        non_upper_case_globals,
        missing_docs,
        dead_code,
        clippy::empty_loop,
        reason = "stands in for a scope with a mistake in it"
    )]
    impl<'req> RequestScope<'req> {
        pub const open: __quilt_scope_Mistake = loop {};
        pub fn get<__T: ?::quilt_scope::__private::core::marker::Sized>(
            &self,
        ) -> __quilt_scope_Mistake {
            loop {}
        }
    }
    impl<'req> ::quilt_scope::Scope for RequestScope<'req> {
        type Observer = ();
        type Whole = [(); 1];
        const SLOTS: &'static [::quilt_scope::__private::Node] = &[];
        const GRAPH: &'static ::quilt_scope::__private::Graph = &::quilt_scope::__private::Graph::new(
            "RequestScope",
            &[],
            Self::SLOTS,
        );
        fn observer(&self) -> &() {
            &()
        }
        fn unclosed<'__s>(&'__s self, _: &mut ::quilt_scope::__private::ToClose<'__s>) {}
    }
    impl<'req> ::quilt_scope::__private::Nested for RequestScope<'req> {
        type Under = ::quilt_scope::__private::core::boxed::Box<Self>;
    }
    impl<'req> ::quilt_scope::Shareable<Self, [(); 1]> for RequestScope<'req> {}
    impl ::quilt_scope::Container for RequestScope<'static> {
        type Scope<'req> = __quilt_scope_Mistake;
        type Whole = __quilt_scope_Mistake;
    }
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Provides<'req, Auth<'req>> for RequestScope<'req> {
        #[inline]
        fn provide(&'req self) -> ::quilt_scope::__private::Asked<'req, Auth<'req>> {
            ::quilt_scope::__private::never()
        }
    }
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Provides<'req, Principal> for RequestScope<'req> {
        #[inline]
        fn provide(&'req self) -> ::quilt_scope::__private::Asked<'req, Principal> {
            ::quilt_scope::__private::never()
        }
    }
    #[diagnostic::do_not_recommend]
    impl<
        'req,
        AnyService: ?::quilt_scope::__private::core::marker::Sized + 'req,
    > ::quilt_scope::Provides<'req, AnyService> for RequestScope<'req>
    where
        App: ::quilt_scope::Provides<'req, AnyService>,
    {
        #[inline]
        fn provide(&'req self) -> ::quilt_scope::__private::Asked<'req, AnyService> {
            <App as ::quilt_scope::Provides<'req, AnyService>>::provide(self.app)
        }
    }
};

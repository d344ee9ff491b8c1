impl<'req, 'step> StepScope<'req, 'step> {
    ///Opens a `StepScope`. Nothing is built until it is asked for.
    #[allow(clippy::too_many_arguments, reason = "as many as the scope has seeds")]
    #[must_use]
    #[inline]
    fn open(request: &'req RequestScope<'req>, number: u32) -> Self
    where
        Self: ::quilt_scope::WholeScope,
    {
        Self {
            request,
            number,
            lives: ::quilt_scope::__private::core::default::Default::default(),
        }
    }
    /// The service `T` of this scope, built now if it has not been built yet.
    #[allow(dead_code, reason = "a scope may be used by tools alone")]
    #[inline]
    fn get<'__get, __T>(&'__get self) -> ::quilt_scope::__private::Asked<'__get, __T>
    where
        __T: ?::quilt_scope::__private::core::marker::Sized + '__get,
        Self: ::quilt_scope::Provides<'__get, __T>,
    {
        <Self as ::quilt_scope::Provides<'__get, __T>>::provide(self)
    }
}
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    #[allow(unused_imports, reason = "what is found out may be inherent")]
    use ::quilt_scope::__private::{NoTable as _, OneProvider as _};
    impl<'req, 'step> ::quilt_scope::Scope for StepScope<'req, 'step> {
        type Observer = ();
        type Whole = [(); ::quilt_scope::__private::one(
            <StepScope<'static, 'static> as ::quilt_scope::Scope>::GRAPH,
        )];
        const SLOTS: &'static [::quilt_scope::__private::Node] = &[];
        const GRAPH: &'static ::quilt_scope::__private::Graph = &::quilt_scope::__private::Graph::new(
                "StepScope",
                &[("number", ::quilt_scope::given::<u32>("u32"))],
                Self::SLOTS,
            )
            .under(<RequestScope<'req> as ::quilt_scope::Scope>::GRAPH);
        #[inline]
        fn observer(&self) -> &Self::Observer {
            &()
        }
        #[allow(unused_variables, reason = "a scope may have no slots")]
        fn unclosed<'__s>(
            &'__s self,
            __out: &mut ::quilt_scope::__private::ToClose<'__s>,
        ) {}
    }
    impl<'req, 'step> ::quilt_scope::__private::Nested for StepScope<'req, 'step> {
        type Under = RequestScope<'req>;
    }
    impl<'req, 'step> ::quilt_scope::Shareable<StepScope<'req, 'step>, [(); 1]>
    for <<StepScope<
        'req,
        'step,
    > as ::quilt_scope::Scope>::Whole as ::quilt_scope::__private::Then<
        StepScope<'req, 'step>,
    >>::Itself {}
    #[diagnostic::do_not_recommend]
    impl<
        'req,
        'step,
        AnyService,
    > ::quilt_scope::lifetime::Keeps<::quilt_scope::lifetime::RequestScoped, AnyService>
    for StepScope<'req, 'step> {}
    #[diagnostic::do_not_recommend]
    impl<
        'req,
        'step,
        AnyService,
    > ::quilt_scope::lifetime::Keeps<::quilt_scope::lifetime::Transient, AnyService>
    for StepScope<'req, 'step> {}
    #[diagnostic::do_not_recommend]
    impl<'req, 'step> ::quilt_scope::Provides<'step, u32> for StepScope<'req, 'step> {
        #[inline]
        fn provide(&'step self) -> ::quilt_scope::__private::Asked<'step, u32> {
            ::quilt_scope::Ready::now(&self.number)
        }
    }
    #[diagnostic::do_not_recommend]
    impl<'req, 'step> ::quilt_scope::Provides<'step, Cache> for StepScope<'req, 'step>
    where
        'req: 'step,
    {
        #[inline]
        fn provide(&'step self) -> ::quilt_scope::__private::Asked<'step, Cache> {
            ::quilt_scope::Ready::shorten(
                <RequestScope<
                    'req,
                > as ::quilt_scope::Provides<'req, Cache>>::provide(self.request),
            )
        }
    }
};

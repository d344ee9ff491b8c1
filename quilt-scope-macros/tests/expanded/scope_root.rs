impl App {
    ///Opens a `App`. Nothing is built until it is asked for.
    #[allow(clippy::too_many_arguments, reason = "as many as the scope has seeds")]
    #[must_use]
    #[inline]
    pub fn open(config: Config) -> Self
    where
        Self: ::quilt_scope::WholeScope,
    {
        Self {
            config,
            pool: <Slot<Pool> as ::quilt_scope::__private::Field>::empty(),
        }
    }
    /// The service `T` of this scope, built now if it has not been built yet.
    #[allow(dead_code, reason = "a scope may be used by tools alone")]
    #[inline]
    pub fn get<'__get, __T>(&'__get self) -> ::quilt_scope::__private::Asked<'__get, __T>
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
    impl ::quilt_scope::Scope for App {
        type Observer = ();
        type Whole = [(); ::quilt_scope::__private::one(
            <App as ::quilt_scope::Scope>::GRAPH,
        )];
        const SLOTS: &'static [::quilt_scope::__private::Node] = &[
            ::quilt_scope::__private::Node::new(
                "pool",
                <Slot<Pool> as ::quilt_scope::__private::Field>::INFO,
                &[],
            ),
        ];
        const GRAPH: &'static ::quilt_scope::__private::Graph = &::quilt_scope::__private::Graph::new(
            "App",
            &[("config", ::quilt_scope::given::<Config>("Config"))],
            Self::SLOTS,
        );
        #[inline]
        fn observer(&self) -> &Self::Observer {
            &()
        }
        #[allow(unused_variables, reason = "a scope may have no slots")]
        fn unclosed<'__s>(
            &'__s self,
            __out: &mut ::quilt_scope::__private::ToClose<'__s>,
        ) {
            <Slot<
                Pool,
            > as ::quilt_scope::__private::Closes>::unclosed(&self.pool, 0usize, __out);
        }
    }
    impl ::quilt_scope::__private::Nested for App {
        type Under = ::quilt_scope::__private::core::boxed::Box<Self>;
    }
    impl ::quilt_scope::Shareable<App, [(); 1]>
    for <<App as ::quilt_scope::Scope>::Whole as ::quilt_scope::__private::Then<
        App,
    >>::Itself {}
    #[diagnostic::do_not_recommend]
    impl<
        AnyService,
    > ::quilt_scope::lifetime::Keeps<::quilt_scope::lifetime::Singleton, AnyService>
    for App {}
    #[diagnostic::do_not_recommend]
    impl<
        AnyService,
    > ::quilt_scope::lifetime::Keeps<::quilt_scope::lifetime::Transient, AnyService>
    for App {}
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Provides<'req, Config> for App {
        #[inline]
        fn provide(&'req self) -> ::quilt_scope::__private::Asked<'req, Config> {
            ::quilt_scope::Ready::now(&self.config)
        }
    }
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Provides<'req, Pool> for App {
        #[inline]
        fn provide(&'req self) -> ::quilt_scope::__private::Asked<'req, Pool> {
            <Slot<Pool> as ::quilt_scope::__private::Field>::known();
            <Slot<
                Pool,
            > as ::quilt_scope::__private::Field>::answer(
                <::quilt_scope::The<
                    _,
                > as ::quilt_scope::KeptBy<
                    'req,
                    _,
                    Slot<Pool>,
                >>::ask(
                    ::quilt_scope::__private::core::marker::PhantomData::<Self>,
                    &self.pool,
                    self,
                ),
            )
        }
    }
};
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = ::quilt_scope::__private::assert_slot_in_order(
    <App as ::quilt_scope::Scope>::GRAPH,
    0usize,
);

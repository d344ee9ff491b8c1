impl<'req> RequestScope<'req> {
    ///Opens a `RequestScope`. Nothing is built until it is asked for.
    #[allow(clippy::too_many_arguments, reason = "as many as the scope has seeds")]
    #[must_use]
    #[inline]
    pub fn open(
        app: &'req App,
        watch: &'req Watch<'req, Reporter>,
        credentials: Box<Fixed>,
    ) -> Self
    where
        Self: ::quilt_scope::WholeScope,
    {
        Self {
            app,
            watch,
            credentials,
            stamps: <Transient<Stamp> as ::quilt_scope::__private::Field>::empty(),
            auth: <Slot<Auth<'req>> as ::quilt_scope::__private::Field>::empty(),
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
    impl<'req> ::quilt_scope::Scope for RequestScope<'req> {
        type Observer = Watch<'req, Reporter>;
        type Whole = [(); ::quilt_scope::__private::one(
            <RequestScope<'static> as ::quilt_scope::Scope>::GRAPH,
        )];
        const SLOTS: &'static [::quilt_scope::__private::Node] = &[
            ::quilt_scope::__private::Node::new(
                "stamps",
                <Transient<Stamp> as ::quilt_scope::__private::Field>::INFO,
                &[],
            ),
            ::quilt_scope::__private::Node::new(
                "auth",
                <Slot<Auth<'req>> as ::quilt_scope::__private::Field>::INFO,
                &[],
            ),
        ];
        const GRAPH: &'static ::quilt_scope::__private::Graph = &::quilt_scope::__private::Graph::new(
                "RequestScope",
                &[("credentials", ::quilt_scope::given::<Box<Fixed>>("Fixed"))],
                Self::SLOTS,
            )
            .under(<App as ::quilt_scope::Scope>::GRAPH);
        #[inline]
        fn observer(&self) -> &Self::Observer {
            self.watch
        }
        #[allow(unused_variables, reason = "a scope may have no slots")]
        fn unclosed<'__s>(
            &'__s self,
            __out: &mut ::quilt_scope::__private::ToClose<'__s>,
        ) {
            <Transient<
                Stamp,
            > as ::quilt_scope::__private::Closes>::unclosed(
                &self.stamps,
                0usize,
                __out,
            );
            <Slot<
                Auth<'req>,
            > as ::quilt_scope::__private::Closes>::unclosed(&self.auth, 1usize, __out);
        }
    }
    impl<'req> ::quilt_scope::__private::Nested for RequestScope<'req> {
        type Under = App;
    }
    impl<'req> ::quilt_scope::Shareable<RequestScope<'req>, [(); 1]>
    for <<RequestScope<
        'req,
    > as ::quilt_scope::Scope>::Whole as ::quilt_scope::__private::Then<
        RequestScope<'req>,
    >>::Itself {}
    #[diagnostic::do_not_recommend]
    impl<
        'req,
        AnyService,
    > ::quilt_scope::lifetime::Keeps<::quilt_scope::lifetime::RequestScoped, AnyService>
    for RequestScope<'req> {}
    #[diagnostic::do_not_recommend]
    impl<
        'req,
        AnyService,
    > ::quilt_scope::lifetime::Keeps<::quilt_scope::lifetime::Transient, AnyService>
    for RequestScope<'req> {}
    type __quilt_scope_FirstTool = ::quilt_scope::__private::FirstTool<
        RequestScope<'static>,
    >;
    impl ::quilt_scope::Container for RequestScope<'static> {
        type Scope<'req> = RequestScope<'req>;
        type Whole = <RequestScope<'static> as ::quilt_scope::Scope>::Whole;
    }
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Provides<'req, Fixed> for RequestScope<'req>
    where
        ::quilt_scope::SoleProvider<
            'req,
            Fixed,
            RequestScope<'req>,
            App,
            { ::quilt_scope::__private::Providers::<App, Fixed>::COUNT },
        >: ::quilt_scope::__private::Sole<RequestScope<'req>>,
    {
        #[inline]
        fn provide(&'req self) -> ::quilt_scope::__private::Asked<'req, Fixed> {
            ::quilt_scope::Ready::now(&*self.credentials)
        }
    }
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Provides<'req, dyn Credentials + 'req>
    for RequestScope<'req>
    where
        ::quilt_scope::SoleProvider<
            'req,
            dyn Credentials + 'req,
            RequestScope<'req>,
            App,
            {
                ::quilt_scope::__private::Providers::<
                    App,
                    dyn Credentials + 'static,
                >::COUNT
            },
        >: ::quilt_scope::__private::Sole<RequestScope<'req>>,
    {
        #[inline]
        fn provide(
            &'req self,
        ) -> ::quilt_scope::__private::Asked<'req, dyn Credentials + 'req> {
            ::quilt_scope::Ready::now(&*self.credentials)
        }
    }
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Provides<'req, Stamp> for RequestScope<'req>
    where
        ::quilt_scope::SoleProvider<
            'req,
            Stamp,
            RequestScope<'req>,
            App,
            { ::quilt_scope::__private::Providers::<App, Stamp>::COUNT },
        >: ::quilt_scope::__private::Sole<RequestScope<'req>>,
    {
        #[inline]
        fn provide(&'req self) -> ::quilt_scope::__private::Asked<'req, Stamp> {
            <Transient<Stamp> as ::quilt_scope::__private::Field>::known();
            <Transient<
                Stamp,
            > as ::quilt_scope::__private::Field>::answer(
                <::quilt_scope::The<
                    _,
                > as ::quilt_scope::KeptBy<
                    'req,
                    _,
                    Transient<Stamp>,
                >>::ask(
                    __quilt_scope_FirstTool::at::<
                        { __quilt_scope_FirstTool::FIRST.to(0usize) },
                        Self,
                    >(),
                    &self.stamps,
                    self,
                ),
            )
        }
    }
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Provides<'req, Auth<'req>> for RequestScope<'req>
    where
        ::quilt_scope::SoleProvider<
            'req,
            Auth<'req>,
            RequestScope<'req>,
            App,
            { ::quilt_scope::__private::Providers::<App, Auth<'static>>::COUNT },
        >: ::quilt_scope::__private::Sole<RequestScope<'req>>,
    {
        #[inline]
        fn provide(&'req self) -> ::quilt_scope::__private::Asked<'req, Auth<'req>> {
            <Slot<Auth<'req>> as ::quilt_scope::__private::Field>::known();
            <Slot<
                Auth<'req>,
            > as ::quilt_scope::__private::Field>::answer(
                <::quilt_scope::The<
                    _,
                > as ::quilt_scope::KeptBy<
                    'req,
                    _,
                    Slot<Auth<'req>>,
                >>::ask(
                    __quilt_scope_FirstTool::at::<
                        { __quilt_scope_FirstTool::FIRST.to(1usize) },
                        Self,
                    >(),
                    &self.auth,
                    self,
                ),
            )
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
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::HeldIn<'req, Fixed, App> for &'req Fixed
    where
        Self: ::quilt_scope::HeldIn<'req, Fixed, App>,
        (): ::quilt_scope::__private::Outlives<'req, Fixed, App, RequestScope<'req>>,
    {}
    impl<'req> ::quilt_scope::HeldIn<'req, Fixed, &'req RequestScope<'req>>
    for &'req Fixed {}
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::HeldIn<'req, Stamp, App> for &'req Stamp
    where
        Self: ::quilt_scope::HeldIn<'req, Stamp, App>,
        (): ::quilt_scope::__private::Outlives<'req, Stamp, App, RequestScope<'req>>,
    {}
    impl<'req> ::quilt_scope::HeldIn<'req, Stamp, &'req RequestScope<'req>>
    for &'req Stamp {}
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::HeldIn<'req, Auth<'req>, App> for &'req Auth<'req>
    where
        Self: ::quilt_scope::HeldIn<'req, Auth<'req>, App>,
        (): ::quilt_scope::__private::Outlives<
            'req,
            Auth<'req>,
            App,
            RequestScope<'req>,
        >,
    {}
    impl<'req> ::quilt_scope::HeldIn<'req, Auth<'req>, &'req RequestScope<'req>>
    for &'req Auth<'req> {}
};
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = ::quilt_scope::__private::assert_slot_in_order(
    <RequestScope<'static> as ::quilt_scope::Scope>::GRAPH,
    0usize,
);
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = ::quilt_scope::__private::assert_slot_in_order(
    <RequestScope<'static> as ::quilt_scope::Scope>::GRAPH,
    1usize,
);

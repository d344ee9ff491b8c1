impl<'req> Auth<'req> {
    pub fn new(principal: &'req Principal, pool: &'req Pool) -> Self {
        Self { principal, pool }
    }
}
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    #[allow(unused_imports, reason = "for what is not Sync")]
    use ::quilt_scope::__private::{NotKept as _, NotKnown as _};
    #[diagnostic::do_not_recommend]
    impl<'req> ::quilt_scope::Service for Auth<'req> {
        type Lifetime = ::quilt_scope::lifetime::RequestScoped;
        type Itself = <[(); <Auth<
            'static,
        > as ::quilt_scope::Service>::CHANGES_THREADS] as ::quilt_scope::__private::Then<
            Self,
        >>::Itself;
        const CHANGES_THREADS: usize = {
            #[allow(unused_imports, reason = "for what is not Sync")]
            use ::quilt_scope::__private::NotShared as _;
            const KEPT: usize = ::quilt_scope::__private::one_of_all(
                &[
                    ::quilt_scope::__private::Kept::<
                        Principal,
                        { ::quilt_scope::__private::Known::<Principal>::SHARED },
                    >::COUNT,
                    ::quilt_scope::__private::Kept::<
                        Pool,
                        { ::quilt_scope::__private::Known::<Pool>::SHARED },
                    >::COUNT,
                ],
            );
            ::quilt_scope::changes_threads::<
                <[(); KEPT] as ::quilt_scope::__private::Then<Auth<'req>>>::Itself,
            >(
                ::quilt_scope::Sent::<
                    <[(); KEPT] as ::quilt_scope::__private::Then<Auth<'req>>>::Itself,
                >::known,
            )
        };
        type Gate = ::quilt_scope::__private::Turnstile;
        const KEY: ::quilt_scope::__private::Key = ::quilt_scope::__private::Key::of_service(
            ::quilt_scope::__private::core::module_path!(),
            ::quilt_scope::__private::core::line!(),
            ::quilt_scope::__private::core::column!(),
            "Auth",
        );
        const DEPENDENCIES: &'static [::quilt_scope::__private::Dependency] = &[
            ::quilt_scope::__private::Dependency::new(
                "principal",
                "Principal",
                false,
                {
                    use ::quilt_scope::__private::KeyedByName as _;
                    ::quilt_scope::__private::Keyed::<Principal>::KEY
                },
            ),
            ::quilt_scope::__private::Dependency::new(
                "pool",
                "Pool",
                false,
                {
                    use ::quilt_scope::__private::KeyedByName as _;
                    ::quilt_scope::__private::Keyed::<Pool>::KEY
                },
            ),
        ];
        const INFO: &'static ::quilt_scope::__private::ServiceInfo = &::quilt_scope::__private::ServiceInfo::new(
            "Auth",
            "request-scoped",
            false,
            false,
            Self::DEPENDENCIES,
            Self::KEY,
        );
    }
    impl<'req, AnyScope> ::quilt_scope::Construct<'req, AnyScope> for Auth<'req>
    where
        AnyScope: ::quilt_scope::SharedScope + 'req,
        &'req Principal: ::quilt_scope::HeldIn<'req, Principal, AnyScope>,
        <AnyScope as ::quilt_scope::Scope>::Whole: ::quilt_scope::__private::Shares<
            Principal,
        >,
        &'req Pool: ::quilt_scope::HeldIn<'req, Pool, AnyScope>,
        <AnyScope as ::quilt_scope::Scope>::Whole: ::quilt_scope::__private::Shares<
            Pool,
        >,
    {
        #[inline]
        fn build<AnyPlace>(
            __quilt_scope_place: &'req AnyPlace,
            __quilt_scope_scope: &'req AnyScope,
        ) -> ::quilt_scope::Ready<'req, &'req Self>
        where
            AnyPlace: ::quilt_scope::Place<Self>,
        {
            #[allow(unused_imports, reason = "for seeds and objects")]
            use ::quilt_scope::__private::OfNoService as _;
            ::quilt_scope::build(
                __quilt_scope_place,
                __quilt_scope_scope,
                ::quilt_scope::__private::Join::join((
                    ::quilt_scope::__private::Of::<Principal>::take(__quilt_scope_scope),
                    ::quilt_scope::__private::Of::<Pool>::take(__quilt_scope_scope),
                )),
                |(principal, pool)| Self::new(principal, pool),
            )
        }
    }
};
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    use ::quilt_scope::__private::Stays as _;
    ::quilt_scope::__private::assert_stays(
        "Auth",
        &[
            ("Copy", ::quilt_scope::__private::Carried::<Auth<'static>>::COPY),
            ("Clone", ::quilt_scope::__private::Carried::<Auth<'static>>::CLONE),
            ("Serialize", ::quilt_scope::__private::Carried::<Auth<'static>>::SERIALIZE),
            (
                "Deserialize",
                ::quilt_scope::__private::Carried::<Auth<'static>>::DESERIALIZE,
            ),
        ],
    );
};

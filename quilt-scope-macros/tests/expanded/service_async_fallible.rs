impl<'req> Session<'req> {
    pub async fn connect(
        credentials: &'req dyn Credentials,
        audit: Lazy<'req, Audit>,
    ) -> Result<Self, Refused> {
        Self::open(credentials, audit).await
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
    impl<'req> ::quilt_scope::Service for Session<'req> {
        type Lifetime = ::quilt_scope::lifetime::RequestScoped;
        type Itself = <[(); <Session<
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
                        Audit,
                        { ::quilt_scope::__private::Known::<Audit>::SHARED },
                    >::COUNT,
                ],
            );
            ::quilt_scope::changes_threads::<
                <[(); KEPT] as ::quilt_scope::__private::Then<Session<'req>>>::Itself,
            >(
                ::quilt_scope::Sent::<
                    <[(); KEPT] as ::quilt_scope::__private::Then<Session<'req>>>::Itself,
                >::known,
            )
        };
        type Gate = ::quilt_scope::__private::Closing<::quilt_scope::__private::Queue>;
        const KEY: ::quilt_scope::__private::Key = ::quilt_scope::__private::Key::of_service(
            ::quilt_scope::__private::core::module_path!(),
            ::quilt_scope::__private::core::line!(),
            ::quilt_scope::__private::core::column!(),
            "Session",
        );
        const DEPENDENCIES: &'static [::quilt_scope::__private::Dependency] = &[
            ::quilt_scope::__private::Dependency::new(
                "credentials",
                "dyn Credentials",
                false,
                {
                    use ::quilt_scope::__private::KeyedByName as _;
                    ::quilt_scope::__private::Keyed::<dyn Credentials + 'static>::KEY
                },
            ),
            ::quilt_scope::__private::Dependency::new(
                "audit",
                "Audit",
                true,
                {
                    use ::quilt_scope::__private::KeyedByName as _;
                    ::quilt_scope::__private::Keyed::<Audit>::KEY
                },
            ),
        ];
        const INFO: &'static ::quilt_scope::__private::ServiceInfo = &::quilt_scope::__private::ServiceInfo::new(
            "Session",
            "request-scoped",
            true,
            true,
            Self::DEPENDENCIES,
            Self::KEY,
        );
        const CLOSES: bool = true;
        fn close(&self) -> ::quilt_scope::BoxFuture<'_, ()> {
            ::quilt_scope::close_body(Self::flush(self))
        }
    }
    impl<'req, AnyScope> ::quilt_scope::Construct<'req, AnyScope> for Session<'req>
    where
        AnyScope: ::quilt_scope::SharedScope + 'req,
        &'req (dyn Credentials + 'req): ::quilt_scope::HeldIn<
            'req,
            dyn Credentials + 'req,
            AnyScope,
        >,
        for<'any> dyn Credentials + 'any: ::quilt_scope::Shared,
        &'req Audit: ::quilt_scope::HeldIn<'req, Audit, AnyScope>,
        <AnyScope as ::quilt_scope::Scope>::Whole: ::quilt_scope::__private::Shares<
            Audit,
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
            ::quilt_scope::build_async(
                __quilt_scope_place,
                __quilt_scope_scope,
                async move {
                    let (credentials, audit) = ::quilt_scope::__private::Join::all((
                            ::quilt_scope::__private::Of::<
                                dyn Credentials + 'req,
                            >::take(__quilt_scope_scope),
                            ::quilt_scope::__private::Of::<
                                Audit,
                            >::take_later(__quilt_scope_scope),
                        ))
                        .await
                        .map_err(::quilt_scope::__private::dependency_failed::<Self>)?;
                    let __quilt_scope_made = ::quilt_scope::service_body(
                            Self::connect(credentials, audit),
                        )
                        .await;
                    ::quilt_scope::Failure::built(__quilt_scope_made)
                },
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
        "Session",
        &[
            ("Copy", ::quilt_scope::__private::Carried::<Session<'static>>::COPY),
            ("Clone", ::quilt_scope::__private::Carried::<Session<'static>>::CLONE),
            (
                "Serialize",
                ::quilt_scope::__private::Carried::<Session<'static>>::SERIALIZE,
            ),
            (
                "Deserialize",
                ::quilt_scope::__private::Carried::<Session<'static>>::DESERIALIZE,
            ),
        ],
    );
};

impl Pool {
    pub fn new(config: &Config) -> Result<Self, Refused> {
        Self::open(config)
    }
}
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    #[diagnostic::do_not_recommend]
    impl ::quilt_scope::Service for Pool {
        type Lifetime = ::quilt_scope::lifetime::Singleton;
        type Itself = <[(); <Pool as ::quilt_scope::Service>::CHANGES_THREADS] as ::quilt_scope::__private::Then<
            Self,
        >>::Itself;
        const CHANGES_THREADS: usize = {
            #[allow(unused_imports, reason = "for what is not Sync")]
            use ::quilt_scope::__private::NotShared as _;
            ::quilt_scope::changes_threads::<Pool>(::quilt_scope::Sent::<Pool>::known)
        };
        type Gate = ::quilt_scope::__private::Turnstile;
        const KEY: ::quilt_scope::__private::Key = ::quilt_scope::__private::Key::of_service(
            ::quilt_scope::__private::core::module_path!(),
            ::quilt_scope::__private::core::line!(),
            ::quilt_scope::__private::core::column!(),
            "Pool",
        );
        const DEPENDENCIES: &'static [::quilt_scope::__private::Dependency] = &[
            ::quilt_scope::__private::Dependency::new(
                "config",
                "Config",
                false,
                {
                    use ::quilt_scope::__private::KeyedByName as _;
                    ::quilt_scope::__private::Keyed::<Config>::KEY
                },
            ),
        ];
        const INFO: &'static ::quilt_scope::__private::ServiceInfo = &::quilt_scope::__private::ServiceInfo::new(
            "Pool",
            "singleton",
            false,
            true,
            Self::DEPENDENCIES,
            Self::KEY,
        );
    }
    impl<'req, AnyScope> ::quilt_scope::Construct<'req, AnyScope> for Pool
    where
        AnyScope: ::quilt_scope::SharedScope + 'req,
        &'req Config: ::quilt_scope::HeldIn<'req, Config, AnyScope>,
        <AnyScope as ::quilt_scope::Scope>::Whole: ::quilt_scope::__private::Shares<
            Config,
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
            ::quilt_scope::build_fallible(
                __quilt_scope_place,
                __quilt_scope_scope,
                ::quilt_scope::__private::Join::join((
                    ::quilt_scope::__private::Of::<Config>::take(__quilt_scope_scope),
                )),
                |(config,)| {
                    let __quilt_scope_made = Self::new(config);
                    ::quilt_scope::Failure::built(__quilt_scope_made)
                },
            )
        }
    }
};

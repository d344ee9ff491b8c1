impl Stamp {
    pub fn new() -> Self {
        Self
    }
}
#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    #[diagnostic::do_not_recommend]
    impl ::quilt_scope::Service for Stamp {
        type Lifetime = ::quilt_scope::lifetime::Transient;
        type Itself = <[(); <Stamp as ::quilt_scope::Service>::CHANGES_THREADS] as ::quilt_scope::__private::Then<
            Self,
        >>::Itself;
        const CHANGES_THREADS: usize = {
            #[allow(unused_imports, reason = "for what is not Sync")]
            use ::quilt_scope::__private::NotShared as _;
            ::quilt_scope::changes_threads::<Stamp>(::quilt_scope::Sent::<Stamp>::known)
        };
        type Gate = ::quilt_scope::__private::Turnstile;
        const KEY: ::quilt_scope::__private::Key = ::quilt_scope::__private::Key::of_service(
            ::quilt_scope::__private::core::module_path!(),
            ::quilt_scope::__private::core::line!(),
            ::quilt_scope::__private::core::column!(),
            "Stamp",
        );
        const DEPENDENCIES: &'static [::quilt_scope::__private::Dependency] = &[];
        const INFO: &'static ::quilt_scope::__private::ServiceInfo = &::quilt_scope::__private::ServiceInfo::new(
            "Stamp",
            "transient",
            false,
            false,
            Self::DEPENDENCIES,
            Self::KEY,
        );
    }
    impl<'req, AnyScope> ::quilt_scope::Construct<'req, AnyScope> for Stamp
    where
        AnyScope: ::quilt_scope::SharedScope + 'req,
    {
        #[inline]
        fn build<AnyPlace>(
            __quilt_scope_place: &'req AnyPlace,
            __quilt_scope_scope: &'req AnyScope,
        ) -> ::quilt_scope::Ready<'req, &'req Self>
        where
            AnyPlace: ::quilt_scope::Place<Self>,
        {
            ::quilt_scope::build(
                __quilt_scope_place,
                __quilt_scope_scope,
                ::quilt_scope::__private::Join::join(()),
                |()| Self::new(),
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
        "Stamp",
        &[
            ("Copy", ::quilt_scope::__private::Carried::<Stamp>::COPY),
            ("Clone", ::quilt_scope::__private::Carried::<Stamp>::CLONE),
            ("Serialize", ::quilt_scope::__private::Carried::<Stamp>::SERIALIZE),
            ("Deserialize", ::quilt_scope::__private::Carried::<Stamp>::DESERIALIZE),
        ],
    );
};

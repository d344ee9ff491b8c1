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
    impl ::quilt_scope::Service for Stamp {
        type Lifetime = ::quilt_scope::lifetime::Transient;
        type Gate = ::quilt_scope::__private::Open;
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
    impl<'__req, __quilt_scope_S> ::quilt_scope::Construct<'__req, __quilt_scope_S>
    for Stamp
    where
        __quilt_scope_S: ::quilt_scope::Scope + '__req,
    {
        #[inline]
        fn build<__quilt_scope_P>(
            __quilt_scope_place: &'__req __quilt_scope_P,
            __quilt_scope_scope: &'__req __quilt_scope_S,
        ) -> ::quilt_scope::Ready<'__req, &'__req Self>
        where
            __quilt_scope_P: ::quilt_scope::__private::Place<Self>,
        {
            ::quilt_scope::__private::build(
                __quilt_scope_place,
                __quilt_scope_scope,
                ::quilt_scope::__private::Join::join(()),
                |()| Self::new(),
            )
        }
    }
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
};

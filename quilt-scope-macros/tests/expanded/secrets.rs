#[allow(
    unused_qualifications,
    reason = "every path is absolute, so that nothing in scope is in its way"
)]
const _: () = {
    impl<'req> ::quilt_scope::Secrets for Session<'req> {
        fn assert_wiped() {
            <Zeroizing<String> as ::quilt_scope::Wiped>::assert();
        }
    }
};

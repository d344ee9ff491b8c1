fn table() -> ToolSet<Scope> {
    {
        const _: () = {
            use quilt_scope::__private as __quilt_scope_private;
            __quilt_scope_private::assert_new_name(
                <bucket::bucket_list as quilt_scope::Named>::NAME,
                &[],
            );
        };
        const _: () = {
            use quilt_scope::__private as __quilt_scope_private;
            __quilt_scope_private::assert_new_name(
                <search as quilt_scope::Named>::NAME,
                &[<bucket::bucket_list as quilt_scope::Named>::NAME],
            );
        };
        quilt_scope::ToolSet::from_table(
            &[
                <bucket::bucket_list as quilt_scope::Tool<_>>::entry(),
                <search as quilt_scope::Tool<_>>::entry(),
            ],
        )
    }
}

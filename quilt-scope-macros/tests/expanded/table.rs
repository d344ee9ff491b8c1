fn table() -> ToolSet<Scope> {
    {
        #[allow(unused_imports, reason = "a table may be empty")]
        use quilt_scope::__private as __quilt_scope_private;
        const __QUILT_SCOPE_NAMES: &[quilt_scope::__private::ToolName] = &[
            quilt_scope::__private::ToolName::new(
                <bucket::bucket_list as quilt_scope::Named>::NAME,
            ),
            quilt_scope::__private::ToolName::new(<search as quilt_scope::Named>::NAME),
        ];
        const _: () = __quilt_scope_private::assert_new_name(
            __QUILT_SCOPE_NAMES,
            0usize,
        );
        const _: () = __quilt_scope_private::assert_new_name(
            __QUILT_SCOPE_NAMES,
            1usize,
        );
        quilt_scope::ToolSet::from_table(
            &[
                <bucket::bucket_list as quilt_scope::Listed<_>>::entry(),
                <search as quilt_scope::Listed<_>>::entry(),
            ],
        )
    }
}

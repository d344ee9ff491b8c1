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
        type __quilt_scope_Scope = Scope<'static>;
        #[allow(unreachable_pub, dead_code, reason = "not seen by its name")]
        pub enum __quilt_scope_Table {}
        #[allow(non_local_definitions, reason = "a table is written where it is used")]
        impl quilt_scope::NamedByOneTable<quilt_scope::RemoveTheNameFromTheOther>
        for __quilt_scope_Scope {
            type Table = __quilt_scope_Table;
            const TAKEN: &'static [&'static [&'static str]] = &[
                <bucket::bucket_list as quilt_scope::Named>::SERVICES,
                <search as quilt_scope::Named>::SERVICES,
            ];
        }
        {
            #[allow(
                non_camel_case_types,
                unreachable_pub,
                dead_code,
                reason = "goes by the name of the tool"
            )]
            pub enum bucket_list {}
            impl<AnyScope> quilt_scope::__private::At<0usize, AnyScope>
            for __quilt_scope_Table {
                type For = quilt_scope::ForTool<bucket_list, AnyScope>;
            }
            #[allow(
                non_camel_case_types,
                unreachable_pub,
                dead_code,
                reason = "goes by the name of the tool"
            )]
            pub enum search {}
            impl<AnyScope> quilt_scope::__private::At<1usize, AnyScope>
            for __quilt_scope_Table {
                type For = quilt_scope::ForTool<search, AnyScope>;
            }
        }
        quilt_scope::ToolSet::from_table(
            &[
                <bucket::bucket_list as quilt_scope::Listed<Scope<'static>>>::entry(),
                <search as quilt_scope::Listed<Scope<'static>>>::entry(),
            ],
        )
    }
}

//! How much of the tools a token is good for.

/// What a tool does to the world, and the OAuth scope that it takes. Each includes those before it.
///
/// A scope bounds what a token may ask of this server. What its bearer may do to data is for AWS to say, with or
/// without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Tools that change nothing.
    Read,
    /// Tools that change something.
    Write,
    /// Tools that administer a Quilt stack.
    Admin,
}

impl Access {
    /// All of them, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The scope's name in tokens and challenges.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Read => "quilt:read",
            Self::Write => "quilt:write",
            Self::Admin => "quilt:admin",
        }
    }

    /// What a token must be good for to call a tool of that name.
    ///
    /// Tools that administer a stack carry that in their names. The changes of the tabulator need it too; its queries do not.
    pub fn to_call(tool: &str, read_only: bool) -> Self {
        if tool.starts_with("admin_")
            || (tool.starts_with("tabulator_table_") && !read_only)
            || tool == "tabulator_open_query_toggle"
        {
            Self::Admin
        } else if read_only {
            Self::Read
        } else {
            Self::Write
        }
    }

    /// The widest access that scopes give, as a token lists them. Scopes of others count for nothing.
    ///
    /// ```
    /// use quilt_mcp::domain::access::Access;
    ///
    /// assert_eq!(Access::widest(["openid", "quilt:write"]), Some(Access::Write));
    /// assert_eq!(Access::widest(["openid"]), None);
    /// ```
    pub fn widest<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let one = |scope: &str| Self::ALL.into_iter().find(|access| access.scope() == scope);
        scopes.into_iter().filter_map(one).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_scope_includes_the_narrower_ones() {
        assert!(Access::widest(["quilt:admin", "quilt:read"]) >= Some(Access::Write));
        assert!(Access::widest(["quilt:read"]) < Some(Access::Write));
        assert!(Access::widest([]) < Some(Access::Read));
    }

    #[test]
    fn what_administers_needs_the_widest_scope_whatever_it_does() {
        assert_eq!(Access::to_call("bucket_list", true), Access::Read);
        assert_eq!(Access::to_call("bucket_objects_put", false), Access::Write);
        assert_eq!(Access::to_call("tabulator_table_get", true), Access::Read);
        for (tool, read_only) in [
            ("admin_users_list", true),
            ("tabulator_table_delete", false),
            ("tabulator_open_query_toggle", false),
        ] {
            assert_eq!(Access::to_call(tool, read_only), Access::Admin, "{tool}");
        }
    }

    #[test]
    fn scopes_are_exact() {
        for not_ours in ["Quilt:read", "quilt:read ", "quilt:*", "quilt", "", "quilt:readx"] {
            assert_eq!(Access::widest([not_ours]), None, "{not_ours:?}");
        }
    }
}

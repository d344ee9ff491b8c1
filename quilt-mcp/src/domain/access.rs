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
    fn scopes_are_exact() {
        for not_ours in ["Quilt:read", "quilt:read ", "quilt:*", "quilt", "", "quilt:readx"] {
            assert_eq!(Access::widest([not_ours]), None, "{not_ours:?}");
        }
    }
}

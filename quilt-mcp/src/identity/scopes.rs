//! OAuth scopes, as tokens list them.

use serde::Deserialize;

use crate::domain::access::Access;

/// Names with blanks between, as RFC 8693 has it in `scope`, or a list, as some issuers have it in `scp`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Names {
    Text(String),
    List(Vec<String>),
}

impl Names {
    fn iter(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Text(text) => Box::new(text.split(' ')),
            Self::List(list) => Box::new(list.iter().map(String::as_str)),
        }
    }
}

/// How much a token is good for. Of an issuer whose tokens carry no scopes of ours each is good for everything.
pub(super) fn access(enforced: bool, scope: Option<Names>, scp: Option<Names>) -> Option<Access> {
    if !enforced {
        return Some(Access::Admin);
    }
    let named = [scope, scp];
    Access::widest(named.iter().flatten().flat_map(Names::iter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Option<Access> {
        access(true, Some(serde_json::from_str(json).expect("names")), None)
    }

    #[test]
    fn both_ways_of_writing_scopes_are_read() {
        assert_eq!(of(r#""openid quilt:read quilt:write""#), Some(Access::Write));
        assert_eq!(of(r#"["openid", "quilt:read"]"#), Some(Access::Read));
        assert_eq!(of(r#""""#), None);
        assert_eq!(of(r#"["quilt:read quilt:admin"]"#), None);
        assert_eq!(access(true, None, Some(Names::Text("quilt:admin".into()))), Some(Access::Admin));
    }

    #[test]
    fn no_scopes_are_nothing_where_they_count_and_everything_where_they_do_not() {
        assert_eq!(access(true, None, None), None);
        assert_eq!(access(false, Some(Names::Text("quilt:read".into())), None), Some(Access::Admin));
    }
}

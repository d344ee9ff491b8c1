//! What a message asks for, seen before MCP sees it: so that a token which is not good for it gets HTTP's answer.
//!
//! This is for the client, which can obtain a wider token. That nothing slips past it is not relied on: the call itself
//! is refused too, in `Server::answer`.

use std::borrow::Cow;

use serde::Deserialize;

use crate::domain::access::Access;
use crate::transport::catalogue::Catalogue;

/// The access that a body needs. What is no message needs the least, as its answer is an error.
pub(super) fn needed(body: &[u8], catalogue: &Catalogue) -> Access {
    #[derive(Deserialize)]
    struct Message<'a> {
        #[serde(borrow)]
        method: Cow<'a, str>,
        #[serde(borrow)]
        params: Option<Params<'a>>,
    }
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow)]
        name: Option<Cow<'a, str>>,
        #[serde(borrow)]
        uri: Option<Cow<'a, str>>,
    }
    let Ok(Message { method, params }) = serde_json::from_slice::<Message<'_>>(body) else {
        return Access::Read;
    };
    let Some(params) = params else { return Access::Read };
    match (&*method, params.name, params.uri) {
        ("tools/call", Some(tool), _) => catalogue.access(&tool),
        ("resources/read", _, Some(uri)) => {
            catalogue.reading(&uri).map_or(Access::Read, |(tool, _)| catalogue.access(&tool))
        }
        _ => Access::Read,
    }
}

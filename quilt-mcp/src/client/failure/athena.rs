//! What Athena's failures mean: it has few codes, and says in a sentence what it was.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::{Target, plain};
use crate::error::{ErrorCode, ToolError};

/// How much of what Athena says is passed on, in characters.
const MOST_SAID: usize = 600;

/// The failure of a request to Athena in a caller's name. `doing` completes "cannot ..".
pub(in crate::client) fn of_athena<E>(doing: &str, error: &SdkError<E, HttpResponse>) -> ToolError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let general = super::of_operation(doing, Target::Account, error);
    let service = error.as_service_error();
    let (code, said) = service.map_or((None, None), |error| (error.code(), error.message()));
    let said_in_words = [
        "InvalidRequestException",
        "MetadataException",
        "ResourceNotFoundException",
        "AccessDeniedException",
    ];
    match (code, said) {
        (Some(code), Some(said)) if said_in_words.contains(&code) => {
            let what = format!("cannot {doing}");
            let explained =
                if code == "AccessDeniedException" { denied(&what, said) } else { explain(&what, said) };
            explained.with_detail(general.detail().unwrap_or_default())
        }
        _ => general,
    }
}

/// The failure of a query that did run. `said` is Athena's reason.
pub(in crate::client) fn of_query(said: &str) -> ToolError {
    explain("the query failed", said).with_detail(format_args!("athena: {}", plain(said, MOST_SAID)))
}

/// Whether asking again for a query that Athena did not look at would come to the same. Athena's documentation names no codes.
pub(in crate::client) fn is_final(code: Option<&str>, said: Option<&str>) -> bool {
    let marks = [
        "INVALID_INPUT",
        "InvalidRequest",
        "NOT_FOUND",
        "NotFound",
        "not found",
        "does not exist",
        "ACCESS_DENIED",
        "AccessDenied",
        "Access denied",
        "not authorized",
    ];
    marks.iter().any(|mark| [code, said].into_iter().flatten().any(|text| text.contains(mark)))
}

/// The failure to look at so many queries, of which one has this code and these words of Athena's.
pub(in crate::client) fn of_unprocessed(count: usize, code: Option<&str>, said: Option<&str>) -> ToolError {
    let seen = format!("{}: {}", code.unwrap_or("no code"), said.unwrap_or("no reason"));
    ToolError::new(ErrorCode::Unavailable, format!("Athena did not get done with {count} of the queries"))
        .with_hint("send the call again")
        .with_detail(format_args!("athena: {}", plain(&seen, MOST_SAID)))
}

/// What Athena says is about the caller's own statement and the caller's own rights, so the caller may read it. Who may
/// not do something reads which right is missing, and no ARN.
fn explain(what: &str, said: &str) -> ToolError {
    let has = |marks: &[&str]| marks.iter().any(|mark| said.contains(mark));
    if has(&[
        "not authorized",
        "Access Denied",
        "Access denied",
        "AccessDenied",
        "PERMISSION_DENIED",
        "Insufficient permissions",
    ]) {
        return denied(what, said);
    }
    let (code, hint) = if has(&["No output location"]) {
        (
            ErrorCode::InvalidInput,
            "give `workgroup_name` of a workgroup that has an output location: see athena_workgroups_list",
        )
    } else if has(&["Bytes scanned limit", "exhausted resources", "EXCEEDED"]) {
        (ErrorCode::LimitExceeded, "select fewer columns, and restrict partition columns in WHERE")
    } else if has(&[
        "TABLE_NOT_FOUND",
        "SCHEMA_NOT_FOUND",
        "CATALOG_NOT_FOUND",
        "EntityNotFound",
        "not found",
        "does not exist",
    ]) && !has(&["COLUMN_NOT_FOUND", "FUNCTION_NOT_FOUND"])
    {
        (ErrorCode::NotFound, "athena_databases_list and athena_tables_list show what there is")
    } else if has(&["is disabled"]) {
        (ErrorCode::InvalidState, "athena_workgroups_list shows the workgroups that can be used")
    } else if has(&["INTERNAL_ERROR", "GENERIC_INTERNAL", "Internal error", "internal error"]) {
        (ErrorCode::Unavailable, "send the call again")
    } else {
        (ErrorCode::InvalidInput, "athena_table_schema shows the columns of a table; quote names with \"..\"")
    };
    ToolError::new(code, format!("{what}: {}", plain(said, MOST_SAID))).with_hint(hint)
}

fn denied(what: &str, said: &str) -> ToolError {
    let right = missing_right(said).map_or_else(String::new, |right| format!(" (`{right}`)"));
    ToolError::new(ErrorCode::AccessDenied, format!("{what}: your rights do not allow it{right}")).with_hint(
        "athena_workgroups_list and athena_databases_list show what you may use; ask for the right if you need it",
    )
}

/// The action in "is not authorized to perform: glue:GetTable on resource ..".
fn missing_right(said: &str) -> Option<&str> {
    let (_, after) = said.split_once("perform: ")?;
    let action = after.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-')).next()?;
    action.contains(':').then_some(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_query_has_the_code_of_its_reason() {
        for (said, code) in [
            ("TABLE_NOT_FOUND: line 1:15: Table 'a.b.c' does not exist", ErrorCode::NotFound),
            ("COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved", ErrorCode::InvalidInput),
            ("SYNTAX_ERROR: line 1:8: mismatched input", ErrorCode::InvalidInput),
            ("Bytes scanned limit was exceeded", ErrorCode::LimitExceeded),
            ("EXCEEDED_MEMORY_LIMIT: ..", ErrorCode::LimitExceeded),
            ("PERMISSION_DENIED: .. Access Denied when reading s3://b/k", ErrorCode::AccessDenied),
            ("GENERIC_INTERNAL_ERROR: ..", ErrorCode::Unavailable),
        ] {
            let error = of_query(said);
            assert_eq!(error.code(), code, "{said}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn who_may_not_is_told_the_right_and_no_arn() {
        let error = of_query(
            "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: glue:GetTable on resource: arn:aws:glue:x",
        );
        assert_eq!(error.code(), ErrorCode::AccessDenied);
        assert!(error.message().contains("`glue:GetTable`") && !error.message().contains("arn:"), "{error}");
    }

    #[test]
    fn what_athena_says_is_one_line_and_not_long() {
        let error = of_query(&format!("SYNTAX_ERROR: a\nb {}", "x".repeat(10_000)));
        assert!(!error.message().contains('\n') && error.message().len() < 700, "{error}");
    }
}

//! Finds out what a caller may do with a bucket, by asking AWS in the caller's name, and without changing anything.

use quilt_scope::BoxFuture;
use uuid::Uuid;

use super::RightsProbe;
use crate::client::iam::PolicyDecision;
use crate::client::s3::{ListedPage, S3Client};
use crate::domain::bucket::BucketName;
use crate::domain::object::{KeyPrefix, ObjectKey, S3Uri};
use crate::domain::permission::{BucketRights, Finding, Verdict};
use crate::error::{ErrorCode, ToolError};
use crate::service::auth::AuthService;

/// Asks S3 and IAM in the caller's name.
///
/// Listing and reading are tried. Writing is never tried: the caller's policies are asked, where the caller may ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsRightsProbe;

impl RightsProbe for AwsRightsProbe {
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, Result<BucketRights, ToolError>> {
        Box::pin(look(auth, bucket))
    }
}

async fn look(auth: &AuthService<'_>, bucket: &BucketName) -> Result<BucketRights, ToolError> {
    let s3 = auth.s3().await?;
    let prefix = KeyPrefix::default();
    let (page, region, policies) =
        tokio::join!(s3.list(bucket, &prefix, 1, None), s3.bucket_region(bucket), ask_policies(auth, bucket));
    let mut faults = Vec::new();
    let (list, page) = match page {
        Ok(page) => (Finding::yes("ListObjectsV2 was answered"), Some(page)),
        Err(error) => match error.code() {
            ErrorCode::NotFound | ErrorCode::CredentialsUnavailable => return Err(error),
            ErrorCode::AccessDenied => (Finding::no("ListObjectsV2 was refused"), None),
            _ => (fault(&mut faults, "ListObjectsV2", &error), None),
        },
    };
    let policies = policies.unwrap_or_else(|error| Policies::unanswered(&error, &mut faults));
    let read = tried_read(s3, bucket, list.verdict, page, &mut faults).await?;
    // What was tried counts more than what the policies say: they are not all that decides.
    let read = if read.verdict == Verdict::Unknown { policies.read.or(read) } else { read };
    Ok(BucketRights {
        bucket: bucket.clone(),
        region,
        read,
        write: policies.write.finding("s3:PutObject"),
        list,
        faults,
    })
}

/// Asks for the head of a listed object, or of one that is not there: S3 says "not found" only to those who may read
/// and list, and "forbidden" to all others.
async fn tried_read(
    s3: &S3Client,
    bucket: &BucketName,
    list: Verdict,
    page: Option<ListedPage>,
    faults: &mut Vec<String>,
) -> Result<Finding, ToolError> {
    let listed = page.and_then(|page| page.objects.into_iter().next());
    let (key, what) = match listed {
        Some(object) => (object.key, "the first listed object"),
        None => (missing_key(), "an object that is not there"),
    };
    let answer = s3.head(&S3Uri::new(bucket.clone(), key)).await;
    Ok(match answer.map_err(|error| (error.code(), error)) {
        Ok(_) => Finding::yes(format!("HeadObject of {what} was answered")),
        Err((ErrorCode::NotFound, _)) => {
            Finding::yes(format!("HeadObject of {what}: not found, and not refused"))
        }
        Err((ErrorCode::AccessDenied, _)) if list == Verdict::Yes => {
            Finding::no(format!("HeadObject of {what} was refused"))
        }
        Err((ErrorCode::AccessDenied, _)) => Finding::unknown(
            "without the right to list, S3 does not tell a missing object from a forbidden one",
        ),
        Err((ErrorCode::CredentialsUnavailable, error)) => return Err(error),
        Err((_, error)) => fault(faults, "HeadObject", &error),
    })
}

fn missing_key() -> ObjectKey {
    let key = format!(".quilt-mcp-access-check/{}", Uuid::new_v4());
    ObjectKey::try_from(key).expect("short and not empty")
}

fn fault(faults: &mut Vec<String>, call: &str, error: &ToolError) -> Finding {
    faults.push(format!("{call}: {}", error.message()));
    Finding::unknown(format!("{call} failed: {}", error.message()))
}

/// What the caller's policies say to reading and writing objects of a bucket.
struct Policies {
    read: Said,
    write: Said,
}

enum Said {
    Decided(PolicyDecision),
    Nothing(String),
}

impl Said {
    fn finding(&self, action: &str) -> Finding {
        match self {
            Self::Decided(PolicyDecision::Allowed) => {
                Finding::yes(format!("IAM: your policies allow {action}"))
            }
            Self::Decided(PolicyDecision::Denied) => Finding::no(format!("IAM: your policies deny {action}")),
            Self::Decided(PolicyDecision::NotAllowed) => Finding::no(format!(
                "IAM: none of your policies allows {action} throughout the bucket (a bucket policy still might)"
            )),
            Self::Nothing(why) => Finding::unknown(format!("{action} was not tried, and {why}")),
        }
    }

    /// The reading the policies speak of, or `tried` if they say nothing.
    fn or(&self, tried: Finding) -> Finding {
        match self {
            Self::Decided(_) => self.finding("s3:GetObject"),
            Self::Nothing(_) => tried,
        }
    }
}

impl Policies {
    fn unknown(why: &str) -> Self {
        Self { read: Said::Nothing(why.to_owned()), write: Said::Nothing(why.to_owned()) }
    }

    fn unanswered(error: &ToolError, faults: &mut Vec<String>) -> Self {
        if error.code() == ErrorCode::AccessDenied {
            return Self::unknown("you may not ask IAM about it (iam:SimulatePrincipalPolicy)");
        }
        faults.push(format!("SimulatePrincipalPolicy: {}", error.message()));
        Self::unknown("IAM did not answer")
    }
}

async fn ask_policies(auth: &AuthService<'_>, bucket: &BucketName) -> Result<Policies, ToolError> {
    let source = match auth.role_arn() {
        // The token's role is exact; the ARN of a session leaves the role's path out.
        Some(role) => Some(role.to_owned()),
        None => auth.caller_identity().await?.policy_source_arn(),
    };
    let Some(source) = source else {
        return Ok(Policies::unknown("IAM knows policies of users and roles only"));
    };
    let partition = source.split(':').nth(1).unwrap_or("aws");
    let objects = format!("arn:{partition}:s3:::{bucket}/*");
    let decisions = auth.iam().await?.simulate(&source, &["s3:GetObject", "s3:PutObject"], &objects).await?;
    let said = |index: usize| match decisions.get(index).copied().flatten() {
        Some(decision) => Said::Decided(decision),
        None => Said::Nothing("IAM gave no answer to it".to_owned()),
    };
    Ok(Policies { read: said(0), write: said(1) })
}

#[cfg(test)]
mod tests {
    use quilt_scope::Lazy;

    use super::*;
    use crate::client::canned::{Canned, Sent};
    use crate::domain::permission::PermissionLevel;
    use crate::domain::principal::{Grant, Principal, RoleGrant};

    /// What the AWS of a test answers: to the listing, to the head of an object, to the simulation of each action.
    #[derive(Clone, Copy)]
    struct Script {
        list: (u16, &'static str),
        head: u16,
        iam: Option<(&'static str, &'static str)>,
    }

    const ONE: &str = "<ListBucketResult><Contents><Key>first</Key></Contents></ListBucketResult>";
    const NONE: &str = "<ListBucketResult/>";
    const DENIED: &str = "<Error><Code>AccessDenied</Code></Error>";

    impl Script {
        fn answer(self, sent: &Sent) -> (u16, String) {
            if sent.body.contains("SimulatePrincipalPolicy") {
                let Some((read, write)) = self.iam else {
                    return (
                        403,
                        "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>".into(),
                    );
                };
                let result = |action, decision| {
                    format!(
                        "<member><EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision></member>"
                    )
                };
                let results = [result("s3:PutObject", write), result("s3:GetObject", read)].concat();
                return (
                    200,
                    format!(
                        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{results}\
                     </EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
                    ),
                );
            }
            match (sent.method.as_str(), sent.uri.contains("list-type=2")) {
                ("GET", true) => (self.list.0, self.list.1.into()),
                ("HEAD", _) if sent.uri.trim_end_matches('/').ends_with("/abc") => (200, String::new()),
                ("HEAD", _) => (self.head, String::new()),
                ("GET", false) => (200, "<LocationConstraint>eu-west-1</LocationConstraint>".into()),
                other => panic!("an access check must not send {other:?}"),
            }
        }
    }

    async fn rights(script: Script) -> Result<BucketRights, ToolError> {
        let canned = Canned::answering(move |sent| script.answer(sent));
        let (principal, endpoints) = (Principal::single_user(), canned.endpoints());
        let credentials = Canned::credentials(&principal);
        let grant = Grant::AssumeRole(RoleGrant {
            role_arn: "arn:aws:iam::123456789012:role/path/r".into(),
            session_tags: std::collections::BTreeMap::new(),
            session_policy: None,
            token_expires_at: u64::MAX,
            token_digest: None,
            registry: None,
        });
        let auth = AuthService::new(&principal, &grant, Lazy::of(&credentials), &endpoints);
        let result = AwsRightsProbe.rights(&auth, &"abc".parse().expect("a name")).await;
        assert!(canned.requests().iter().all(|sent| sent.signed_by("AKIAlocal")));
        result
    }

    fn verdicts(rights: &BucketRights) -> (Verdict, Verdict, Verdict) {
        (rights.read.verdict, rights.write.verdict, rights.list.verdict)
    }

    #[tokio::test]
    async fn everything_allowed() -> Result<(), ToolError> {
        let found = rights(Script { list: (200, ONE), head: 200, iam: Some(("allowed", "allowed")) }).await?;
        assert_eq!(found.level(), PermissionLevel::FullAccess);
        assert_eq!(found.region.as_deref(), Some("eu-west-1"));
        assert!(found.is_settled());
        Ok(())
    }

    #[tokio::test]
    async fn a_missing_object_tells_that_reading_is_allowed() -> Result<(), ToolError> {
        let found =
            rights(Script { list: (200, NONE), head: 404, iam: Some(("allowed", "explicitDeny")) }).await?;
        assert_eq!(found.level(), PermissionLevel::ReadOnly);
        Ok(())
    }

    #[tokio::test]
    async fn what_was_tried_counts_more_than_policies() -> Result<(), ToolError> {
        let found =
            rights(Script { list: (200, ONE), head: 403, iam: Some(("allowed", "implicitDeny")) }).await?;
        assert_eq!(verdicts(&found), (Verdict::No, Verdict::No, Verdict::Yes));
        assert_eq!(found.level(), PermissionLevel::ListOnly);
        Ok(())
    }

    #[tokio::test]
    async fn who_may_not_list_or_ask_iam_gets_unknown_and_not_no() -> Result<(), ToolError> {
        let found = rights(Script { list: (403, DENIED), head: 403, iam: None }).await?;
        assert_eq!(verdicts(&found), (Verdict::Unknown, Verdict::Unknown, Verdict::No));
        assert_eq!(found.level(), PermissionLevel::Unknown);
        assert!(found.is_settled(), "{:?}", found.faults);
        Ok(())
    }

    #[tokio::test]
    async fn policies_tell_of_reading_what_cannot_be_listed() -> Result<(), ToolError> {
        let found =
            rights(Script { list: (403, DENIED), head: 403, iam: Some(("allowed", "allowed")) }).await?;
        assert_eq!(found.level(), PermissionLevel::ReadWrite);
        let found =
            rights(Script { list: (403, DENIED), head: 403, iam: Some(("implicitDeny", "implicitDeny")) })
                .await?;
        assert_eq!(found.level(), PermissionLevel::NoAccess);
        Ok(())
    }

    #[tokio::test]
    async fn a_fault_is_unknown_and_does_not_settle() -> Result<(), ToolError> {
        let found =
            rights(Script { list: (400, "<Error><Code>Odd</Code></Error>"), head: 403, iam: None }).await?;
        assert_eq!(found.list.verdict, Verdict::Unknown);
        assert!(!found.is_settled());
        Ok(())
    }

    #[tokio::test]
    async fn a_bucket_that_is_not_there_is_an_error() {
        let script = Script { list: (404, "<Error><Code>NoSuchBucket</Code></Error>"), head: 404, iam: None };
        assert_eq!(rights(script).await.map(|_| ()).map_err(|e| e.code()), Err(ErrorCode::NotFound));
    }
}

//! Who is wanted in a world, and with what.

/// Who is wanted in a world.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub(super) tenant: String,
    pub(super) name: String,
    pub(super) lists: Vec<String>,
    pub(super) objects: usize,
    pub(super) account: AccountListing,
    pub(super) package: bool,
    pub(super) second_bucket: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccountListing {
    Allowed,
    NotAllowed,
}

impl Wanted {
    /// Somebody with a bucket of three objects.
    pub fn new(tenant: &str, name: &str) -> Self {
        Self {
            tenant: tenant.into(),
            name: name.into(),
            lists: Vec::new(),
            objects: 3,
            account: AccountListing::Allowed,
            package: false,
            second_bucket: false,
        }
    }

    /// With a second bucket, which is empty.
    #[must_use]
    pub fn with_second_bucket(mut self) -> Self {
        self.second_bucket = true;
        self
    }

    /// Who may also list, but not read, the bucket of `owner`.
    #[must_use]
    pub fn who_lists(mut self, owner: &str) -> Self {
        self.lists.push(owner.into());
        self
    }

    /// Who may not ask for the names of the account's buckets.
    #[must_use]
    pub fn who_does_not_see_the_account(mut self) -> Self {
        self.account = AccountListing::NotAllowed;
        self
    }

    /// With so many objects.
    #[must_use]
    pub fn with_objects(mut self, objects: usize) -> Self {
        self.objects = objects;
        self
    }

    /// With a package of two revisions, pushed by the real quilt3.
    #[must_use]
    pub fn with_package(mut self) -> Self {
        self.package = true;
        self
    }
}

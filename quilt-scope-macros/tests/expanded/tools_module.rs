pub mod tools {
    #[scoped_tool(
        accessors(auth_service:AuthService<'_>, workflow_service:Workflows<'_>)
    )]
    pub async fn template_apply(id: String) -> Result<Done, Refused> {
        let (created, _) = join!(
            create(workflow_service(), id.clone()), audit(auth_service(), & id)
        );
        created
    }
    /// A tool, and called by another.
    #[scoped_tool(idempotent, accessors(workflow_service:Workflows<'_>))]
    pub async fn create(id: String) -> Result<Done, Refused> {
        workflow_service().create(&id).await
    }
    async fn audit(auth_service: &AuthService<'_>, id: &str) -> Option<Entry> {
        let auth_service = ::quilt_scope::__private::accessor(auth_service);
        entry(auth_service().name(), id)
    }
    fn entry(who: &str, id: &str) -> Option<Entry> {
        Entry::of(who, id)
    }
}

//! Workgroups: where queries run, and where their results go.

use std::time::SystemTime;

use aws_sdk_athena::types::{ManagedQueryResultsConfiguration, WorkGroupConfiguration, WorkGroupState};

use super::{AthenaClient, Page, time};
use crate::client::failure;
use crate::domain::athena::WorkgroupName;
use crate::error::ToolError;

/// A workgroup that the caller may look at.
#[derive(Clone, Debug)]
pub struct Workgroup {
    /// Its name.
    pub name: WorkgroupName,
    /// Whether queries can run in it.
    pub enabled: bool,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// When it was made.
    pub created: Option<SystemTime>,
    /// The S3 location of results.
    pub output_location: Option<String>,
    /// Whether Athena keeps the results itself.
    pub keeps_results: bool,
    /// Whether its settings count more than those of a query.
    pub enforced: bool,
    /// How many bytes a query may scan before Athena stops it.
    pub scan_limit: Option<i64>,
}

impl Workgroup {
    /// Whether a query that says nothing about its result can run here.
    pub fn is_usable(&self) -> bool {
        self.enabled && (self.output_location.is_some() || self.keeps_results)
    }
}

impl AthenaClient {
    /// The names of the account's enabled workgroups: also of those that the caller may not use. `most` is at most 50.
    ///
    /// # Errors
    ///
    /// The caller may not, or Athena does not answer.
    pub async fn workgroups(
        &self,
        most: i32,
        after: Option<String>,
    ) -> Result<Page<WorkgroupName>, ToolError> {
        let asked = self.client.list_work_groups().max_results(most).set_next_token(after);
        let answer =
            asked.send().await.map_err(|error| failure::of_athena("list your workgroups", &error))?;
        let items = answer
            .work_groups
            .unwrap_or_default()
            .into_iter()
            .filter(|group| group.state != Some(WorkGroupState::Disabled))
            .filter_map(|group| group.name.and_then(|name| name.try_into().ok()))
            .collect();
        Ok(Page { items, next: answer.next_token })
    }

    /// One workgroup.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such workgroup, or Athena does not answer.
    pub async fn workgroup(&self, name: &WorkgroupName) -> Result<Workgroup, ToolError> {
        let asked = self.client.get_work_group().work_group(name.as_str());
        let answer = asked
            .send()
            .await
            .map_err(|error| failure::of_athena(&format!("look at workgroup `{name}`"), &error))?;
        let group = answer.work_group.ok_or_else(|| ToolError::internal("Athena named no workgroup"))?;
        let settings = group.configuration.as_ref();
        let location = settings
            .and_then(|settings| settings.result_configuration()?.output_location())
            .filter(|location| !location.is_empty());
        Ok(Workgroup {
            name: name.clone(),
            enabled: group.state != Some(WorkGroupState::Disabled),
            created: time(group.creation_time.as_ref()),
            output_location: location.map(ToOwned::to_owned),
            keeps_results: settings
                .and_then(|settings| settings.managed_query_results_configuration())
                .is_some_and(ManagedQueryResultsConfiguration::enabled),
            enforced: settings
                .and_then(WorkGroupConfiguration::enforce_work_group_configuration)
                .unwrap_or_default(),
            scan_limit: settings.and_then(WorkGroupConfiguration::bytes_scanned_cutoff_per_query),
            description: group.description.filter(|text| !text.is_empty()),
        })
    }
}

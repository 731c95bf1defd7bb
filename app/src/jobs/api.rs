//! Server functions of the pages.

use leptos::server_fn::codec::Json;

use super::model::{JobDetail, JobRow, ScheduleRow};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{JobId, Result, server};

/// A page of jobs.
#[server(protocol = Wired<Json>)]
pub async fn list_jobs(query: ListQuery) -> Result<Page<JobRow>> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::ReadJobs>()?;
    crate::kit::scope::answer_with_status(crate::jobs::store::list(&scope, &query).await)
}

/// The kinds of jobs there have been, for the filter.
#[server]
pub async fn list_job_kinds() -> Result<Vec<String>> {
    crate::jobs::store::kinds(&crate::kit::scope::scope::<crate::kit::permission::can::ReadJobs>()?).await
}

/// One job with its tries.
#[server]
pub async fn read_job(id: JobId) -> Result<JobDetail> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::ReadJobs>()?;
    crate::kit::scope::answer_with_status(crate::jobs::store::detail(&scope, id).await)
}

/// What recurs.
#[server]
pub async fn list_schedules() -> Result<Vec<ScheduleRow>> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::ReadJobs>()?;
    crate::jobs::store::schedules(&scope, crate::registry::jobs().schedules()).await
}

/// Puts a failed job back in the queue.
#[server]
pub async fn retry_job(id: JobId) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteJobs>()?;
    crate::kit::scope::answer_with_status(crate::jobs::store::retry(&scope, id).await)
}

/// Puts the failed ones of the picked jobs back in the queue; gives how many there were.
#[server]
pub async fn retry_jobs(ids: String) -> Result<u64> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteJobs>()?;
    crate::kit::scope::answer(async { crate::jobs::store::retry_many(&scope, &crate::kit::paging::picked(&ids)?).await }).await
}

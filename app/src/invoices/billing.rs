//! `/billing`: the runs, what they did and how long they took; the customers that a run left for a person; starting a run.

use chrono::NaiveDate;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use serde::{Deserialize, Serialize};

use super::api::{ResolveBillingAlert, StartBillingRun, read_billing};
use super::model::{BillingAlertId, BillingRunId};
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::moment::Moment;
use crate::kit::money::group;
use crate::kit::period::{long_day, short_day};
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::text_enum;
use crate::ui::{
    Ask, Badge, Bone, Card, DateField, Empty, FormDialog, Head, HiddenField, Kind, Loaded, PageHeader, Resource, ServerAction, SimpleTable,
    Tone, When, icon, use_live,
};

text_enum!(
    /// Where a run stands.
    pub enum RunStatus {
        /// Still to begin.
        Queued = "queued" => "Queued",
        Running = "running" => "Running",
        Done = "done" => "Done",
        /// Killed, and followed by another.
        Stopped = "stopped" => "Stopped",
    }
);

text_enum!(
    /// Why a run left a customer for a person.
    pub enum AlertReason {
        TooMuch = "too_much" => "An invoice would be larger than the bound of the settings",
        TooManyLines = "too_many_lines" => "An invoice would have more lines than the bound of the settings",
        TooManyInvoices = "too_many_invoices" => "More invoices at once than the bound of the settings",
        Failed = "failed" => "Billing failed",
    }
);

/// A run, for the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingRun {
    pub id: BillingRunId,
    pub until: NaiveDate,
    pub status: RunStatus,
    pub customers: i64,
    pub finalized: i64,
    pub drafted: i64,
    pub parked: i64,
    pub started_by: String,
    pub started: Moment,
    /// How long it took; `None` while it runs, or where it was killed.
    pub seconds: Option<i64>,
}

/// A customer that no run bills until somebody has looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingAlert {
    pub id: BillingAlertId,
    pub customer: CustomerId,
    pub customer_name: String,
    pub reason: AlertReason,
    pub details: Vec<(String, String)>,
    pub created: Moment,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billing {
    pub today: NaiveDate,
    /// The last day that the daily run drafts for.
    pub horizon: NaiveDate,
    pub runs: Vec<BillingRun>,
    pub alerts: Vec<BillingAlert>,
}

/// `3 s`, `2 min 5 s`.
pub fn took(seconds: i64) -> String {
    match seconds {
        ..1 => "under 1 s".to_owned(),
        1..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

type Found = Resource<Result<Billing>>;

/// See the module.
pub struct BillingPage;

#[lazy_route]
impl LazyRoute for BillingPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let billing = Resource::new(|| (), |()| read_billing());
        use_live(&["billing", "invoice.finalized"], move |_| billing.refetch());
        let may = use_viewer().can(Permission::WriteInvoices);
        view! {
            <PageHeader
                title="Billing"
                subtitle="Every hour what is due is issued, and what is near is drafted"
                actions=may.then(|| start(billing)).into_any()
            />
            <Loaded of=billing skeleton=Bone::Table(8) let:of>
                <div class="stack">{alerts(of.alerts, billing, may)} {runs(of.runs, of.horizon)}</div>
            </Loaded>
        }
        .into_any()
    }
}

fn start(billing: Found) -> AnyView {
    let action = ServerAction::<StartBillingRun>::new();
    let done = move |(): ()| billing.refetch();
    let ask = Ask::new("Start a run", "Start a billing run?", "Start run")
        .button(Kind::Primary)
        .icon(icon::PLAY)
        .cancel("Not now")
        .said("Billing run started");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>
                "What is due by today is issued with numbers; what comes later, up to the day below, is drafted. \
                 What is billed already is not billed again. It goes on in the background."
            </p>
            <DateField name="until" label="Until" hint="Leave blank for as far ahead as the settings say; at most a year."/>
        </FormDialog>
    }
    .into_any()
}

fn alerts(of: Vec<BillingAlert>, billing: Found, may: bool) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::text("Customer"), Head::text("Why"), Head::text("Details"), Head::text("Since"), Head::text("")];
    let row = |alert: BillingAlert| {
        let href = format!("/customers/{}", alert.customer);
        let details: Vec<String> = alert.details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let preview = format!("/invoices/preview?customer={}", alert.customer);
        let resolve = may.then(|| resolve(&alert, billing));
        vec![
            view! { <a class="link" href=href>{alert.customer_name}</a> }.into_any(),
            alert.reason.label().into_any(),
            details.join("; ").into_any(),
            view! { <When at=alert.created/> }.into_any(),
            view! { <div class="row-actions"><a class="button ghost" href=preview>"Preview"</a> {resolve}</div> }.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Left for you to look at" subtitle="No run bills these customers until it is resolved" flush=true>
            <SimpleTable caption="Customers that are not billed" heads rows/>
        </Card>
    }
    .into_any()
}

fn resolve(of: &BillingAlert, billing: Found) -> AnyView {
    let action = ServerAction::<ResolveBillingAlert>::new();
    let done = move |(): ()| billing.refetch();
    let (id, text) =
        (of.id.to_string(), format!("The next run bills {} again. If nothing has changed, it stops at the same.", of.customer_name));
    let ask = Ask::new("Resolve", "Bill this customer again?", "Resolve")
        .button(Kind::Ghost)
        .icon(icon::CHECK)
        .cancel("Keep it aside")
        .said("Resolved; the next run bills the customer again");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}

fn runs(of: Vec<BillingRun>, horizon: NaiveDate) -> AnyView {
    if of.is_empty() {
        return view! {
            <Empty icon=icon::TIMER title="No run yet">
                <p>"The first one comes within the hour, or start one."</p>
            </Empty>
        }
        .into_any();
    }
    let heads = vec![
        Head::text("Started"),
        Head::text("Until"),
        Head::text("Status"),
        Head::number("Customers"),
        Head::number("Issued"),
        Head::number("Drafted"),
        Head::number("Left aside"),
        Head::text("Took"),
        Head::text("By"),
    ];
    let number = |n: i64| group(&n.to_string()).into_any();
    let row = |run: BillingRun| {
        let tone = match run.status {
            RunStatus::Done => Tone::Good,
            RunStatus::Queued | RunStatus::Running => Tone::Info,
            RunStatus::Stopped => Tone::Warn,
        };
        vec![
            view! { <When at=run.started/> }.into_any(),
            short_day(run.until).into_any(),
            view! { <Badge tone text=run.status.label()/> }.into_any(),
            number(run.customers),
            number(run.finalized),
            number(run.drafted),
            number(run.parked),
            run.seconds.map(took).unwrap_or_default().into_any(),
            run.started_by.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Runs" subtitle=format!("The latest first; the hourly run drafts up to {}", long_day(horizon)) flush=true>
            <SimpleTable caption="Billing runs" heads rows/>
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #[test]
    fn durations_are_written_out() {
        assert_eq!([super::took(0), super::took(59), super::took(125)], ["under 1 s", "59 s", "2 min 5 s"]);
    }
}

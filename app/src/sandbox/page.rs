//! `/settings/sandbox`: the clock of a sandbox, or how to become one.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{AdvanceSandbox, BeginSandbox, read_sandbox};
use super::model::Sandbox;
use crate::kit::Result;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Bone, Callout, Card, Crumb, DateField, Exactly, Fact, Facts, Form, Loaded, PageHeader, Progress, Resource, SelectField, ServerAction,
    SubmitButton, TextField, Tone, use_live, use_toasts,
};

/// See the module.
pub struct SandboxPage;

type Found = Resource<Result<Option<Sandbox>>>;

#[lazy_route]
impl LazyRoute for SandboxPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let sandbox = Resource::new_blocking(|| (), |()| read_sandbox());
        use_live(&["sandbox", "job"], move |_| sandbox.refetch());
        view! {
            <PageHeader
                title="Sandbox"
                subtitle="A clock of its own: try out in minutes what takes years"
                crumbs=vec![Crumb::new("Settings", "/settings/profile")]
            />
            <Loaded of=sandbox skeleton=Bone::Card(320) let:found>
                <div class="stack">
                    {match found {
                        Some(of) => clock(of, sandbox),
                        None => begin(sandbox),
                    }}
                </div>
            </Loaded>
        }
        .into_any()
    }
}

fn begin(resource: Found) -> AnyView {
    if !use_viewer().can(Permission::WriteSettings) {
        return view! { <Callout>"This organization is no sandbox."</Callout> }.into_any();
    }
    let action = ServerAction::<BeginSandbox>::new();
    let toasts = use_toasts();
    let done = move |(): ()| {
        toasts.say("This organization is a sandbox now");
        resource.refetch();
    };
    view! {
        <Callout tone=Tone::Warn title="There is no way back">
            "A sandbox stays one. Make one of an organization that is meant for trying out; one that has issued invoices cannot become a sandbox."
        </Callout>
        <Card title="Make this organization a sandbox">
            <Form action on_ok=done>
                <DateField name="on" label="Its clock begins on"/>
                <div class="form-actions">
                    <SubmitButton>"Make it a sandbox"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

fn clock(of: Sandbox, resource: Found) -> AnyView {
    let way = of.going_to.clone().map(|at| {
        let title = format!("On its way to {}", at.absolute);
        view! {
            <Callout title>
                <Progress label="Advancing" value=u64::from(of.progress) max=1_000_u64/>
            </Callout>
        }
    });
    let may = use_viewer().can(Permission::WriteInvoices);
    view! {
        {way}
        <Card title="Clock">
            <Facts of=vec![Fact::new("It is", view! { <Exactly at=of.now/> })]/>
        </Card>
        {may.then(|| advance(resource))}
    }
    .into_any()
}

fn advance(resource: Found) -> AnyView {
    let (to_day, by) = (ServerAction::<AdvanceSandbox>::new(), ServerAction::<AdvanceSandbox>::new());
    let toasts = use_toasts();
    let done = Callback::new(move |((),): ((),)| {
        toasts.say("The clock is on its way");
        resource.refetch();
    });
    let units = [("hours", "Hours"), ("days", "Days"), ("months", "Months")].map(|(word, label)| (word.to_owned(), label.to_owned()));
    view! {
        <Card title="Advance to a day" subtitle="Every job that would have run by then does, in order. The clock never goes back.">
            <Form action=to_day on_ok=done>
                <DateField name="to" label="Day"/>
                <div class="form-actions">
                    <SubmitButton>"Advance to the day"</SubmitButton>
                </div>
            </Form>
        </Card>
        <Card title="Advance by a time">
            <Form action=by on_ok=done>
                <div class="fields-2">
                    <TextField name="count" label="How many" value="1" required=true/>
                    <SelectField name="unit" label="Unit" options=units.to_vec() value="months"/>
                </div>
                <div class="form-actions">
                    <SubmitButton>"Advance by the time"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

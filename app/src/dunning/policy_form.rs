//! `/dunning/policies/new` and `/dunning/policies/ID`: making and changing a policy.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ArchiveDunningPolicy, CreateDunningPolicy, UpdateDunningPolicy, get_dunning_policy};
use super::forms::STEPS_MAX;
use super::model::{Policy, PolicyId, SHIPPED, Step, StepAction};
use crate::kit::Error;
use crate::ui::{
    Ask, Bone, Card, CheckboxField, Crumb, Form, FormDialog, HiddenField, Input, LinkButton, Loaded, PageHeader, Resource, SelectField,
    ServerAction, SubmitButton, TextField, icon, use_param,
};

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Dunning", "/dunning"), Crumb::new("Policies", "/dunning/policies")]
}

/// `/dunning/policies/new`.
pub struct DunningPolicyNewPage;

#[lazy_route]
impl LazyRoute for DunningPolicyNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let action = ServerAction::<CreateDunningPolicy>::new();
        let navigate = use_navigate();
        view! {
            <PageHeader title="New policy" crumbs=crumbs()/>
            <Card>
                <Form action on_ok=move |_: PolicyId| navigate("/dunning/policies", Default::default())>
                    {fields("", false, SHIPPED)}
                    {buttons("Create policy")}
                </Form>
            </Card>
        }
        .into_any()
    }
}

/// `/dunning/policies/ID`.
pub struct DunningPolicyPage;

#[lazy_route]
impl LazyRoute for DunningPolicyPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let policy = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: PolicyId = id.parse().map_err(|_| Error::NotFound)?;
                get_dunning_policy(id).await
            },
        );
        view! {
            <Loaded of=policy skeleton=Bone::Detail whole=true let:policy>
                {edit(policy)}
            </Loaded>
        }
        .into_any()
    }
}

fn edit(of: Policy) -> AnyView {
    let action = ServerAction::<UpdateDunningPolicy>::new();
    let navigate = use_navigate();
    let archive = (!of.default && !of.archived).then(|| archive(&of));
    let (id, fields) = (of.id.to_string(), (!of.archived).then(|| fields(&of.name, of.default, &of.steps)));
    let form = if of.archived {
        view! { <p class="muted">"It is not in use any more; cases that began with it go on with it."</p> }.into_any()
    } else {
        view! {
            <Form action on_ok=move |_: PolicyId| navigate("/dunning/policies", Default::default())>
                <HiddenField name="id" value=id/>
                <p class="muted">"Cases that run go on with the steps they began with; a change is for those opened from now on."</p>
                {fields}
                {buttons("Save policy")}
            </Form>
        }
        .into_any()
    };
    view! {
        <PageHeader title=of.name.clone() crumbs=crumbs() actions=archive.into_any()/>
        <Card>{form}</Card>
    }
    .into_any()
}

fn buttons(save: &'static str) -> AnyView {
    view! {
        <div class="form-actions">
            <LinkButton href="/dunning/policies">"Cancel"</LinkButton>
            <SubmitButton>{save}</SubmitButton>
        </div>
    }
    .into_any()
}

fn fields(name: &str, default: bool, steps: &[Step]) -> AnyView {
    let actions = || StepAction::OFFERED.iter().map(|a| (a.word().to_owned(), a.label().to_owned())).collect::<Vec<_>>();
    let row = |at: usize| {
        let step = steps.get(at);
        let day = step.map(|s| s.day.to_string()).unwrap_or_default();
        let action = step.map_or(StepAction::Email, |s| s.action);
        view! {
            <div class="dunning-step">
                <TextField name=format!("day[{at}]") label=format!("Step {}: days after due", at + 1) value=day input=Input::Number/>
                <SelectField name=format!("action[{at}]") label=format!("Step {}: what is done", at + 1) options=actions() value=action.word()/>
            </div>
        }
    };
    let rows = (0..STEPS_MAX).map(row).collect_view();
    view! {
        <TextField name="name" label="Name" value=name.to_owned() required=true/>
        <CheckboxField name="default" label="Default policy" checked=default hint="For every customer without one of its own."/>
        <p class="hint">"A row without a day is no step. Nothing is taken away without a reminder before it."</p>
        {rows}
    }
    .into_any()
}

fn archive(of: &Policy) -> AnyView {
    let navigate = use_navigate();
    let action = ServerAction::<ArchiveDunningPolicy>::new();
    let id = of.id.to_string();
    let done = move |(): ()| navigate("/dunning/policies", Default::default());
    let ask = Ask::new("Archive", "Archive policy?", "Archive policy").icon(icon::ARCHIVE).danger();
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <p>"Cases that run on it go on; customers whose own it was get the default one."</p>
        </FormDialog>
    }
    .into_any()
}

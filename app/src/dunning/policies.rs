//! `/dunning/policies`: which there are.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::list_dunning_policies;
use super::model::{Policy, Step};
use crate::kit::permission::Permission;
use crate::kit::readable::count;
use crate::shell::use_viewer;
use crate::ui::{Badge, Bone, Card, Crumb, Head, Kind, LinkButton, Loaded, PageHeader, Resource, SimpleTable, Tone, icon, use_live};

/// See the module.
pub struct DunningPoliciesPage;

#[lazy_route]
impl LazyRoute for DunningPoliciesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let policies = Resource::new(|| (), |()| list_dunning_policies());
        use_live(&["dunning.policy"], move |_| policies.refetch());
        let may = use_viewer().can(Permission::WriteInvoices);
        let new =
            may.then(|| view! { <LinkButton href="/dunning/policies/new" kind=Kind::Primary icon=icon::PLUS>"New policy"</LinkButton> });
        view! {
            <PageHeader
                title="Dunning policies"
                subtitle="What is done on which day after an invoice was due"
                crumbs=vec![Crumb::new("Dunning", "/dunning")]
                actions=new.into_any()
            />
            <Loaded of=policies skeleton=Bone::Card(320) let:policies>
                <div class="stack">{policies.into_iter().map(|policy| card(policy, may)).collect_view()}</div>
            </Loaded>
        }
        .into_any()
    }
}

fn card(of: Policy, may: bool) -> AnyView {
    let href = format!("/dunning/policies/{}", of.id);
    let label = format!("Edit {}", of.name);
    let edit = may.then(|| view! { <LinkButton href icon=icon::PENCIL>{label}</LinkButton> });
    let default = of.default.then(|| view! { <Badge tone=Tone::Info text="Default"/> });
    let subtitle = match of.customers {
        0 => count(of.cases, "case"),
        n => format!("{}, {}", count(of.cases, "case"), count(n, "customer")),
    };
    view! {
        <Card title=of.name subtitle flush=true actions=view! { {default} {edit} }.into_any()>
            {steps(&of.steps)}
        </Card>
    }
    .into_any()
}

fn steps(of: &[Step]) -> AnyView {
    let row = |step: &Step| vec![format!("Day {}", step.day).into_any(), step.action.label().into_any()];
    let rows = of.iter().map(row).collect();
    view! { <SimpleTable caption="Steps" heads=vec![Head::text("After due"), Head::text("Step")] rows/> }.into_any()
}

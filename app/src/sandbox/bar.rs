//! The bar on every page of a sandbox: its date, and the way to advance it.

use leptos::prelude::*;

use super::api::read_sandbox;
use super::model::Sandbox;
use crate::kit::period::long_day;
use crate::ui::{Icon, Progress, Resource, icon, use_live};

/// See the module. Stands above the page, in a sandbox only.
#[component]
pub fn SandboxBar() -> impl IntoView {
    let sandbox = Resource::new_blocking(|| (), |()| read_sandbox());
    use_live(&["sandbox", "job"], move |_| sandbox.refetch());
    view! {
        <Transition>
            {move || Suspend::new(async move { sandbox.await.ok().flatten().map(shown) })}
        </Transition>
    }
}

fn shown(of: Sandbox) -> AnyView {
    let day = long_day(of.today);
    let way = of.going_to.map(|at| {
        view! {
            <span class="sandbox-way">
                {format!("on its way to {}", at.absolute)}
                <Progress label="Advancing" value=u64::from(of.progress) max=1_000_u64/>
            </span>
        }
    });
    view! {
        <div class="sandbox-bar" role="status">
            <Icon of=icon::HOURGLASS/>
            <span>"Sandbox: it is " <strong>{day}</strong> " here"</span>
            {way}
            <a class="link" href="/settings/sandbox">"Advance\u{2026}"</a>
        </div>
    }
    .into_any()
}

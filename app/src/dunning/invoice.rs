//! The part of `/invoices/ID` that follows what is not paid: charging it again, and its cases.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::list_dunning_cases;
use super::model::Case;
use crate::kit::paging::ListQuery;
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::payments::collect::{Collect, use_collection};
use crate::shell::use_viewer;
use crate::ui::{Bone, Callout, Loaded, Resource, Tone, use_live, use_param};

/// See the module.
pub struct InvoiceFollowUpPage;

#[lazy_route]
impl LazyRoute for InvoiceFollowUpPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let may = use_viewer().can(Permission::ReadPayments);
        let collection = use_collection(move || (None, id.get().parse().ok().filter(|_| may)));
        let cases = Resource::new(
            move || id.get(),
            |id| {
                let mut query = ListQuery { limit: 5, ..ListQuery::default() };
                query.filters.insert("invoice".into(), vec![id]);
                query.filters.insert("status".into(), vec!["all".into()]);
                list_dunning_cases(query)
            },
        );
        use_live(&["dunning", "payment", "invoice"], move |_| cases.refetch());
        view! {
            <div class="stack">
                <Loaded of=cases skeleton=Bone::Lines(1) part=true let:found>
                    <div class="stack">{found.rows.into_iter().map(case).collect_view()}</div>
                </Loaded>
                <Collect of=collection/>
            </div>
        }
        .into_any()
    }
}

fn case(of: Case) -> AnyView {
    let (tone, title) = if of.status.is_live() { (Tone::Warn, "It is followed up") } else { (Tone::Neutral, "It was followed up") };
    let next = of.next_on.filter(|_| of.status.is_live()).map(|day| format!(" The next step is on {}.", short_day(day)));
    let text = format!("The case is {}.{}", of.status.label().to_lowercase(), next.unwrap_or_default());
    let link = view! { <a class="link" href=format!("/dunning/{}", of.id)>"Show the case"</a> };
    view! { <Callout tone title=title><p>{text}</p><p>{link}</p></Callout> }.into_any()
}

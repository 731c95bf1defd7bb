//! `/usage/ID`: what one subscription used in a period, by meter and by day.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::read_usage;
use super::model::{MeterUse, SubscriptionUse, quantity_label};
use super::page::tone;
use crate::kit::Error;
use crate::kit::money::group;
use crate::kit::period::{long_day, short_day};
use crate::subscriptions::SubscriptionId;
use crate::ui::{
    Bone, Callout, Card, Chart, Crumb, DateField, Empty, GetForm, Head, LinkButton, Loaded, PageHeader, Progress, Resource, SimpleTable,
    SubmitButton, Tone, icon, use_live, use_param,
};

/// See the module.
pub struct SubscriptionUsagePage;

#[lazy_route]
impl LazyRoute for SubscriptionUsagePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (id, query) = (use_param("id"), use_query_map());
        let asked = Memo::new(move |_| (id.get(), query.read().get("on").unwrap_or_default()));
        let used = Resource::new_blocking(
            move || asked.get(),
            |(id, on)| async move {
                let id: SubscriptionId = id.parse().map_err(|_| Error::NotFound)?;
                read_usage(id, on).await
            },
        );
        use_live(&["usage", "subscription"], move |_| used.refetch());
        view! {
            <Loaded of=used skeleton=Bone::Detail whole=true let:found>
                {body(found, asked.get_untracked().1)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: SubscriptionUse, on: String) -> AnyView {
    let subtitle = match of.period {
        Some(period) => format!("{} to {}", long_day(period.start), long_day(period.end.pred_opt().unwrap_or(period.end))),
        None => "Out of service that day".to_owned(),
    };
    let actions = view! {
        <LinkButton href=format!("/usage/events?subscription={}", of.subscription) icon=icon::LIST>"Events"</LinkButton>
        <LinkButton href=format!("/subscriptions/{}", of.subscription) icon=icon::REFRESH_CW>"Subscription"</LinkButton>
    };
    let invoiced = of.closed_until.map(|day| {
        let text = format!("Days before {} are invoiced. What comes late for them counts on that day.", long_day(day));
        view! { <Callout tone=Tone::Info>{text}</Callout> }
    });
    let title = format!("{}, {}", of.customer_name, of.plan_name);
    let by_meter = meters(&of.meters);
    view! {
        <PageHeader title subtitle crumbs=vec![Crumb::new("Usage", "/usage")] actions=actions.into_any()/>
        <div class="stack">
            {invoiced}
            <Card title="By meter">{by_meter}</Card>
            {days(of)}
            <Card title="Another period">
                <GetForm label="Another period">
                    <DateField name="on" label="A day of it" value=on/>
                    <div class="form-actions"><SubmitButton>"Show period"</SubmitButton></div>
                </GetForm>
            </Card>
        </div>
    }
    .into_any()
}

fn meters(of: &[MeterUse]) -> AnyView {
    if of.is_empty() {
        return view! {
            <Empty icon=icon::GAUGE title="Nothing is metered">
                <p>"The plan charges no meter, and nothing was used in this period."</p>
            </Empty>
        }
        .into_any();
    }
    of.iter().map(meter).collect_view().into_any()
}

fn meter(of: &MeterUse) -> impl IntoView + use<> {
    let used = quantity_label(of.quantity, &of.unit);
    let (text, bar) = match (of.included, of.percent()) {
        (Some(included), Some(percent)) => {
            let over = if of.over() > 0 { format!(", {} beyond it", group(&of.over().to_string())) } else { String::new() };
            let text = format!("{used} of {} included, {percent} %{over}", group(&included.to_string()));
            let label = format!("{}: {percent} % of the allowance", of.name);
            let value = Signal::stored(u64::try_from(percent).unwrap_or(0));
            (text, Some(view! { <Progress label value tone=tone(percent)/> }))
        }
        (Some(_), None) => (format!("{used}, each charged"), None),
        (None, _) => (format!("{used}, not charged by the plan"), None),
    };
    view! {
        <div class="usage-meter">
            <div>
                <strong>{of.name.clone()}</strong>
                <span class="muted">{text}</span>
            </div>
            {bar}
        </div>
    }
}

fn days(of: SubscriptionUse) -> AnyView {
    if of.days.is_empty() {
        return ().into_any();
    }
    let heads = std::iter::once(Head::text("Day")).chain(of.meters.iter().map(|m| Head::number(format!("{} ({})", m.name, m.unit))));
    let heads: Vec<Head> = heads.collect();
    let rows = of.days.iter().map(|day| {
        let figures = day.quantities.iter().map(|q| group(&q.to_string()).into_any());
        std::iter::once(short_day(day.day).into_any()).chain(figures).collect()
    });
    let rows: Vec<Vec<AnyView>> = rows.collect();
    view! {
        <Card title="By day">
            <Chart label="What was used each day" option=Signal::stored(of.chart)>
                <SimpleTable caption="What was used each day" heads rows/>
            </Chart>
        </Card>
    }
    .into_any()
}

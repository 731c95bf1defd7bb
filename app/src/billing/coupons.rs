//! `/coupons` and `/coupons/new`.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{CreateCoupon, list_coupons};
use crate::invoices::catalogue::{CouponDuration, CouponId, CouponState, CouponView};
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::plans::api::plan_choices;
use crate::plans::model::PlanChoice;
use crate::shell::use_viewer;
use crate::ui::{
    Badge, Bone, Card, Column, Crumb, DataTable, DateField, Empty, Filter, FilterBar, Form, Input, Kind, LinkButton, Listing, Loaded,
    PageHeader, Resource, Row, SelectField, ServerAction, SubmitButton, TextField, Tone, icon, use_list_query, use_live,
};

/// The list.
pub struct CouponsPage;

/// Whether it is given out.
#[component]
pub fn CouponBadge(state: CouponState) -> impl IntoView {
    let tone = if state == CouponState::Active { Tone::Good } else { Tone::Neutral };
    view! { <Badge tone text=state.label()/> }
}

fn listing() -> Listing<CouponView> {
    let until = |c: &CouponView| c.expires_on.map_or("\u{2013}".into(), short_day);
    Listing::new("Coupons", |c: &CouponView| Row::new(c.id, &c.name).href(format!("/coupons/{}", c.id)))
        .column(Column::new("name", "Name", |c: &CouponView| c.name.clone()).sortable())
        .column(Column::new("off", "Off", |c: &CouponView| c.off_label()).numeric())
        .column(Column::new("duration", "Counts", |c: &CouponView| c.duration_label()))
        .column(Column::new("codes", "Codes", |c: &CouponView| c.codes.join(", ")))
        .column(Column::new("redeemed", "Redeemed", |c: &CouponView| c.redeemed_label()).numeric())
        .column(Column::new("until", "Until", until))
        .column(Column::new("state", "State", |c: &CouponView| view! { <CouponBadge state=c.state/> }))
}

fn new_button() -> AnyView {
    let may = use_viewer().can(Permission::WritePlans);
    may.then(|| view! { <LinkButton href="/coupons/new" kind=Kind::Primary icon=icon::PLUS>"New coupon"</LinkButton> }).into_any()
}

#[lazy_route]
impl LazyRoute for CouponsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let coupons = Resource::new(move || query.get(), list_coupons);
        let states = vec![Filter::choice("state", "State", CouponState::ALL.iter().map(|s| (s.word(), s.label())))];
        use_live(&["coupon", "promotion_code"], move |_| coupons.refetch());
        view! {
            <PageHeader title="Coupons" subtitle="Something off the price, by hand or by code" actions=new_button()/>
            <FilterBar query search="Name or code" columns=listing().choices() filters=states export="/coupons/export.csv"/>
            <Loaded of=coupons skeleton=Bone::Table(6) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::PERCENT title="No coupons here">
                        <p>"A coupon takes a part or an amount off invoices."</p>
                        {new_button()}
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

/// The form of a new coupon.
pub struct CouponNewPage;

#[lazy_route]
impl LazyRoute for CouponNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let plans = Resource::new_blocking(|| (), |()| plan_choices(None));
        view! {
            <PageHeader title="New coupon" crumbs=vec![Crumb::new("Coupons", "/coupons")]/>
            <Loaded of=plans skeleton=Bone::Card(420) let:plans>
                {form(plans)}
            </Loaded>
        }
        .into_any()
    }
}

fn form(plans: Vec<PlanChoice>) -> AnyView {
    let action = ServerAction::<CreateCoupon>::new();
    let navigate = use_navigate();
    let currency = use_viewer().currency.to_string();
    let durations = CouponDuration::ALL.iter().map(|d| (d.word().to_owned(), d.label().to_owned())).collect::<Vec<_>>();
    let all = std::iter::once((String::new(), "All plans".to_owned()));
    let plans: Vec<(String, String)> = all.chain(plans.into_iter().map(|p| (p.id.to_string(), p.label))).collect();
    view! {
        <Card>
            <Form action on_ok=move |id: CouponId| navigate(&format!("/coupons/{id}"), Default::default())>
                <TextField name="name" label="Name" required=true hint="As invoices print it."/>
                <TextField name="percent" label="Percent off" hint="Such as 12.5; or an amount below."/>
                <TextField name="amount" label="Amount off" hint="Of each invoice, in the currency below."/>
                <TextField name="currency" label="Currency" value=currency/>
                <SelectField name="duration" label="Counts" options=durations value="once"/>
                <TextField name="times" label="Times" input=Input::Number hint="Invoices, where it counts several times."/>
                <SelectField name="plan" label="Good for" options=plans/>
                <TextField name="max_redemptions" label="Redeemed at most" input=Input::Number hint="Blank: without limit."/>
                <DateField name="expires_on" label="Given out until" hint="That day included. Blank: without end."/>
                <div class="form-actions">
                    <LinkButton href="/coupons">"Cancel"</LinkButton>
                    <SubmitButton>"Create coupon"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

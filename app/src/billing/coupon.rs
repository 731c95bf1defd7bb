//! `/coupons/ID`: what it takes off, its codes, and who has it.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{AddPromotionCode, ArchiveCoupon, ArchivePromotionCode, get_coupon};
use super::coupons::CouponBadge;
use crate::invoices::catalogue::{CouponDetail, CouponId, CouponState, CouponView, PromotionCode, Redeemed};
use crate::kit::period::{long_day, short_day};
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{
    Ask, Badge, Bone, Card, CheckboxField, Crumb, DateField, Fact, Facts, Form, FormDialog, Head, HiddenField, Input, Kind, Loaded,
    PageHeader, Resource, ServerAction, SimpleTable, SubmitButton, TextField, Tone, icon, use_live, use_param, use_toasts,
};

type Found = Resource<Result<CouponDetail>>;

/// See the module.
pub struct CouponPage;

#[lazy_route]
impl LazyRoute for CouponPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let coupon = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: CouponId = id.parse().map_err(|_| Error::NotFound)?;
                get_coupon(id).await
            },
        );
        use_live(&["coupon", "promotion_code"], move |_| coupon.refetch());
        view! {
            <Loaded of=coupon skeleton=Bone::Detail whole=true let:found>
                {body(found, coupon)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: CouponDetail, resource: Found) -> AnyView {
    let CouponDetail { coupon, codes, plans, redemptions } = of;
    let may = use_viewer().can(Permission::WritePlans);
    let plans = if plans.is_empty() { "All".to_owned() } else { plans.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", ") };
    let facts = vec![
        Fact::new("Off", coupon.off_label()),
        Fact::new("Counts", coupon.duration_label()),
        Fact::new("Plans", plans),
        Fact::new("Redeemed", coupon.redeemed_label()),
        Fact::new("Given out until", coupon.expires_on.map_or("without end".into(), long_day)),
        Fact::new("Id", coupon.id.to_string()),
    ];
    let actions = (may && coupon.state != CouponState::Archived).then(|| archive(&coupon, resource)).into_any();
    let add = (may && coupon.state == CouponState::Active).then(|| add(&coupon, resource)).into_any();
    view! {
        <PageHeader
            title=coupon.name.clone()
            crumbs=vec![Crumb::new("Coupons", "/coupons")]
            badge=view! { <CouponBadge state=coupon.state/> }.into_any()
            actions
        />
        <div class="stack">
            <Card title="Details"><Facts of=facts/></Card>
            <Card title="Codes" subtitle="Capital letters and small ones are the same" actions=add flush=true>
                {table(codes, may, resource)}
            </Card>
            <Card title="Who has it" subtitle="The latest hundred" flush=true>{people(redemptions)}</Card>
        </div>
    }
    .into_any()
}

fn table(codes: Vec<PromotionCode>, may: bool, resource: Found) -> AnyView {
    if codes.is_empty() {
        return view! { <p class="muted pad">"No code yet; it is given by hand on a customer's billing tab."</p> }.into_any();
    }
    let heads = vec![Head::text("Code"), Head::number("Redeemed"), Head::text("Until"), Head::text("For"), Head::text("")];
    let row = |code: PromotionCode| {
        let redeemed = code.max_redemptions.map_or(code.redemptions.to_string(), |most| format!("{} of {most}", code.redemptions));
        let verb = match code.archived {
            true => view! { <Badge tone=Tone::Neutral text="Archived"/> }.into_any(),
            false => may.then(|| retire(&code, resource)).into_any(),
        };
        vec![
            code.code.into_any(),
            redeemed.into_any(),
            code.expires_on.map_or("\u{2013}".into(), short_day).into_any(),
            (if code.first_time_only { "New customers" } else { "Everybody" }).into_any(),
            view! { <div class="row-actions">{verb}</div> }.into_any(),
        ]
    };
    let rows = codes.into_iter().map(row).collect();
    view! { <SimpleTable caption="Codes of this coupon" heads rows/> }.into_any()
}

/// A form of one button, so that it works without JavaScript.
fn retire(of: &PromotionCode, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<ArchivePromotionCode>::new();
    let done = move |(): ()| {
        toasts.say("Code archived");
        resource.refetch();
    };
    let id = of.id.to_string();
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton kind=Kind::Ghost>"Archive code"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn archive(of: &CouponView, resource: Found) -> AnyView {
    let action = ServerAction::<ArchiveCoupon>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.id.to_string();
    let ask = Ask::new("Archive coupon", "Archive coupon?", "Archive coupon")
        .icon(icon::ARCHIVE)
        .cancel("Keep it")
        .danger()
        .said("Coupon archived");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>"It and its codes are given out no more. Who has it keeps it."</p>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}

fn add(of: &CouponView, resource: Found) -> AnyView {
    let action = ServerAction::<AddPromotionCode>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.id.to_string();
    let ask = Ask::new("Add code", "Add code", "Add code").icon(icon::PLUS).said("Code added");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <TextField name="code" label="Code" required=true hint="Such as SPRING."/>
            <TextField name="max_redemptions" label="Redeemed at most" input=Input::Number hint="Blank: as often as the coupon."/>
            <DateField name="expires_on" label="Good until" hint="That day included."/>
            <CheckboxField name="first_time_only" label="New customers only" hint="Those without an invoice."/>
        </FormDialog>
    }
    .into_any()
}

fn people(of: Vec<Redeemed>) -> AnyView {
    if of.is_empty() {
        return view! { <p class="muted pad">"Nobody yet."</p> }.into_any();
    }
    let heads = vec![Head::text("Customer"), Head::text("Code"), Head::text("Since"), Head::text("")];
    let row = |r: Redeemed| {
        let href = format!("/customers/{}/billing", r.customer);
        vec![
            view! { <a class="link" href=href>{r.customer_name}</a> }.into_any(),
            r.code.unwrap_or_else(|| "By hand".into()).into_any(),
            short_day(r.starts_on).into_any(),
            r.ended.then(|| view! { <Badge tone=Tone::Neutral text="Taken back"/> }).into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! { <SimpleTable caption="Customers with this coupon" heads rows/> }.into_any()
}

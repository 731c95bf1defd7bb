//! `/customers/ID/billing`: how one customer is billed, and the coupons it has.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{EndCoupon, GiveCoupon, UpdateCustomerBilling, read_customer_billing};
use super::model::CustomerBilling;
use crate::customers::CustomerId;
use crate::invoices::catalogue::{AccountView, CouponView, Redeemed, TaxStatus};
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::subscriptions::SubscriptionId;
use crate::ui::{
    Ask, Badge, Bone, Card, Form, FormDialog, Head, HiddenField, Input, Kind, Loaded, Resource, SelectField, ServerAction, SimpleTable,
    SubmitButton, TextField, Tone, icon, use_live, use_param, use_toasts,
};

type Found = Resource<Result<CustomerBilling>>;

/// See the module.
pub struct CustomerBillingPage;

#[lazy_route]
impl LazyRoute for CustomerBillingPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let found: Found = Resource::new(
            move || id.get(),
            |id| async move {
                let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
                read_customer_billing(id).await
            },
        );
        use_live(&["customer", "coupon"], move |_| found.refetch());
        view! {
            <Loaded of=found skeleton=Bone::Card(360) part=true let:of>
                {body(id.get_untracked(), of, found)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(customer: String, of: CustomerBilling, resource: Found) -> AnyView {
    let may = use_viewer().can(Permission::WriteInvoices);
    let CustomerBilling { account, coupons, offered, subscriptions } = of;
    let give = may.then(|| give(customer.clone(), offered, subscriptions, resource)).into_any();
    view! {
        <div class="stack">
            <Card title="Coupons" actions=give flush=true>{table(coupons, may, resource)}</Card>
            {details(customer, account, may, resource)}
        </div>
    }
    .into_any()
}

fn table(of: Vec<Redeemed>, may: bool, resource: Found) -> AnyView {
    if of.is_empty() {
        return view! { <p class="muted pad">"None."</p> }.into_any();
    }
    let heads = vec![Head::text("Coupon"), Head::text("Code"), Head::text("For"), Head::text("Since"), Head::text("")];
    let row = |r: Redeemed| {
        let verb = match r.ended {
            true => view! { <Badge tone=Tone::Neutral text="Taken back"/> }.into_any(),
            false => may.then(|| end(&r, resource)).into_any(),
        };
        let which = match r.subscription {
            Some(id) => view! { <a class="link" href=format!("/subscriptions/{id}")>"One subscription"</a> }.into_any(),
            None => "All it has".into_any(),
        };
        vec![
            view! { <a class="link" href=format!("/coupons/{}", r.coupon)>{r.coupon_name}</a> }.into_any(),
            r.code.unwrap_or_else(|| "By hand".into()).into_any(),
            which,
            short_day(r.starts_on).into_any(),
            view! { <div class="row-actions">{verb}</div> }.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! { <SimpleTable caption="Coupons of this customer" heads rows/> }.into_any()
}

/// A form of one button, so that it works without JavaScript.
fn end(of: &Redeemed, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<EndCoupon>::new();
    let done = move |(): ()| {
        toasts.say("Coupon taken back");
        resource.refetch();
    };
    let id = of.id.to_string();
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton kind=Kind::Ghost>"Take back"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn give(customer: String, offered: Vec<CouponView>, subscriptions: Vec<(SubscriptionId, String)>, resource: Found) -> AnyView {
    let action = ServerAction::<GiveCoupon>::new();
    let done = move |(): ()| resource.refetch();
    let none = std::iter::once((String::new(), "By code".to_owned()));
    let coupons = offered.into_iter().map(|c| (c.id.to_string(), format!("{}, {}", c.name, c.off_label())));
    let coupons: Vec<(String, String)> = none.chain(coupons).collect();
    let all = std::iter::once((String::new(), "All it has".to_owned()));
    let which: Vec<(String, String)> = all.chain(subscriptions.into_iter().map(|(id, plan)| (id.to_string(), plan))).collect();
    let ask = Ask::new("Give coupon", "Give coupon", "Give coupon").icon(icon::PLUS).said("Coupon given");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="customer" value=customer/>
            <SelectField name="coupon" label="Coupon" options=coupons/>
            <TextField name="code" label="Code" hint="Instead of a coupon."/>
            <SelectField name="subscription" label="For" options=which/>
            <p class="hint">"It counts from the next invoice on."</p>
        </FormDialog>
    }
    .into_any()
}

fn details(customer: String, of: AccountView, may: bool, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<UpdateCustomerBilling>::new();
    let done = move |(): ()| {
        toasts.say("Billing details saved");
        resource.refetch();
    };
    let statuses = TaxStatus::ALL.iter().map(|s| (s.word().to_owned(), s.label().to_owned())).collect::<Vec<_>>();
    let text = |value: Option<String>| value.unwrap_or_default();
    let terms = of.terms_days.map(|days| days.to_string()).unwrap_or_default();
    let save = may.then(|| view! { <div class="form-actions"><SubmitButton>"Save billing details"</SubmitButton></div> });
    view! {
        <Card title="Billing details" subtitle=format!("Account {}; for invoices to come", of.number)>
            <Form action on_ok=done>
                <HiddenField name="customer" value=customer/>
                <SelectField name="tax_status" label="Tax" options=statuses value=of.tax_status.word()/>
                <TextField name="tax_reason" label="Reason" value=text(of.tax_reason) hint="Printed, and required, where no tax is charged."/>
                <TextField name="tax_number" label="Tax number" value=text(of.tax_number)/>
                <TextField name="legal_name" label="Legal name" value=text(of.legal_name)/>
                <TextField name="address" label="Address" value=text(of.address)/>
                <TextField name="billing_email" label="Billing e-mail" value=text(of.billing_email) input=Input::Email/>
                <TextField name="language" label="Language" value=text(of.language) hint="Such as en or ar. Blank: yours."/>
                <TextField name="terms_days" label="Days to pay" value=terms input=Input::Number hint="Blank: as in the settings."/>
                {save}
            </Form>
        </Card>
    }
    .into_any()
}

//! `/settings/billing`: prefixes, terms, anchors, safety and looks of what is billed.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{UpdateBillingSettings, read_billing_settings};
use super::model::BillingForm;
use crate::auth;
use crate::kit::permission::Permission;
use crate::settings::page::Frame;
use crate::shell::use_viewer;
use crate::subscriptions::Proration;
use crate::ui::{
    Bone, Callout, Card, CheckboxField, FileField, Form, Input, Loaded, Resource, SelectField, ServerAction, SubmitButton, TextField, Tone,
    UploadForm, icon,
};

/// See the module.
pub struct BillingSettingsPage;

#[lazy_route]
impl LazyRoute for BillingSettingsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let settings = Resource::new_blocking(|| (), |()| read_billing_settings());
        let refused = use_query_map().read_untracked().get("refused");
        view! {
            <Frame title="Billing">
                {refused.map(|why| view! { <Callout tone=Tone::Bad title="The logo was refused">{why}</Callout> })}
                <Loaded of=settings skeleton=Bone::Card(480) let:found>
                    {
                        let (form, logo) = found;
                        view! { {all(form)} {picture(logo)} }
                    }
                </Loaded>
            </Frame>
        }
        .into_any()
    }
}

fn all(of: BillingForm) -> AnyView {
    let action = ServerAction::<UpdateBillingSettings>::new();
    let may = use_viewer().can(Permission::WriteInvoices);
    let save = may.then(|| view! { <div class="form-actions"><SubmitButton>"Save settings"</SubmitButton></div> });
    view! {
        <Form action on_ok=move |()| auth::go("/settings/billing")>
            <div class="stack">
                {numbers(of.clone())}
                {periods(of.clone())}
                {safety(of.clone())}
                {looks(of)}
                {save}
            </div>
        </Form>
    }
    .into_any()
}

fn numbers(of: BillingForm) -> AnyView {
    view! {
        <Card title="Numbers" subtitle="What begins each number; documents that are issued keep theirs">
            <div class="form">
                <TextField name="invoice_prefix" label="Invoices" value=of.invoice_prefix.clone() required=true/>
                <TextField name="credit_note_prefix" label="Credit notes" value=of.credit_note_prefix.clone() required=true/>
                <TextField name="account_prefix" label="Accounts" value=of.account_prefix.clone() required=true/>
            </div>
        </Card>
    }
    .into_any()
}

fn periods(of: BillingForm) -> AnyView {
    let ways = Proration::ALL.iter().map(|p| (p.word().to_owned(), p.label().to_owned())).collect::<Vec<_>>();
    view! {
        <Card title="Periods and terms">
            <div class="form">
                <TextField name="terms_days" label="Days to pay" value=of.terms_days.clone() input=Input::Number required=true/>
                <TextField
                    name="anchor_days"
                    label="Anchor days offered"
                    value=of.anchor_days.clone()
                    hint="Days of the month, such as 1, 5, 25, 30. Blank: the anniversary alone."
                />
                <SelectField name="proration" label="Proration" options=ways value=of.proration.clone() hint="Unless a call says otherwise."/>
                <TextField name="draft_days" label="Draft days ahead" value=of.draft_days.clone() input=Input::Number required=true/>
                <CheckboxField name="tax_inclusive" label="Prices include tax" checked=of.tax_inclusive hint="What new rates start from."/>
            </div>
        </Card>
    }
    .into_any()
}

fn safety(of: BillingForm) -> AnyView {
    view! {
        <Card title="Safety" subtitle="Beyond these the run leaves a customer for a person to look at">
            <div class="form">
                <TextField name="bound_major" label="Largest invoice" value=of.bound_major.clone() input=Input::Number hint="In whole units of its currency." required=true/>
                <TextField name="bound_lines" label="Most lines" value=of.bound_lines.clone() input=Input::Number required=true/>
                <TextField name="bound_invoices" label="Most invoices of a customer in a run" value=of.bound_invoices.clone() input=Input::Number required=true/>
            </div>
        </Card>
    }
    .into_any()
}

fn looks(of: BillingForm) -> AnyView {
    view! {
        <Card title="Documents">
            <div class="form">
                <TextField name="accent" label="Colour" value=of.accent.clone() hint="Such as #1f6feb."/>
                <TextField name="footer" label="Footer" value=of.footer.clone() hint="Such as bank details."/>
                <TextField name="language" label="Language" value=of.language.clone() required=true hint="Unless a customer has another, such as en or ar."/>
            </div>
        </Card>
    }
    .into_any()
}

fn picture(there: bool) -> AnyView {
    let may = use_viewer().can(Permission::WriteInvoices);
    let shown = match there {
        true => view! { <img class="logo-preview" src="/settings/billing/logo/picture" alt="The logo on documents"/> }.into_any(),
        false => view! { <p class="muted">"None yet."</p> }.into_any(),
    };
    let form = may.then(|| {
        view! {
            <UploadForm action="/settings/billing/logo" on_done=Callback::new(|(_,): (String,)| auth::go("/settings/billing"))>
                <FileField
                    name="file"
                    label="Picture"
                    accept=".png,.jpg,.jpeg,image/png,image/jpeg"
                    hint="PNG or JPG up to 512 KB. An SVG can hold a program and is refused."
                />
                <div class="form-actions">
                    <SubmitButton icon=icon::UPLOAD>"Upload logo"</SubmitButton>
                </div>
            </UploadForm>
        }
    });
    view! { <Card title="Logo">{shown} {form}</Card> }.into_any()
}

//! `/settings/taxes`: the rates of tax that a seller charges, has charged and will charge.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{AddTaxRate, EndTaxRate, list_tax_rates};
use crate::invoices::catalogue::{TaxRateView, percent_label};
use crate::kit::Result;
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::settings::page::Frame;
use crate::shell::use_viewer;
use crate::ui::{
    Ask, Bone, Card, CheckboxField, DateField, Form, FormDialog, Head, HiddenField, Kind, Loaded, Resource, ServerAction, SimpleTable,
    SubmitButton, TextField, icon, use_live, use_toasts,
};

type Rates = Resource<Result<Vec<TaxRateView>>>;

/// See the module.
pub struct TaxesPage;

#[lazy_route]
impl LazyRoute for TaxesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let rates: Rates = Resource::new(|| (), |()| list_tax_rates());
        use_live(&["tax_rate"], move |_| rates.refetch());
        let may = use_viewer().can(Permission::WriteInvoices);
        view! {
            <Frame title="Taxes">
                <Loaded of=rates skeleton=Bone::Card(240) let:found>
                    <Card title="Rates" subtitle="A customer's country before all countries. A rate is ended, never changed" flush=true>
                        {table(found, may, rates)}
                    </Card>
                </Loaded>
                {may.then(|| add(rates))}
            </Frame>
        }
        .into_any()
    }
}

fn table(of: Vec<TaxRateView>, may: bool, resource: Rates) -> AnyView {
    if of.is_empty() {
        return view! { <p class="muted pad">"No tax is charged."</p> }.into_any();
    }
    let heads = vec![
        Head::text("Name"),
        Head::number("Rate"),
        Head::text("Prices"),
        Head::text("Country"),
        Head::text("From"),
        Head::text("Until"),
        Head::text(""),
    ];
    let row = |rate: TaxRateView| {
        let verb = (may && rate.ends_on.is_none()).then(|| end(&rate, resource));
        vec![
            rate.name.into_any(),
            percent_label(rate.ppm).into_any(),
            (if rate.inclusive { "Include it" } else { "Are before it" }).into_any(),
            rate.country.unwrap_or_else(|| "All".into()).into_any(),
            short_day(rate.starts_on).into_any(),
            rate.ends_on.map_or("open".into(), short_day).into_any(),
            view! { <div class="row-actions">{verb}</div> }.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! { <SimpleTable caption="Rates of tax" heads rows/> }.into_any()
}

fn end(of: &TaxRateView, resource: Rates) -> AnyView {
    let action = ServerAction::<EndTaxRate>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.id.to_string();
    let ask = Ask::new("End", "End rate?", "End rate").button(Kind::Ghost).cancel("Keep it").danger().said("Rate ended");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>"Invoices that bear it keep it. For another rate, end this one and add the other from that day."</p>
            <HiddenField name="id" value=id/>
            <DateField name="ends_on" label="First day without it" required=true hint="Today or later."/>
        </FormDialog>
    }
    .into_any()
}

fn add(resource: Rates) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<AddTaxRate>::new();
    let done = move |(): ()| {
        toasts.say("Rate added");
        resource.refetch();
    };
    view! {
        <Card title="Add a rate">
            <Form action on_ok=done>
                <TextField name="name" label="Name" required=true hint="As invoices print it, such as VAT."/>
                <TextField name="percent" label="Percent" required=true hint="Such as 15 or 7.5."/>
                <CheckboxField name="inclusive" label="Prices include it"/>
                <TextField name="country" label="Country" hint="Two letters. Blank: all customers for whose country there is none."/>
                <DateField name="starts_on" label="From" hint="Blank: today."/>
                <DateField name="ends_on" label="Until" hint="The first day without it. Blank: without end."/>
                <div class="form-actions">
                    <SubmitButton icon=icon::PLUS>"Add rate"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

//! `/customers/ID/statement`: what was charged and paid, line by line, with what was owed after each.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use serde::{Deserialize, Serialize};

use super::api::read_statement;
use crate::customers::CustomerId;
use crate::kit::Error;
use crate::kit::money::{Currency, Money};
use crate::kit::period::short_day;
use crate::ui::{
    Amount, Bone, Card, Empty, Head, LinkButton, Loaded, Resource, Segment, Segmented, SimpleTable, icon, use_live, use_param,
};

/// A customer's statement in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub customer: CustomerId,
    pub currency: Currency,
    /// In which anything happened.
    pub currencies: Vec<Currency>,
    pub owed: Money,
    pub credit: Money,
    /// The earliest first.
    pub lines: Vec<Line>,
}

/// A line of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub day: chrono::NaiveDate,
    pub what: String,
    pub label: String,
    /// The page of the document, where there is one.
    pub link: Option<String>,
    /// Above zero: owed by the customer.
    pub amount: Money,
    /// After it.
    pub balance: Money,
}

/// See the module.
pub struct CustomerStatementPage;

#[lazy_route]
impl LazyRoute for CustomerStatementPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (id, query) = (use_param("id"), use_query_map());
        let asked = Memo::new(move |_| (id.get(), query.read().get("currency").unwrap_or_default()));
        let statement = Resource::new(
            move || asked.get(),
            |(id, currency)| async move {
                let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
                read_statement(id, currency).await
            },
        );
        use_live(&["payment", "invoice", "credit_note", "receipt"], move |_| statement.refetch());
        view! {
            <Loaded of=statement skeleton=Bone::Table(6) part=true let:statement>
                {body(statement)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: Statement) -> AnyView {
    if of.lines.is_empty() {
        return view! {
            <Empty icon=icon::SCROLL_TEXT title="Nothing on the statement yet">
                <p>"Invoices and payments appear here as they happen."</p>
            </Empty>
        }
        .into_any();
    }
    let base = format!("/customers/{}/statement", of.customer);
    let export = format!("{base}.csv?currency={}", of.currency);
    let subtitle = match (of.owed.is_zero(), of.credit.is_zero()) {
        (true, true) => "Nothing is owed".to_owned(),
        (false, true) => format!("{} owed", of.owed),
        (true, false) => format!("{} in credit", of.credit),
        (false, false) => format!("{} owed, {} in credit", of.owed, of.credit),
    };
    let heads = vec![Head::text("Day"), Head::text("What"), Head::text("Document"), Head::number("Amount"), Head::number("Balance")];
    let currencies = (of.currencies.len() > 1).then(|| currencies(&of, &base));
    let rows = of.lines.into_iter().rev().map(row).collect();
    view! {
        <Card
            title="Statement"
            subtitle
            flush=true
            actions=view! {
                {currencies}
                <LinkButton href=export icon=icon::DOWNLOAD download=true>"Export"</LinkButton>
            }
                .into_any()
        >
            <SimpleTable caption="Statement, the latest first" heads rows/>
        </Card>
    }
    .into_any()
}

fn currencies(of: &Statement, base: &str) -> AnyView {
    let segment = |c: &Currency| Segment::new(c.to_string(), format!("{base}?currency={c}"), *c == of.currency);
    let segments = of.currencies.iter().map(segment).collect::<Vec<_>>();
    view! { <Segmented label="Currency" segments/> }.into_any()
}

fn row(line: Line) -> Vec<AnyView> {
    let document = match line.link {
        Some(href) => view! { <a class="link" href=href>{line.label}</a> }.into_any(),
        None => line.label.into_any(),
    };
    vec![
        short_day(line.day).into_any(),
        line.what.into_any(),
        document,
        view! { <Amount of=line.amount signed=true/> }.into_any(),
        view! { <Amount of=line.balance/> }.into_any(),
    ]
}

//! What a customer sees and does. Every function takes the customer's scope and asks the stores of other features for
//! nothing that it has not made sure is the customer's own.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::model::{Account, Offer, Offers, OwnInvoice, OwnPayment, OwnReceipt, OwnSubscription};
use super::scope::CustomerScope;
use crate::documents::store::{self as documents, Pdf};
use crate::invoices::model::InvoiceLine;
use crate::invoices::{Invoice, InvoiceId, InvoiceStatus, store as invoices};
use crate::kit::money::Money;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::methods::NewMethod;
use crate::payments::store as payments;
use crate::payments::store::methods;
use crate::payments::{Payment, PaymentMethod, PaymentMethodId, PaymentStatus};
use crate::plans::{self, PlanId};
use crate::receipts::{Receipt, store as receipts};
use crate::subscriptions::model::{Service, Verb, When};
use crate::subscriptions::store as subscriptions;
use crate::subscriptions::{Subscription, SubscriptionId, SubscriptionStatus};

/// What a customer is told of: drafts are not issued yet.
const SHOWN: &[InvoiceStatus] = &[
    InvoiceStatus::Open,
    InvoiceStatus::PartiallyPaid,
    InvoiceStatus::Overdue,
    InvoiceStatus::Paid,
    InvoiceStatus::Void,
    InvoiceStatus::Uncollectible,
];

/// What the first page shows.
pub async fn account(who: &CustomerScope) -> Result<Account> {
    let mut query = ListQuery { limit: 10, sort: "due".into(), ..ListQuery::default() };
    let wants = [InvoiceStatus::Open, InvoiceStatus::PartiallyPaid, InvoiceStatus::Overdue];
    query.filters.insert("status".into(), wants.iter().map(|s| s.word().to_owned()).collect());
    let open = list(who, &query).await?.rows;
    query.filters.insert("status".into(), vec![InvoiceStatus::Overdue.word().into()]);
    Ok(Account {
        seller: who.seller().seller().name.clone(),
        name: who.name().to_owned(),
        balances: balances(who).await?,
        open,
        overdue: list(who, &query).await?.total,
        subscriptions: subscriptions(who).await?,
        methods: methods(who).await?,
    })
}

/// What the customer owes and has to the good, by currency; those where there is any.
pub async fn balances(who: &CustomerScope) -> Result<Vec<(Money, Money)>> {
    let found = invoices::money::balances(who.seller(), who.customer()).await?;
    let shown = found.into_iter().map(|b| (b.receivable, b.credit));
    Ok(shown.filter(|(owed, credit)| !owed.is_zero() || !credit.is_zero()).collect())
}

/// The same wish, of this customer's issued invoices alone; `None`: there can be none.
fn narrowed(who: &CustomerScope, query: &ListQuery) -> Option<ListQuery> {
    let asked: Vec<InvoiceStatus> = query.filter("status").iter().filter_map(|word| word.parse().ok()).collect();
    let shown = SHOWN.iter().filter(|s| query.filter("status").is_empty() || asked.contains(s)).map(|s| s.word().to_owned());
    let statuses: Vec<String> = shown.collect();
    let filters = BTreeMap::from([("status".to_owned(), statuses), ("customer".to_owned(), vec![who.customer().to_string()])]);
    (!filters["status"].is_empty()).then(|| ListQuery { filters, ..query.clone() })
}

const NONE: Page<Invoice> = Page { rows: Vec::new(), next: None, previous: None, total: 0 };

/// A page of the customer's invoices: filter `status`; sort as in the console.
pub async fn list(who: &CustomerScope, query: &ListQuery) -> Result<Page<Invoice>> {
    match narrowed(who, query) {
        Some(query) => invoices::list(who.seller(), &query).await,
        None => Ok(NONE),
    }
}

/// The same with the lines of each.
pub async fn list_with_lines(who: &CustomerScope, query: &ListQuery) -> Result<Page<(Invoice, Vec<InvoiceLine>)>> {
    match narrowed(who, query) {
        Some(query) => invoices::list_with_lines(who.seller(), &query).await,
        None => Ok(NONE.map(|invoice| (invoice, Vec::new()))),
    }
}

/// One of the customer's invoices.
pub async fn invoice(who: &CustomerScope, id: InvoiceId) -> Result<OwnInvoice> {
    let detail = invoices::detail(who.seller(), id).await?;
    who.own(detail.invoice.customer)?;
    if detail.invoice.status == InvoiceStatus::Draft {
        return Err(Error::NotFound);
    }
    let mut query = ListQuery { limit: 20, ..ListQuery::default() };
    query.filters.insert("invoice".into(), vec![id.to_string()]);
    query.filters.insert("customer".into(), vec![who.customer().to_string()]);
    let receipt =
        |r: Receipt| OwnReceipt { file_name: r.file_name, status: r.status, reject_reason: r.reject_reason, uploaded: r.uploaded };
    let mut paid = Vec::new();
    for payment in payments::of_invoice(who.seller(), id).await? {
        paid.push(own_payment(who, payment).await?);
    }
    let start = payments::charges::start(who.seller(), None, Some(id)).await?.filter(|start| start.under_way.is_empty());
    let receipts = receipts::list(who.seller(), &query).await?.rows.into_iter().map(receipt).collect();
    Ok(OwnInvoice { detail, payments: paid, receipts, payable_by: start.map(|start| start.method) })
}

async fn own_payment(who: &CustomerScope, of: Payment) -> Result<OwnPayment> {
    let waits = of.status == PaymentStatus::NeedsAction;
    let action_url = if waits { payments::charges::state(who.seller(), of.id).await?.and_then(|charge| charge.action_url) } else { None };
    Ok(OwnPayment { paid_on: of.paid_on, amount: of.amount, paid_by: of.paid_by, status: of.status, action_url })
}

/// Charges what one of the customer's invoices wants to their primary method.
pub async fn pay(who: &CustomerScope, id: InvoiceId) -> Result<()> {
    check_invoice(who, id).await?;
    payments::charge(who.seller(), id).await.map(|_| ())
}

/// The gateways that hold cards for the seller.
pub async fn card_gateways(who: &CustomerScope) -> Result<Vec<GatewayKind>> {
    payments::accounts::in_use(who.seller()).await
}

/// Makes a page of the gateway's on which the customer gives a card; gives its address.
pub async fn add_card(who: &CustomerScope, gateway: GatewayKind) -> Result<String> {
    payments::setups::begin(who.seller(), who.customer(), gateway, "/account/payment-methods").await
}

/// One of the customer's invoices as PDF.
pub async fn pdf(who: &CustomerScope, id: InvoiceId) -> Result<Pdf> {
    check_invoice(who, id).await?;
    documents::invoice_pdf(who.seller(), id).await
}

/// Makes sure that an invoice is the customer's own.
pub async fn check_invoice(who: &CustomerScope, id: InvoiceId) -> Result<()> {
    let found = invoices::get(who.seller(), id).await?;
    who.own(found.customer)?;
    if found.status == InvoiceStatus::Draft { Err(Error::NotFound) } else { Ok(()) }
}

/// The customer's payment methods.
pub async fn methods(who: &CustomerScope) -> Result<Vec<PaymentMethod>> {
    methods::of_customer(who.seller(), who.customer()).await
}

async fn own_method(who: &CustomerScope, id: PaymentMethodId) -> Result<()> {
    who.own(methods::get(who.seller(), id).await?.customer)
}

pub async fn add_method(who: &CustomerScope, new: NewMethod) -> Result<PaymentMethodId> {
    methods::add(who.seller(), who.customer(), new).await
}

pub async fn make_primary(who: &CustomerScope, id: PaymentMethodId) -> Result<()> {
    own_method(who, id).await?;
    methods::make_primary(who.seller(), id).await.map(|_| ())
}

pub async fn remove_method(who: &CustomerScope, id: PaymentMethodId) -> Result<()> {
    own_method(who, id).await?;
    methods::remove(who.seller(), id).await.map(|_| ())
}

/// The customer's subscriptions, the latest first.
pub async fn subscriptions(who: &CustomerScope) -> Result<Vec<OwnSubscription>> {
    let mut own = Vec::new();
    for subscription in subscriptions::of_customer(who.seller(), who.customer()).await? {
        let switches = subscriptions::switches::get(who.seller(), subscription.id).await?;
        let withheld = (switches.service != Service::Full).then(|| switches.service_reason.unwrap_or_default());
        own.push(OwnSubscription { subscription, service: switches.service, withheld });
    }
    Ok(own)
}

/// The subscription, where it is the customer's and can be changed.
async fn changeable(who: &CustomerScope, id: SubscriptionId) -> Result<Subscription> {
    let found = subscriptions::get(who.seller(), id).await?;
    who.own(found.customer_id)?;
    let open = found.ended_on.is_none() && matches!(found.status, SubscriptionStatus::Active | SubscriptionStatus::Trial);
    if open { Ok(found) } else { Err(Error::Conflict(format!("It is {}: ask to change it.", found.status.label().to_lowercase()))) }
}

/// What a subscription can be changed to: the plans on offer in its currency.
pub async fn offers(who: &CustomerScope, id: SubscriptionId) -> Result<Offers> {
    let subscription = changeable(who, id).await?;
    let detail = subscriptions::detail(who.seller(), id).await?;
    let mut offers = Vec::new();
    for choice in plans::store::choices(who.seller(), None).await? {
        if choice.id == subscription.plan_id || choice.price.currency() != subscription.currency {
            continue;
        }
        let at = subscriptions::natural_day(who.seller(), id, Some(choice.id), None, None).await?;
        let now = at == When::Now;
        let from = if now { detail.today } else { detail.period_ends_on.unwrap_or(detail.today) };
        offers.push(Offer { plan: choice.id, label: choice.label, from, now });
    }
    Ok(Offers { subscription: id, plan_name: subscription.plan_name, offers })
}

/// Moves to another plan: at once where it costs more by the day, at the period's end where less.
pub async fn change_plan(who: &CustomerScope, id: SubscriptionId, plan: PlanId) -> Result<()> {
    let offered = offers(who, id).await?.offers.into_iter().find(|offer| offer.plan == plan);
    let offer = offered.ok_or_else(|| Error::field("plan", "is not on offer"))?;
    let at = if offer.now { When::Now } else { When::PeriodEnd };
    let verb = Verb::Change { plan_id: Some(plan), quantity: None, price: None, at };
    subscriptions::perform(who.seller(), id, verb).await
}

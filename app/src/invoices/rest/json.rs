//! How invoices look to machines.

use chrono::NaiveDate;
use serde::Serialize;

use crate::customers::CustomerId;
use crate::invoices::model::{
    CreditNote, CreditNoteId, Foreseen, Invoice, InvoiceDetail, InvoiceDiscount, InvoiceId, InvoiceLine, InvoiceLineId, InvoiceStatus,
    InvoiceTax, LineKind, Party, Preview, Settlement, TaxRateId,
};
use crate::kit::money::Money;
use crate::kit::period::Period;
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;

/// Days: from `start`, included, to `end`, excluded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PeriodJson {
    pub start: NaiveDate,
    pub end: NaiveDate,
}

impl From<Period> for PeriodJson {
    fn from(period: Period) -> Self {
        Self { start: period.start, end: period.end }
    }
}

/// A line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LineJson {
    /// Null in a preview.
    pub id: Option<InvoiceLineId>,
    pub kind: LineKind,
    pub description: String,
    pub subscription_id: Option<SubscriptionId>,
    pub plan_id: Option<PlanId>,
    /// The days it pays for.
    pub period: Option<PeriodJson>,
    /// The whole period that the price is for.
    pub whole_period: Option<PeriodJson>,
    pub quantity: i64,
    /// Of one unit for the whole period.
    pub unit_amount: Money,
    /// Before discount and tax; below zero for a credit.
    pub amount: Money,
    pub discount: Money,
    pub tax: Money,
    /// Parts per million.
    pub tax_rate_ppm: i32,
}

impl From<InvoiceLine> for LineJson {
    fn from(line: InvoiceLine) -> Self {
        Self {
            id: line.id,
            kind: line.kind,
            description: line.description,
            subscription_id: line.subscription,
            plan_id: line.plan,
            period: line.period.map(PeriodJson::from),
            whole_period: line.whole.map(PeriodJson::from),
            quantity: line.quantity,
            unit_amount: line.unit,
            amount: line.amount,
            discount: line.discount,
            tax: line.tax,
            tax_rate_ppm: line.tax_ppm,
        }
    }
}

/// The sum of a tax rate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TaxJson {
    pub tax_rate_id: TaxRateId,
    pub name: String,
    /// Parts per million.
    pub rate_ppm: i32,
    /// Whether the amounts of the lines include it.
    pub inclusive: bool,
    pub taxable: Money,
    pub tax: Money,
}

impl From<InvoiceTax> for TaxJson {
    fn from(tax: InvoiceTax) -> Self {
        let InvoiceTax { rate, name, ppm, inclusive, taxable, tax } = tax;
        Self { tax_rate_id: rate, name, rate_ppm: ppm, inclusive, taxable, tax }
    }
}

/// What a coupon took off.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DiscountJson {
    pub name: String,
    pub amount: Money,
}

impl From<InvoiceDiscount> for DiscountJson {
    fn from(discount: InvoiceDiscount) -> Self {
        Self { name: discount.name, amount: discount.amount }
    }
}

/// An invoice with its lines.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvoiceWithLines {
    pub id: InvoiceId,
    /// Null while a draft.
    pub number: Option<String>,
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub status: InvoiceStatus,
    pub issued_on: NaiveDate,
    pub due_on: NaiveDate,
    pub paid_on: Option<NaiveDate>,
    /// The days that the lines cover.
    pub period: Option<PeriodJson>,
    pub lines: Vec<LineJson>,
    /// `total = subtotal - discount + tax that the prices do not include`.
    pub subtotal: Money,
    pub discount: Money,
    pub tax: Money,
    pub total: Money,
    /// Still to be paid.
    pub amount_due: Money,
    /// RFC 3339.
    pub created_at: String,
}

impl InvoiceWithLines {
    pub fn of(invoice: Invoice, lines: Vec<InvoiceLine>) -> Self {
        Self {
            id: invoice.id,
            number: invoice.number,
            customer_id: invoice.customer,
            customer_name: invoice.customer_name,
            status: invoice.status,
            issued_on: invoice.issued_on,
            due_on: invoice.due_on,
            paid_on: invoice.paid_on,
            period: invoice.period.map(PeriodJson::from),
            lines: lines.into_iter().map(LineJson::from).collect(),
            subtotal: invoice.subtotal,
            discount: invoice.discount,
            tax: invoice.tax,
            total: invoice.total,
            amount_due: invoice.due,
            created_at: invoice.created.iso,
        }
    }
}

/// Who sells or buys, as printed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PartyJson {
    pub name: String,
    pub legal_name: Option<String>,
    pub tax_number: Option<String>,
    pub address: Option<String>,
    pub country: Option<String>,
    pub email: Option<String>,
    /// A customer's account number.
    pub account: Option<String>,
}

impl From<Party> for PartyJson {
    fn from(party: Party) -> Self {
        let Party { name, legal_name, tax_number, address, country, email, account, language: _ } = party;
        Self { name, legal_name, tax_number, address, country, email, account }
    }
}

/// An invoice with all it says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Invoice)]
pub struct InvoiceJson {
    #[serde(flatten)]
    pub invoice: InvoiceWithLines,
    pub taxes: Vec<TaxJson>,
    pub discounts: Vec<DiscountJson>,
    pub seller: PartyJson,
    pub customer: PartyJson,
    /// Why no tax is charged.
    pub tax_note: Option<String>,
    pub note: Option<String>,
    /// The void invoice that it stands for.
    pub replaces: Option<InvoiceId>,
    pub replaced_by: Option<InvoiceId>,
    pub credit_notes: Vec<CreditNoteJson>,
}

impl From<InvoiceDetail> for InvoiceJson {
    fn from(detail: InvoiceDetail) -> Self {
        Self {
            invoice: InvoiceWithLines::of(detail.invoice, detail.lines),
            taxes: detail.taxes.into_iter().map(TaxJson::from).collect(),
            discounts: detail.discounts.into_iter().map(DiscountJson::from).collect(),
            seller: detail.seller.into(),
            customer: detail.buyer.into(),
            tax_note: detail.tax_note,
            note: detail.note,
            replaces: detail.replaces,
            replaced_by: detail.replaced_by,
            credit_notes: detail.credit_notes.into_iter().map(CreditNoteJson::from).collect(),
        }
    }
}

/// A credit note.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CreditNote)]
pub struct CreditNoteJson {
    pub id: CreditNoteId,
    pub number: String,
    pub invoice_id: InvoiceId,
    pub customer_id: CustomerId,
    pub settlement: Settlement,
    pub reason: String,
    pub issued_on: NaiveDate,
    pub subtotal: Money,
    pub tax: Money,
    pub total: Money,
}

impl From<CreditNote> for CreditNoteJson {
    fn from(note: CreditNote) -> Self {
        Self {
            id: note.id,
            number: note.number,
            invoice_id: note.invoice,
            customer_id: note.customer,
            settlement: note.settlement,
            reason: note.reason,
            issued_on: note.issued_on,
            subtotal: note.subtotal,
            tax: note.tax,
            total: note.total,
        }
    }
}

/// An invoice that does not exist yet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewedInvoice)]
pub struct PreviewJson {
    pub customer_id: CustomerId,
    /// When it would be issued.
    pub issued_on: NaiveDate,
    pub lines: Vec<LineJson>,
    pub taxes: Vec<TaxJson>,
    pub discounts: Vec<DiscountJson>,
    pub tax_note: Option<String>,
    pub subtotal: Money,
    pub discount: Money,
    pub tax: Money,
    /// Below zero: comes to the customer's credit.
    pub total: Money,
}

/// What is foreseen: the invoice that was asked for, and all that come with it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InvoicePreview)]
pub struct ForeseenJson {
    /// Of a change on a day before the latest invoice: what it adds to the period that it falls in, as if those after it
    /// were not billed yet.
    #[serde(flatten)]
    pub first: PreviewJson,
    /// All that the run would issue: one for each currency, and of a change on a day before the latest invoice with what
    /// it makes of the periods that are billed already.
    pub invoices: Vec<PreviewJson>,
}

impl From<Foreseen> for ForeseenJson {
    fn from(foreseen: Foreseen) -> Self {
        Self { first: foreseen.first.into(), invoices: foreseen.invoices.into_iter().map(PreviewJson::from).collect() }
    }
}

impl From<Preview> for PreviewJson {
    fn from(preview: Preview) -> Self {
        Self {
            customer_id: preview.customer,
            issued_on: preview.on,
            lines: preview.lines.into_iter().map(LineJson::from).collect(),
            taxes: preview.taxes.into_iter().map(TaxJson::from).collect(),
            discounts: preview.discounts.into_iter().map(DiscountJson::from).collect(),
            tax_note: preview.tax_note,
            subtotal: preview.subtotal,
            discount: preview.discount,
            tax: preview.tax,
            total: preview.total,
        }
    }
}

//! Double entries: what each event of money posts. A posting is a debit above zero and a credit below; every entry adds
//! up to nought.

use super::model::{InvoiceId, Settlement};
use crate::customers::CustomerId;
use crate::kit::money::Currency;
use crate::text_enum;

text_enum!(
    /// Where money is, or what it was for.
    pub enum Account {
        /// What customers owe, invoice by invoice.
        Receivable = "receivable" => "Receivable",
        Cash = "cash" => "Cash",
        /// What customers have with us: paid too much, or credited.
        CustomerCredit = "customer_credit" => "Customer credit",
        Revenue = "revenue" => "Revenue",
        /// What is owed to the tax office.
        Tax = "tax" => "Tax",
        /// What gateways keep.
        Fees = "fees" => "Fees",
        WriteOff = "write_off" => "Write-offs",
        /// Promised back and not paid out yet.
        Refunds = "refunds" => "Refunds to pay",
        /// Held by banks until a dispute is decided.
        Disputes = "disputes" => "Disputed money",
    }
);

text_enum!(
    /// What happened.
    pub enum EntryKind {
        InvoiceFinalized = "invoice_finalized" => "Invoice",
        InvoiceVoided = "invoice_voided" => "Invoice voided",
        WrittenOff = "written_off" => "Written off",
        CreditApplied = "credit_applied" => "Credit used",
        CreditNote = "credit_note" => "Credit note",
        CreditAdjusted = "credit_adjusted" => "Credit adjusted",
        Payment = "payment" => "Payment",
        PaymentReversed = "payment_reversed" => "Payment reversed",
        Refund = "refund" => "Refund",
        /// A gateway said later what it kept of a payment.
        Fee = "fee" => "Gateway fee",
        /// A refund that was booked came back.
        RefundReversed = "refund_reversed" => "Refund came back",
        DisputeOpened = "dispute_opened" => "Disputed",
        DisputeWon = "dispute_won" => "Dispute won",
        DisputeLost = "dispute_lost" => "Dispute lost",
    }
);

/// A side of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    pub account: Account,
    pub minor: i64,
    /// Of a receivable.
    pub invoice: Option<InvoiceId>,
}

/// An entry to post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub kind: EntryKind,
    pub customer: CustomerId,
    pub currency: Currency,
    /// The shown id of what it comes from; one entry of a kind for each.
    pub source: String,
    /// The number of the document, for people.
    pub label: String,
    pub postings: Vec<Posting>,
}

impl Entry {
    /// Without postings yet.
    pub fn new(kind: EntryKind, customer: CustomerId, currency: Currency, source: impl ToString, label: impl Into<String>) -> Self {
        Self { kind, customer, currency, source: source.to_string(), label: label.into(), postings: Vec::new() }
    }

    /// With a debit; below zero a credit; nothing for nought.
    pub fn debit(mut self, account: Account, minor: i64) -> Self {
        self.push(account, minor, None);
        self
    }

    /// With a credit; below zero a debit.
    pub fn credit(self, account: Account, minor: i64) -> Self {
        self.debit(account, -minor)
    }

    /// With what a customer comes to owe for an invoice; below zero: no longer owes.
    pub fn owed(mut self, invoice: InvoiceId, minor: i64) -> Self {
        self.push(Account::Receivable, minor, Some(invoice));
        self
    }

    fn push(&mut self, account: Account, minor: i64, invoice: Option<InvoiceId>) {
        if minor != 0 {
            self.postings.push(Posting { account, minor, invoice });
        }
    }

    /// Whether debits equal credits.
    pub fn is_balanced(&self) -> bool {
        self.postings.iter().map(|p| i128::from(p.minor)).sum::<i128>() == 0
    }

    /// An invoice is issued. One below zero goes to the customer's credit.
    pub fn invoice(self, id: InvoiceId, total: i64, tax: i64) -> Self {
        let entry = self.credit(Account::Revenue, total - tax).credit(Account::Tax, tax);
        if total < 0 { entry.debit(Account::CustomerCredit, total) } else { entry.owed(id, total) }
    }

    /// Credit of the customer's pays a part of an invoice.
    pub fn credit_applied(self, id: InvoiceId, minor: i64) -> Self {
        self.debit(Account::CustomerCredit, minor).owed(id, -minor)
    }

    /// An invoice is taken back as if it had never been: what credit paid of it is credit again.
    pub fn voided(self, id: InvoiceId, total: i64, tax: i64, due: i64) -> Self {
        let entry = self.debit(Account::Revenue, total - tax).debit(Account::Tax, tax).owed(id, -due);
        entry.credit(Account::CustomerCredit, total - due)
    }

    /// What is still owed is given up.
    pub fn written_off(self, id: InvoiceId, due: i64) -> Self {
        self.debit(Account::WriteOff, due).owed(id, -due)
    }

    /// A credit note: less revenue and tax, to the customer's credit, to be paid back, or off the invoice.
    pub fn credit_note(self, id: InvoiceId, settlement: Settlement, total: i64, tax: i64) -> Self {
        let entry = self.debit(Account::Revenue, total - tax).debit(Account::Tax, tax);
        match settlement {
            Settlement::Credit => entry.credit(Account::CustomerCredit, total),
            Settlement::Refund => entry.credit(Account::Refunds, total),
            Settlement::Offset => entry.owed(id, -total),
        }
    }

    /// A payment: what is allotted to invoices, the rest to the customer's credit; `fee` is kept by the gateway.
    pub fn payment(self, minor: i64, fee: i64, allotted: &[(InvoiceId, i64)]) -> Self {
        let rest = minor - allotted.iter().map(|(_, part)| part).sum::<i64>();
        let entry = self.debit(Account::Cash, minor - fee).debit(Account::Fees, fee);
        allotted.iter().fold(entry, |entry, (id, part)| entry.owed(*id, -part)).credit(Account::CustomerCredit, rest)
    }

    /// Money for what had been given up.
    pub fn recovered(self, minor: i64, fee: i64) -> Self {
        self.debit(Account::Cash, minor - fee).debit(Account::Fees, fee).credit(Account::WriteOff, minor)
    }

    /// A payment that bounced: the invoices are owed again, and credit that it made is gone.
    pub fn payment_reversed(self, minor: i64, allotted: &[(InvoiceId, i64)]) -> Self {
        let rest = minor - allotted.iter().map(|(_, part)| part).sum::<i64>();
        let entry = self.credit(Account::Cash, minor);
        allotted.iter().fold(entry, |entry, (id, part)| entry.owed(*id, *part)).debit(Account::CustomerCredit, rest)
    }

    /// Money goes back: out of what was promised, or of the customer's credit.
    pub fn refund(self, minor: i64, from: Account) -> Self {
        self.debit(from, minor).credit(Account::Cash, minor)
    }

    /// Credit that a person gives (above zero) or takes away, against revenue.
    pub fn credit_adjusted(self, minor: i64) -> Self {
        self.debit(Account::Revenue, minor).credit(Account::CustomerCredit, minor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> Entry {
        Entry::new(EntryKind::Payment, CustomerId(uuid::Uuid::nil()), Currency::USD, "pay_1", "P")
    }

    fn sides(entry: &Entry) -> Vec<(&str, i64)> {
        entry.postings.iter().map(|p| (p.account.word(), p.minor)).collect()
    }

    #[test]
    fn an_invoice_below_zero_is_credit() {
        let id = InvoiceId(uuid::Uuid::nil());
        assert_eq!(sides(&entry().invoice(id, 115, 15)), [("revenue", -100), ("tax", -15), ("receivable", 115)]);
        assert_eq!(sides(&entry().invoice(id, -115, -15)), [("revenue", 100), ("tax", 15), ("customer_credit", -115)]);
    }

    #[test]
    fn a_payment_of_too_much_is_credit() {
        let id = InvoiceId(uuid::Uuid::nil());
        let want = [("cash", 97), ("fees", 3), ("receivable", -60), ("customer_credit", -40)];
        assert_eq!(sides(&entry().payment(100, 3, &[(id, 60)])), want);
    }

    proptest! {
        #[test]
        fn every_entry_balances(total in -1_000_000i64..1_000_000, tax in -1_000i64..1_000, due in 0i64..1_000, fee in 0i64..100, kind in 0usize..3) {
            let id = InvoiceId(uuid::Uuid::nil());
            let settlement = Settlement::ALL[kind];
            let entries = [
                entry().invoice(id, total, tax),
                entry().credit_applied(id, due),
                entry().voided(id, total, tax, due),
                entry().written_off(id, due),
                entry().credit_note(id, settlement, total, tax),
                entry().payment(total, fee, &[(id, due), (id, 7)]),
                entry().recovered(total, fee),
                entry().payment_reversed(total, &[(id, due)]),
                entry().refund(due, Account::Refunds),
                entry().credit_adjusted(total),
            ];
            for entry in entries {
                prop_assert!(entry.is_balanced(), "{entry:?}");
                prop_assert!(entry.postings.iter().all(|p| (p.account == Account::Receivable) == p.invoice.is_some() && p.minor != 0));
            }
        }
    }
}

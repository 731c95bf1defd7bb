//! Customers as those who are billed: account number, tax, terms, what an invoice prints of them.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use super::settings::{Settings, take_numbers};
use crate::customers::{self, Customer, CustomerId};
use crate::invoices::catalogue::AccountView;
pub use crate::invoices::catalogue::{AccountChange, TaxStatus};
use crate::invoices::make::Taxation;
use crate::invoices::model::Party;
use crate::invoices::numbers::Series;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::organizations;

/// A customer's account.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Account {
    pub customer_id: CustomerId,
    pub number: String,
    pub tax_status: TaxStatus,
    pub tax_reason: Option<String>,
    pub tax_number: Option<String>,
    pub legal_name: Option<String>,
    pub address: Option<String>,
    pub billing_email: Option<String>,
    pub language: Option<String>,
    pub terms_days: Option<i32>,
}

impl Account {
    pub fn taxation(&self) -> Taxation {
        match self.tax_status {
            TaxStatus::Taxed => Taxation::Taxed,
            status => Taxation::Free(self.tax_reason.clone().unwrap_or_else(|| status.label().to_owned())),
        }
    }

    /// What an invoice prints of the customer.
    pub fn party(&self, customer: &Customer) -> Party {
        Party {
            name: customer.name.clone(),
            legal_name: self.legal_name.clone(),
            tax_number: self.tax_number.clone(),
            address: self.address.clone(),
            country: customer.country.clone(),
            email: self.billing_email.clone().or_else(|| customer.email.clone()),
            account: Some(self.number.clone()),
            language: self.language.clone(),
        }
    }
}

const COLUMNS: &str = "customer_id, number, tax_status, tax_reason, tax_number, legal_name, address, billing_email, language, terms_days";

/// The accounts that these customers have.
pub async fn of(tx: &Tx, customers: &[CustomerId]) -> Result<BTreeMap<CustomerId, Account>> {
    let keys = Ids::of(customers.iter().map(|c| c.0));
    let sql = format!("SELECT {COLUMNS} FROM customer_accounts WHERE seller_id = $1 AND {}", keys.among(tx, "customer_id", 2));
    let rows: Vec<Account> = tx.all(&sql, keys.keyed(tx)).await?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row)).collect())
}

/// As [`of`], made where they are missing. The customers must be held.
pub async fn ensure(tx: &Tx, customers: &[CustomerId], settings: &Settings) -> Result<BTreeMap<CustomerId, Account>> {
    let mut accounts = of(tx, customers).await?;
    let missing: Vec<CustomerId> = customers.iter().copied().filter(|c| !accounts.contains_key(c)).collect();
    if !missing.is_empty() {
        let days = vec![tx.scope().today(); missing.len()];
        let numbers = take_numbers(tx, Series::Account, &settings.account_prefix, &days).await?;
        let now = tx.scope().now();
        let rows = missing.iter().zip(numbers).map(|(customer, number)| vec![customer.0.into(), number.into(), now.into()]);
        let made: Vec<Account> = Rows::new(&["customer_id", "number", "created_at"], rows.collect())
            .insert_returning(tx, "customer_accounts", &format!("RETURNING {COLUMNS}"))
            .await?;
        accounts.extend(made.into_iter().map(|row| (row.customer_id, row)));
    }
    Ok(accounts)
}

impl Account {
    /// For pages.
    pub fn view(self) -> AccountView {
        let Account { number, tax_status, tax_reason, tax_number, legal_name, address, billing_email, language, terms_days, .. } = self;
        AccountView { number, tax_status, tax_reason, tax_number, legal_name, address, billing_email, language, terms_days }
    }
}

/// A customer's account, made where there is none.
pub async fn get(scope: &Scope, customer: CustomerId) -> Result<Account> {
    let tx = scope.write().await?;
    customers::store::read(&tx, customer).await?;
    customers::store::hold(&tx, &[customer]).await?;
    let settings = super::settings::settings(&tx).await?;
    let account = ensure(&tx, &[customer], &settings).await?.remove(&customer).ok_or(Error::NotFound)?;
    tx.commit_quietly().await?;
    Ok(account)
}

/// Changes how a customer is billed, for invoices to come.
pub async fn update(scope: &Scope, customer: CustomerId, change: AccountChange) -> Result<()> {
    let status = change.tax_status.unwrap_or(TaxStatus::Taxed);
    if status != TaxStatus::Taxed && change.tax_reason.is_none() {
        return Err(Error::field("tax_reason", "is printed where no tax is charged, and required"));
    }
    get(scope, customer).await?;
    let tx = scope.write().await?;
    let name = customers::store::read(&tx, customer).await?.name;
    let sql = "UPDATE customer_accounts SET tax_status = $3, tax_reason = $4, tax_number = $5, legal_name = $6, address = $7, \
               billing_email = $8, language = $9, terms_days = $10 WHERE seller_id = $1 AND customer_id = $2";
    let details =
        json!({ "tax_status": status, "tax_reason": change.tax_reason, "tax_number": change.tax_number, "terms_days": change.terms_days });
    let values = [
        tx.seller_id().0.into(),
        customer.0.into(),
        status.into(),
        change.tax_reason.into(),
        change.tax_number.into(),
        change.legal_name.into(),
        change.address.into(),
        change.billing_email.into(),
        change.language.into(),
        change.terms_days.into(),
    ];
    tx.run(sql, values).await?;
    tx.commit(Event::new("customer.billing_changed", "customer", customer, name).details(details)).await
}

/// What an invoice prints of the seller.
pub async fn seller(tx: &Tx, settings: &Settings) -> Result<Party> {
    let own = organizations::store::read(tx).await?;
    Ok(Party {
        name: own.name,
        legal_name: own.legal_name,
        tax_number: own.tax_number,
        address: own.address,
        country: own.country,
        email: None,
        account: None,
        language: Some(settings.language.clone()),
    })
}

/// As a JSONB column holds it.
pub fn stored(party: &Party) -> Json {
    serde_json::to_value(party).unwrap_or_default()
}

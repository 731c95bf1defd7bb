//! Many customers at once, matched by the seller's own numbers: what an import writes.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::index_words;
use crate::customers::model::CustomerId;
use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::Sql;
use crate::kit::tx::Tx;

/// Customers that are looked up by one statement.
const IDS_AT_ONCE: usize = 1_000;

/// A customer as a file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerFields {
    pub external_id: String,
    pub name: String,
    /// `None` leaves what is known.
    pub email: Option<String>,
    pub country: Option<String>,
    /// Leave it as it is where it is known.
    pub only_if_new: bool,
}

/// What became of them.
#[derive(Debug, Default)]
pub struct Upserted {
    pub ids: HashMap<String, CustomerId>,
    pub created: Vec<CustomerId>,
    pub changed: u64,
}

#[derive(FromQueryResult)]
struct Known {
    id: CustomerId,
    external_id: String,
    name: String,
    email: Option<String>,
    country: Option<String>,
}

/// Makes the customers that are new and brings the others up to date. Each number comes once; at most a few thousand.
pub async fn upsert(tx: &Tx, customers: Vec<CustomerFields>) -> Result<Upserted> {
    let mut known = known(tx, &customers).await?;
    let mut upserted = Upserted::default();
    let mut written = Vec::new();
    for fields in customers {
        let id = match known.remove(&fields.external_id) {
            None => {
                let id = CustomerId::new();
                upserted.created.push(id);
                written.push((id, fields.name, fields.email, fields.country, fields.external_id.clone()));
                id
            }
            Some(old) => {
                let email = fields.email.or_else(|| old.email.clone());
                let country = fields.country.or_else(|| old.country.clone());
                if !fields.only_if_new && (fields.name != old.name || email != old.email || country != old.country) {
                    upserted.changed += 1;
                    written.push((old.id, fields.name, email, country, fields.external_id.clone()));
                }
                old.id
            }
        };
        upserted.ids.insert(fields.external_id, id);
    }
    write(tx, &written).await?;
    let words: Vec<_> = written.into_iter().map(|(id, name, email, _, external_id)| (id, name, email, Some(external_id))).collect();
    index_words(tx, &words).await?;
    Ok(upserted)
}

/// Deletes customers that nothing refers to yet: those whose only rows were left out after all.
pub async fn remove(tx: &Tx, ids: &[CustomerId]) -> Result<()> {
    let keys = ids.iter().map(|id| vec![id.0.into()]).collect();
    Rows::new(&["id"], keys).delete(tx, "customers").await.map(|_| ())
}

async fn known(tx: &Tx, customers: &[CustomerFields]) -> Result<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for chunk in customers.chunks(IDS_AT_ONCE) {
        let keys = Ids::external(chunk.iter().map(|c| c.external_id.as_str()));
        let sql = format!(
            "SELECT id, external_id, name, email, country FROM customers WHERE seller_id = $1 AND {}",
            keys.among(tx, "external_id", 2)
        );
        let rows: Vec<Known> = tx.all(&sql, keys.keyed(tx)).await?;
        known.extend(rows.into_iter().map(|row| (row.external_id.clone(), row)));
    }
    Ok(known)
}

type Written = (CustomerId, String, Option<String>, Option<String>, String);

async fn write(tx: &Tx, rows: &[Written]) -> Result<()> {
    let now = tx.scope().now();
    let row = |(id, name, email, country, external_id): &Written| {
        let (name, external_id) = (name.as_str().into(), external_id.as_str().into());
        vec![id.0.into(), external_id, name, email.clone().into(), country.clone().into(), now.into()]
    };
    let columns = ["id", "external_id", "name", "email", "country", "created_at"];
    let ending = "ON CONFLICT (seller_id, id) DO UPDATE SET name = excluded.name, email = excluded.email, country = excluded.country";
    Rows::new(&columns, rows.iter().map(row).collect()).insert(tx, "customers", ending).await.map(|_| ())
}

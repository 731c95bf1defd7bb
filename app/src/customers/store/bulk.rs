//! Many customers at once, matched by the seller's own numbers: what an import writes.

use std::collections::HashMap;

use sea_orm::{FromQueryResult, Value};

use super::index_words;
use crate::customers::model::CustomerId;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::tx::Tx;

/// Rows of one INSERT; six parameters each.
const ROWS_AT_ONCE: usize = 100;

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
    for chunk in written.chunks(ROWS_AT_ONCE) {
        write(tx, chunk).await?;
    }
    let words: Vec<_> = written.into_iter().map(|(id, name, email, _, external_id)| (id, name, email, Some(external_id))).collect();
    index_words(tx, &words).await?;
    Ok(upserted)
}

/// Deletes customers that nothing refers to yet: those whose only rows were left out after all.
pub async fn remove(tx: &Tx, ids: &[CustomerId]) -> Result<()> {
    for chunk in ids.chunks(ROWS_AT_ONCE) {
        let marks: Vec<String> = (2..chunk.len() + 2).map(|n| format!("${n}")).collect();
        let values: Vec<Value> = std::iter::once(Value::from(tx.seller_id().0)).chain(chunk.iter().map(|id| id.0.into())).collect();
        tx.run(&format!("DELETE FROM customers WHERE seller_id = $1 AND id IN ({})", marks.join(", ")), values).await?;
    }
    Ok(())
}

async fn known(tx: &Tx, customers: &[CustomerFields]) -> Result<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for chunk in customers.chunks(ROWS_AT_ONCE) {
        let marks: Vec<String> = (2..chunk.len() + 2).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT id, external_id, name, email, country FROM customers WHERE seller_id = $1 AND external_id IN ({})",
            marks.join(", ")
        );
        let values = std::iter::once(Value::from(tx.seller_id().0)).chain(chunk.iter().map(|c| c.external_id.as_str().into()));
        let rows: Vec<Known> = tx.all(&sql, values.collect::<Vec<_>>()).await?;
        known.extend(rows.into_iter().map(|row| (row.external_id.clone(), row)));
    }
    Ok(known)
}

type Written = (CustomerId, String, Option<String>, Option<String>, String);

async fn write(tx: &Tx, rows: &[Written]) -> Result<()> {
    let mut values: Vec<Value> = vec![tx.seller_id().0.into(), tx.scope().now().into()];
    let mut marks = Vec::with_capacity(rows.len());
    for (n, (id, name, email, country, external_id)) in rows.iter().enumerate() {
        let at = 5 * n + 3;
        marks.push(format!("($1, ${}, ${}, ${}, ${}, ${}, $2)", at, at + 1, at + 2, at + 3, at + 4));
        values.extend([id.0.into(), external_id.as_str().into(), name.as_str().into(), email.clone().into(), country.clone().into()]);
    }
    let sql = format!(
        "INSERT INTO customers (seller_id, id, external_id, name, email, country, created_at) VALUES {} \
         ON CONFLICT (seller_id, id) DO UPDATE SET name = excluded.name, email = excluded.email, country = excluded.country",
        marks.join(", ")
    );
    tx.run(&sql, values).await.map(|_| ())
}

//! Many customers at once, matched by the seller's own numbers: what an import writes.

use std::collections::HashMap;

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::index_words;
use crate::customers::model::CustomerId;
use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::{Sql, bug};
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

/// What a file said of a customer. What it says again is no news, and does not undo what a person changed since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    name: Option<String>,
    email: Option<String>,
    country: Option<String>,
}

impl Said {
    /// What is said now, after what was said before.
    fn after(&self, now: &CustomerFields) -> Self {
        Self {
            name: Some(now.name.clone()),
            email: now.email.clone().or_else(|| self.email.clone()),
            country: now.country.clone().or_else(|| self.country.clone()),
        }
    }
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
    imported: Option<String>,
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
                let said = Said::default().after(&fields);
                let CustomerFields { external_id, name, email, country, .. } = fields.clone();
                written.push(Written { id, external_id, name, email, country, said });
                id
            }
            Some(old) => {
                if !fields.only_if_new {
                    let before = old.imported.as_deref().map_or_else(|| Ok(Said::default()), serde_json::from_str).map_err(bug)?;
                    let said = before.after(&fields);
                    let news = |now: &Option<String>, before: &Option<String>, is: &Option<String>| {
                        if now == before { is.clone() } else { now.clone() }
                    };
                    let name = if said.name == before.name { old.name.clone() } else { fields.name.clone() };
                    let (email, country) =
                        (news(&said.email, &before.email, &old.email), news(&said.country, &before.country, &old.country));
                    let changed = name != old.name || email != old.email || country != old.country;
                    upserted.changed += u64::from(changed);
                    if changed || said != before {
                        written.push(Written { id: old.id, external_id: fields.external_id.clone(), name, email, country, said });
                    }
                }
                old.id
            }
        };
        upserted.ids.insert(fields.external_id, id);
    }
    write(tx, &written).await?;
    let words: Vec<_> = written.into_iter().map(|w| (w.id, w.name, w.email, Some(w.external_id))).collect();
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
            "SELECT id, external_id, name, email, country, imported FROM customers WHERE seller_id = $1 AND {}",
            keys.among(tx, "external_id", 2)
        );
        let rows: Vec<Known> = tx.all(&sql, keys.keyed(tx)).await?;
        known.extend(rows.into_iter().map(|row| (row.external_id.clone(), row)));
    }
    Ok(known)
}

struct Written {
    id: CustomerId,
    external_id: String,
    name: String,
    email: Option<String>,
    country: Option<String>,
    said: Said,
}

async fn write(tx: &Tx, rows: &[Written]) -> Result<()> {
    let now = tx.scope().now();
    let row = |w: &Written| {
        let said = serde_json::to_string(&w.said).map_err(bug)?;
        let (name, external_id) = (w.name.as_str().into(), w.external_id.as_str().into());
        Ok(vec![w.id.0.into(), external_id, name, w.email.clone().into(), w.country.clone().into(), said.into(), now.into()])
    };
    let columns = ["id", "external_id", "name", "email", "country", "imported", "created_at"];
    let ending = "ON CONFLICT (seller_id, id) DO UPDATE SET name = excluded.name, email = excluded.email, country = excluded.country, \
                  imported = excluded.imported";
    let rows = rows.iter().map(row).collect::<Result<_>>()?;
    Rows::new(&columns, rows).insert(tx, "customers", ending).await.map(|_| ())
}

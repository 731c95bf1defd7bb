//! Finding customers by the beginnings of their words: a range of an index on either database, however many there are.

use sea_orm::Value;

use crate::customers::model::{CustomerId, words};
use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::Sql;
use crate::kit::keyset::Where;
use crate::kit::tx::Tx;

/// Replaces the words of these customers (id, name, e-mail, the seller's own number).
pub async fn index_words(tx: &Tx, customers: &[(CustomerId, String, Option<String>, Option<String>)]) -> Result<()> {
    let ids = Ids::of(customers.iter().map(|(id, ..)| id.0));
    tx.run(&format!("DELETE FROM customer_words WHERE seller_id = $1 AND {}", ids.among(tx, "customer_id", 2)), ids.keyed(tx)).await?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for (id, name, email, external_id) in customers {
        rows.extend(words(name, email.as_deref(), external_id.as_deref()).into_iter().map(|word| vec![word.into(), id.0.into()]));
    }
    Rows::new(&["word", "customer_id"], rows).insert(tx, "customer_words", "").await.map(|_| ())
}

/// Also `column` among the customers of whom each word of `text` begins a word.
pub fn find_by_words(filter: &mut Where, column: &str, text: &str) {
    if let Some((condition, values)) = by_words(column, text) {
        filter.and(&condition, values);
    }
}

/// As [`find_by_words`], or `other` with its values; where there is any text.
pub fn find_by_words_or(filter: &mut Where, column: &str, text: &str, (other, values): (&str, Vec<Value>)) {
    if let Some((condition, words)) = by_words(column, text) {
        filter.and(&format!("{other} OR ({condition})"), values.into_iter().chain(words));
    }
}

/// The condition and its values.
fn by_words(column: &str, text: &str) -> Option<(String, Vec<Value>)> {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    for word in text.to_lowercase().split_whitespace().take(6) {
        let word: String = word.chars().take(64).collect();
        let end = format!("{word}{}", char::MAX);
        conditions.push(format!(
            "{column} IN (SELECT w.customer_id FROM customer_words w WHERE w.seller_id = $1 AND w.word >= ? AND w.word < ?)"
        ));
        values.extend([Value::from(word), Value::from(end)]);
    }
    (!conditions.is_empty()).then(|| (conditions.join(" AND "), values))
}

//! Finding customers by the beginnings of their words: a range of an index on either database, however many there are.

use sea_orm::Value;

use crate::customers::model::{CustomerId, words};
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::keyset::Where;
use crate::kit::tx::Tx;

/// Rows of one INSERT; three parameters each.
const ROWS_AT_ONCE: usize = 200;

/// Replaces the words of these customers (id, name, e-mail, the seller's own number).
pub async fn index_words(tx: &Tx, customers: &[(CustomerId, String, Option<String>, Option<String>)]) -> Result<()> {
    for chunk in customers.chunks(ROWS_AT_ONCE) {
        let marks: Vec<String> = (2..chunk.len() + 2).map(|n| format!("${n}")).collect();
        let sql = format!("DELETE FROM customer_words WHERE seller_id = $1 AND customer_id IN ({})", marks.join(", "));
        tx.run(&sql, std::iter::once(tx.seller_id().0.into()).chain(chunk.iter().map(|(id, ..)| Value::from(id.0)))).await?;
    }
    let mut rows: Vec<(String, CustomerId)> = Vec::new();
    for (id, name, email, external_id) in customers {
        rows.extend(words(name, email.as_deref(), external_id.as_deref()).into_iter().map(|word| (word, *id)));
    }
    for chunk in rows.chunks(ROWS_AT_ONCE) {
        let marks: Vec<String> = (0..chunk.len()).map(|n| format!("($1, ${}, ${})", 2 * n + 2, 2 * n + 3)).collect();
        let sql = format!("INSERT INTO customer_words (seller_id, word, customer_id) VALUES {}", marks.join(", "));
        let mut values = vec![tx.seller_id().0.into()];
        for (word, id) in chunk {
            values.extend([word.clone().into(), id.0.into()]);
        }
        tx.run(&sql, values).await?;
    }
    Ok(())
}

/// Also `column` among the customers of whom each word of `text` begins a word.
pub fn find_by_words(filter: &mut Where, column: &str, text: &str) {
    for word in text.to_lowercase().split_whitespace().take(6) {
        let word: String = word.chars().take(64).collect();
        let end = format!("{word}{}", char::MAX);
        let condition =
            format!("{column} IN (SELECT w.customer_id FROM customer_words w WHERE w.seller_id = $1 AND w.word >= ? AND w.word < ?)");
        filter.and(&condition, [word.into(), end.into()]);
    }
}

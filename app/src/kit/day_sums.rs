//! Sums of rows by day, which the database keeps with triggers (the migrations say how). On PostgreSQL each connection adds
//! to rows of its own, so that nobody waits; here they are folded into one.

use sea_orm::FromQueryResult;

use super::Result;
use super::db::Sql;
use super::scope::Scope;

/// A table of sums: `seller_id`, `key`, `slot`, `values`.
pub struct DaySums {
    pub table: &'static str,
    pub key: &'static [&'static str],
    pub values: &'static [&'static str],
}

impl DaySums {
    /// Adds what several connections keep under one key up into one row. Rows that somebody writes are left for the next
    /// time. Gives the rows that are gone; none on SQLite, which has one connection that writes.
    pub async fn fold(&self, scope: &Scope) -> Result<u64> {
        #[derive(FromQueryResult)]
        struct Folded {
            gone: i64,
        }
        if scope.db().is_sqlite() {
            return Ok(0);
        }
        let each =
            |names: &[&str], part: &dyn Fn(&str) -> String, between: &str| names.iter().map(|n| part(n)).collect::<Vec<_>>().join(between);
        let (table, key, values) = (self.table, self.key.join(", "), self.values.join(", "));
        let sql = format!(
            "WITH idle AS (SELECT {key}, slot FROM {table} WHERE seller_id = $1 AND slot <> 0 FOR UPDATE SKIP LOCKED), \
             gone AS (DELETE FROM {table} d USING idle i WHERE d.seller_id = $1 AND d.slot = i.slot AND {} RETURNING d.*), \
             added AS (INSERT INTO {table} (seller_id, {key}, slot, {values}) SELECT $1, {key}, 0, {} FROM gone GROUP BY {key} \
                 ON CONFLICT (seller_id, {key}, slot) DO UPDATE SET {}) \
             SELECT COUNT(*) AS gone FROM gone",
            each(self.key, &|k| format!("d.{k} = i.{k}"), " AND "),
            each(self.values, &|v| format!("CAST(SUM({v}) AS BIGINT)"), ", "),
            each(self.values, &|v| format!("{v} = {table}.{v} + excluded.{v}"), ", "),
        );
        let tx = scope.write().await?;
        let folded: Option<Folded> = tx.one(&sql, [tx.seller_id().0.into()]).await?;
        tx.commit_quietly().await?;
        Ok(folded.map_or(0, |f| u64::try_from(f.gone).unwrap_or(0)))
    }
}

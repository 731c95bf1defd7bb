//! Sums of a table's rows by day, kept by the database: whatever writes a row writes its day, in the same transaction.
//! With them the figures above a list and the reports cost the same however many rows there are.
//!
//! On PostgreSQL a day has a row for each connection that ever wrote to it (`slot`), so that two transactions never wait
//! for each other's sums; a nightly job adds them up into slot 0. SQLite has one writer and slot 0.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Sums of a table's rows by day.
pub struct DaySums {
    /// The table of the sums, with the columns `seller_id`, `key`, `slot`, `values`.
    pub table: &'static str,
    /// The columns of its key between the seller and the slot, the day among them.
    pub key: &'static [&'static str],
    pub values: &'static [&'static str],
    pub source: &'static str,
    /// The columns of the source that the sums follow from.
    pub columns: &'static [&'static str],
    /// What rows of the source give: a query for `seller_id`, `key` and `values` from `{rows}`, which are `columns` and a
    /// `weight` of 1 (there now) or -1 (there no more).
    pub parts: &'static str,
    /// Rows of the source are never changed nor deleted.
    pub append_only: bool,
}

impl DaySums {
    /// Sums what is there, and keeps the sums from now on.
    pub async fn keep(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let statements = if sqlite { self.sqlite() } else { self.postgres() };
        manager.get_connection().execute_unprepared(&statements).await.map(|_| ())
    }

    /// Adds the parts of `rows` to the sums of their days.
    fn add(&self, rows: &str, slot: &str) -> String {
        let each = |part: &dyn Fn(&str) -> String, between: &str| self.values.iter().map(|v| part(v)).collect::<Vec<_>>().join(between);
        let (table, key, values) = (self.table, self.key.join(", "), self.values.join(", "));
        format!(
            "INSERT INTO {table} (seller_id, {key}, slot, {values})
             SELECT seller_id, {key}, {slot}, {} FROM ({}) AS parts GROUP BY seller_id, {key} HAVING {} ORDER BY {key}
             ON CONFLICT (seller_id, {key}, slot) DO UPDATE SET {};",
            each(&|v| format!("CAST(SUM({v}) AS BIGINT)"), ", "),
            self.parts.replace("{rows}", &format!("({rows})")),
            each(&|v| format!("SUM({v}) <> 0"), " OR "),
            each(&|v| format!("{v} = {table}.{v} + excluded.{v}"), ", "),
        )
    }

    /// One trigger for each statement, not for each row: a billing run writes hundreds at once.
    fn postgres(&self) -> String {
        let columns = self.columns.join(", ");
        let select = |weight: &str, from: &str| format!("SELECT {weight} AS weight, {columns} FROM {from}");
        let (new, old) = (select("1", "new_rows"), select("-1", "old_rows"));
        let (table, source) = (self.table, self.source);
        let trigger = |event: &str, rows: &str, tables: &str| {
            format!(
                "CREATE FUNCTION {table}_{event}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NULL; END $$;
                 CREATE TRIGGER {table}_{event} AFTER {event} ON {source} REFERENCING {tables}
                     FOR EACH STATEMENT EXECUTE FUNCTION {table}_{event}();",
                self.add(rows, "pg_backend_pid()")
            )
        };
        // Seller by seller, because the policies bind the owner too.
        let mut statements = vec![
            format!(
                "DO $$ DECLARE seller UUID; BEGIN
                     FOR seller IN SELECT id FROM organizations LOOP
                         PERFORM set_config('app.seller_id', seller::text, true);
                         {}
                     END LOOP;
                     PERFORM set_config('app.seller_id', '', true);
                 END $$;",
                self.add(&select("1", source), "0")
            ),
            trigger("insert", &new, "NEW TABLE AS new_rows"),
        ];
        if !self.append_only {
            statements.push(trigger("update", &format!("{new} UNION ALL {old}"), "NEW TABLE AS new_rows OLD TABLE AS old_rows"));
            statements.push(trigger("delete", &old, "OLD TABLE AS old_rows"));
        }
        statements.join("\n")
    }

    fn sqlite(&self) -> String {
        let row = |weight: &str, row: &str| {
            let columns: Vec<String> = self.columns.iter().map(|c| format!("{row}.{c} AS {c}")).collect();
            format!("SELECT {weight} AS weight, {}", columns.join(", "))
        };
        let (new, old) = (row("1", "NEW"), row("-1", "OLD"));
        let (table, source, columns) = (self.table, self.source, self.columns.join(", "));
        let trigger = |name: &str, event: &str, rows: &str| {
            format!("CREATE TRIGGER {table}_{name} AFTER {event} ON {source} BEGIN {} END;", self.add(rows, "0"))
        };
        let mut statements =
            vec![self.add(&format!("SELECT 1 AS weight, {columns} FROM {source}"), "0"), trigger("insert", "INSERT", &new)];
        if !self.append_only {
            statements.push(trigger("update", &format!("UPDATE OF {columns}"), &format!("{new} UNION ALL {old}")));
            statements.push(trigger("delete", "DELETE", &old));
        }
        statements.join("\n")
    }
}

//! One text for two databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Runs `statements` (separated by `;`). On SQLite the column types are replaced by those of a STRICT table, which
/// refuses a value of another type as PostgreSQL would.
pub async fn apply(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let text = if manager.get_database_backend() == DbBackend::Sqlite { for_sqlite(statements) } else { statements.to_owned() };
    manager.get_connection().execute_unprepared(&text).await.map(|_| ())
}

/// Forces row-level security on a table with a `seller_id`: a session sees and writes the rows of the seller named in
/// `app.seller_id`, and none where it names none. SQLite has no policies; there the types alone must be enough.
pub async fn seller_owned(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    for table in tables {
        let statements = format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
             ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
             CREATE POLICY seller ON {table}
                 USING (seller_id = NULLIF(current_setting('app.seller_id', true), '')::uuid)
                 WITH CHECK (seller_id = NULLIF(current_setting('app.seller_id', true), '')::uuid);"
        );
        manager.get_connection().execute_unprepared(&statements).await?;
    }
    Ok(())
}

fn for_sqlite(statements: &str) -> String {
    let types = [
        ("UUID", "BLOB"),
        ("TIMESTAMPTZ", "TEXT"),
        ("DATE", "TEXT"),
        ("JSONB", "TEXT"),
        ("BYTEA", "BLOB"),
        ("BOOLEAN", "INTEGER"),
        ("BIGINT", "INTEGER"),
    ];
    let mut out = String::with_capacity(statements.len());
    let mut word = String::new();
    for c in statements.chars().chain(std::iter::once('\n')) {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        let replaced = types.iter().find(|(from, _)| *from == word).map_or(word.as_str(), |(_, to)| to);
        out.push_str(replaced);
        word.clear();
        out.push(c);
    }
    // SQLite compares bytes anyway.
    out.replace(" COLLATE \"C\"", "").replace("\n);", "\n) STRICT;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn sqlite_reads_strict_types() {
        let text = super::for_sqlite("CREATE TABLE t (\n    id UUID,\n    at TIMESTAMPTZ,\n    updated_DATE TEXT\n);");
        assert_eq!(text, "CREATE TABLE t (\n    id BLOB,\n    at TEXT,\n    updated_DATE TEXT\n) STRICT;\n");
    }
}

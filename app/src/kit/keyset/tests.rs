//! Every page, both ways, in both orders, gives each row once.

use super::*;
use crate::kit::databases::on_each_database;
use crate::kit::db::Sql;
use crate::kit::scope::Scope;

const LIST: Keyset = Keyset {
    columns: &[
        Column::text("name", "c.name"),
        Column::integer("mrr", "c.mrr_minor"),
        Column::time("created", "c.created_at"),
        Column::day("paid", "c.first_paid_on").or_null(),
    ],
    default: "-mrr",
    id: "c.id",
};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
}

async fn fill(scope: &Scope, rows: i64) {
    let tx = scope.write().await.expect("writes");
    for n in 0..rows {
        let paid = (n % 3 > 0).then(|| scope.today() - chrono::Days::new(u64::try_from(n % 5).expect("small")));
        let at = scope.now() - chrono::Duration::minutes(n % 7);
        tx.run(
            "INSERT INTO customers (seller_id, id, name, created_at, mrr_minor, first_paid_on) VALUES ($1, $2, $3, $4, $5, $6)",
            [tx.seller_id().0.into(), Uuid::now_v7().into(), format!("C{}", n % 4).into(), at.into(), (n % 6).into(), paid.into()],
        )
        .await
        .expect("a row");
    }
    tx.commit_quietly().await.expect("committed");
}

async fn page(tx: &Tx, query: &ListQuery) -> Page<Row> {
    LIST.page(tx, query, "c.id", "customers c", &Where::seller(tx, "c")).await.expect("a page")
}

#[tokio::test]
async fn walks_forth_and_back_over_every_row_once() {
    on_each_database(|scope| async move {
        fill(&scope, 23).await;
        let tx = scope.read().await.expect("reads");
        for sort in ["name", "-name", "mrr", "-mrr", "created", "-created", "paid", "-paid", "nonsense"] {
            let mut query = ListQuery { sort: sort.into(), limit: 23, ..Default::default() };
            let whole: Vec<Uuid> = page(&tx, &query).await.rows.iter().map(|r| r.id).collect();
            assert_eq!(whole.len(), 23);
            query.limit = 5;
            let mut forth = Vec::new();
            let last = loop {
                let page = page(&tx, &query).await;
                assert_eq!(page.total, 23);
                assert_eq!(page.previous.is_some(), !query.after.is_empty());
                forth.extend(page.rows.iter().map(|r| r.id));
                match page.next.clone() {
                    Some(next) => query.after = next,
                    None => break page,
                }
            };
            assert_eq!(forth, whole, "{sort}");
            let mut back: Vec<Uuid> = last.rows.iter().rev().map(|r| r.id).collect();
            let mut previous = last.previous;
            while let Some(before) = previous {
                let page = page(&tx, &ListQuery { before, after: String::new(), ..query.clone() }).await;
                assert!(page.next.is_some());
                back.extend(page.rows.iter().rev().map(|r| r.id));
                previous = page.previous;
            }
            back.reverse();
            assert_eq!(back, whole, "{sort} backwards");
        }
    })
    .await;
}

#[tokio::test]
async fn null_is_the_latest_and_a_foreign_cursor_is_refused() {
    on_each_database(|scope| async move {
        fill(&scope, 9).await;
        let tx = scope.read().await.expect("reads");
        #[derive(FromQueryResult)]
        struct Paid {
            first_paid_on: Option<NaiveDate>,
        }
        let query = ListQuery { sort: "paid".into(), limit: 8, ..Default::default() };
        let filter = Where::seller(&tx, "c");
        let page: Page<Paid> = LIST.page(&tx, &query, "c.first_paid_on", "customers c", &filter).await.expect("a page");
        assert_eq!(page.rows.iter().map(|r| r.first_paid_on.is_none()).collect::<Vec<_>>(), [[false; 6].as_slice(), &[true; 2]].concat());
        let other = ListQuery { sort: "name".into(), after: page.next.expect("more"), ..Default::default() };
        let refused = LIST.page::<Row>(&tx, &other, "c.id", "customers c", &filter).await;
        assert!(matches!(refused, Err(Error::Invalid(fields)) if fields.first("after").is_some()));
    })
    .await;
}

#[tokio::test]
async fn conditions_number_their_values() {
    on_each_database(|scope| async move {
        fill(&scope, 8).await;
        let tx = scope.read().await.expect("reads");
        let mut filter = Where::seller(&tx, "c");
        filter.any::<String>("c.country", &[]);
        filter.any("c.name", &["C1".to_owned(), "C2".to_owned()]);
        filter.and("c.mrr_minor >= ? OR c.mrr_minor = ?", [1i64.into(), 0i64.into()]);
        filter.contains(&["c.name", "c.email"], "c1");
        assert_eq!(count(&tx, "customers c", &filter).await, Ok(2));
        let mut wild = Where::seller(&tx, "c");
        wild.contains(&["c.name"], "%");
        assert_eq!(count(&tx, "customers c", &wild).await, Ok(0));
    })
    .await;
}

/// Whether a filter is hidden from SQLite's choice of an index or not, the rows are the same ones in the same order.
#[tokio::test]
async fn a_long_list_has_the_rows_of_a_short_one() {
    on_each_database(|scope| async move {
        fill(&scope, 40).await;
        let tx = scope.read().await.expect("reads");
        let mut filter = Where::seller(&tx, "c");
        filter.any("c.name", &["C1".to_owned(), "C3".to_owned()]);
        filter.and("c.mrr_minor > ? OR c.first_paid_on IS NULL", [2i64.into()]);
        for sort in ["name", "-mrr", "created", "-paid"] {
            let mut query = ListQuery { sort: sort.into(), limit: 7, ..Default::default() };
            loop {
                let mut pages = Vec::new();
                for total in [0, COUNT_MAX + 1] {
                    let page: Page<Row> = LIST.page_of(&tx, &query, "c.id", "customers c", &filter, total).await.expect("a page");
                    pages.push((page.rows.iter().map(|r| r.id).collect::<Vec<_>>(), page.next, page.previous));
                }
                assert!(!pages[0].0.is_empty());
                assert_eq!(pages[0], pages[1], "{sort}");
                let Some(next) = pages[0].1.clone() else { break };
                query.after = next;
            }
        }
    })
    .await;
}

/// With the filter's index SQLite would sort what it finds; hidden, the index of the order is walked.
#[tokio::test]
async fn sqlite_walks_a_long_list_in_its_own_order() {
    on_each_database(|scope| async move {
        if !scope.db().is_sqlite() {
            return;
        }
        let tx = scope.read().await.expect("reads");
        let mut filter = Where::seller(&tx, "c");
        filter.and("c.name = ? AND c.mrr_minor >= ?", ["C1".into(), 0i64.into()]);
        let plan = async |filter: &Where| {
            let sql = format!("EXPLAIN QUERY PLAN SELECT c.id FROM customers c WHERE {} ORDER BY c.created_at, c.id LIMIT 5", filter.sql);
            let rows =
                tx.query_all_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, filter.values())).await.expect("a plan");
            rows.iter().map(|row| row.try_get::<String>("", "detail").expect("a line")).collect::<Vec<_>>().join("; ")
        };
        let (plain, hidden) = (plan(&filter).await, plan(&filter.hidden()).await);
        assert!(!plain.contains("customers_created") && plain.contains("TEMP B-TREE"), "{plain}");
        assert!(hidden.contains("customers_created") && !hidden.contains("TEMP B-TREE"), "{hidden}");
    })
    .await;
}

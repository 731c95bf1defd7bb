//! What goes in comes out, on both databases, in every number of rows.

use chrono::NaiveDate;

use super::*;
use crate::kit::databases::on_each_database;
use crate::kit::scope::Scope;

const COLUMNS: &[&str] = &["id", "external_id", "name", "email", "created_at", "mrr_minor", "first_paid_on"];

#[derive(Clone, Debug, FromQueryResult, PartialEq)]
struct Customer {
    id: Uuid,
    external_id: Option<String>,
    name: String,
    email: Option<String>,
    created_at: chrono::DateTime<chrono::Utc>,
    mrr_minor: i64,
    first_paid_on: Option<NaiveDate>,
}

impl Customer {
    fn values(&self) -> Vec<Value> {
        vec![
            self.id.into(),
            self.external_id.clone().into(),
            self.name.clone().into(),
            self.email.clone().into(),
            self.created_at.into(),
            self.mrr_minor.into(),
            self.first_paid_on.into(),
        ]
    }
}

/// Names that an array's text form has to be careful with.
const NAMES: [&str; 10] =
    ["", "NULL", "a,b", "{a}", "say \"x\"", "back\\slash", "\\\"", "two\nlines\tand a tab", "Žluťoučký 日本 👍", "'; DROP TABLE x; --"];

fn customers(scope: &Scope, count: usize) -> Vec<Customer> {
    let one = |n: usize| Customer {
        id: Uuid::now_v7(),
        external_id: Some(format!("{}{n}", NAMES[n % NAMES.len()])),
        name: NAMES[n % NAMES.len()].to_owned(),
        email: (!n.is_multiple_of(3)).then(|| NAMES[(n + 1) % NAMES.len()].to_owned()),
        created_at: scope.now(),
        mrr_minor: if n.is_multiple_of(2) { i64::MAX - n as i64 } else { i64::MIN + n as i64 },
        first_paid_on: (!n.is_multiple_of(4)).then(|| scope.today()),
    };
    (0..count).map(one).collect()
}

async fn read(tx: &Tx, ids: &Ids) -> Vec<Customer> {
    let sql = format!("SELECT {} FROM customers WHERE seller_id = $1 AND {} ORDER BY id", COLUMNS.join(", "), ids.among(tx, "id", 2));
    tx.all(&sql, ids.keyed(tx)).await.expect("customers")
}

#[tokio::test]
async fn what_goes_in_comes_out() {
    on_each_database(|scope| async move {
        for count in [0, 1, 2, 5, 63, 341, 2_001] {
            let tx = scope.write().await.expect("writes");
            let customers = customers(&scope, count);
            let rows = customers.iter().map(Customer::values).collect();
            let written = Rows::new(COLUMNS, rows).insert(&tx, "customers", "").await.expect("written");
            assert_eq!(written, count as u64);
            let ids = Ids::of(customers.iter().map(|c| c.id));
            let mut stored = read(&tx, &ids).await;
            // A database keeps microseconds.
            stored.iter_mut().for_each(|c| {
                assert!((c.created_at - scope.now()).num_milliseconds().abs() < 1);
                c.created_at = scope.now();
            });
            let mut sent = customers.clone();
            sent.sort_by_key(|c| c.id);
            assert_eq!(stored, sent);
            let external = Ids::external(customers.iter().filter_map(|c| c.external_id.as_deref()));
            #[derive(FromQueryResult)]
            struct Count {
                n: i64,
            }
            let sql = format!("SELECT COUNT(*) AS n FROM customers WHERE seller_id = $1 AND {}", external.among(&tx, "external_id", 2));
            let found: Option<Count> = tx.one(&sql, external.keyed(&tx)).await.expect("counted");
            assert_eq!(found.map(|c| c.n), Some(count as i64));
            // Dropped without a commit: the next number begins with none.
        }
    })
    .await;
}

#[tokio::test]
async fn a_conflict_is_settled_and_rows_are_deleted_by_key() {
    on_each_database(|scope| async move {
        let tx = scope.write().await.expect("writes");
        let first = customers(&scope, 20);
        let rows = || first.iter().map(Customer::values).collect::<Vec<_>>();
        Rows::new(COLUMNS, rows()).insert(&tx, "customers", "").await.expect("written");
        let again = Rows::new(COLUMNS, rows()).insert(&tx, "customers", "ON CONFLICT DO NOTHING").await.expect("nothing written");
        assert_eq!(again, 0);
        #[derive(FromQueryResult)]
        struct Id {
            id: Uuid,
        }
        let mut both = customers(&scope, 30).split_off(20);
        both.extend(first.clone());
        let rows = both.iter().map(Customer::values).collect();
        let new: Vec<Id> =
            Rows::new(COLUMNS, rows).insert_returning(&tx, "customers", "ON CONFLICT DO NOTHING RETURNING id").await.expect("some written");
        assert_eq!(new.len(), 10);
        assert!(new.iter().all(|id| both[..10].iter().any(|c| c.id == id.id)));
        let keys = first.iter().map(|c| vec![c.id.into(), c.name.clone().into()]).collect();
        assert_eq!(Rows::new(&["id", "name"], keys).delete(&tx, "customers").await.expect("deleted"), 20);
        let names =
            both[..10].iter().enumerate().map(|(n, c)| vec![c.id.into(), format!("New {n}").into(), None::<String>.into()]).collect();
        assert_eq!(Rows::new(&["id", "name", "email"], names).update(&tx, "customers").await.expect("changed"), 10);
        let left = read(&tx, &Ids::of(both.iter().map(|c| c.id))).await;
        assert!(left.len() == 10 && left.iter().all(|c| c.name.starts_with("New ") && c.email.is_none()), "{left:?}");
    })
    .await;
}

/// SQLite has no statistics here, and thinks little of a seller's rows: by itself it walks them all for each statement.
#[tokio::test]
async fn sqlite_finds_the_rows_of_a_statement_by_their_key() {
    on_each_database(|scope| async move {
        if !scope.db().is_sqlite() {
            return;
        }
        #[derive(FromQueryResult)]
        struct Step {
            detail: String,
        }
        let tx = scope.write().await.expect("writes");
        let plan = async |columns: &[&str], row: Vec<Value>, statement: &dyn Fn(&str) -> String| {
            for (rows, values) in Rows::new(columns, vec![row; 256 + 64 + 16 + 4 + 1]).statements(&tx).expect("statements") {
                let steps: Vec<Step> = tx.all(&format!("EXPLAIN QUERY PLAN {}", statement(&rows)), values).await.expect("a plan");
                let steps: Vec<String> = steps.into_iter().map(|step| step.detail).collect();
                let of_table = |step: &&String| ["customers", "subscriptions", "mrr_movements"].iter().any(|table| step.contains(table));
                let found: Vec<&String> = steps.iter().filter(of_table).collect();
                assert!(found.iter().any(|step| step.starts_with("SEARCH")), "{steps:?}");
                assert!(!found.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
            }
        };
        let (id, day) = (Value::from(Uuid::now_v7()), Value::from(scope.today()));
        plan(&["id", "bills_on"], vec![id.clone(), day.clone()], &updating(&tx, "subscriptions", &["id", "bills_on"])).await;
        plan(&["id", "mrr_minor"], vec![id.clone(), 1i64.into()], &updating(&tx, "customers", &["id", "mrr_minor"])).await;
        plan(&["id"], vec![id.clone()], &deleting("customers", &["id"])).await;
        plan(&["customer_id", "day"], vec![id, day], &deleting("mrr_movements", &["customer_id", "day"])).await;
    })
    .await;
}

#[tokio::test]
async fn a_row_of_another_width_is_refused() {
    on_each_database(|scope| async move {
        let tx = scope.write().await.expect("writes");
        let refused = Rows::new(&["id", "name"], vec![vec![Uuid::now_v7().into()]]).insert(&tx, "customers", "").await;
        assert!(refused.is_err());
    })
    .await;
}

#[test]
fn an_array_in_text_form() {
    let values: [Value; 4] = ["a \"b\" \\".into(), Value::String(None), "".into(), "NULL".into()];
    assert_eq!(array(values.iter()).expect("an array"), r#"{"a \"b\" \\",NULL,"","NULL"}"#);
    assert!(array([Value::from("\0")].iter()).is_err());
    assert_eq!(array([Value::from(1i64), Value::BigInt(None)].iter()).expect("an array"), "{1,NULL}");
}

//! Payment methods.

use sea_orm::FromQueryResult;

use super::till::Till;
use crate::kit::databases::on_each_database;
use crate::kit::db::Sql;
use crate::kit::error::Error;
use crate::payments::methods::MethodForm;
use crate::payments::store::methods as store;

fn bank(account: &str) -> MethodForm {
    let text = |t: &str| t.to_owned();
    MethodForm { kind: text("bank_account"), holder: text("Nile"), bank: text("First"), account: text(account), ..Default::default() }
}

#[tokio::test]
async fn details_are_sealed_and_one_is_primary() {
    #[derive(FromQueryResult)]
    struct Kept {
        sealed_details: String,
        fingerprint: String,
    }
    on_each_database(|scope| async move {
        let till = Till::new(&scope).await;
        let add = async |account: &str| store::add(&scope, till.who, bank(account).parse().expect("valid")).await;
        let (first, second) = (add("6212345678").await.expect("added"), add("6200000002").await.expect("added"));
        assert!(add("62-1234-5678").await.expect_err("twice").fields().first("account").is_some());
        let shown = async || -> Vec<(String, bool)> {
            let all = store::of_customer(&scope, till.who).await.expect("methods");
            all.into_iter().map(|m| (m.label, m.primary)).collect()
        };
        assert_eq!(shown().await, [("Bank ***5678".to_owned(), true), ("Bank ***0002".to_owned(), false)]);
        {
            let tx = scope.read().await.expect("begins");
            let sql = "SELECT sealed_details, fingerprint FROM payment_methods WHERE seller_id = $1 AND id = $2";
            let kept: Kept = tx.one(sql, [tx.seller_id().0.into(), first.0.into()]).await.expect("read").expect("a row");
            assert!(!kept.sealed_details.contains("6212345678") && !kept.fingerprint.contains("6212345678"));
            assert_eq!(store::open(&tx, first).await.expect("opens").account.as_deref(), Some("6212345678"));
        }
        store::make_primary(&scope, second).await.expect("primary");
        assert_eq!(shown().await[0], ("Bank ***0002".to_owned(), true));
        store::remove(&scope, second).await.expect("removed");
        assert_eq!(shown().await, [("Bank ***5678".to_owned(), true)]);
        assert_eq!(store::get(&scope, second).await.err(), Some(Error::NotFound));
        add("6200000002").await.expect("the same can come back");
        till.sound("methods").await;
    })
    .await;
}

//! Customers against SQLite.

use super::*;
use crate::kit::databases::{new_seller, on_each_database};

fn new(name: &str) -> NewCustomer {
    NewCustomer { name: name.into(), ..Default::default() }
}

async fn names(scope: &Scope, query: &ListQuery) -> Vec<String> {
    list(scope, query).await.expect("a page").rows.into_iter().map(|c| c.name).collect()
}

#[tokio::test]
async fn a_customer_is_found_by_the_beginnings_of_its_words() {
    on_each_database(|scope| async move {
        let email = Some("ops@nilewave.example".to_owned());
        let id = create(&scope, NewCustomer { email, external_id: Some("7590-VHVEG".into()), ..new("Nile Wave") }).await.expect("made");
        create(&scope, new("Aswan Fibre")).await.expect("made");
        for q in ["nile", "WAV", "wave nil", "ops@nile", "7590", "vhv", "nilewave.ex"] {
            assert_eq!(names(&scope, &ListQuery { q: q.into(), ..Default::default() }).await, ["Nile Wave"], "{q}");
        }
        assert_eq!(names(&scope, &ListQuery { q: "ile".into(), ..Default::default() }).await, [""; 0]);
        update(&scope, id, new("Luxor")).await.expect("changed");
        assert_eq!(names(&scope, &ListQuery { q: "nile".into(), ..Default::default() }).await, [""; 0]);
        assert_eq!(names(&scope, &ListQuery { q: "lux".into(), ..Default::default() }).await, ["Luxor"]);
    })
    .await;
}

#[tokio::test]
async fn a_number_is_taken_once_and_another_sellers_customer_is_unknown() {
    on_each_database(|scope| async move {
        let numbered = |name: &str| NewCustomer { external_id: Some("A1".into()), ..new(name) };
        let id = create(&scope, numbered("One")).await.expect("made");
        assert!(create(&scope, numbered("Two")).await.expect_err("refused").fields().first("external_id").is_some());
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        create(&other, numbered("Theirs")).await.expect("another seller's numbers are its own");
        assert_eq!(get(&other, id).await, Err(Error::NotFound));
        assert_eq!(update(&other, id, new("Mine now")).await, Err(Error::NotFound));
        assert_eq!(names(&other, &ListQuery::default()).await, ["Theirs"]);
    })
    .await;
}

#[tokio::test]
async fn only_the_platform_has_customers_that_are_tenants() {
    on_each_database(|scope| async move {
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        let tenant = |name: &str| NewCustomer { organization: Some(other.seller().slug.clone()), ..new(name) };
        let id = create(&scope, tenant("Tenant")).await.expect("made");
        assert_eq!(get(&scope, id).await.expect("there").organization.map(|o| o.id), Some(other.seller().id));
        let twice = create(&scope, tenant("Again")).await.expect_err("refused");
        assert!(twice.fields().first("organization").is_some());
        assert!(create(&other, tenant("Self")).await.expect_err("refused").fields().first("organization").is_some());
    })
    .await;
}

#[tokio::test]
async fn statuses_filter_by_mrr_and_first_paying_day() {
    on_each_database(|scope| async move {
        let today = scope.today();
        let tomorrow = crate::kit::period::next_day(today);
        let standings = [("Paying", 500, Some(today)), ("Trial", 0, Some(tomorrow)), ("Former", 0, Some(today)), ("Never", 0, None)];
        let mut rows = Vec::new();
        for (name, minor, day) in standings {
            rows.push((create(&scope, new(name)).await.expect("made"), minor, day));
        }
        let tx = scope.write().await.expect("writes");
        set_mrr_many(&tx, &rows).await.expect("set");
        tx.commit_quietly().await.expect("committed");
        for (status, name) in [("paying", "Paying"), ("trial", "Trial"), ("former", "Former"), ("never_paid", "Never")] {
            let query = ListQuery::default().toggled("status", status);
            let page = list(&scope, &query).await.expect("a page");
            assert_eq!(page.rows.iter().map(|c| (c.name.as_str(), c.status.word())).collect::<Vec<_>>(), [(name, status)]);
        }
        let two = ListQuery { sort: "name".into(), ..ListQuery::default().toggled("status", "paying").toggled("status", "former") };
        assert_eq!(names(&scope, &two).await, ["Former", "Paying"]);
        let stats = stats(&scope).await.expect("figures");
        // Who pays and who left is what the log says, and nothing is in it here.
        assert_eq!((stats.total, stats.paying, stats.on_trial, stats.churned), (4, 0, 1, 0));
    })
    .await;
}

#[tokio::test]
async fn countries_are_listed_once_each() {
    on_each_database(|scope| async move {
        for country in [Some("EG"), Some("DE"), None, Some("EG")] {
            create(&scope, NewCustomer { country: country.map(str::to_owned), ..new("C") }).await.expect("made");
        }
        assert_eq!(filters(&scope).await.expect("filters").countries, ["DE", "EG"]);
    })
    .await;
}

//! Views against both databases.

use super::*;
use crate::kit::UserId;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::permission::Role;
use crate::kit::scope::Actor;

/// A person of the scope's seller in a role.
async fn person(scope: &Scope, role: Role) -> Scope {
    let id = UserId::new();
    let tx = scope.db().system_write().await.expect("writes");
    let sql = "INSERT INTO users (id, email, name, password_hash, password_changed_at, created_at) VALUES ($1, $2, 'Someone', '', $3, $3)";
    tx.run(sql, [id.0.into(), format!("{id}@example.com").into(), scope.now().into()]).await.expect("a person");
    tx.commit().await.expect("committed");
    let actor = Actor::User { id, name: "Someone".into() };
    Scope::of(scope.db().clone(), actor, scope.seller().clone(), role.permissions(), scope.now(), Default::default())
}

fn new(name: &str, shared: bool) -> NewView {
    NewView::parse(List::Customers, "?status=active", name, shared).expect("valid")
}

async fn names(scope: &Scope, of: List) -> Vec<String> {
    list(scope, of).await.expect("views").into_iter().map(|view| view.name).collect()
}

#[tokio::test]
async fn each_person_sees_the_own_views_and_the_shared_ones_of_the_list() {
    on_each_database(|scope| async move {
        let (one, two) = (person(&scope, Role::Owner).await, person(&scope, Role::Support).await);
        save(&one, new("Mine", false)).await.expect("saved");
        save(&one, new("Ours", true)).await.expect("saved");
        save(&two, new("Mine", false)).await.expect("another person's names are its own");
        assert!(save(&one, new("Mine", true)).await.expect_err("refused").fields().first("name").is_some());
        assert_eq!(
            (names(&one, List::Customers).await, names(&two, List::Customers).await),
            (vec!["Mine".to_owned(), "Ours".into()], vec!["Mine".to_owned(), "Ours".into()])
        );
        assert_eq!(names(&one, List::Plans).await, [""; 0]);
        let ours = &list(&two, List::Customers).await.expect("views")[1];
        assert_eq!((ours.href().as_str(), ours.shared, ours.may_change), ("/customers?status=active", true, false));
        let other = person(&new_seller(scope.db(), "other", "USD", "UTC").await, Role::Owner).await;
        assert_eq!(names(&other, List::Customers).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn only_who_may_changes_a_view() {
    on_each_database(|scope| async move {
        let (owner, support) = (person(&scope, Role::Owner).await, person(&scope, Role::Support).await);
        let (private, shared) =
            (save(&owner, new("Private", false)).await.expect("saved"), save(&owner, new("Shared", true)).await.expect("saved"));
        assert_eq!(change(&support, private, "Taken", false).await, Err(Error::NotFound));
        assert_eq!(delete(&support, private).await, Err(Error::NotFound));
        assert!(matches!(change(&support, shared, "Taken", true).await, Err(Error::Forbidden(_))));
        assert!(matches!(delete(&support, shared).await, Err(Error::Forbidden(_))));
        let theirs = save(&support, new("Theirs", true)).await.expect("saved");
        change(&owner, theirs, "Renamed", false).await.expect("who may change the settings may change what is shared");
        assert_eq!(names(&owner, List::Customers).await, ["Private", "Shared"]);
        assert_eq!(names(&support, List::Customers).await, ["Renamed", "Shared"]);
        assert!(change(&owner, private, "Shared", false).await.expect_err("refused").fields().first("name").is_some());
        assert!(change(&owner, private, " ", false).await.expect_err("refused").fields().first("name").is_some());
        delete(&owner, private).await.expect("deleted");
        assert_eq!(delete(&owner, private).await, Err(Error::NotFound));
        let other = person(&new_seller(scope.db(), "other", "USD", "UTC").await, Role::Owner).await;
        assert_eq!(delete(&other, shared).await, Err(Error::NotFound));
    })
    .await;
}

#[tokio::test]
async fn what_others_see_is_in_the_audit_log_and_what_is_private_is_not() {
    on_each_database(|scope| async move {
        let owner = person(&scope, Role::Owner).await;
        save(&owner, new("Private", false)).await.expect("saved");
        let shared = save(&owner, new("Shared", true)).await.expect("saved");
        change(&owner, shared, "Shared", false).await.expect("taken back");
        let entries = crate::audit::store::list(&scope, &Default::default()).await.expect("entries").rows;
        let mut told: Vec<_> = entries.iter().map(|row| (row.action.as_str(), row.subject.as_str())).collect();
        told.sort_unstable();
        assert_eq!(told, [("view.changed", "Shared"), ("view.saved", "Shared")]);
    })
    .await;
}

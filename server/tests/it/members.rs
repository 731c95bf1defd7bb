//! Members and their roles, API keys, organizations: who may hand out what, and that another organization's are out of
//! reach.

use app::api_keys::{self, ApiScope};
use app::auth::store::{self, Visit, session};
use app::kit::error::Error;
use app::kit::permission::{Permission, Role};
use app::kit::scope::{Actor, Origin, Scope};
use app::kit::{UserId, clock};
use app::members::{self, NewMember};
use app::organizations::{self, NewOrganization, OrganizationChange, OrganizationForm};

use crate::support::{World, text, value};

const PASSWORD: &str = "correct horse battery";

on_both!(
    an_organization_keeps_an_owner,
    only_an_owner_touches_owners,
    a_member_is_added_and_removed_with_their_sessions,
    another_organizations_members_are_unknown,
    an_api_key_does_what_its_scope_allows,
    another_organizations_keys_are_unknown,
    settings_are_changed_and_written_down,
    there_is_one_platform,
);

/// The scope of a new member of `seller` in that role.
async fn member(world: &World, seller: &Scope, name: &str, role: Role) -> (UserId, Scope) {
    let email = format!("{name}@{}.example", seller.seller().slug);
    let id = store::create_user(&world.db, &email, name, PASSWORD, &seller.seller().slug, role).await.expect("a person");
    let actor = Actor::User { id, name: name.to_owned() };
    let scope = Scope::of(world.db.clone(), actor, seller.seller().clone(), role.permissions(), clock::now(), Origin::default());
    (id, scope)
}

fn new(email: &str, role: &str) -> NewMember {
    NewMember::parse("Somebody New", email, role, PASSWORD).expect("a member")
}

async fn an_organization_keeps_an_owner(world: World) {
    let nile = world.tenant("nile").await;
    let (first, scope) = member(&world, &nile, "ada", Role::Owner).await;
    let (second, other) = member(&world, &nile, "bob", Role::Admin).await;
    assert!(matches!(members::store::change_role(&scope, first, Role::Admin).await, Err(Error::Conflict(_))));
    assert!(matches!(members::store::remove(&scope, first).await, Err(Error::Conflict(_))));
    assert_eq!(text(&world.db, "SELECT role FROM memberships WHERE user_id = $1", [first.0.into()]).await, "owner");
    members::store::change_role(&scope, second, Role::Owner).await.expect("a second owner");
    // Two owners who demote each other at once: one of them stays.
    let both =
        tokio::join!(members::store::change_role(&scope, second, Role::Staff), members::store::change_role(&other, first, Role::Staff));
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
    assert_eq!(value::<i64>(&world.db, "SELECT COUNT(*) FROM memberships WHERE role = 'owner'", []).await, 1);
}

async fn only_an_owner_touches_owners(world: World) {
    let nile = world.tenant("nile").await;
    let (owner, owners) = member(&world, &nile, "ada", Role::Owner).await;
    let (admin, admins) = member(&world, &nile, "bob", Role::Admin).await;
    let (_, staff) = member(&world, &nile, "cleo", Role::Staff).await;
    assert!(matches!(members::store::change_role(&admins, admin, Role::Owner).await, Err(Error::Forbidden(_))));
    assert!(matches!(members::store::remove(&admins, owner).await, Err(Error::Forbidden(_))));
    assert!(matches!(members::store::add(&admins, &new("x@nile.example", "owner")).await, Err(Error::Forbidden(_))));
    for refused in [members::store::remove(&staff, admin).await, members::store::list(&staff).await.map(|_| ())] {
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }
    let seen = members::store::list(&admins).await.expect("a list");
    assert!(!seen.roles.contains(&Role::Owner));
    assert_eq!(
        seen.members.iter().map(|m| (m.id == owner, m.may_change)).collect::<Vec<_>>(),
        [(true, false), (false, true), (false, true)]
    );
    assert!(members::store::list(&owners).await.expect("a list").members.iter().all(|m| m.may_change));
    // A tenant's roles are its own.
    let foreign = members::store::change_role(&owners, admin, Role::Finance).await;
    assert!(foreign.is_err_and(|error| error.fields().first("role").is_some()));
    let foreign = members::store::add(&owners, &new("x@nile.example", "read_only")).await;
    assert!(foreign.is_err_and(|error| error.fields().first("role").is_some()));
}

async fn a_member_is_added_and_removed_with_their_sessions(world: World) {
    let (platform, nile) = (world.platform().await, world.tenant("nile").await);
    let (_, owners) = member(&world, &nile, "ada", Role::Owner).await;
    let added = members::store::add(&owners, &new("Dora@Nile.example", "billing")).await.expect("added");
    assert!(added.new_account);
    let twice = members::store::add(&owners, &new("dora@nile.example", "staff")).await;
    assert!(twice.is_err_and(|error| error.fields().first("email").is_some()));
    let session = store::sign_in(&world.db, "dora@nile.example", PASSWORD, &Visit::default()).await.expect("signed in");
    // The same person in another organization keeps the password; out of the one, they are still in the other.
    let (_, operators) = member(&world, &platform, "zoe", Role::Owner).await;
    let again = NewMember::parse("Other Name", "dora@nile.example", "support", "another password").expect("a member");
    let again = members::store::add(&operators, &again).await.expect("added");
    assert_eq!((again.id, again.new_account), (added.id, false));
    members::store::remove(&owners, added.id).await.expect("removed");
    assert!(session::recognise(&world.db, &session.token, Origin::default()).await.expect("reads").is_none());
    let session = store::sign_in(&world.db, "dora@nile.example", PASSWORD, &Visit::default()).await.expect("signed in");
    let found = session::recognise(&world.db, &session.token, Origin::default()).await.expect("reads").expect("a session");
    assert!(found.member.is_some_and(|(scope, viewer)| scope.seller().is_platform && viewer.name == "Somebody New"));
}

async fn another_organizations_members_are_unknown(world: World) {
    let (nile, delta) = (world.tenant("nile").await, world.tenant("delta").await);
    let (_, ours) = member(&world, &nile, "ada", Role::Owner).await;
    let (theirs, _) = member(&world, &delta, "bob", Role::Staff).await;
    assert_eq!(members::store::change_role(&ours, theirs, Role::Admin).await, Err(Error::NotFound));
    assert_eq!(members::store::remove(&ours, theirs).await, Err(Error::NotFound));
    assert_eq!(members::store::remove(&ours, UserId::new()).await, Err(Error::NotFound));
    assert!(members::store::list(&ours).await.expect("a list").members.iter().all(|m| m.id != theirs));
}

async fn an_api_key_does_what_its_scope_allows(world: World) {
    let nile = world.tenant("nile").await;
    let api_keys::NewApiKey { row: read, key } = api_keys::store::create(&nile, "reports", ApiScope::Read).await.expect("a key");
    let writer = api_keys::store::create(&nile, "sync", ApiScope::Write).await.expect("a key").key;
    assert!(key.starts_with("tk_live_") && key.len() == "tk_live_".len() + 43, "{} characters", key.len());
    assert!(key.starts_with(&read.hint) && read.hint.len() < 16);
    let scope = api_keys::store::authenticate(&world.db, &key, Origin::default()).await.expect("reads").expect("a scope");
    assert_eq!(scope.seller().id, nile.seller().id);
    assert!(scope.permissions().allows(Permission::ReadRevenue) && !scope.permissions().allows(Permission::WriteCustomers));
    assert!(scope.user().is_err());
    let scope = api_keys::store::authenticate(&world.db, &writer, Origin::default()).await.expect("reads").expect("a scope");
    assert!(scope.permissions().allows(Permission::WriteCustomers));
    for never in [Permission::WriteApiKeys, Permission::WriteMembers, Permission::WriteSettings] {
        assert!(!scope.permissions().allows(never), "{never}");
    }
    // The key is nowhere, and its use is noted.
    let kept: i64 =
        value(&world.admin().await, "SELECT COUNT(*) FROM api_keys WHERE token_hash = $1 OR hint = $1", [key.clone().into()]).await;
    assert_eq!(kept, 0);
    let mut used = false;
    for _ in 0..100 {
        used = api_keys::store::list(&nile).await.expect("a list").iter().all(|row| row.last_used.is_some());
        if used {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(used);
    assert!(api_keys::store::create(&nile, " ", ApiScope::Read).await.is_err());
    for bad in ["", "tk_live_", "tk_live_nothing", &key[..key.len() - 1]] {
        assert!(api_keys::store::authenticate(&world.db, bad, Origin::default()).await.expect("reads").is_none(), "{bad}");
    }
}

async fn another_organizations_keys_are_unknown(world: World) {
    let (nile, delta) = (world.tenant("nile").await, world.tenant("delta").await);
    let api_keys::NewApiKey { row, key } = api_keys::store::create(&nile, "reports", ApiScope::Read).await.expect("a key");
    assert_eq!(api_keys::store::revoke(&delta, row.id).await, Err(Error::NotFound));
    assert!(api_keys::store::list(&delta).await.expect("a list").is_empty());
    assert!(api_keys::store::authenticate(&world.db, &key, Origin::default()).await.expect("reads").is_some());
    api_keys::store::revoke(&nile, row.id).await.expect("revoked");
    api_keys::store::revoke(&nile, row.id).await.expect("revoked once");
    assert!(api_keys::store::authenticate(&world.db, &key, Origin::default()).await.expect("reads").is_none());
    assert!(api_keys::store::list(&nile).await.expect("a list")[0].revoked.is_some());
}

async fn settings_are_changed_and_written_down(world: World) {
    let nile = world.tenant("nile").await;
    let form = OrganizationForm {
        name: "Nile Schools".into(),
        currency: "EGP".into(),
        time_zone: "Africa/Cairo".into(),
        country: "eg".into(),
        gross_margin: "82.5".into(),
        ..Default::default()
    };
    let change = OrganizationChange::parse(&form).expect("settings");
    organizations::store::update(&nile, &change).await.expect("changed");
    let now = organizations::store::get(&nile).await.expect("an organization");
    assert_eq!((now.name.as_str(), now.currency.code(), now.gross_margin_bp), ("Nile Schools", "EGP", 8250));
    assert_eq!((now.time_zone.as_str(), now.country.as_deref(), now.legal_name), ("Africa/Cairo", Some("EG"), None));
    let nowhere = OrganizationChange { time_zone: "Africa/Nowhere".into(), ..change };
    let refused = organizations::store::update(&nile, &nowhere).await;
    assert!(refused.is_err_and(|error| error.fields().first("time_zone").is_some()));
    let entries: i64 = value(&world.admin().await, "SELECT COUNT(*) FROM audit_entries WHERE action = 'organization.updated'", []).await;
    assert_eq!(entries, 1);
}

async fn there_is_one_platform(world: World) {
    let (one, two) = tokio::join!(organizations::store::ensure_platform(&world.db), organizations::store::ensure_platform(&world.db));
    let (one, two) = (one.expect("a platform"), two.expect("a platform"));
    assert_eq!(one.id, two.id);
    assert_eq!((one.slug.as_str(), one.currency.code(), one.time_zone.name(), one.is_platform), ("platform", "USD", "UTC", true));
    let tenant = NewOrganization::parse("nile", "Nile", "EGP", "Africa/Cairo").expect("a tenant");
    let id = organizations::store::create(&world.platform().await, &tenant).await.expect("made");
    let taken = organizations::store::create(&world.platform().await, &tenant).await;
    assert!(taken.is_err_and(|error| error.fields().first("slug").is_some()));
    let nile = world.tenant("nile").await;
    assert_eq!(nile.seller().id, id);
    let other = NewOrganization::parse("delta", "Delta", "EGP", "Africa/Cairo").expect("a tenant");
    assert!(matches!(organizations::store::create(&nile, &other).await, Err(Error::Forbidden(_))));
}

//! Members and their roles, API keys, organizations: who may hand out what, and that another organization's are out of
//! reach.

use app::api_keys::{self, ApiScope};
use app::auth::store::{self, Visit, session};
use app::kit::error::Error;
use app::kit::permission::{Permission, Role};
use app::kit::scope::{Actor, Caller, Origin, Scope};
use app::kit::{UserId, clock};
use app::members::store::invitations;
use app::members::{self, NewInvitation, NewMember, Reader};
use app::organizations::{self, NewOrganization, OrganizationChange, OrganizationForm};

use crate::support::{World, text, value};

const PASSWORD: &str = "correct horse battery";

on_both!(
    an_organization_keeps_an_owner,
    only_an_owner_touches_owners,
    who_is_invited_joins_and_is_removed_with_their_sessions,
    an_account_of_one_organization_is_not_taken_into_another,
    a_link_counts_once_and_for_a_week,
    the_command_line_leaves_nobody_elses_password,
    an_invitation_is_accepted_over_http,
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
    NewMember::parse("Somebody New", email, role).expect("a member")
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
    assert!(matches!(invitations::invite(&admins, &new("x@nile.example", "owner")).await, Err(Error::Forbidden(_))));
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
    let foreign = invitations::invite(&owners, &new("x@nile.example", "read_only")).await;
    assert!(foreign.is_err_and(|error| error.fields().first("role").is_some()));
}

async fn invited(by: &Scope, email: &str, role: &str) -> NewInvitation {
    invitations::invite(by, &new(email, role)).await.expect("invited")
}

/// The token in the link.
fn token(of: &NewInvitation) -> &str {
    of.path.strip_prefix("/invitation?token=").expect("a link")
}

/// A session of that password, as the layers find it.
async fn signed_in(world: &World, email: &str, password: &str) -> (Scope, session::Current) {
    let begun = store::sign_in(&world.db, email, password, &Visit::default()).await.expect("signed in");
    of_token(world, &begun.token).await.expect("a session")
}

async fn of_token(world: &World, token: &str) -> Option<(Scope, session::Current)> {
    let found = session::recognise(&world.db, token, Origin::default()).await.expect("reads")?;
    found.member.map(|(scope, _)| (scope, found.current))
}

async fn who_is_invited_joins_and_is_removed_with_their_sessions(world: World) {
    let nile = world.tenant("nile").await;
    let (_, owners) = member(&world, &nile, "ada", Role::Owner).await;
    let made = invited(&owners, "Dora@Nile.example", "billing").await;
    // Nothing is there yet but the invitation, and of its link nothing that opens it.
    assert_eq!(value::<i64>(&world.db, "SELECT COUNT(*) FROM users WHERE email = 'dora@nile.example'", []).await, 0);
    assert_ne!(text(&world.db, "SELECT token_hash FROM invitations", []).await, token(&made));
    let list = members::store::list(&owners).await.expect("a list");
    assert_eq!(list.invited.iter().map(|i| (i.email.as_str(), i.by.as_str())).collect::<Vec<_>>(), [("dora@nile.example", "ada")]);
    let page = invitations::read(&world.db, token(&made), None).await.expect("reads").expect("an invitation");
    assert_eq!((page.organization.as_str(), page.role, page.reader), ("The nile", Role::Billing, Reader::Nobody));
    let weak = invitations::join_anew(&world.db, &Visit::default(), token(&made), "Dora", "short").await.err();
    assert!(weak.is_some_and(|error| error.fields().first("password").is_some()));
    let begun = invitations::join_anew(&world.db, &Visit::default(), token(&made), "Dora", PASSWORD).await.expect("joined");
    let (scope, _) = of_token(&world, &begun.token).await.expect("a session");
    assert_eq!(scope.seller().id, nile.seller().id);
    assert!(scope.permissions().allows(Permission::WriteInvoices) && !scope.permissions().allows(Permission::WriteMembers));
    let twice = invitations::invite(&owners, &new("dora@nile.example", "staff")).await;
    assert!(twice.is_err_and(|error| error.fields().first("email").is_some()));
    let user = scope.user().expect("a person");
    members::store::remove(&owners, user).await.expect("removed");
    assert!(of_token(&world, &begun.token).await.is_none());
    // Who has left everywhere can do nothing; invited again they begin anew, with a password of their own.
    let again = invited(&owners, "dora@nile.example", "staff").await;
    invitations::join_anew(&world.db, &Visit::default(), token(&again), "Dora", "another long password").await.expect("joined");
    assert!(store::sign_in(&world.db, "dora@nile.example", PASSWORD, &Visit::default()).await.is_err());
    assert_eq!(signed_in(&world, "dora@nile.example", "another long password").await.0.user(), Ok(user));
}

/// A tenant makes an account for the address of an operator to be, and knows its password. That is worth nothing when the
/// platform invites the address.
async fn an_account_of_one_organization_is_not_taken_into_another(world: World) {
    let (platform, nile) = (world.platform().await, world.tenant("nile").await);
    let (_, staff) = member(&world, &nile, "mallory", Role::Owner).await;
    let (_, operators) = member(&world, &platform, "zoe", Role::Owner).await;
    let (email, theirs, own) = ("boss@platform.example", "a password of mallory", "a password of the boss");
    let trap = invited(&staff, email, "staff").await;
    invitations::join_anew(&world.db, &Visit::default(), token(&trap), "Boss", theirs).await.expect("joined");
    let offer = invited(&operators, email, "admin").await;
    let role = "SELECT COUNT(*) FROM memberships m JOIN organizations o ON o.id = m.organization_id WHERE o.kind = 'platform' AND m.role = 'admin'";
    assert_eq!(value::<i64>(&world.db, role, []).await, 0, "nobody has accepted");
    // The link makes no second account and does not replace the first.
    let anew = invitations::join_anew(&world.db, &Visit::default(), token(&offer), "Boss", own).await.err();
    assert!(matches!(anew, Some(Error::Conflict(_))));
    // Who holds the account accepts with the link and a new password; whoever knew the old one is out.
    let (scope, current) = signed_in(&world, email, theirs).await;
    let (_, watching) = signed_in(&world, email, theirs).await;
    let found = session::lasts(&scope, watching.id).await;
    assert_eq!(found, Ok(true));
    let same = invitations::join(&scope, &current, token(&offer), (theirs, theirs)).await;
    assert!(same.is_err_and(|error| error.fields().first("new_password").is_some()));
    let none = invitations::join(&scope, &current, token(&offer), ("", "")).await;
    assert!(none.is_err_and(|error| error.fields().first("current_password").is_some()));
    assert_eq!(value::<i64>(&world.db, role, []).await, 0);
    invitations::join(&scope, &current, token(&offer), (theirs, own)).await.expect("joined");
    assert_eq!(value::<i64>(&world.db, role, []).await, 1);
    assert_eq!(session::lasts(&scope, watching.id).await, Ok(false), "another session of the account");
    assert!(store::sign_in(&world.db, email, theirs, &Visit::default()).await.is_err());
    let (there, _) = signed_in(&world, email, own).await;
    assert!(there.seller().is_platform);
    // From now on the platform vouches for the account, which goes further as it is.
    let delta = world.tenant("delta").await;
    let third = invited(&delta, email, "staff").await;
    let (scope, current) = signed_in(&world, email, own).await;
    invitations::join(&scope, &current, token(&third), ("", "")).await.expect("joined");
    // Somebody else's link is of no use.
    let fourth = invited(&delta, "another@delta.example", "staff").await;
    assert!(matches!(invitations::join(&scope, &current, token(&fourth), ("", "")).await, Err(Error::Conflict(_))));
}

async fn a_link_counts_once_and_for_a_week(world: World) {
    let nile = world.tenant("nile").await;
    let join = async |token: &str| invitations::join_anew(&world.db, &Visit::default(), token, "Dora", PASSWORD).await.map(|_| ());
    let first = invited(&nile, "dora@nile.example", "staff").await;
    let second = invited(&nile, "dora@nile.example", "support").await;
    assert!(matches!(join(token(&first)).await, Err(Error::Conflict(_))), "replaced by the second");
    assert_eq!(invitations::withdraw(&world.tenant("delta").await, second.id).await, Err(Error::NotFound));
    invitations::withdraw(&nile, second.id).await.expect("withdrawn");
    assert!(matches!(join(token(&second)).await, Err(Error::Conflict(_))));
    let third = invited(&nile, "dora@nile.example", "staff").await;
    let both = tokio::join!(join(token(&third)), join(token(&third)));
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
    let old = invited(&nile, "late@nile.example", "staff").await;
    use sea_orm::ConnectionTrait as _;
    let sql = world.db.sql("UPDATE invitations SET expires_at = $1", [world.now.into()]);
    world.db.connection().execute_raw(sql).await.expect("written");
    assert!(matches!(join(token(&old)).await, Err(Error::Conflict(_))));
    assert_eq!(invitations::read(&world.db, token(&old), None).await, Ok(None));
    assert_eq!(members::store::list(&nile).await.expect("a list").invited, []);
}

async fn the_command_line_leaves_nobody_elses_password(world: World) {
    let (nile, delta) = (world.tenant("nile").await, world.tenant("delta").await);
    world.platform().await;
    for (scope, password) in [(&nile, "a password of mallory"), (&delta, "a third long password")] {
        let made = invited(scope, "boss@platform.example", "staff").await;
        let anew = invitations::join_anew(&world.db, &Visit::default(), token(&made), "Boss", password).await;
        assert_eq!(anew.is_ok(), scope.seller().slug == "nile");
        if anew.is_err() {
            let (there, current) = signed_in(&world, "boss@platform.example", "a password of mallory").await;
            let passwords = ("a password of mallory", password);
            invitations::join(&there, &current, token(&made), passwords).await.expect("joined");
        }
    }
    // Two tenants vouch for it, which is not enough.
    store::create_user(&world.db, "boss@platform.example", "The boss", PASSWORD, "platform", Role::Admin).await.expect("a person");
    assert!(store::sign_in(&world.db, "boss@platform.example", "a third long password", &Visit::default()).await.is_err());
    assert!(signed_in(&world, "boss@platform.example", PASSWORD).await.0.seller().is_platform);
}

/// What the pages do: the answer to who invites does not tell an address with an account from one without.
async fn an_invitation_is_accepted_over_http(world: World) {
    let (platform, nile) = (world.platform().await, world.tenant("nile").await);
    member(&world, &platform, "zoe", Role::Owner).await;
    let owner = world.member(&nile, Role::Owner).await;
    let invite = async |email: &str| {
        let fields = [("name", "New"), ("email", email), ("role", "staff")];
        owner.call("/api/app/members/api/invite_member", &fields).await.expect(200).told::<NewInvitation>()
    };
    let answers = [invite("zoe@platform.example").await, invite("nobody@elsewhere.example").await];
    let [known, unknown] = answers.each_ref().map(|answer| answer.path.as_str());
    assert!(known.starts_with("/invitation?token=") && known.len() == unknown.len(), "{known} {unknown}");
    let path = unknown;
    let stranger = world.stranger();
    let page = stranger.get(path).await.expect(200);
    assert!(page.body.contains("invites nobody@elsewhere.example to The nile, as staff."), "{}", page.body);
    assert!(stranger.get("/invitation?token=nothing").await.expect(200).body.contains("does not hold any more"));
    assert!(owner.get(path).await.expect(200).body.contains("signed in as somebody else"));
    let (_, token) = path.split_once('=').expect("a token");
    let fields = [("token", token), ("name", "New"), ("password", PASSWORD)];
    let joined = stranger.submit("/api/app/members/api/join_anew", &fields).await.expect(302);
    assert!(joined.header("set-cookie").starts_with("tenantry="), "signed in");
    let viewer = Caller::SignedOut;
    assert_eq!(invitations::read(&world.db, token, Some(viewer)).await, Ok(None));
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

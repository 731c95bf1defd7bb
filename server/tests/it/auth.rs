//! Signing in, sessions, the throttle, the second factor, the layers: what an attacker would try, and what a person
//! needs to go on working.

mod guessing;

use app::auth::store::session::{self, NewSession};
use app::auth::store::{self, Visit, second_factor};
use app::auth::{AuthState, SecondFactor, protect};
use app::kit::UserId;
use app::kit::error::Error;
use app::kit::permission::{Permission, Role};
use app::kit::scope::{Caller, Origin, Scope};
use app::kit::secret::Sealer;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use axum::{Extension, Router};
use chrono::TimeDelta;
use tower::ServiceExt;

use crate::support::{World, text, value};

const EMAIL: &str = "nadia@platform.example";
const PASSWORD: &str = "correct horse battery";

on_both!(
    the_right_password_begins_a_session,
    wrong_and_unknown_are_refused_alike,
    sessions_end_by_themselves,
    sessions_are_listed_and_ended,
    a_new_password_ends_the_other_sessions,
    the_second_factor_is_asked_for_and_no_code_counts_twice,
    the_second_factor_is_throttled_and_switched_off_with_the_password,
    a_person_moves_between_their_organizations_only,
    pages_ask_to_sign_in_and_lead_back,
);

/// Another address for each test's attacker.
fn visit(address: [u8; 4]) -> Visit {
    Visit { origin: Origin { request_id: None, address: Some(address.into()) }, user_agent: Some("curl/8".into()), session: None }
}

async fn person(world: &World, email: &str, slug: &str, role: Role) -> UserId {
    store::create_user(&world.db, email, "Nadia Fahmy", PASSWORD, slug, role).await.expect("a person")
}

async fn operator(world: &World) -> UserId {
    world.platform().await;
    person(world, EMAIL, "platform", Role::Owner).await
}

async fn begin(world: &World) -> NewSession {
    store::sign_in(&world.db, EMAIL, PASSWORD, &visit([192, 0, 2, 1])).await.expect("signed in")
}

async fn member(world: &World, token: &str) -> Option<(Scope, session::Current)> {
    let found = session::recognise(&world.db, token, Origin::default()).await.expect("reads")?;
    found.member.map(|(scope, _)| (scope, found.current))
}

fn sealer() -> Sealer {
    Sealer::new(&Sealer::generate().expect("a key")).expect("a sealer")
}

async fn actions(world: &World, action: &str) -> i64 {
    value(&world.admin().await, "SELECT COUNT(*) FROM audit_entries WHERE action = $1", [action.into()]).await
}

async fn change(world: &World, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) {
    use sea_orm::ConnectionTrait as _;
    world.db.connection().execute_raw(world.db.sql(sql, values)).await.expect("written");
}

async fn the_right_password_begins_a_session(world: World) {
    let user = operator(&world).await;
    let begun = store::sign_in(&world.db, " NADIA@platform.example ", PASSWORD, &visit([192, 0, 2, 1])).await.expect("signed in");
    assert!(!begun.awaits_second_factor);
    let found = session::recognise(&world.db, &begun.token, Origin::default()).await.expect("reads").expect("a session");
    let (scope, viewer) = found.member.expect("a member");
    assert_eq!(scope.user(), Ok(user));
    assert!(scope.seller().is_platform);
    assert_eq!((viewer.email.as_str(), viewer.role, viewer.others.len()), (EMAIL, Role::Owner, 0));
    // The cookie is nowhere: only its fingerprint is.
    let kept = text(&world.db, "SELECT token_hash FROM sessions", []).await;
    assert_ne!(kept, begun.token);
    assert_eq!(kept.len(), 64);
    assert_eq!(actions(&world, "session.started").await, 1);
    assert!(member(&world, "another").await.is_none());
    // Signing in again replaces the browser's session and never keeps its id.
    let again = Visit { session: Some(found.current), ..visit([192, 0, 2, 1]) };
    let second = store::sign_in(&world.db, EMAIL, PASSWORD, &again).await.expect("signed in");
    assert!(member(&world, &begun.token).await.is_none());
    assert!(member(&world, &second.token).await.is_some());
}

async fn wrong_and_unknown_are_refused_alike(world: World) {
    operator(&world).await;
    let wrong = store::sign_in(&world.db, EMAIL, "wrong horse battery", &visit([192, 0, 2, 1])).await.err();
    let unknown = store::sign_in(&world.db, "nobody@platform.example", PASSWORD, &visit([192, 0, 2, 1])).await.err();
    assert_eq!(wrong, unknown);
    assert!(matches!(wrong, Some(Error::Invalid(_))));
    assert_eq!(actions(&world, "session.refused").await, 2);
    let level = text(&world.admin().await, "SELECT level FROM audit_entries WHERE action = 'session.refused' LIMIT 1", []).await;
    assert_eq!(level, "warning");
    // Who belongs to no organization any more has nowhere to go.
    change(&world, "DELETE FROM memberships", []).await;
    assert_eq!(store::sign_in(&world.db, EMAIL, PASSWORD, &visit([192, 0, 2, 1])).await.err(), unknown);
}

async fn sessions_end_by_themselves(world: World) {
    operator(&world).await;
    let session = begin(&world).await;
    let seen = |hours| world.now - TimeDelta::hours(hours);
    change(&world, "UPDATE sessions SET last_seen_at = $1", [seen(11).into()]).await;
    assert!(member(&world, &session.token).await.is_some());
    // That request counts as use, noted beside it.
    for _ in 0..100 {
        let noted: i64 = value(&world.db, "SELECT COUNT(*) FROM sessions WHERE last_seen_at > $1", [seen(1).into()]).await;
        if noted == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    change(&world, "UPDATE sessions SET last_seen_at = $1", [seen(12).into()]).await;
    assert!(member(&world, &session.token).await.is_none(), "idle for twelve hours");
    change(&world, "UPDATE sessions SET last_seen_at = $1, expires_at = $1", [world.now.into()]).await;
    assert!(member(&world, &session.token).await.is_none(), "thirty days old");
    assert_eq!(session::sweep(&world.db, world.now + TimeDelta::minutes(1)).await, Ok(1));
    assert_eq!(value::<i64>(&world.db, "SELECT COUNT(*) FROM sessions", []).await, 0);
}

async fn sessions_are_listed_and_ended(world: World) {
    operator(&world).await;
    person(&world, "omar@platform.example", "platform", Role::Support).await;
    let (first, second) = (begin(&world).await, begin(&world).await);
    let theirs = store::sign_in(&world.db, "omar@platform.example", PASSWORD, &visit([192, 0, 2, 9])).await.expect("signed in");
    let (scope, current) = member(&world, &first.token).await.expect("a session");
    let (_, other) = member(&world, &second.token).await.expect("a session");
    let (_, foreign) = member(&world, &theirs.token).await.expect("a session");
    let list = session::list(&scope, current.id).await.expect("a list");
    assert_eq!(list.iter().map(|row| (row.id, row.current)).collect::<Vec<_>>(), [(current.id, true), (other.id, false)]);
    assert_eq!((list[0].device.as_str(), list[0].address.as_deref()), ("curl", Some("192.0.2.1")));
    assert_eq!(session::end(&scope, foreign.id).await, Err(Error::NotFound));
    assert_eq!(session::end(&scope, other.id).await, Ok(()));
    assert!(member(&world, &second.token).await.is_none());
    let third = begin(&world).await;
    assert_eq!(session::end_others(&scope, current.id).await, Ok(1));
    assert!(member(&world, &third.token).await.is_none());
    assert!(member(&world, &first.token).await.is_some());
    assert!(member(&world, &theirs.token).await.is_some());
    let visit = Visit { session: Some(current.clone()), ..visit([192, 0, 2, 1]) };
    let found = session::recognise(&world.db, &first.token, Origin::default()).await.expect("reads").expect("a session");
    let caller = found.member.map(|(scope, viewer)| Caller::Member(scope, viewer));
    store::sign_out(&world.db, caller, &visit).await.expect("signed out");
    assert!(member(&world, &first.token).await.is_none());
}

async fn a_new_password_ends_the_other_sessions(world: World) {
    operator(&world).await;
    let (here, there) = (begin(&world).await, begin(&world).await);
    let (scope, current) = member(&world, &here.token).await.expect("a session");
    let wrong = store::change_password(&scope, &current, "not the password", "a new long password").await;
    assert!(wrong.is_err_and(|error| error.fields().first("current_password").is_some()));
    for weak in ["short", EMAIL, PASSWORD] {
        let refused = store::change_password(&scope, &current, PASSWORD, weak).await;
        assert!(refused.is_err_and(|error| error.fields().first("new_password").is_some()), "{weak}");
    }
    assert_eq!(store::change_password(&scope, &current, PASSWORD, "a new long password").await, Ok(1));
    assert!(member(&world, &there.token).await.is_none());
    assert!(member(&world, &here.token).await.is_some());
    assert!(store::sign_in(&world.db, EMAIL, PASSWORD, &visit([192, 0, 2, 3])).await.is_err());
    assert!(store::sign_in(&world.db, EMAIL, "a new long password", &visit([192, 0, 2, 3])).await.is_ok());
}

/// Sets the second factor up; gives the app's secret and the recovery codes.
async fn set_up(world: &World, sealer: &Sealer, token: &str) -> (totp_rs::Totp, Vec<String>) {
    let (scope, current) = member(world, token).await.expect("a session");
    assert_eq!(second_factor::status(&scope, sealer).await, Ok(SecondFactor::Off));
    second_factor::begin(&scope, sealer).await.expect("begun");
    let Ok(SecondFactor::Pending { secret, recovery_codes, qr_side, qr_path }) = second_factor::status(&scope, sealer).await else {
        panic!("not pending")
    };
    assert!(qr_side > 20 && qr_path.starts_with('M'));
    let totp = totp_rs::Builder::new()
        .with_secret(totp_rs::Secret::try_from_base32(secret.replace(' ', "")).expect("a secret"))
        .build()
        .expect("an app");
    assert!(second_factor::confirm(&scope, sealer, &current, "000 00").await.is_err());
    // A code of the step before is good; so a code of this step is still unused afterwards.
    second_factor::confirm(&scope, sealer, &current, &code(&totp, -30)).await.expect("confirmed");
    assert!(matches!(second_factor::status(&scope, sealer).await, Ok(SecondFactor::On { recovery_codes_left: 10, .. })));
    (totp, recovery_codes)
}

/// What the app shows so many seconds from now.
fn code(totp: &totp_rs::Totp, seconds: i64) -> String {
    let now = app::kit::clock::now().timestamp() + seconds;
    totp.generate(now.unsigned_abs()).to_string()
}

async fn the_second_factor_is_asked_for_and_no_code_counts_twice(world: World) {
    operator(&world).await;
    let sealer = sealer();
    let first = begin(&world).await;
    let elsewhere = begin(&world).await;
    let (totp, recovery) = set_up(&world, &sealer, &first.token).await;
    assert!(member(&world, &elsewhere.token).await.is_none(), "sessions begun without it end");
    assert_eq!(recovery.len(), 10);
    // Neither the secret nor a recovery code is readable in the table.
    let kept = text(&world.db, "SELECT totp_secret FROM users", []).await;
    assert!(!kept.contains(&recovery[0]));

    // The password alone opens nothing.
    let begun = begin(&world).await;
    assert!(begun.awaits_second_factor);
    let pending = session::recognise(&world.db, &begun.token, Origin::default()).await.expect("reads").expect("a session");
    assert!(pending.member.is_none());
    let visit = |current: &session::Current| Visit { session: Some(current.clone()), ..visit([192, 0, 2, 1]) };
    let used = code(&totp, 0);
    let passed = second_factor::pass(&world.db, &sealer, &visit(&pending.current), &used).await.expect("passed");
    assert_ne!(passed.token, begun.token);
    assert!(member(&world, &passed.token).await.is_some());
    assert!(session::recognise(&world.db, &begun.token, Origin::default()).await.expect("reads").is_none(), "the pending one is gone");

    // The same code again, and an older one, are refused; a recovery code passes once.
    let pending = session::recognise(&world.db, &begin(&world).await.token, Origin::default()).await.expect("reads").expect("a session");
    for replayed in [used.clone(), code(&totp, -30)] {
        assert!(matches!(second_factor::pass(&world.db, &sealer, &visit(&pending.current), &replayed).await, Err(Error::Invalid(_))));
    }
    let typed = recovery[3].to_uppercase().replace('-', " ");
    assert!(second_factor::pass(&world.db, &sealer, &visit(&pending.current), &typed).await.is_ok());
    assert_eq!(actions(&world, "recovery_code.used").await, 1);
    let pending = session::recognise(&world.db, &begin(&world).await.token, Origin::default()).await.expect("reads").expect("a session");
    assert!(second_factor::pass(&world.db, &sealer, &visit(&pending.current), &recovery[3]).await.is_err());
    let without = Visit { session: None, ..visit(&pending.current) };
    assert!(matches!(second_factor::pass(&world.db, &sealer, &without, &recovery[4]).await, Err(Error::SignedOut)));
}

async fn the_second_factor_is_throttled_and_switched_off_with_the_password(world: World) {
    operator(&world).await;
    let sealer = sealer();
    let first = begin(&world).await;
    set_up(&world, &sealer, &first.token).await;
    let pending = session::recognise(&world.db, &begin(&world).await.token, Origin::default()).await.expect("reads").expect("a session");
    let visit = Visit { session: Some(pending.current), ..visit([192, 0, 2, 1]) };
    let mut tries = 0;
    let refused = loop {
        match second_factor::pass(&world.db, &sealer, &visit, "not-a-code").await {
            Err(Error::Invalid(_)) if tries < 20 => tries += 1,
            other => break other.err(),
        }
    };
    assert_eq!(tries, 5);
    assert!(matches!(refused, Some(Error::TooMany(1..=2))));
    let (scope, _) = member(&world, &first.token).await.expect("a session");
    assert!(second_factor::begin(&scope, &sealer).await.is_err(), "it is on");
    assert!(second_factor::disable(&scope, "not the password").await.is_err());
    assert_eq!(second_factor::disable(&scope, PASSWORD).await, Ok(()));
    assert_eq!(second_factor::status(&scope, &sealer).await, Ok(SecondFactor::Off));
    assert_eq!(value::<i64>(&world.db, "SELECT COUNT(*) FROM recovery_codes", []).await, 0);
    assert!(!begin(&world).await.awaits_second_factor);
}

async fn a_person_moves_between_their_organizations_only(world: World) {
    let user = operator(&world).await;
    let (nile, _other) = (world.tenant("nile").await, world.tenant("delta").await);
    assert_eq!(person(&world, EMAIL, "nile", Role::Billing).await, user, "one account");
    let again = store::create_user(&world.db, EMAIL, "Nadia Fahmy", PASSWORD, "nile", Role::Billing).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    let session = begin(&world).await;
    let found = session::recognise(&world.db, &session.token, Origin::default()).await.expect("reads").expect("a session");
    let (scope, viewer) = found.member.expect("a member");
    assert!(scope.seller().is_platform);
    assert_eq!(viewer.others, [("nile".to_owned(), nile.seller().name.clone())]);
    assert_eq!(session::switch(&scope, found.current.id, "delta").await, Err(Error::NotFound));
    session::switch(&scope, found.current.id, "nile").await.expect("switched");
    let (there, _) = member(&world, &session.token).await.expect("a session");
    assert_eq!(there.seller().id, nile.seller().id);
    assert!(!there.permissions().allows(Permission::WriteSettings), "the role is that organization's");
}

async fn who(Extension(caller): Extension<Caller>) -> String {
    match caller {
        Caller::Member(scope, _) => format!("member of {}", scope.seller().slug),
        Caller::Machine(scope) => format!("machine of {}", scope.seller().slug),
        Caller::SignedOut => "nobody".into(),
    }
}

async fn ask(app: &Router, path: &str, name: header::HeaderName, text: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).header(header::ACCEPT, "text/html").header(name, text).body(Body::empty()).expect("a request");
    let response = app.clone().oneshot(request).await.expect("an answer");
    let place = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default().to_owned();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 4096).await.expect("a body");
    (status, place, String::from_utf8_lossy(&body).into_owned())
}

async fn pages_ask_to_sign_in_and_lead_back(world: World) {
    operator(&world).await;
    let token = begin(&world).await.token;
    let state = AuthState::new(world.db.clone(), sealer(), false, false);
    let routes = ["/customers", "/sign-in", "/sign-in/second-factor", "/api/v1/x", "/api/app/x", "/pkg/x.js"];
    let app = routes.iter().fold(Router::new(), |router, path| router.route(path, get(who)));
    let app = protect(app, state.clone());
    let cookie = format!("theme=dark; {}={token}", state.cookie_name());
    let place = |answer: (StatusCode, String, String)| (answer.0.as_u16(), answer.1);

    let signed_out = ask(&app, "/customers?q=a%20b", header::COOKIE, "theme=dark").await;
    assert_eq!(place(signed_out), (303, "/sign-in?next=%2Fcustomers%3Fq%3Da%2520b".into()));
    assert_eq!(ask(&app, "/customers", header::COOKIE, &cookie).await.2, "member of platform");
    assert_eq!(ask(&app, "/sign-in", header::COOKIE, "").await.2, "nobody");
    assert_eq!(place(ask(&app, "/sign-in/second-factor", header::COOKIE, "").await), (303, "/sign-in".into()));
    let back = ask(&app, "/sign-in?next=%2Fcustomers%3Fq%3Da%2520b", header::COOKIE, &cookie).await;
    assert_eq!(place(back), (303, "/customers?q=a%20b".into()));
    assert_eq!(place(ask(&app, "/sign-in?next=//evil.example", header::COOKIE, &cookie).await), (303, "/".into()));
    assert_eq!(ask(&app, "/pkg/x.js", header::COOKIE, &cookie).await.2, "nobody", "files ask no database");
    assert_eq!(ask(&app, "/api/app/x", header::COOKIE, "").await.2, "nobody", "server functions answer for themselves");
    assert_eq!(ask(&app, "/api/v1/x", header::COOKIE, &cookie).await.2, "nobody", "a cookie is no key");

    let app::api_keys::NewApiKey { row, key } =
        app::api_keys::store::create(&world.platform().await, "ledger", app::api_keys::ApiScope::Read).await.expect("a key");
    let bearer = format!("Bearer {key}");
    assert_eq!(ask(&app, "/api/v1/x", header::AUTHORIZATION, &bearer).await.2, "machine of platform");
    assert_eq!(ask(&app, "/api/app/x", header::AUTHORIZATION, &bearer).await.2, "nobody", "a key is no cookie");
    app::api_keys::store::revoke(&world.platform().await, row.id).await.expect("revoked");
    assert_eq!(ask(&app, "/api/v1/x", header::AUTHORIZATION, &bearer).await.2, "nobody");

    let tls = AuthState::new(world.db.clone(), sealer(), true, false);
    let cookie = tls.cookie(Some("abc"));
    assert!(cookie.starts_with("__Host-tenantry=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age="), "{cookie}");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    assert!(tls.cookie(None).contains("Max-Age=0"));
}

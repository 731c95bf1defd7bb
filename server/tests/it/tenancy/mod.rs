//! Nobody reaches another seller's things: every server function, every REST operation, every page and every plain
//! route, enumerated by the program, is called signed out, by a role without the permission, with another seller's ids
//! and with the own.

mod answers;
mod calls;
mod calls_pricing;
mod operations;
mod pages;
mod samples;

use std::collections::BTreeSet;

use app::api_keys::ApiScope;
use app::kit::permission::{Permission, Role};
use calls::{FIELDS, FUNCTIONS, Function, Need, PLAIN, PUBLIC, Plain, REFUSED_ANYWAY, WISHES};
use http::Method;
use operations::{OPERATIONS, Operation};
use samples::{Ids, Seller, digest, png, populate};

use crate::support::{Answer, Client, World};

on_both!(server_functions_keep_sellers_apart, the_api_keeps_sellers_apart, pages_and_plain_routes_keep_sellers_apart);

fn functions() -> impl Iterator<Item = &'static Function> {
    calls_pricing::FUNCTIONS.iter().chain(FUNCTIONS)
}

fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().chain(calls_pricing::OPERATIONS)
}

fn plain() -> impl Iterator<Item = &'static Plain> {
    PLAIN.iter().chain(calls_pricing::PLAIN)
}

#[test]
fn every_server_function_is_listed() {
    let known: BTreeSet<String> = functions().map(|f| format!("/api/app/{}", f.0)).collect();
    let registered: BTreeSet<String> = server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(registered.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "not listed in tenancy/calls.rs");
    assert_eq!(known.difference(&registered).collect::<Vec<_>>(), Vec::<&String>::new(), "listed, but gone");
}

#[test]
fn every_operation_of_the_api_is_listed() {
    let document = serde_json::to_value(app::registry::rest().into_openapi()).expect("a document");
    let paths = document["paths"].as_object().expect("paths");
    let methods = |path: &str, item: &serde_json::Value| {
        item.as_object()
            .into_iter()
            .flatten()
            .map(|(method, _)| format!("{method} {path}"))
            .filter(|o| !o.contains("parameters"))
            .collect::<Vec<_>>()
    };
    let documented: BTreeSet<String> = paths.iter().flat_map(|(path, item)| methods(path, item)).collect();
    let known: BTreeSet<String> = operations().map(|o| o.0.split('?').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(documented, known, "the API and tenancy/calls.rs");
}

#[test]
fn every_plain_route_is_listed() {
    let mut known: BTreeSet<&str> = PUBLIC.iter().map(|(path, _)| *path).collect();
    known.extend(plain().map(|p| p.0.split_once(' ').expect("a method").1.split('?').next().unwrap_or_default()));
    let mut found = BTreeSet::new();
    let tree = crate::tidy::source::Tree::read();
    for source in tree.0.iter().filter(|s| s.path.starts_with("app/src") || s.path.starts_with("server/src")) {
        for at in source.shipped.match_indices(".route(").map(|(at, _)| at + ".route(".len()) {
            if let Some(path) = source.raw[at..].trim_start().strip_prefix('"').and_then(|p| p.split('"').next()) {
                found.insert(path.to_owned());
            }
        }
    }
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, known, "routes in the sources and in tenancy/calls.rs");
}

/// A role of a tenant that lacks the permission, if there is one.
fn without(permission: Permission) -> Option<Role> {
    Role::TENANT.iter().copied().find(|role| !role.permissions().allows(permission))
}

/// A template with the seller's ids; of `unknown`, with ids that nobody has.
fn fill(template: &str, ids: &Ids, unknown: bool) -> String {
    let mut nouns: Vec<_> = ids.iter().collect();
    nouns.sort_by_key(|(noun, _)| std::cmp::Reverse(noun.len()));
    nouns.into_iter().fold(template.to_owned(), |text, (noun, id)| {
        let nobodys = || id.split_once('_').map_or("nobody".into(), |(prefix, _)| app::kit::id::encode(prefix, uuid::Uuid::now_v7()));
        let id = if unknown && *noun != "today" { nobodys() } else { id.clone() };
        text.replace(&format!("${noun}"), &id)
    })
}

async fn call(client: &Client, path: &str, arguments: &str) -> Answer {
    let path = format!("/api/app/{path}");
    if arguments.starts_with('{') {
        let query = serde_json::to_string(&app::kit::paging::ListQuery::default()).expect("a query");
        let arguments = arguments.replace(r#""query":{}"#, &format!(r#""query":{query}"#));
        return client.post(&path, &serde_json::from_str(&arguments).expect("JSON")).await;
    }
    let fields: Vec<(&str, &str)> = arguments.split('&').filter_map(|pair| pair.split_once('=')).collect();
    client.call(&path, &fields).await
}

/// What an answer says, without the ids in it.
fn gist(answer: &Answer) -> (u16, String) {
    let words = answer.body.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let is_id = |w: &str| w.len() > 29 && w.chars().nth(3) == Some('_');
    let is_request = |w: &str| w.len() == 33 && w.bytes().take(32).all(|b| b.is_ascii_hexdigit());
    (answer.status, words.filter(|w| !is_id(w) && !is_request(w)).collect())
}

/// Collects what is wrong instead of stopping at the first.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn check(&mut self, right: bool, what: impl FnOnce() -> String) {
        if !right {
            self.0.push(what());
        }
    }

    #[track_caller]
    fn none(self) {
        assert!(self.0.is_empty(), "\n{}\n", self.0.join("\n"));
    }
}

/// Another seller's id is answered exactly as one that nobody has.
fn foreign(faults: &mut Faults, name: &str, foreign: &Answer, unknown: &Answer) {
    faults.check(gist(foreign) == gist(unknown), || {
        format!("{name}: tells another's id from an unknown one: {:?} and {:?}", gist(foreign), gist(unknown))
    });
    let (wish, field) = (WISHES.iter().chain(calls_pricing::WISHES).any(|w| w.0 == name), FIELDS.contains(&name));
    let status = if wish {
        200
    } else if field {
        422
    } else {
        404
    };
    faults.check(foreign.status == status || field && foreign.status == 404, || {
        format!("{name}: {} instead of {status} for another's id: {}", foreign.status, foreign.body)
    });
}

async fn server_functions_keep_sellers_apart(world: World) {
    // A sign-in that belongs to nobody is written into the platform's log.
    world.platform().await;
    let (nile, delta) = (populate(&world, "nile").await, populate(&world, "delta").await);
    let before = digest(&world, &delta.scope).await;
    let mut faults = Faults::default();
    let stranger = world.stranger();
    for function in functions() {
        let (name, arguments) = (function.0, function.2);
        let Need::Permission(permission) = function.1 else { continue };
        let answer = call(&stranger, name, &fill(arguments, &nile.ids, false)).await;
        faults.check(answer.status == 401, || format!("{name}: {} for a stranger: {}", answer.status, answer.body));
        if let Some(role) = without(permission) {
            let answer = call(&world.member(&nile.scope, role).await, name, &fill(arguments, &nile.ids, false)).await;
            faults.check(answer.status == 403, || format!("{name}: {} for {role}: {}", answer.status, answer.body));
        }
        if arguments.contains('$') {
            let theirs = call(&nile.owner, name, &fill(arguments, &delta.ids, false)).await;
            let nobodys = call(&nile.owner, name, &fill(arguments, &delta.ids, true)).await;
            foreign(&mut faults, name, &theirs, &nobodys);
        }
    }
    assert_eq!(digest(&world, &delta.scope).await, before, "another seller's rows were touched");
    own_functions(&nile, &mut faults).await;
    faults.none();
}

/// The sample arguments are right: with the own ids each function does its work.
async fn own_functions(own: &Seller, faults: &mut Faults) {
    for function in functions() {
        let answer = call(&own.owner, function.0, &fill(function.2, &own.ids, false)).await;
        let hoped = REFUSED_ANYWAY.iter().find(|r| r.0 == function.0).map_or(200, |r| r.1);
        faults.check(answer.status == hoped, || format!("{}: {} instead of {hoped}: {}", function.0, answer.status, answer.body));
    }
}

async fn operate(client: &Client, operation: &Operation, ids: &Ids, unknown: bool) -> Answer {
    let (method, path) = operation.0.split_once(' ').expect("a method");
    let path = format!("/api/v1{}", path.replace("{id}", &fill(&format!("${}", operation.2), ids, unknown)));
    match (method, operation.3) {
        ("get", _) => client.get_json(&path).await,
        (_, "text/csv") => {
            let request = client.request(Method::POST, &path).header("content-type", "text/csv");
            client.send(request, axum::body::Body::from("customer_id\n")).await
        }
        (_, "multipart/form-data") => client.upload(&path, "file", "scan.png", &png(path.as_bytes())).await,
        (_, body) => {
            let body = serde_json::from_str(&fill(body, ids, unknown)).expect("a body");
            client.json(method.to_uppercase().parse().expect("a method"), &path, &body).await
        }
    }
}

async fn the_api_keeps_sellers_apart(world: World) {
    let (nile, delta) = (populate(&world, "nile").await, populate(&world, "delta").await);
    let before = digest(&world, &delta.scope).await;
    let mut faults = Faults::default();
    let (stranger, reader) = (world.stranger(), world.machine(&nile.scope, ApiScope::Read).await);
    let write_only = Permission::ALL.iter().copied().filter(|p| !Role::Owner.permissions().read_only().allows(*p)).collect::<Vec<_>>();
    for operation in operations() {
        let name = operation.0;
        let answer = operate(&stranger, operation, &nile.ids, false).await;
        faults.check(answer.status == 401, || format!("{name}: {} for a stranger: {}", answer.status, answer.body));
        let answer = operate(&nile.owner, operation, &nile.ids, false).await;
        faults.check(answer.status == 401, || format!("{name}: {} for a browser's cookie: {}", answer.status, answer.body));
        if write_only.contains(&operation.1) {
            let answer = operate(&reader, operation, &nile.ids, false).await;
            faults.check(answer.status == 403, || format!("{name}: {} for a key that reads: {}", answer.status, answer.body));
        }
        if !operation.2.is_empty() || operation.3.contains('$') {
            let (theirs, nobodys) =
                (operate(&nile.machine, operation, &delta.ids, false).await, operate(&nile.machine, operation, &delta.ids, true).await);
            foreign(&mut faults, name, &theirs, &nobodys);
        }
        let answer = operate(&nile.machine, operation, &nile.ids, false).await;
        let hoped = REFUSED_ANYWAY.iter().any(|r| r.0 == name && r.1 == answer.status);
        let right = answer.status < 300 || hoped || operation.3 == "text/csv" && answer.status == 422;
        faults.check(right, || format!("{name}: {} for its own: {}", answer.status, answer.body));
        faults.check(!answer.body.contains("elta"), || format!("{name}: shows another's: {}", answer.body));
    }
    assert_eq!(digest(&world, &delta.scope).await, before, "another seller's rows were touched");
    faults.none();
}

async fn pages_and_plain_routes_keep_sellers_apart(world: World) {
    let (nile, delta) = (populate(&world, "nile").await, populate(&world, "delta").await);
    let (stranger, mut faults) = (world.stranger(), Faults::default());
    for plain in plain() {
        let (method, path) = plain.0.split_once(' ').expect("a method");
        let with = |ids: &Ids, unknown| path.replace("{id}", &fill(&format!("${}", plain.2), ids, unknown));
        let ask = async |client: &Client, path: &str| match method {
            "get" => client.get_json(path).await,
            _ => client.upload(path, "file", "book.csv", b"customer_id\n").await,
        };
        let answer = ask(&stranger, &with(&nile.ids, false)).await;
        let refused = answer.status == 401 || answer.location().starts_with("/sign-in");
        faults.check(refused, || format!("{}: {} for a stranger", plain.0, answer.status));
        if let Some(role) = without(plain.1) {
            let answer = ask(&world.member(&nile.scope, role).await, &with(&nile.ids, false)).await;
            faults.check(answer.status == 403, || format!("{}: {} for {role}: {}", plain.0, answer.status, answer.body));
        }
        if !plain.2.is_empty() {
            foreign(
                &mut faults,
                plain.0,
                &ask(&nile.owner, &with(&delta.ids, false)).await,
                &ask(&nile.owner, &with(&delta.ids, true)).await,
            );
        }
        if path != "/live" && method == "get" {
            let answer = ask(&nile.owner, &with(&nile.ids, false)).await;
            faults
                .check(answer.status == 200 && !answer.body.contains("elta"), || format!("{}: {} {}", plain.0, answer.status, answer.body));
        }
    }
    for route in server::http::routes() {
        page(&mut faults, route.path(), &stranger, &nile, &delta).await;
    }
    faults.none();
}

/// The noun of a page's id by how its path begins.
const NOUNS: &[(&str, &str)] = &[
    ("customers", "customer"),
    ("account/invoices", "account_invoice"),
    ("dunning/policies", "dunning_policy"),
    ("dunning", "dunning_case"),
    ("plans", "plan"),
    ("subscriptions", "subscription"),
    ("imports", "import"),
    ("jobs", "job"),
    ("mails", "mail"),
    ("notifications", "notification"),
    // A draft has a page to change it, too.
    ("invoices", "draft"),
    ("credit-notes", "credit_note"),
    ("payments", "payment"),
    ("receipts", "receipt"),
    ("coupons", "coupon"),
    ("meters", "meter"),
    ("usage", "subscription"),
    ("usage-uploads", "usage_upload"),
    ("webhook-events", "webhook_event"),
];

/// Parameters that are no ids, and a word for each: the same for every seller.
const WORDS: &[(&str, &str)] = &[("template", "invoice"), ("language", "en")];

/// A page's path with the seller's ids in it; of `unknown`, with ids that nobody has. And whether it has any.
fn address(route: &str, ids: &Ids, unknown: bool) -> (String, bool) {
    let route = WORDS
        .iter()
        .fold(route.to_owned(), |route, (name, word)| route.replace(&format!("{{{name}}}"), word).replace(&format!(":{name}"), word));
    let noun = NOUNS
        .iter()
        .find(|(path, _)| route.trim_start_matches('/').strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        .map(|(_, noun)| format!("${noun}"));
    let placeholder = ["{id}", ":id"].into_iter().find(|p| route.contains(p));
    match (placeholder, &noun) {
        (Some(placeholder), Some(noun)) => (route.replace(placeholder, &fill(noun, ids, unknown)), true),
        _ => (route, false),
    }
}

async fn page(faults: &mut Faults, route: &str, stranger: &Client, own: &Seller, other: &Seller) {
    let first = route.trim_start_matches('/').split('/').next().unwrap_or_default();
    let has_id = address(route, &own.ids, false).1;
    let with = |ids: &Ids, unknown| address(route, ids, unknown).0;
    faults.check(!with(&own.ids, false).contains(['{', ':']), || format!("{route}: a parameter that is not an id; say here what it is"));
    // What answers people who have no account.
    if ["sign-in", "pay", "invitation"].contains(&first) {
        return;
    }
    let answer = stranger.get(&with(&own.ids, false)).await;
    faults.check(answer.location().starts_with("/sign-in"), || format!("{route}: {} for a stranger", answer.status));
    let answer = own.owner.get(&with(&own.ids, false)).await;
    let opens = answer.status == 200 || first == "notifications" && answer.status == 302;
    faults.check(opens, || format!("{route}: {} for the own", answer.status));
    faults.check(!answer.body.contains("of delta"), || format!("{route}: shows another's"));
    if has_id {
        let (theirs, nobodys) = (own.owner.get(&with(&other.ids, false)).await, own.owner.get(&with(&other.ids, true)).await);
        faults.check((theirs.status, nobodys.status) == (404, 404), || format!("{route}: {} and {}", theirs.status, nobodys.status));
        faults.check(!theirs.body.contains("of delta"), || format!("{route}: shows another's"));
    }
}

//! Who acts, for which seller, with which permissions, and when. A scope is built from a session, an API key or a
//! job, never from a request's parameters; it is the first argument of every store function.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Extension;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use leptos::prelude::use_context;

use super::clock;
use super::db::Db;
use super::error::{Error, Result};
use super::id::{OrganizationId, UserId};
use super::moment::Moment;
use super::money::Currency;
use super::permission::{Can, Permission, Permissions};
use super::tx::Tx;
use super::viewer::Viewer;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    User {
        id: UserId,
        name: String,
    },
    ApiKey {
        id: uuid::Uuid,
        name: String,
    },
    /// A job, a command, the demo world: the word says which.
    System(&'static str),
}

impl Actor {
    /// `user`, `api_key` or `system`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::ApiKey { .. } => "api_key",
            Self::System(_) => "system",
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::User { name, .. } | Self::ApiKey { name, .. } => name,
            Self::System(name) => name,
        }
    }

    pub fn id(&self) -> Option<uuid::Uuid> {
        match self {
            Self::User { id, .. } => Some(id.0),
            Self::ApiKey { id, .. } => Some(*id),
            Self::System(_) => None,
        }
    }
}

/// The organization that sells, with what its books need.
#[derive(Clone, Debug)]
pub struct Seller {
    pub id: OrganizationId,
    pub slug: String,
    pub name: String,
    pub currency: Currency,
    pub time_zone: Tz,
    pub is_platform: bool,
    /// Gross margin in hundredths of a percent, for LTV.
    pub gross_margin_bp: i32,
    /// Of a sandbox: its own now.
    pub sandbox_now: Option<DateTime<Utc>>,
}

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub request_id: Option<String>,
    pub address: Option<IpAddr>,
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Scope(Arc<Inner>);

struct Inner {
    db: Db,
    actor: Actor,
    seller: Seller,
    permissions: Permissions,
    now: DateTime<Utc>,
    /// The clock on the wall, whatever a sandbox believes.
    real_now: DateTime<Utc>,
    origin: Origin,
    idempotency_key: Option<String>,
}

impl Scope {
    /// For whoever has authenticated the actor: the session layer, the API key layer. A sandbox has a now of its own.
    pub fn of(db: Db, actor: Actor, seller: Seller, permissions: Permissions, real_now: DateTime<Utc>, origin: Origin) -> Self {
        let now = seller.sandbox_now.unwrap_or(real_now);
        Self(Arc::new(Inner { db, actor, seller, permissions, now, real_now, origin, idempotency_key: None }))
    }

    /// For a job, a command or the demo world, with every permission and a `now` of its own.
    pub fn system(db: Db, name: &'static str, seller: Seller, now: DateTime<Utc>) -> Self {
        Self::of(db, Actor::System(name), seller, Permissions::of(Permission::ALL), now, Origin::default())
    }

    /// The same scope at another time: the demo world and the scenario tests move it.
    pub fn at(&self, now: DateTime<Utc>) -> Self {
        self.changed(now, now, self.0.idempotency_key.clone())
    }

    /// The same person or machine towards another seller, for what these permissions allow: a customer's own towards who bills it.
    pub fn towards(&self, seller: Seller, permissions: Permissions) -> Self {
        let (db, actor, origin) = (self.0.db.clone(), self.0.actor.clone(), self.0.origin.clone());
        Self::of(db, actor, seller, permissions, self.0.real_now, origin)
    }

    /// The same scope for a request with an `Idempotency-Key`: what it commits is noted under the key.
    pub fn with_idempotency_key(&self, key: String) -> Self {
        self.changed(self.0.now, self.0.real_now, Some(key))
    }

    fn changed(&self, now: DateTime<Utc>, real_now: DateTime<Utc>, idempotency_key: Option<String>) -> Self {
        let (db, actor, seller) = (self.0.db.clone(), self.0.actor.clone(), self.0.seller.clone());
        let (permissions, origin) = (self.0.permissions, self.0.origin.clone());
        Self(Arc::new(Inner { db, actor, seller, permissions, now, real_now, origin, idempotency_key }))
    }

    pub fn db(&self) -> &Db {
        &self.0.db
    }

    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    pub fn seller(&self) -> &Seller {
        &self.0.seller
    }

    pub fn currency(&self) -> Currency {
        self.0.seller.currency
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.0.now
    }

    /// The clock on the wall: for what concerns people and machines themselves, such as sessions and keys, and never the
    /// books of a sandbox.
    pub fn real_now(&self) -> DateTime<Utc> {
        self.0.real_now
    }

    /// The business day of now.
    pub fn today(&self) -> NaiveDate {
        clock::day_of(self.0.now, self.0.seller.time_zone)
    }

    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key.as_deref()
    }

    pub fn permissions(&self) -> Permissions {
        self.0.permissions
    }

    /// The signed-in person; an error for machines.
    pub fn user(&self) -> Result<UserId> {
        match self.0.actor {
            Actor::User { id, .. } => Ok(id),
            _ => Err(Error::Forbidden("Use the console".into())),
        }
    }

    /// Refuses whose role lacks the permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.0.permissions.allows(permission) { Ok(()) } else { Err(Error::Forbidden(permission.label().to_owned())) }
    }

    /// A figure of revenue, for those who may see it.
    pub fn of_revenue<T>(&self, figure: T) -> Option<T> {
        self.0.permissions.allows(Permission::ReadRevenue).then_some(figure)
    }

    /// A point in time as this scope's reader sees it.
    pub fn moment(&self, at: DateTime<Utc>) -> Moment {
        clock::moment(at, self.0.seller.time_zone, self.0.now)
    }

    /// Begins to read.
    pub async fn read(&self) -> Result<Tx> {
        Tx::begin(self, false).await
    }

    /// Begins to write; ends with [`Tx::commit`].
    pub async fn write(&self) -> Result<Tx> {
        Tx::begin(self, true).await
    }
}

/// What the session and key layers found out about a request; in its extensions.
#[derive(Clone)]
pub enum Caller {
    SignedOut,
    /// A person with a session, and the page's view of them.
    Member(Scope, Viewer),
    /// A machine with a key.
    Machine(Scope),
}

impl Caller {
    /// The scope of a caller who may do `P`.
    pub fn scope<P: Can>(&self) -> Result<Scope> {
        let (Self::Member(scope, _) | Self::Machine(scope)) = self else { return Err(Error::SignedOut) };
        scope.require(P::PERMISSION)?;
        Ok(scope.clone())
    }
}

/// In a server function: the scope of the caller, who must be a signed-in person with permission `P`.
pub fn scope<P: Can>() -> Result<Scope> {
    answer_with_status(member::<P>(caller().map(Extension)))
}

/// The same in a route of the console that is no page.
pub fn member<P: Can>(caller: Option<Extension<Caller>>) -> Result<Scope> {
    match caller {
        Some(Extension(caller @ Caller::Member(..))) => caller.scope::<P>(),
        _ => Err(Error::SignedOut),
    }
}

/// In a server function: who looks, if signed in.
pub fn viewer() -> Option<Viewer> {
    match caller() {
        Some(Caller::Member(_, viewer)) => Some(viewer),
        _ => None,
    }
}

/// In a server function: the caller, signed in or not.
pub fn caller() -> Option<Caller> {
    use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<Caller>().cloned())
}

/// Gives a server function's or a page's response the status of its error. Not so for a form posted without
/// JavaScript: its answer leads back to the form's page, which shows the error.
pub fn answer_with_status<T>(result: Result<T>) -> Result<T> {
    let (Err(error), Some(options), false) = (&result, use_context::<leptos_axum::ResponseOptions>(), posted_by_a_form()) else {
        return result;
    };
    if let Ok(status) = http::StatusCode::from_u16(error.status()) {
        options.set_status(status);
    }
    if let Error::TooMany(seconds) = error {
        options.insert_header(http::header::RETRY_AFTER, http::HeaderValue::from(*seconds));
    }
    result
}

/// The same of work that may fail half-way, such as by what a form holds.
pub async fn answer<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    answer_with_status(work.await)
}

/// In a server function: redirects a browser that waits for a page. A page that called it goes on by itself.
pub fn redirect_page(url: &str) {
    let accept = use_context::<http::request::Parts>().and_then(|parts| parts.headers.get(http::header::ACCEPT).cloned());
    if accept.is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html"))) {
        leptos_axum::redirect(url);
    }
}

/// In a server function: whether the browser itself posted the form and waits for a page.
pub fn posted_by_a_form() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
        parts.method == http::Method::POST && accept.is_some_and(|accept| accept.contains("text/html"))
    })
}

//! Customers in the database.

pub mod bulk;
mod search;
mod standing;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, FromQueryResult, entity::prelude::*};
use serde_json::json;
use uuid::Uuid;

use super::model::{Customer, CustomerFilters, CustomerForm, CustomerId, CustomerStatus, NewCustomer, TenantRef};
use crate::kit::bulk::Ids;
use crate::kit::db::{DbResult, Sql};
use crate::kit::event::Event;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::Money;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, OrganizationId, Result};

pub use search::{find_by_words, find_by_words_or, index_words};
pub use standing::{mrr_history, set_mrr, set_mrr_many, set_mrr_today, stats, sync_mrr};

mod customer {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seller_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CustomerId,
        pub external_id: Option<String>,
        pub name: String,
        pub email: Option<String>,
        pub country: Option<String>,
        pub organization_id: Option<Uuid>,
        pub created_at: DateTime<Utc>,
        pub mrr_minor: i64,
        pub first_paid_on: Option<NaiveDate>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::seller_owned!(Entity);
}

const LIST: Keyset = Keyset {
    columns: &[
        Column::text("name", "c.name"),
        Column::integer("mrr", "c.mrr_minor"),
        Column::time("created", "c.created_at"),
        Column::day("first_paid", "c.first_paid_on").or_null(),
    ],
    default: "-created",
    id: "c.id",
};
const COLUMNS: &str = "c.id, c.external_id, c.name, c.email, c.country, c.created_at, c.mrr_minor, c.first_paid_on, \
     o.id AS organization_id, o.slug AS organization_slug, o.name AS organization_name";
const TABLES: &str = "customers c LEFT JOIN organizations o ON o.id = c.organization_id";

#[derive(FromQueryResult)]
struct CustomerRow {
    id: CustomerId,
    external_id: Option<String>,
    name: String,
    email: Option<String>,
    country: Option<String>,
    created_at: DateTime<Utc>,
    mrr_minor: i64,
    first_paid_on: Option<NaiveDate>,
    organization_id: Option<Uuid>,
    organization_slug: Option<String>,
    organization_name: Option<String>,
}

impl CustomerRow {
    fn customer(self, scope: &Scope) -> Customer {
        let Self { id, external_id, name, email, country, created_at, mrr_minor, first_paid_on, .. } = self;
        let organization = match (self.organization_id, self.organization_slug, self.organization_name) {
            (Some(id), Some(slug), Some(name)) => Some(TenantRef { id: OrganizationId(id), slug, name }),
            _ => None,
        };
        Customer {
            id,
            external_id,
            name,
            email,
            country,
            organization,
            status: CustomerStatus::of(mrr_minor, first_paid_on, scope.today()),
            mrr: scope.of_revenue(Money::new(mrr_minor, scope.currency())),
            first_paid_on,
            created: scope.moment(created_at),
        }
    }
}

/// The conditions that a list's filters and search stand for. A value that no filter knows finds nothing.
fn filter(tx: &Tx, query: &ListQuery) -> Where {
    let mut filter = Where::seller(tx, "c");
    let today = tx.scope().today();
    let mut statuses = Vec::new();
    let mut values = Vec::new();
    for word in query.filter("status") {
        let (condition, days) = match word.parse() {
            Ok(CustomerStatus::Paying) => ("c.mrr_minor > 0", 0),
            Ok(CustomerStatus::Trial) => ("(c.mrr_minor = 0 AND c.first_paid_on > ?)", 1),
            Ok(CustomerStatus::Former) => ("(c.mrr_minor = 0 AND c.first_paid_on <= ?)", 1),
            Ok(CustomerStatus::NeverPaid) => ("(c.mrr_minor = 0 AND c.first_paid_on IS NULL)", 0),
            Err(_) => ("1 = 0", 0),
        };
        statuses.push(condition);
        values.extend((0..days).map(|_| today.into()));
    }
    if !statuses.is_empty() {
        filter.and(&statuses.join(" OR "), values);
    }
    filter.any("c.country", query.filter("country"));
    let picked: Vec<Uuid> = query.filter("id").iter().map(|id| id.parse::<CustomerId>().map_or(Uuid::nil(), |id| id.0)).collect();
    filter.any("c.id", &picked);
    if !query.filter("plan").is_empty() {
        let plans: Vec<Uuid> = query.filter("plan").iter().map(|id| crate::kit::id::decode("pln", id).unwrap_or(Uuid::nil())).collect();
        let marks = vec!["?"; plans.len()].join(", ");
        let condition = format!(
            "c.id IN (SELECT s.customer_id FROM subscriptions s WHERE s.seller_id = $1 AND s.plan_id IN ({marks}) \
             AND (s.ended_on IS NULL OR s.ended_on > ?))"
        );
        filter.and(&condition, plans.into_iter().map(Value::from).chain([today.into()]));
    }
    find_by_words(&mut filter, "c.id", &query.q);
    filter
}

/// The order by MRR would tell who may not see it most of what it is.
fn orderly(scope: &Scope, query: &ListQuery) -> ListQuery {
    let told = query.sort.trim_start_matches('-') == "mrr" && scope.of_revenue(()).is_none();
    ListQuery { sort: if told { String::new() } else { query.sort.clone() }, ..query.clone() }
}

/// A page of customers: search, filters `status`, `plan`, `country`, `id`, sort `name`, `mrr`, `created`, `first_paid`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Customer>> {
    let (tx, query) = (scope.read().await?, &orderly(scope, query));
    let page: Page<CustomerRow> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)).await?;
    Ok(page.map(|row| row.customer(scope)))
}

/// Up to `size` customers of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Customer>, Option<String>)> {
    let (tx, query) = (scope.read().await?, &orderly(scope, query));
    let (rows, next): (Vec<CustomerRow>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)).await?;
    Ok((rows.into_iter().map(|row| row.customer(scope)).collect(), next))
}

pub async fn get(scope: &Scope, id: CustomerId) -> Result<Customer> {
    let tx = scope.read().await?;
    read(&tx, id).await
}

/// As [`get`], in a transaction that is under way.
pub async fn read(tx: &Tx, id: CustomerId) -> Result<Customer> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE c.seller_id = $1 AND c.id = $2");
    let row: Option<CustomerRow> = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(row.ok_or(Error::NotFound)?.customer(tx.scope()))
}

/// The customer that an organization is, where it is one.
pub async fn of_organization(scope: &Scope, organization: OrganizationId) -> Result<Option<Customer>> {
    let tx = scope.read().await?;
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE c.seller_id = $1 AND c.organization_id = $2");
    let row: Option<CustomerRow> = tx.one(&sql, [tx.seller_id().0.into(), organization.0.into()]).await?;
    Ok(row.map(|row| row.customer(scope)))
}

/// As [`read`], of many at once; those that there are, in the order of their ids.
pub async fn read_many(tx: &Tx, ids: &[CustomerId]) -> Result<Vec<Customer>> {
    let ids = Ids::of(ids.iter().map(|id| id.0));
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE c.seller_id = $1 AND {} ORDER BY c.id", ids.among(tx, "c.id", 2));
    let rows: Vec<CustomerRow> = tx.all(&sql, ids.keyed(tx)).await?;
    Ok(rows.into_iter().map(|row| row.customer(tx.scope())).collect())
}

/// Holds these customers until the transaction ends: whoever moves their money waits for whoever came first.
pub async fn hold(tx: &Tx, ids: &[CustomerId]) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Held {
        #[allow(dead_code)]
        id: CustomerId,
    }
    if tx.db().is_sqlite() {
        return Ok(());
    }
    let ids = Ids::of(ids.iter().map(|id| id.0));
    let sql = format!("SELECT id FROM customers WHERE seller_id = $1 AND {} ORDER BY id FOR UPDATE", ids.among(tx, "id", 2));
    tx.all::<Held>(&sql, ids.keyed(tx)).await.map(|_| ())
}

/// What the list's filters offer: the countries there are, and the plans.
pub async fn filters(scope: &Scope) -> Result<CustomerFilters> {
    #[derive(FromQueryResult)]
    struct Country {
        country: String,
    }
    #[derive(FromQueryResult)]
    struct Plan {
        id: Uuid,
        name: String,
    }
    let tx = scope.read().await?;
    // From each country to the next by the index, where DISTINCT would read every customer.
    let sql = "WITH RECURSIVE known (country) AS (SELECT MIN(country) FROM customers WHERE seller_id = $1 UNION ALL \
               SELECT (SELECT MIN(c.country) FROM customers c WHERE c.seller_id = $1 AND c.country > known.country) \
               FROM known WHERE known.country IS NOT NULL) SELECT country FROM known WHERE country IS NOT NULL LIMIT 300";
    let countries: Vec<Country> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    let sql = "SELECT id, name FROM plans WHERE seller_id = $1 ORDER BY name, id LIMIT 200";
    let plans: Vec<Plan> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    let plans = plans.into_iter().map(|p| (crate::kit::id::encode("pln", p.id), p.name)).collect();
    Ok(CustomerFilters { countries: countries.into_iter().map(|c| c.country).collect(), plans })
}

/// Makes a customer.
pub async fn create(scope: &Scope, new: NewCustomer) -> Result<CustomerId> {
    let tx = scope.write().await?;
    let (name, email) = (new.name.clone(), new.email.clone());
    let id = insert(&tx, new).await?;
    tx.commit(Event::new("customer.created", "customer", id, name).details(json!({ "email": email }))).await?;
    Ok(id)
}

/// As [`create`], without the event, for verbs of which it is a part.
pub async fn insert(tx: &Tx, new: NewCustomer) -> Result<CustomerId> {
    let organization_id = organization(tx, new.organization.as_deref()).await?;
    let id = CustomerId::new();
    let row = customer::ActiveModel {
        seller_id: Set(tx.seller_id().0),
        id: Set(id),
        external_id: Set(new.external_id.clone()),
        name: Set(new.name.clone()),
        email: Set(new.email.clone()),
        country: Set(new.country),
        organization_id: Set(organization_id),
        created_at: Set(tx.scope().now()),
        mrr_minor: Set(0),
        first_paid_on: Set(None),
    };
    taken(customer::Entity::insert(row).exec_without_returning(&**tx).await)?;
    index_words(tx, &[(id, new.name, new.email, new.external_id)]).await?;
    Ok(id)
}

/// Changes a customer's fields to those of `form`.
pub async fn update(scope: &Scope, id: CustomerId, new: NewCustomer) -> Result<()> {
    let tx = scope.write().await?;
    let before = tx.get::<customer::Entity>(id.0).await?;
    let organization_id = organization(&tx, new.organization.as_deref()).await?;
    let fields = |c: &customer::Model| json!({ "name": c.name, "email": c.email, "country": c.country, "external_id": c.external_id });
    let was = fields(&before);
    let mut row: customer::ActiveModel = before.into();
    row.name = Set(new.name.clone());
    row.email = Set(new.email.clone());
    row.country = Set(new.country);
    row.external_id = Set(new.external_id.clone());
    row.organization_id = Set(organization_id);
    taken(row.update(&*tx).await)?;
    index_words(&tx, &[(id, new.name.clone(), new.email, new.external_id)]).await?;
    let is = fields(&tx.get::<customer::Entity>(id.0).await?);
    tx.commit(Event::new("customer.changed", "customer", id, new.name).details(json!({ "before": was, "after": is }))).await
}

/// A customer's fields as a form holds them.
pub async fn form(scope: &Scope, id: CustomerId) -> Result<CustomerForm> {
    let customer = get(scope, id).await?;
    Ok(CustomerForm {
        name: customer.name,
        email: customer.email.unwrap_or_default(),
        country: customer.country.unwrap_or_default(),
        external_id: customer.external_id.unwrap_or_default(),
        organization: customer.organization.map(|o| o.slug).unwrap_or_default(),
    })
}

/// The tenant with that short name; only the platform has tenants.
async fn organization(tx: &Tx, slug: Option<&str>) -> Result<Option<Uuid>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: Uuid,
    }
    let Some(slug) = slug else { return Ok(None) };
    let unknown = || Error::field("organization", "is not the short name of a tenant");
    if !tx.scope().seller().is_platform {
        return Err(unknown());
    }
    let found: Option<Found> = tx.one("SELECT id FROM organizations WHERE slug = $1 AND kind = 'tenant'", [slug.into()]).await?;
    found.map(|f| Some(f.id)).ok_or_else(unknown)
}

fn taken<T>(result: Result<T, DbErr>) -> Result<T> {
    match result {
        Err(e) if matches!(e.sql_err(), Some(SqlErr::UniqueConstraintViolation(text)) if text.contains("organization")) => {
            Err(Error::field("organization", "belongs to another customer already"))
        }
        other => other.taken("external_id", "external_id", "is another customer's already"),
    }
}

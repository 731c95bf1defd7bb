//! A seller's transaction. Finders add the seller; a write ends with the event that says what happened, and change,
//! audit row and outbox row are one commit. On PostgreSQL the transaction also tells the row-level policies whose it is.

use std::ops::Deref;

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Select};

use super::db::{Db, DbResult, Sql};
use super::error::{Error, Result};
use super::event::{self, Event};
use super::id::OrganizationId;
use super::live::LiveEvent;
use super::scope::Scope;

/// An entity whose rows belong to a seller. Write it with `seller_owned!`.
pub trait SellerOwned: EntityTrait {
    /// The column `seller_id`.
    fn seller_column() -> Self::Column;
    /// The column `id`.
    fn id_column() -> Self::Column;
}

/// `seller_owned!(Entity)`: for an entity whose columns are named `SellerId` and `Id`.
#[macro_export]
macro_rules! seller_owned {
    ($entity:ty) => {
        impl $crate::kit::tx::SellerOwned for $entity {
            fn seller_column() -> Self::Column {
                Self::Column::SellerId
            }
            fn id_column() -> Self::Column {
                Self::Column::Id
            }
        }
    };
}

/// See the module. Dropped without a commit, it leaves nothing behind.
pub struct Tx {
    inner: DatabaseTransaction,
    scope: Scope,
}

impl Tx {
    pub(super) async fn begin(scope: &Scope, write: bool) -> Result<Self> {
        let inner = scope.db().begin(write).await?;
        if !scope.db().is_sqlite() {
            let seller = scope.seller().id.0.to_string();
            inner.run("SELECT set_config('app.seller_id', $1, true)", [seller.into()]).await?;
        }
        Ok(Self { inner, scope: scope.clone() })
    }

    /// The scope it was begun with.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    pub fn seller_id(&self) -> OrganizationId {
        self.scope.seller().id
    }

    pub fn db(&self) -> &Db {
        self.scope.db()
    }

    /// This seller's rows of an entity.
    pub fn find<E: SellerOwned>(&self) -> Select<E> {
        E::find().filter(E::seller_column().eq(self.seller_id().0))
    }

    /// This seller's row with that id; another's and none are the same 404.
    pub async fn get<E: SellerOwned>(&self, id: impl Into<sea_orm::Value> + Send) -> Result<E::Model> {
        self.find::<E>().filter(E::id_column().eq(id)).one(&self.inner).await.db()?.ok_or(Error::NotFound)
    }

    /// Makes the writes last, with what happened.
    pub async fn commit(self, event: Event) -> Result<()> {
        self.commit_all(vec![event]).await
    }

    /// As [`commit`](Self::commit), for a change that is several events (at least one).
    pub async fn commit_all(self, events: Vec<Event>) -> Result<()> {
        event::record(&self, &events).await?;
        self.note_idempotency_key().await?;
        let announcements = event::announcements(&events, self.seller_id());
        self.commit_announcing(announcements).await
    }

    /// Makes writes last that are nobody's news, but that open pages of the person must show: `name` is announced, with
    /// the person as its subject.
    pub async fn commit_personally(self, name: &str) -> Result<()> {
        let subject = self.scope.user()?.to_string();
        let announcement = LiveEvent { seller: self.seller_id(), name: name.to_owned(), subject };
        self.commit_announcing(vec![announcement]).await
    }

    async fn commit_announcing(self, announcements: Vec<LiveEvent>) -> Result<()> {
        let db = self.db().clone();
        if !db.is_sqlite() {
            event::notify(&self.inner, &announcements).await?;
        }
        self.inner.commit().await.db()?;
        if db.is_sqlite() {
            announcements.into_iter().for_each(|a| db.live().announce(a));
        }
        Ok(())
    }

    /// Where the request has an `Idempotency-Key`: that it has had its effect is known from this commit on, even if the
    /// answer never gets out.
    async fn note_idempotency_key(&self) -> Result<()> {
        let Some(key) = self.scope.idempotency_key() else { return Ok(()) };
        let values = [self.seller_id().0.into(), key.into(), self.scope.real_now().into()];
        self.run("UPDATE idempotency_keys SET applied_at = $3 WHERE seller_id = $1 AND key = $2", values).await.map(|_| ())
    }

    /// Makes writes last that are nobody's news: a reader's own marks, a job's bookkeeping.
    pub async fn commit_quietly(self) -> Result<()> {
        self.inner.commit().await.db()
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

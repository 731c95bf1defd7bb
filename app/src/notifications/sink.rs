//! From events to notifications.

use futures::future::BoxFuture;

use crate::kit::db::Sql;
use crate::kit::error::Result;
use crate::kit::event::Delivery;
use crate::kit::tx::Tx;

/// Announced live when there is a new one.
const CREATED: &str = "notification.created";

/// An event that carries a notice becomes a row, under the event's own id: a second delivery changes nothing.
pub fn sink<'a>(tx: &'a Tx, delivery: &'a Delivery) -> BoxFuture<'a, Result<Option<&'static str>>> {
    Box::pin(async move {
        let Some(notice) = &delivery.notice else { return Ok(None) };
        let made = tx
            .run(
                "INSERT INTO notifications (seller_id, id, event, priority, title, body, link, permission, user_id, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (seller_id, id) DO NOTHING",
                [
                    tx.seller_id().0.into(),
                    delivery.id.into(),
                    delivery.event.clone().into(),
                    notice.priority.into(),
                    notice.title.clone().into(),
                    notice.body.clone().into(),
                    notice.link.clone().into(),
                    notice.needs.into(),
                    notice.to.map(|to| to.0).into(),
                    tx.scope().now().into(),
                ],
            )
            .await?;
        Ok((made > 0).then_some(CREATED))
    })
}

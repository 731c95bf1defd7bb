//! Letters to the customer.

use sea_orm::FromQueryResult;

use super::cases::{Held, steps};
use super::deeds::Deeds;
use crate::dunning::model::{StepAction, StepOutcome};
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::tx::Tx;
use crate::mail::model::{MailTemplate, NewMail};
use crate::mail::store::queue;
use crate::subscriptions::model::Service;

/// Reminds of the invoice; the last time before something is taken away says so.
pub(super) async fn remind(tx: &Tx, case: &Held) -> Result<Deeds> {
    let steps = steps(tx, case.policy_id).await?;
    let rest = steps.get(case.position() + 1..).unwrap_or_default();
    let last = rest.iter().find(|s| s.action == StepAction::Email || s.action.is_harsh()).is_some_and(|s| s.action.is_harsh());
    let template = if last { MailTemplate::FinalNotice } else { MailTemplate::Reminder };
    let mail = NewMail::new(case.customer_id, template).about_invoice(case.invoice_id).once(format!("{}/{}", case.id, case.position()));
    let Some(id) = queue(tx, NewMail { amount: Some(case.money(case.due_minor)?), ..mail }).await? else {
        return Ok(Deeds::skipped("The customer has no e-mail address"));
    };
    let to = recipient(tx, id.0).await?;
    let note = format!("{} to {to}", template.label());
    Ok(Deeds { outcome: StepOutcome::Done, details: serde_json::json!({ "note": note, "mail": id }), events: Vec::new() })
}

async fn recipient(tx: &Tx, id: uuid::Uuid) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Row {
        recipient: String,
    }
    let row: Option<Row> =
        tx.one("SELECT recipient FROM mails WHERE seller_id = $1 AND id = $2", [tx.seller_id().0.into(), id.into()]).await?;
    Ok(row.map(|row| row.recipient).unwrap_or_default())
}

/// Says that service was withheld, and how far.
pub(super) async fn withheld(tx: &Tx, case: &Held, service: Service) -> Result<()> {
    let template = if service == Service::Throttled { MailTemplate::Throttled } else { MailTemplate::Suspended };
    let mail = NewMail::new(case.customer_id, template).about_invoice(case.invoice_id);
    let once = Some(format!("{}/{}/{service}", case.id, case.position()));
    queue(tx, NewMail { amount: Some(case.money(case.due_minor)?), once, ..mail }).await.map(|_| ())
}

/// Says that service is back.
pub(super) async fn restored(tx: &Tx, case: &Held) -> Result<()> {
    let mail = NewMail::new(case.customer_id, MailTemplate::Restored).about_invoice(case.invoice_id);
    queue(tx, mail.once(format!("{}/{}/restored", case.id, tx.scope().now().timestamp_micros()))).await.map(|_| ())
}

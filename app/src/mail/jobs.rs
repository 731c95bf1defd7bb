//! Sending: one job for each letter. A crash between the mail server's answer and our note of it sends a second copy
//! with the same Message-ID; nothing else does.

use serde_json::json;

use super::model::MailId;
use super::store::{self, Outcome, SEND_JOB};
use crate::kit::db::bug;
use crate::kit::job::{Counts, JobContext, MAX_ATTEMPTS, Registry};
use crate::kit::mail::{Enclosure, Letter, SendError};
use crate::kit::{Error, Result};

/// Bytes of all that goes with a letter; mail servers refuse more.
const ATTACHED_MAX: u64 = 20 * 1024 * 1024;

pub fn register(registry: &mut Registry) {
    registry.handle(SEND_JOB, send);
}

async fn send(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let id: MailId = context.payload["mail"].as_str().unwrap_or_default().parse().map_err(bug)?;
    let Some(mail) = store::waiting(&scope, id).await? else { return Ok(json!({ "already_done": true })) };
    if scope.seller().sandbox_now.is_some() {
        // What is tried out in a sandbox must not reach anybody.
        store::note(&scope, id, Outcome::Sent { by: "the sandbox, and no further".into() }).await?;
        return Ok(json!({ "kept": 1 }));
    }
    let mailer = scope.db().mailer()?;
    let mut attachments = Vec::new();
    for attached in mail.attachments {
        let bytes = scope.db().files()?.read(&attached.key, ATTACHED_MAX).await?;
        attachments.push(Enclosure { name: attached.name, content_type: attached.content_type, bytes });
    }
    let letter = Letter {
        id: id.to_string(),
        from_name: scope.seller().name.clone(),
        reply_to: mail.reply_to,
        to: mail.to,
        subject: mail.text.subject,
        text: mail.text.body,
        html: mail.html,
        attachments,
        at: mail.created_at,
    };
    let outcome = match mailer.send(letter).await {
        Ok(()) => Outcome::Sent { by: mailer.place().to_owned() },
        Err(SendError::Bounced(why)) => Outcome::Bounced(why),
        Err(SendError::Never(why)) => Outcome::Failed(why),
        Err(SendError::Later(why)) if context.attempt >= MAX_ATTEMPTS => Outcome::Failed(why),
        Err(SendError::Later(why)) => Outcome::Later(why),
    };
    store::note(&scope, id, outcome.clone()).await?;
    match outcome {
        Outcome::Sent { .. } => Ok(json!({ "sent": 1 })),
        Outcome::Later(why) => Err(Error::Conflict(format!("The mail server did not take it: {why}"))),
        Outcome::Failed(_) | Outcome::Bounced(_) => Ok(json!({ "undeliverable": 1 })),
    }
}

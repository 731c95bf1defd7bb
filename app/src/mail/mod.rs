//! Letters to customers: what was written, when it went, and the texts they are made from.
//!
//! Tables: `mails`, `mail_templates`, `mail_settings`. Routes: `/mails`, `/mails/ID`, `/settings/mail-templates`;
//! `/api/v1/mails`. Invariants: a letter is queued in the transaction of what it tells of and sent by a job after it; its
//! text is fixed when it is queued; it has one Message-ID for ever; a template holds text and places and nothing else, and
//! HTML is made from the finished text, so that no value can be markup.

pub mod api;
pub mod detail;
pub mod model;
pub mod page;
pub mod templates;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod shipped;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod write;

pub use model::{Mail, MailId, MailStatus, MailTemplate};

//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{Mail, MailDetail, MailId, MailSettings, MailTemplate, Text, TextDetail};
use crate::kit::language::Language;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn list_mails(query: ListQuery) -> Result<Page<Mail>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::mail::store::list(&scope::scope::<can::ReadInvoices>()?, &query).await)
}

#[server]
pub async fn get_mail(id: MailId) -> Result<MailDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::mail::store::get(&scope::scope::<can::ReadInvoices>()?, id).await)
}

/// Sends a letter anew; gives the new one.
#[server]
pub async fn resend_mail(id: MailId) -> Result<MailId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let new = scope::answer_with_status(crate::mail::store::resend(&scope, id).await)?;
    scope::redirect_page(&format!("/mails/{new}"));
    Ok(new)
}

#[server]
pub async fn list_mail_texts() -> Result<Vec<(MailTemplate, Language)>> {
    use crate::kit::{permission::can, scope};
    crate::mail::store::texts(&scope::scope::<can::WriteSettings>()?).await
}

#[server]
pub async fn get_mail_text(template: MailTemplate, language: Language) -> Result<TextDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::mail::store::text(&scope::scope::<can::WriteSettings>()?, template, language).await)
}

/// How a text would read that is not saved yet; the error is what is wrong with it.
#[server]
pub async fn preview_mail_text(
    template: MailTemplate,
    language: Language,
    #[server(default)] subject: String,
    #[server(default)] body: String,
) -> Result<Result<Text, String>> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSettings>()?;
    match Text::parse(&subject, &body) {
        Ok(text) => scope::answer_with_status(crate::mail::store::preview(&scope, template, language, &text).await),
        Err(error) => Ok(Err(error.to_string())),
    }
}

#[server]
pub async fn save_mail_text(
    template: MailTemplate,
    language: Language,
    #[server(default)] subject: String,
    #[server(default)] body: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSettings>()?;
    scope::answer(async { crate::mail::store::save_text(&scope, template, language, Text::parse(&subject, &body)?).await }).await?;
    scope::redirect_page(&format!("/settings/mail-templates/{template}/{language}"));
    Ok(())
}

/// Goes back to the shipped text.
#[server]
pub async fn reset_mail_text(template: MailTemplate, language: Language) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSettings>()?;
    scope::answer_with_status(crate::mail::store::reset_text(&scope, template, language).await)?;
    scope::redirect_page(&format!("/settings/mail-templates/{template}/{language}"));
    Ok(())
}

#[server]
pub async fn read_mail_settings() -> Result<MailSettings> {
    use crate::kit::{permission::can, scope};
    crate::mail::store::settings(&scope::scope::<can::WriteSettings>()?).await
}

#[server]
pub async fn save_mail_settings(#[server(default)] send_invoices: bool, #[server(default)] reply_to: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSettings>()?;
    scope::answer_with_status(crate::mail::store::save_settings(&scope, send_invoices, &reply_to).await)?;
    scope::redirect_page("/settings/mail-templates");
    Ok(())
}

//! Letters on both databases, from the transaction that queues them to a mail server.

use super::*;
use crate::customers::NewCustomer;
use crate::invoices::model::{NewInvoice, NewLine};
use crate::invoices::store::accounts::AccountChange;
use crate::invoices::{self as invoicing, InvoiceId};
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::job::{Registry, run_next};
use crate::kit::mail::Mailer;
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::kit::testing_smtp::{Fake, Says};
use crate::mail::jobs;

async fn customer(scope: &Scope, email: Option<&str>) -> customers::CustomerId {
    let new = NewCustomer { name: "Nile \"<b>\" Wave".into(), email: email.map(str::to_owned), ..Default::default() };
    customers::store::create(scope, new).await.expect("a customer")
}

async fn invoice(scope: &Scope, customer: customers::CustomerId) -> InvoiceId {
    let line = NewLine { description: "Work".into(), quantity: 1, unit: Money::new(11_500, Currency::USD) };
    let new = NewInvoice { customer, lines: vec![line], issued_on: None, due_on: None, note: None };
    let id = invoicing::store::create(scope, new).await.expect("drafted");
    invoicing::store::finalize(scope, id).await.expect("issued");
    id
}

async fn queued(scope: &Scope, new: NewMail) -> Option<MailId> {
    let tx = scope.write().await.expect("begins");
    let id = queue(&tx, new).await.expect("queued");
    tx.commit_quietly().await.expect("commits");
    id
}

/// Runs every job that is due now, as the scope's `now` is long past.
async fn work(scope: &Scope, mailer: Mailer) {
    let db = scope.db().with_mailer(mailer);
    let mut registry = Registry::default();
    jobs::register(&mut registry);
    while run_next(&db, &registry).await.expect("works") {}
}

/// The waiting jobs are due at once.
async fn hurry(scope: &Scope) {
    let tx = scope.db().system_write().await.expect("begins");
    tx.run("UPDATE jobs SET run_at = $1 WHERE status = 'queued'", [chrono::DateTime::UNIX_EPOCH.into()]).await.expect("hurried");
    tx.commit().await.expect("commits");
}

async fn found(scope: &Scope, id: MailId) -> Mail {
    list::row(&scope.read().await.expect("begins"), id).await.expect("a letter").mail(scope)
}

#[tokio::test]
async fn a_letter_goes_once_after_its_transaction() {
    on_each_database(|scope| async move {
        let of = customer(&scope, Some("nadia@nile.example")).await;
        let invoice = invoice(&scope, of).await;
        let new = NewMail::new(of, MailTemplate::Invoice).about_invoice(invoice).once(format!("{invoice}/issued"));
        {
            let tx = scope.write().await.expect("begins");
            assert!(queue(&tx, new.clone()).await.expect("queued").is_some());
            // Rolled back: as if it had never been written.
        }
        let fake = Fake::start(vec![]).await;
        hurry(&scope).await;
        work(&scope, fake.mailer()).await;
        assert_eq!(fake.taken().len(), 0);
        let id = queued(&scope, new.clone()).await.expect("queued");
        assert_eq!(queued(&scope, new).await, None, "one key, one letter");
        hurry(&scope).await;
        work(&scope, fake.mailer()).await;
        work(&scope, fake.mailer()).await;
        let taken = fake.taken();
        assert_eq!(taken.len(), 1, "{taken:?}");
        assert_eq!(taken[0].to, ["nadia@nile.example"]);
        assert!(taken[0].data.contains(&format!("Message-ID: <{id}@seller.example>")), "{}", taken[0].data);
        assert!(taken[0].data.contains("INV-2026-00001") && taken[0].data.contains("$115.00"), "{}", taken[0].data);
        assert!(taken[0].data.contains("&lt;b&gt;") || taken[0].data.contains("&lt;b&"), "escaped in HTML: {}", taken[0].data);
        let mail = found(&scope, id).await;
        assert_eq!((mail.status, mail.tries, mail.about), (MailStatus::Sent, 1, Some(invoice.to_string())));
        let again = resend(&scope, id).await.expect("again");
        assert!(matches!(resend(&scope, again).await, Err(Error::Conflict(_))), "it waits already");
        hurry(&scope).await;
        work(&scope, fake.mailer()).await;
        assert_eq!(fake.taken().len(), 2);
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        assert_eq!(resend(&other, id).await.err(), Some(Error::NotFound));
    })
    .await;
}

#[tokio::test]
async fn what_a_server_refuses_is_tried_again_or_given_up() {
    on_each_database(|scope| async move {
        let of = customer(&scope, Some("nadia@nile.example")).await;
        let first = queued(&scope, NewMail::new(of, MailTemplate::Restored)).await.expect("queued");
        let fake = Fake::start(vec![Says::Later, Says::Later]).await;
        hurry(&scope).await;
        work(&scope, fake.mailer()).await;
        let mail = found(&scope, first).await;
        assert_eq!((mail.status, mail.tries), (MailStatus::Queued, 1));
        assert!(mail.error.is_some_and(|e| e.contains("451")), "what the server said");
        hurry(&scope).await;
        work(&scope, fake.mailer()).await;
        hurry(&scope).await;
        work(&scope, fake.mailer()).await;
        let mail = found(&scope, first).await;
        assert_eq!((mail.status, mail.tries, mail.error), (MailStatus::Sent, 3, None));

        let second = queued(&scope, NewMail::new(of, MailTemplate::Restored)).await.expect("queued");
        let fake = Fake::start(vec![Says::NoSuchBox]).await;
        hurry(&scope).await;
        work(&scope, fake.mailer()).await;
        assert_eq!(found(&scope, second).await.status, MailStatus::Bounced);
        hurry(&scope).await;
        work(&scope, fake.mailer()).await;
        assert_eq!(fake.taken().len(), 0, "not again");

        let third = queued(&scope, NewMail::new(of, MailTemplate::Restored)).await.expect("queued");
        let fake = Fake::start(vec![Says::Later; 9]).await;
        for _ in 0..7 {
            hurry(&scope).await;
            work(&scope, fake.mailer()).await;
        }
        let mail = found(&scope, third).await;
        assert_eq!((mail.status, mail.tries), (MailStatus::Failed, job::MAX_ATTEMPTS));
    })
    .await;
}

#[tokio::test]
async fn a_customer_is_written_to_in_its_language_and_at_its_address() {
    on_each_database(|scope| async move {
        let silent = customer(&scope, None).await;
        assert_eq!(queued(&scope, NewMail::new(silent, MailTemplate::Restored)).await, None, "no address");
        let change =
            AccountChange { billing_email: Some("bills@nile.example".into()), language: Some("ar-EG".into()), ..Default::default() };
        accounts::update(&scope, silent, change).await.expect("changed");
        let id = queued(&scope, NewMail::new(silent, MailTemplate::Restored)).await.expect("queued");
        let mail = found(&scope, id).await;
        assert_eq!((mail.to.as_str(), mail.language), ("bills@nile.example", Language::Arabic));
        assert!(html(&scope, id).await.expect("HTML").contains("dir=\"rtl\""));
        let page = list(&scope, &ListQuery { q: "BILLS@".into(), ..Default::default() }).await.expect("a page");
        assert_eq!(page.rows.len(), 1);

        let own = Text { subject: "Back!".into(), body: "Hello {{customer.name}}".into() };
        save_text(&scope, MailTemplate::Restored, Language::Arabic, own).await.expect("saved");
        let id = queued(&scope, NewMail::new(silent, MailTemplate::Restored)).await.expect("queued");
        assert_eq!(found(&scope, id).await.subject, "Back!");
        let hostile = Text { subject: "x".into(), body: "{{#each seller}}{{this}}{{/each}}".into() };
        assert!(
            save_text(&scope, MailTemplate::Restored, Language::Arabic, hostile)
                .await
                .expect_err("refused")
                .fields()
                .first("body")
                .is_some()
        );
        assert!(text(&scope, MailTemplate::Restored, Language::Arabic).await.expect("a text").own);
        reset_text(&scope, MailTemplate::Restored, Language::Arabic).await.expect("reset");
        assert!(!text(&scope, MailTemplate::Restored, Language::Arabic).await.expect("a text").own);
    })
    .await;
}

//! The texts that letters are made from where a seller has no own.

use super::model::{MailTemplate, Text};
use crate::kit::language::Language;

/// The shipped text.
pub fn text(template: MailTemplate, language: Language) -> Text {
    let (subject, body) = match language {
        Language::English => english(template),
        Language::French => french(template),
        Language::Arabic => arabic(template),
    };
    let end = match language {
        Language::English => "Kind regards,\n{{seller.name}}",
        Language::French => "Cordialement,\n{{seller.name}}",
        Language::Arabic => "مع أطيب التحيات،\n{{seller.name}}",
    };
    let greeting = match language {
        Language::English => "Dear {{customer.name}},",
        Language::French => "Bonjour {{customer.name}},",
        Language::Arabic => "السادة {{customer.name}}،",
    };
    Text { subject: subject.into(), body: format!("{greeting}\n\n{body}\n\n{end}") }
}

fn english(template: MailTemplate) -> (&'static str, &'static str) {
    match template {
        MailTemplate::Invoice => (
            "Invoice {{document.number}} from {{seller.name}}",
            "Please find attached invoice {{document.number}} of {{document.issued_on}} over {{document.total}}.\n\n\
             {{#if document.due}}Please pay {{document.due}} by {{document.due_on}}.{{else}}Nothing is left to pay.{{/if}}",
        ),
        MailTemplate::CreditNote => (
            "Credit note {{document.number}} from {{seller.name}}",
            "Please find attached credit note {{document.number}} of {{document.issued_on}} over {{document.total}}.\
             {{#if reason}}\n\nReason: {{reason}}{{/if}}",
        ),
        MailTemplate::PaymentReceived => (
            "Payment received: {{document.number}}",
            "Thank you. We have received {{#if amount}}{{amount}}{{else}}your payment{{/if}} for invoice {{document.number}}.\n\n\
             {{#if document.due}}Still to be paid: {{document.due}}.{{else}}The invoice is paid.{{/if}}",
        ),
        MailTemplate::Reminder => (
            "Reminder: invoice {{document.number}} is overdue",
            "Invoice {{document.number}} was due on {{document.due_on}}{{#if document.days_overdue}}, {{document.days_overdue}} days \
             ago{{/if}}. {{document.due}} of it is still to be paid.\n\n\
             If you have paid in the meantime, please take this letter as settled.",
        ),
        MailTemplate::PaymentFailed => (
            "Your payment for invoice {{document.number}} did not go through",
            "We could not collect {{#if amount}}{{amount}}{{else}}{{document.due}}{{/if}} for invoice {{document.number}}.\
             {{#if reason}}\n\nReason: {{reason}}{{/if}}\n\nPlease check your payment method or pay another way.",
        ),
        MailTemplate::FinalNotice => (
            "Final notice: invoice {{document.number}}",
            "Despite our reminders, {{document.due}} of invoice {{document.number}}, due on {{document.due_on}}, is still to be paid.\n\n\
             Please pay now. Otherwise your service will be suspended or ended.",
        ),
        MailTemplate::Throttled => (
            "Your service is slowed down",
            "Because invoice {{document.number}} is not paid, your service is slowed down. It runs at full speed again as soon as we \
             have received {{document.due}}.{{#if reason}}\n\n{{reason}}{{/if}}",
        ),
        MailTemplate::Suspended => (
            "Your service is suspended",
            "Because invoice {{document.number}} is not paid, your service is suspended. It starts again as soon as we have received \
             {{document.due}}.{{#if reason}}\n\n{{reason}}{{/if}}",
        ),
        MailTemplate::Restored => ("Your service is back", "Thank you for your payment. Your service runs again."),
    }
}

fn french(template: MailTemplate) -> (&'static str, &'static str) {
    match template {
        MailTemplate::Invoice => (
            "Facture {{document.number}} de {{seller.name}}",
            "Veuillez trouver ci-jointe la facture {{document.number}} du {{document.issued_on}} d'un montant de {{document.total}}.\n\n\
             {{#if document.due}}Merci de régler {{document.due}} avant le {{document.due_on}}.{{else}}Il ne reste rien à payer.{{/if}}",
        ),
        MailTemplate::CreditNote => (
            "Avoir {{document.number}} de {{seller.name}}",
            "Veuillez trouver ci-joint l'avoir {{document.number}} du {{document.issued_on}} d'un montant de {{document.total}}.\
             {{#if reason}}\n\nMotif : {{reason}}{{/if}}",
        ),
        MailTemplate::PaymentReceived => (
            "Paiement reçu : {{document.number}}",
            "Merci. Nous avons reçu {{#if amount}}{{amount}}{{else}}votre paiement{{/if}} pour la facture {{document.number}}.\n\n\
             {{#if document.due}}Reste à payer : {{document.due}}.{{else}}La facture est réglée.{{/if}}",
        ),
        MailTemplate::Reminder => (
            "Rappel : la facture {{document.number}} est échue",
            "La facture {{document.number}} était à régler le {{document.due_on}}{{#if document.days_overdue}}, il y a \
             {{document.days_overdue}} jours{{/if}}. Il reste {{document.due}} à payer.\n\n\
             Si vous avez payé entre-temps, merci de ne pas tenir compte de ce message.",
        ),
        MailTemplate::PaymentFailed => (
            "Votre paiement de la facture {{document.number}} a échoué",
            "Nous n'avons pas pu encaisser {{#if amount}}{{amount}}{{else}}{{document.due}}{{/if}} pour la facture {{document.number}}.\
             {{#if reason}}\n\nMotif : {{reason}}{{/if}}\n\nMerci de vérifier votre moyen de paiement.",
        ),
        MailTemplate::FinalNotice => (
            "Dernier rappel : facture {{document.number}}",
            "Malgré nos rappels, {{document.due}} de la facture {{document.number}}, échue le {{document.due_on}}, restent à payer.\n\n\
             Merci de payer maintenant. Sinon votre service sera suspendu ou résilié.",
        ),
        MailTemplate::Throttled => (
            "Votre service est ralenti",
            "La facture {{document.number}} n'étant pas réglée, votre service est ralenti. Il retrouvera sa pleine vitesse dès réception \
             de {{document.due}}.{{#if reason}}\n\n{{reason}}{{/if}}",
        ),
        MailTemplate::Suspended => (
            "Votre service est suspendu",
            "La facture {{document.number}} n'étant pas réglée, votre service est suspendu. Il reprendra dès réception de \
             {{document.due}}.{{#if reason}}\n\n{{reason}}{{/if}}",
        ),
        MailTemplate::Restored => ("Votre service est rétabli", "Merci pour votre paiement. Votre service fonctionne de nouveau."),
    }
}

fn arabic(template: MailTemplate) -> (&'static str, &'static str) {
    match template {
        MailTemplate::Invoice => (
            "فاتورة {{document.number}} من {{seller.name}}",
            "تجدون مرفقًا الفاتورة {{document.number}} بتاريخ {{document.issued_on}} بمبلغ {{document.total}}.\n\n\
             {{#if document.due}}نرجو دفع {{document.due}} قبل {{document.due_on}}.{{else}}لا يوجد مبلغ مستحق.{{/if}}",
        ),
        MailTemplate::CreditNote => (
            "إشعار دائن {{document.number}} من {{seller.name}}",
            "تجدون مرفقًا الإشعار الدائن {{document.number}} بتاريخ {{document.issued_on}} بمبلغ {{document.total}}.\
             {{#if reason}}\n\nالسبب: {{reason}}{{/if}}",
        ),
        MailTemplate::PaymentReceived => (
            "تم استلام الدفعة: {{document.number}}",
            "شكرًا لكم. استلمنا {{#if amount}}{{amount}}{{else}}دفعتكم{{/if}} عن الفاتورة {{document.number}}.\n\n\
             {{#if document.due}}المبلغ المتبقي: {{document.due}}.{{else}}الفاتورة مدفوعة بالكامل.{{/if}}",
        ),
        MailTemplate::Reminder => (
            "تذكير: الفاتورة {{document.number}} متأخرة",
            "كان موعد دفع الفاتورة {{document.number}} في {{document.due_on}}. المبلغ المتبقي {{document.due}}.\n\n\
             إذا كنتم قد دفعتم فنرجو تجاهل هذه الرسالة.",
        ),
        MailTemplate::PaymentFailed => (
            "لم تتم عملية الدفع للفاتورة {{document.number}}",
            "تعذر تحصيل {{#if amount}}{{amount}}{{else}}{{document.due}}{{/if}} عن الفاتورة {{document.number}}.\
             {{#if reason}}\n\nالسبب: {{reason}}{{/if}}\n\nنرجو مراجعة وسيلة الدفع.",
        ),
        MailTemplate::FinalNotice => (
            "إشعار أخير: الفاتورة {{document.number}}",
            "رغم تذكيراتنا ما زال مبلغ {{document.due}} من الفاتورة {{document.number}} المستحقة في {{document.due_on}} غير مدفوع.\n\n\
             نرجو الدفع الآن، وإلا سيتم إيقاف الخدمة أو إنهاؤها.",
        ),
        MailTemplate::Throttled => (
            "تم إبطاء خدمتكم",
            "بسبب عدم دفع الفاتورة {{document.number}} تم إبطاء خدمتكم. تعود السرعة الكاملة فور استلام {{document.due}}.\
             {{#if reason}}\n\n{{reason}}{{/if}}",
        ),
        MailTemplate::Suspended => (
            "تم إيقاف خدمتكم",
            "بسبب عدم دفع الفاتورة {{document.number}} تم إيقاف خدمتكم. تعود الخدمة فور استلام {{document.due}}.\
             {{#if reason}}\n\n{{reason}}{{/if}}",
        ),
        MailTemplate::Restored => ("عادت خدمتكم", "شكرًا لدفعكم. خدمتكم تعمل من جديد."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::write::{check, fill, invented};
    use super::*;

    #[test]
    fn every_shipped_text_is_one_that_a_seller_could_have_written() {
        for template in MailTemplate::ALL {
            for language in Language::ALL {
                let text = text(*template, *language);
                check(&text).unwrap_or_else(|e| panic!("{template} {language}: {e}"));
                let filled = fill(&text, &invented()).expect("filled");
                assert!(!filled.subject.contains("{{") && !filled.body.contains("{{"), "{template} {language}");
            }
        }
    }
}

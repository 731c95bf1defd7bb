// Letters to customers: an invoice goes out with its PDF, the words of a letter change, and what is no text is refused.
import { expect, hydrated, test, visit } from '../support/test';

test('an invoice is sent with its PDF, and the letter can be read', async ({ operatorPage: page }) => {
  await visit(page, '/invoices?status=paid&q=Coral');
  await page.getByRole('table').getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/INV-/);
  const number = (await page.getByRole('heading', { level: 1 }).innerText()).match(/INV-\d{4}-\d{5}/)?.[0] ?? '';
  expect(number).not.toBe('');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'PDF' }).click();
  expect((await download).suggestedFilename()).toBe(`${number}.pdf`);

  await page.getByRole('link', { name: 'Send', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`Send ${number}`);
  await page.getByRole('button', { name: 'Send invoice' }).click();
  await expect(page).toHaveURL(/\/mails\/mal_/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(number);
  await expect(page.getByRole('main')).toContainText('Please find attached invoice');
  await expect(page.getByRole('link', { name: `${number}.pdf` })).toBeVisible();
  // A job sends it: without a mail server into a folder.
  await expect(page.getByRole('main').getByText('Sent', { exact: true }).first()).toBeVisible({ timeout: 20_000 });

  await page.getByRole('button', { name: 'Send again' }).click();
  await expect(page.getByText('Queued to be sent again')).toBeVisible();
  await visit(page, `/mails?q=${number}`);
  await expect(page.getByRole('row').filter({ hasText: number })).not.toHaveCount(0);
});

test('the words of a letter change, with a preview, and a hostile text is refused', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/422/);
  await visit(page, '/settings/mail-templates');
  await expect(page.getByText('Letters stay here')).toBeVisible();
  await page.getByRole('link', { name: /^Service restored in French/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Service restored in French');
  await hydrated(page);
  const body = page.getByLabel('Body');
  await body.fill('Bonjour {{customer.name}}, votre service est de retour.');
  await expect(page.getByRole('region', { name: 'How it reads' })).toContainText('votre service est de retour');
  await page.getByRole('button', { name: 'Save text' }).click();
  await expect(page.getByText('Own text')).toBeVisible();

  await body.fill('{{#each customer}}{{this}}{{/each}}');
  await expect(page.getByRole('region', { name: 'How it reads' })).toContainText('cannot use');
  await page.getByRole('button', { name: 'Save text' }).click();
  await expect(page.getByRole('main')).toContainText('cannot use {{#each customer}}');

  await visit(page, '/settings/mail-templates/restored/fr');
  await page.getByRole('button', { name: 'Use the shipped text' }).click();
  await expect(page.getByText('Shipped text', { exact: true })).toBeVisible();
});

test('an organization with invoices cannot become a sandbox', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/409/);
  await visit(page, '/settings/sandbox');
  await page.getByLabel('Its clock begins on').fill('2026-01-01');
  await page.getByRole('button', { name: 'Make it a sandbox' }).click();
  await expect(page.getByRole('alert')).toContainText('has issued invoices');
});

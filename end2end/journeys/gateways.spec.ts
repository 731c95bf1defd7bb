// A gateway from its settings to money: a customer gives a card on the gateway's page, the bank wants the payment
// confirmed, the payer does, and the events of it all are there to look at and to replay.
import { expect, hydrated, test, unique, visit } from '../support/test';

test('a card is given, charged, confirmed, and its events are kept', async ({ operatorPage: page, browser, request, baseURL }) => {
  await visit(page, '/settings/gateways');
  const demo = page.getByRole('region', { name: 'Demo gateway' });
  await demo.getByLabel('Use Demo gateway').check();
  await demo.getByRole('button', { name: 'Save Demo gateway' }).click();
  await expect(page.getByText('Demo gateway saved')).toBeVisible();
  await expect(demo).toContainText('/api/webhooks/demo');

  const name = unique('Key');
  await visit(page, '/api-keys');
  await page.getByRole('button', { name: 'New API key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel(/write/i).check();
  await dialog.getByRole('button', { name: 'Create API key' }).click();
  const key = (await page.getByText(/^tk_live_\S{20,}$/).first().innerText()).trim();
  const make = async (path: string, data: object) => {
    const answer = await request.post(`${baseURL}/api/v1${path}`, { headers: { Authorization: `Bearer ${key}` }, data });
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBeTruthy();
    return answer.json();
  };
  const customer = await make('/customers', { name: unique('Payer') });
  // With the demo's 15 % of tax: $56.35.
  const unit = { minor: 4900, currency: 'USD' };
  const invoice = await make('/invoices', { customer_id: customer.id, lines: [{ description: 'Work', unit_amount: unit }] });
  await make(`/invoices/${invoice.id}/finalize`, {});

  await visit(page, `/customers/${customer.id}/payments`);
  await page.getByRole('button', { name: 'Add card by Demo gateway' }).click();
  await expect(page).toHaveURL(/\/pay\/demo/);
  await hydrated(page);
  await page.getByLabel(/Wants each payment confirmed/).check();
  await page.getByRole('button', { name: 'Save card' }).click();
  await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible();

  await visit(page, `/customers/${customer.id}/payments`);
  await expect(page.getByText('Card ***3184').first()).toBeVisible({ timeout: 20_000 });
  await page.getByRole('button', { name: 'Charge $56.35 now' }).click();
  await page.getByRole('link', { name: 'On its way' }).click();
  await expect(page.getByText('The customer has to confirm it')).toBeVisible({ timeout: 20_000 });
  const url = await page.getByRole('link', { name: /\/pay\/demo/ }).getAttribute('href');

  // The payer has no account here.
  const payer = await (await browser.newContext({ baseURL })).newPage();
  await visit(payer, url!);
  await expect(payer.getByText('$56.35')).toBeVisible();
  await payer.getByRole('button', { name: 'Confirm payment' }).click();
  await expect(payer.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  await payer.context().close();
  await expect(page.getByText('Succeeded').first()).toBeVisible({ timeout: 20_000 });

  await visit(page, '/webhook-events?kind=payment_intent.succeeded');
  await page.getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'payment_intent.succeeded' })).toBeVisible();
  await hydrated(page);
  await expect(page.getByRole('region', { name: 'Payload' })).toContainText('"type": "payment_intent.succeeded"');
  await page.getByRole('button', { name: 'Replay event' }).click();
  await expect(page.getByText('Replayed: applied')).toBeVisible();
});

test('an invoice is linked to Stripe by its number, and unlinked', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/422/);
  await visit(page, '/invoices?status=paid');
  const first = page.getByRole('table', { name: 'Invoices', exact: true }).getByRole('row').nth(1).getByRole('link').first();
  const number = (await first.innerText()).trim();
  const external = unique('in_').replace(/[^\w]/g, '');
  await visit(page, '/settings/gateways');
  const card = page.getByRole('region', { name: 'Links' });
  await card.getByRole('button', { name: 'Link to Stripe' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to Stripe' });
  await dialog.getByLabel('Ours').fill('INV-1999-00001');
  await dialog.getByLabel("Stripe's id").fill(external);
  await dialog.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(dialog.getByText(/neither the number of an invoice/).first()).toBeVisible();
  await dialog.getByLabel('Ours').fill(number);
  await dialog.getByRole('button', { name: 'Link', exact: true }).click();
  const row = card.getByRole('row').filter({ hasText: external });
  await expect(row).toContainText(number);
  await row.getByRole('button', { name: 'Unlink' }).click();
  await page.getByRole('dialog', { name: 'Unlink?' }).getByRole('button', { name: 'Unlink' }).click();
  await expect(row).toBeHidden();
});

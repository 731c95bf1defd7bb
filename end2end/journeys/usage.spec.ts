// A meter, a plan that charges it, events from a file, the allowance they use, and what a code takes off.
import { expect, test, unique, visit } from '../support/test';

test('usage is counted against an allowance', async ({ operatorPage: page }) => {
  const mark = unique('Traffic').replace(/\W+/g, '-').toLowerCase();
  await visit(page, '/meters/new');
  await page.getByLabel('Name').fill(mark);
  await page.getByRole('textbox', { name: 'Key' }).fill(mark);
  await page.getByLabel('Unit').fill('GB');
  await page.getByRole('button', { name: 'Create meter' }).click();
  await expect(page.getByRole('heading', { name: mark, level: 1 })).toBeVisible();

  await visit(page, '/plans/new');
  await page.getByLabel('Name').fill(mark);
  await page.getByRole('textbox', { name: 'Price' }).fill('10');
  await page.getByRole('button', { name: 'Create plan' }).click();
  await expect(page.getByRole('heading', { name: mark, level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Add charge' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Traffic');
  await dialog.getByLabel('Meter').selectOption(mark);
  await dialog.getByLabel('Amount').fill('0.05');
  await dialog.getByLabel('Included').fill('100');
  await dialog.getByRole('button', { name: 'Add charge' }).click();
  await expect(page.getByRole('table', { name: 'Charges of this plan' })).toContainText('100 included');

  await visit(page, '/subscriptions/new');
  await page.getByRole('table', { name: 'Found' }).getByRole('link').first().click();
  await page.getByLabel('Plan').selectOption({ label: `${mark}, $10.00 per month` });
  await page.getByRole('button', { name: 'Begin subscription' }).click();
  await expect(page).toHaveURL(/\/subscriptions\/sub_/);
  const subscription = page.url().split('/').pop();

  await visit(page, '/usage');
  const today = new Date().toISOString().slice(0, 10);
  const rows = [`${mark}-1,${mark},${subscription},${today},90`, `${mark}-2,${mark},${subscription},${today},`];
  const csv = `event_id,meter,subscription,at,quantity\n${rows.join('\n')}\n`;
  await page.getByLabel('CSV file').setInputFiles({ name: `${mark}.csv`, mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByRole('button', { name: 'Upload usage' }).click();
  await expect(page).toHaveURL(/\/usage-uploads\/usu_/);
  await expect(page.getByText('Recorded', { exact: true })).toBeVisible({ timeout: 20_000 });

  await visit(page, `/usage/${subscription}`);
  await expect(page.getByText('91 GB of 100 included, 91 %')).toBeVisible();
  await expect(page.getByRole('progressbar', { name: mark })).toHaveAttribute('aria-valuenow', '91');
});

test('a file with a bad row is refused whole', async ({ operatorPage: page }) => {
  await visit(page, '/usage');
  const csv = 'event_id,meter,subscription,at\nx,no_such_meter,nobody,2026-01-01\n';
  await page.getByLabel('CSV file').setInputFiles({ name: 'bad.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByRole('button', { name: 'Upload usage' }).click();
  await expect(page.getByRole('table', { name: 'Bad rows' })).toContainText('is the key of no meter', { timeout: 20_000 });
});

test('a coupon is made, gets a code, and is given', async ({ operatorPage: page }) => {
  const name = unique('Spring');
  const code = name.replace(/\W+/g, '').toUpperCase();
  await visit(page, '/coupons/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Percent off').fill('12.5');
  await page.getByRole('button', { name: 'Create coupon' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Add code' }).first().click();
  await page.getByRole('dialog').getByLabel('Code').fill(code);
  await page.getByRole('dialog').getByRole('button', { name: 'Add code' }).click();
  await expect(page.getByRole('table', { name: 'Codes of this coupon' })).toContainText(code);

  await visit(page, '/customers');
  await page.getByRole('table').getByRole('row').nth(4).getByRole('link').first().click();
  await page.getByRole('link', { name: 'Billing', exact: true }).click();
  await page.getByRole('button', { name: 'Give coupon' }).first().click();
  await page.getByRole('dialog').getByLabel('Code').fill(code);
  await page.getByRole('dialog').getByRole('button', { name: 'Give coupon' }).click();
  await expect(page.getByRole('table', { name: 'Coupons of this customer' })).toContainText(name);
});

test('a rate of tax is added and ended', async ({ operatorPage: page }) => {
  const name = unique('Levy');
  await visit(page, '/settings/taxes');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Percent').fill('0');
  await page.getByLabel('Country').fill('XK');
  await page.getByRole('button', { name: 'Add rate' }).click();
  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('open');
  await row.getByRole('button', { name: 'End' }).click();
  await page.getByRole('dialog').getByLabel('First day without it').fill('2050-01-01');
  await page.getByRole('dialog').getByRole('button', { name: 'End rate' }).click();
  await expect(row).toContainText('2050');
});

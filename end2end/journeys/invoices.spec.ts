// An operator's month: a bill by hand, what is done with it, a credit note, a run, aging and reports.
import { expect, hydrated, test, unique, visit } from '../support/test';
import type { Page } from '@playwright/test';

/** Makes a tenant; gives its name and id. */
async function newTenant(page: Page): Promise<{ name: string; id: string }> {
  const name = unique('Tenant');
  await visit(page, '/customers/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill('billing@tenant.example');
  await page.getByRole('button', { name: 'Add tenant' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  return { name, id: page.url().split('/').pop()! };
}

/** Writes a draft of one line for that tenant; leaves the browser on its page. */
async function draft(page: Page, tenant: string, what: string, amount: string) {
  await visit(page, `/invoices/new?customer=${tenant}`);
  await page.getByLabel('Description 1').fill(what);
  await page.getByLabel('Unit price 1').fill(amount);
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page).toHaveURL(/\/invoices\/inv_/);
  await expect(page.getByText('It is a draft')).toBeVisible();
}

/** Issues the draft that the browser shows; gives its number. */
async function finalize(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Finalize', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Finalize invoice?' });
  await expect(dialog).toContainText('never changes again');
  await dialog.getByRole('button', { name: 'Finalize invoice' }).click();
  const heading = page.getByRole('heading', { level: 1, name: /^INV-\d{4}-\d{5}$/ });
  await expect(heading).toBeVisible();
  return heading.innerText();
}

test('an invoice is written by hand, previewed, changed and issued', async ({ operatorPage: page, expectWrong }) => {
  // The preview of a line that is not complete yet is refused.
  expectWrong(/422/);
  const tenant = await newTenant(page);
  await visit(page, `/invoices/new?customer=${tenant.id}`);
  await page.getByLabel('Description 1').fill('Installation');
  await page.getByLabel('Quantity 1').fill('2');
  await page.getByLabel('Unit price 1').fill('100');
  const preview = page.getByRole('region', { name: 'What it comes to' });
  await expect(preview).toContainText('$200.00');
  await page.getByRole('button', { name: 'Add line' }).click();
  await expect(page.getByLabel('Description 4')).toBeVisible();
  await expect(page.getByLabel('Description 1')).toHaveValue('Installation');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page).toHaveURL(/\/invoices\/inv_/);
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await expect(page.getByLabel('Quantity 1')).toHaveValue('2');
  await page.getByLabel('Quantity 1').fill('3');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page.getByRole('main')).toContainText('$300.00');
  const number = await finalize(page);
  await visit(page, `/invoices?q=${number}`);
  const rows = page.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText(tenant.name);
});

test('a part is credited, a part is paid, and the page says what is left', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/422/);
  const tenant = await newTenant(page);
  await draft(page, tenant.id, 'Support', '100');
  await finalize(page);
  const url = page.url();
  const total = page.getByRole('table', { name: 'Sums of the invoice' });
  await expect(total).toContainText('Amount due');

  await page.getByRole('button', { name: 'Credit note', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Write credit note' });
  await dialog.getByLabel('Reason').fill('Half of it did not happen');
  await dialog.getByLabel('Support').fill('50');
  await expect(dialog).toContainText('The invoice wants');
  await dialog.getByRole('button', { name: 'Write credit note' }).click();
  await expect(page.getByRole('table', { name: 'Credit notes on this invoice' })).toContainText('Half of it did not happen');
  await page.getByRole('link', { name: /^CN-/ }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: /^CN-/ })).toBeVisible();

  await page.goto(url);
  await hydrated(page);
  await page.getByRole('link', { name: 'Record payment' }).click();
  await page.getByLabel('Amount').fill('10');
  await page.getByRole('button', { name: 'Record payment' }).click();
  await expect(page).toHaveURL(/\/payments\/pay_/);
  await page.goto(url);
  await hydrated(page);
  await expect(page.getByRole('table', { name: 'Payments and corrections' })).toContainText('10.00');
  await expect(page.getByText('Partially paid').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Void', exact: true })).toHaveCount(0);
});

test('an invoice is voided with a reason, and its story says so', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/422/);
  const tenant = await newTenant(page);
  await draft(page, tenant.id, 'By mistake', '10');
  await finalize(page);
  await page.getByRole('button', { name: 'Void', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Void invoice?' });
  await dialog.getByRole('button', { name: 'Void invoice' }).click();
  await expect(dialog.getByLabel('Reason')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Reason').fill('wrong tenant');
  await dialog.getByRole('button', { name: 'Void invoice' }).click();
  await expect(page.getByText('It is void')).toBeVisible();
  await expect(page.getByRole('main')).toContainText('wrong tenant');
});

test('drafts are finalized from the list', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/422/);
  const tenant = await newTenant(page);
  await draft(page, tenant.id, 'First', '10');
  await draft(page, tenant.id, 'Second', '20');
  await visit(page, `/invoices?customer=${tenant.id}&status=draft`);
  await page.getByRole('checkbox', { name: 'Select all rows' }).check();
  await page.getByRole('button', { name: 'Finalize drafts' }).click();
  const dialog = page.getByRole('dialog', { name: 'Finalize the picked drafts?' });
  await dialog.getByRole('button', { name: 'Finalize drafts' }).click();
  await expect(page.getByRole('status', { name: 'News' })).toContainText('2 invoices issued');
  await expect(page.getByText('No invoices match')).toBeVisible();
});

test('billing runs are listed and one is started', async ({ operatorPage: page }) => {
  await visit(page, '/billing');
  await expect(page.getByRole('table', { name: 'Billing runs' })).toContainText('Done');
  await page.getByRole('button', { name: 'Start a run' }).click();
  await page.getByRole('dialog', { name: 'Start a billing run?' }).getByRole('button', { name: 'Start run' }).click();
  await expect(page.getByRole('status', { name: 'News' })).toContainText('Billing run started');
});

test('aging leads to who is behind it, and reports to files', async ({ operatorPage: page }) => {
  await visit(page, '/reports/aging');
  const table = page.getByRole('table', { name: 'Aging' });
  await table.getByRole('link').first().click();
  await expect(page).toHaveURL(/bucket=/);
  await expect(page.getByRole('table', { name: 'Customers behind the cell' })).toBeVisible();

  await visit(page, '/reports');
  await expect(page.getByRole('table', { name: 'Revenue by month' })).toContainText('$');
  await page.getByLabel('Report', { exact: true }).selectOption('revenue_by_customer');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/report=revenue_by_customer/);
  await page.getByRole('link', { name: 'Customer', exact: true }).click();
  await expect(page).toHaveURL(/sort=customer/);
  for (const [label, name] of [['CSV', 'revenue_by_customer.csv'], ['Excel', 'revenue_by_customer.xlsx']]) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: label, exact: true }).click()]);
    expect(file.suggestedFilename()).toBe(name);
  }
});

test('the forecast is drawn apart from what was', async ({ operatorPage: page }) => {
  await visit(page, '/revenue/forecast');
  await expect(page.getByText('MRR next month').first()).toBeVisible();
  await page.getByText('Show table').first().click();
  await expect(page.getByRole('table', { name: 'MRR and its forecast' })).toContainText('(forecast)');
});

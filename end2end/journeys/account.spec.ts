// The staff of a tenant look at what the platform bills them.
import { accessible, expect, test, visit } from '../support/test';
import { ACCOUNT } from '../support/pages';

for (const { path, heading } of ACCOUNT) {
  test(`${path} is there and accessible`, async ({ staffPage: page }) => {
    await visit(page, path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await accessible(page);
  });
}

test('an invoice is found from the navigation, and says what it is for', async ({ staffPage: page }) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Our account' }).first().click();
  await expect(page).toHaveURL(/\/account$/);
  // Before the page is there, the last such link is the sidebar's.
  await expect(page.getByRole('heading', { level: 1, name: 'Our account' })).toBeVisible();
  await page.getByRole('link', { name: 'Invoices', exact: true }).last().click();
  await expect(page).toHaveURL(/\/account\/invoices/);
  await page.getByRole('table', { name: 'Our invoices' }).getByRole('link', { name: /INV-/ }).first().click();
  await expect(page).toHaveURL(/\/account\/invoices\/inv_/);
  await expect(page.getByRole('region', { name: 'Lines' }).getByRole('table')).toBeVisible();
  await accessible(page);
});

test('plans on offer say from when they count', async ({ staffPage: page }) => {
  await visit(page, '/account/subscriptions');
  await page.getByRole('button', { name: 'Change plan' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Change plan' });
  await expect(dialog.getByLabel('New plan').locator('option').first()).toContainText(/from/);
});

test('the platform has no account of that kind', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/404/);
  await expect(page.getByRole('link', { name: 'Our account' })).toHaveCount(0);
  const answer = await visit(page, '/account');
  expect(answer!.status()).toBe(404);
});

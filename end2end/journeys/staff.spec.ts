// The staff of a tenant: their own console, and nothing of the platform or of another tenant.
import { expect, operator, staff, test, unique, visit } from '../support/test';

test('the staff see their own customers, and the operator does not', async ({ open, staffPage: page }) => {
  await expect(page.getByRole('banner').or(page.getByRole('navigation')).first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Tenants' })).toHaveCount(0);
  const name = unique('Subscriber');
  await visit(page, '/customers/new');
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Add customer' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  const url = new URL(page.url()).pathname;

  const platform = await open(operator, `/customers?q=${encodeURIComponent(name)}`);
  await expect(platform.getByRole('main')).not.toContainText(url);
  await expect(platform.getByRole('main').getByRole('link', { name })).toHaveCount(0);
});

test('another’s page does not exist for them', async ({ open, staffPage: page, expectWrong }) => {
  expectWrong(/404/);
  const platform = await open(operator, '/customers');
  const link = platform.getByRole('table').getByRole('row').nth(1).getByRole('link').first();
  const theirs = await link.getAttribute('href');
  const answer = await visit(page, theirs!);
  expect(answer!.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'Not found' }).first()).toBeVisible();
});

test('what does not exist is said once', async ({ open, expectWrong }) => {
  expectWrong(/404/);
  const page = await open(staff, '/customers/cus_00000000000000000000000000');
  await expect(page.getByRole('heading', { level: 1, name: 'Not found' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Not found' })).toHaveCount(1);
});

test('what the platform hears, they do not', async ({ open }) => {
  const page = await open(staff, '/dashboard');
  const bell = page.getByRole('button', { name: /notification/i });
  const before = await bell.innerText();
  const name = unique('Plan');
  const witness = await open(operator, `/plans?q=${encodeURIComponent(name)}`);
  const platform = await open(operator, '/plans/new');
  await platform.getByLabel('Name').fill(name);
  await platform.getByLabel('Price').fill('5');
  await platform.getByRole('button', { name: 'Create plan' }).click();
  await expect(platform).toHaveURL(/\/plans\/pln_/);
  // Whoever is to hear of it has heard by now.
  await expect(witness.getByRole('table')).toContainText(name);
  expect(await bell.innerText()).toBe(before);
});

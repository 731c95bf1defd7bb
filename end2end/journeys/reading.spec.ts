// Without JavaScript, everything can be read, found and filtered.
import { expect, operator, staff, test, unique } from '../support/test';
import { CONSOLE, DETAILS } from '../support/pages';

for (const { path, heading } of CONSOLE) {
  test(`${path} can be read`, async ({ open }) => {
    const page = await open(operator, path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    // What streams in later without JavaScript would never show: no skeleton may be left.
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    await expect(page.getByRole('navigation').first()).toBeVisible();
  });
}

for (const path of DETAILS) {
  test(`from the list ${path} a link leads to the first of it`, async ({ open }) => {
    const page = await open(operator, path);
    const link = page.getByRole('table').getByRole('row').nth(1).getByRole('link').first();
    await link.click();
    await expect(page).toHaveURL(new RegExp(`${path}/.+`));
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  });
}

test('a list is searched and sorted by its URL', async ({ open }) => {
  const page = await open(staff, '/customers');
  const rows = page.getByRole('table').getByRole('row');
  const name = (await rows.nth(1).getByRole('link').first().innerText()).split('\n')[0].trim();
  await page.getByRole('searchbox').first().fill(name);
  await page.getByRole('searchbox').first().press('Enter');
  await expect(page).toHaveURL(/q=/);
  await expect(rows.nth(1)).toContainText(name);
  await page.getByRole('columnheader', { name: 'MRR' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=/);
});

test('signing out and in again works by plain forms', async ({ page, baseURL }) => {
  await page.goto(`${baseURL}/customers`);
  await expect(page).toHaveURL(/sign-in\?next=/);
  await page.getByLabel('E-mail').fill(staff.email);
  await page.getByLabel(/^Password/).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await page.getByLabel('E-mail').fill(staff.email);
  await page.getByLabel(/^Password/).fill(staff.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/customers$/);
});

test('a view of a list is saved by a plain form', async ({ open }) => {
  const page = await open(staff, '/subscriptions?status=active');
  const name = unique('View');
  await page.getByRole('button', { name: 'Views' }).click();
  const panel = page.getByRole('dialog', { name: 'Views' });
  await panel.getByLabel('Name of this view').fill(name);
  await panel.getByRole('button', { name: 'Save view' }).click();
  await expect(page).toHaveURL(/\/subscriptions\?status=active/);
  await page.goto('/subscriptions');
  await page.getByRole('button', { name: 'Views' }).click();
  await panel.getByRole('link', { name }).click();
  await expect(page).toHaveURL(/\/subscriptions\?status=active/);
});

// At 360 pixels nothing scrolls sideways, and the navigation is a sheet.
import { expect, operator, test, visit } from '../support/test';
import { CONSOLE, DETAILS, TABS } from '../support/pages';

const sideways = () => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return wide <= 0 ? [] : [`${wide} px`, ...[...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
};

for (const { path, heading } of CONSOLE) {
  test(`${path} fits`, async ({ open }) => {
    const page = await open(operator, path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    expect(await page.evaluate(sideways)).toEqual([]);
  });
}

for (const path of DETAILS) {
  test(`the first of ${path} fits`, async ({ open }) => {
    const page = await open(operator, path);
    await page.getByRole('table').getByRole('row').nth(1).getByRole('link').first().click();
    await expect(page).toHaveURL(new RegExp(`${path}/.+`));
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    expect(await page.evaluate(sideways)).toEqual([]);
  });
}

test('every part of a customer\u2019s page fits', async ({ open }) => {
  const page = await open(operator, '/customers');
  await page.getByRole('table').getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page).toHaveURL(/customers\/.+/);
  const base = new URL(page.url()).pathname;
  for (const tab of TABS) {
    await visit(page, `${base}/${tab}`);
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    expect(await page.evaluate(sideways), tab).toEqual([]);
  }
});

test('the sign-in page fits', async ({ page }) => {
  await visit(page, '/sign-in');
  expect(await page.evaluate(sideways)).toEqual([]);
});

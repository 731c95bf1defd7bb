// A page that was loaded before the program was updated. The server is made to answer it as one of another build would.
import { expect, hydrated, test, visit, type Page } from '../support/test';

const ANSWER = { status: 406, body: 'of another build' };
const LIVE = /\/live(\?|$)/;

/** A page that was loaded before the server became one of another build; time stands still until it is moved. */
async function outdated(page: Page, path: string) {
  await page.clock.install();
  await page.route(LIVE, (route) => route.fulfill(ANSWER));
  const asked = page.waitForRequest((request) => request.method() === 'HEAD' && LIVE.test(request.url()));
  await visit(page, path);
  await (await asked).response();
  await page.evaluate(() => document.documentElement.setAttribute('data-marked', ''));
  return page.locator('html[data-marked]');
}

test('where nothing can have been typed it loads itself again', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/406/);
  const same = await outdated(page, '/revenue');
  await page.unroute(LIVE);
  await expect(async () => {
    await page.clock.runFor(25_000);
    await expect(same).toHaveCount(0, { timeout: 500 });
  }).toPass({ timeout: 10_000 });
  await hydrated(page);
});

test('where something may have been typed it stays, and the next link loads a page as a whole', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/406/);
  const same = await outdated(page, '/plans/new');
  await page.getByLabel('Name').fill('Half typed');
  await page.clock.runFor(25_000);
  await expect(same).toHaveCount(1);
  await expect(page.getByLabel('Name')).toHaveValue('Half typed');
  // Sent all the same it is refused, and stays as it was typed.
  await page.route('**/create_plan', (route) => route.fulfill(ANSWER));
  await page.getByLabel('Price').fill('10');
  await page.getByRole('button', { name: 'Create plan' }).click();
  await expect(page.getByText('Tenantry was updated since this page was loaded')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Half typed');
  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Plans' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Plans' })).toBeVisible();
  await expect(same).toHaveCount(0);
});

test('a script of another build leaves the page as it is without one', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/This script is of build/);
  await page.route('**/plans', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/data-build="[^"]*"/, 'data-build="another"') });
  });
  const told = page.waitForEvent('console', (message) => message.text().includes('This script is of build'));
  await page.goto('/plans');
  await told;
  await expect(page.locator('body[data-hydrated]')).toHaveCount(0);
  await page.getByRole('table').getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page).toHaveURL(/\/plans\/pln_/);
  await hydrated(page);
});

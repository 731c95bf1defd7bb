// An operator's day: the overview, a tenant, a plan, a subscription and its changes, the audit log, jobs.
import { expect, hydrated, test, unique, visit } from '../support/test';
import type { Page, Request } from '@playwright/test';

/** Makes a plan at that price a month; gives its name. */
async function newPlan(page: Page, price: string): Promise<string> {
  const name = unique('Plan');
  await visit(page, '/plans/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Price').fill(price);
  await page.getByRole('button', { name: 'Create plan' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  return name;
}

/** Makes a tenant; leaves the browser on its page. */
async function newTenant(page: Page): Promise<string> {
  const name = unique('Tenant');
  await visit(page, '/customers/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill('billing@tenant.example');
  await page.getByRole('button', { name: 'Add tenant' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  return name;
}

/** Begins a subscription of the tenant that the browser shows. */
async function subscribe(page: Page, plan: string) {
  const tenant = page.url().split('/').pop();
  await visit(page, `/subscriptions/new?customer=${tenant}`);
  const options = page.getByLabel('Plan').locator('option');
  const label = (await options.allInnerTexts()).find((text) => text.includes(plan));
  await page.getByLabel('Plan').selectOption({ label });
  await page.getByRole('button', { name: 'Begin subscription' }).click();
  await expect(page).toHaveURL(/\/subscriptions\/sub_/);
  await expect(page.getByRole('heading', { level: 1, name: plan })).toBeVisible();
}

test('the overview shows figures with their definitions, and its periods', async ({ operatorPage: page }) => {
  for (const label of ['MRR', 'ARR', 'Net new MRR']) await expect(page.getByText(label, { exact: true }).first()).toBeVisible();
  await expect(page.getByRole('main')).toContainText('$');
  await page.getByRole('link', { name: '90 days' }).click();
  await expect(page).toHaveURL(/span=/);
  await expect(page.getByRole('link', { name: '90 days' })).toHaveAttribute('aria-current', /true|page/);
});

test('a change of plan is previewed, then shows in the overview and the bell of another browser at once', async ({ open, operatorPage: page, expectWrong }) => {
  // A preview of what is not changed yet is refused.
  expectWrong(/422/);
  const [small, large] = [await newPlan(page, '10.00'), await newPlan(page, '1000.00')];
  await newTenant(page);
  await subscribe(page, small);

  const { operator } = await import('../support/people');
  const other = await open(operator, '/dashboard');
  const figure = other.locator('.kpis').first();
  await expect(figure).toContainText('$');
  const before = await figure.innerText();
  const bell = other.getByRole('button', { name: /notification/i });
  const unread = await bell.innerText();

  await page.getByRole('button', { name: 'Change', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Change subscription' });
  // The plans are fetched when the dialog opens.
  const option = dialog.getByLabel('Plan').locator('option').filter({ hasText: large });
  await expect(option).toHaveCount(1);
  await dialog.getByLabel('Plan').selectOption(await option.getAttribute('value'));
  await expect(dialog).toContainText('$990.00');
  const reloads = await other.evaluate(() => performance.getEntriesByType('navigation').length + performance.timeOrigin);
  await dialog.getByRole('button', { name: 'Change subscription' }).click();
  await expect(page.getByRole('status', { name: 'News' })).toContainText('Subscription changed');
  const said = Date.now();
  await expect.poll(() => figure.innerText(), { intervals: [50], timeout: 5_000 }).not.toBe(before);
  await expect.poll(() => bell.innerText(), { intervals: [50], timeout: 5_000 }).not.toBe(unread);
  test.info().annotations.push({ type: 'live', description: `seen in the other browser after ${Date.now() - said} ms` });
  expect(await other.evaluate(() => performance.getEntriesByType('navigation').length + performance.timeOrigin)).toBe(reloads);
  // The menu holds the last five, and other journeys ring too; the page holds them all.
  await other.goto('/notifications');
  await expect(other.getByRole('row').filter({ hasText: large }).first()).toBeVisible();
});

test('of two previews that overtake each other, the one that was asked for last stands', async ({ operatorPage: page }) => {
  const plan = await newPlan(page, '10.00');
  await newTenant(page);
  await subscribe(page, plan);
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Change subscription' });
  await expect(dialog.getByLabel('Plan').locator('option').nth(1)).toBeAttached();
  const quantityOf = (request: Request) => JSON.parse(request.postData() ?? '{}').form?.quantity;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/preview_change', async (route) => {
    const answer = await route.fetch();
    if (quantityOf(route.request()) === '2') await held;
    await route.fulfill({ response: answer });
  });
  const first = page.waitForRequest((request) => request.url().endsWith('/preview_change') && quantityOf(request) === '2');
  await dialog.getByLabel('Quantity').fill('2');
  const overtaken = (await first).response();
  await dialog.getByLabel('Quantity').fill('3');
  await expect(dialog).toContainText('\u2192 $30.00');
  letGo();
  await overtaken;
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await expect(dialog).toContainText('\u2192 $30.00');
  await expect(dialog).not.toContainText('\u2192 $20.00');
});

test('a subscription is cancelled for the period’s end, and that is taken back', async ({ operatorPage: page }) => {
  const plan = await newPlan(page, '20.00');
  await newTenant(page);
  await subscribe(page, plan);
  await page.getByRole('button', { name: 'Cancel subscription' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel subscription?' });
  await expect(dialog).toContainText('$20.00');
  await dialog.getByLabel('Reason').fill('too dear');
  await dialog.getByRole('button', { name: 'Cancel subscription' }).click();
  await expect(page.getByText('It is cancelled')).toBeVisible();
  await expect(page.getByRole('main')).toContainText('too dear');
  await page.getByRole('button', { name: 'Take cancellation back' }).click();
  await expect(page.getByText('It is cancelled')).toBeHidden();
});

test('a subscription pauses, shows it, and comes back', async ({ operatorPage: page }) => {
  const plan = await newPlan(page, '20.00');
  await newTenant(page);
  const tenant = page.url().split('/').pop();
  await subscribe(page, plan);
  // It begins today, so tomorrow is the first day that it can pause on.
  const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause subscription' });
  await dialog.getByLabel('On a day').check();
  await dialog.getByLabel('Day', { exact: true }).fill(day(3));
  await dialog.getByLabel('Comes back on').fill(day(10));
  await expect(dialog).toContainText('Churn');
  await dialog.getByRole('button', { name: 'Pause subscription' }).click();
  await expect(page.getByText('A pause is set')).toBeVisible();
  await page.getByRole('button', { name: 'Change pause', exact: true }).click();
  const back = page.getByRole('dialog', { name: 'Change pause' });
  await back.getByRole('button', { name: 'Change pause' }).click();
  await expect(page.getByText('A pause is set')).toBeHidden();
  await visit(page, `/subscriptions?customer=${tenant}&status=paused`);
  await expect(page.getByRole('heading', { name: 'No subscriptions here' })).toBeVisible();
  await visit(page, `/subscriptions?customer=${tenant}`);
  await expect(page.getByRole('table').getByRole('row').filter({ hasText: plan })).toContainText('Active');
});

test('a form says beside each field what is wrong', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/422/);
  await visit(page, '/plans/new');
  await page.getByLabel('Name').fill(unique('Plan'));
  await page.getByLabel('Price').fill('ten');
  await page.getByRole('button', { name: 'Create plan' }).click();
  await expect(page.getByLabel('Price')).toHaveAttribute('aria-invalid', 'true');
  await expect(page).toHaveURL(/\/plans\/new/);
});

test('lists search, sort and filter in the URL, and the back button goes back', async ({ operatorPage: page }) => {
  const name = await newTenant(page);
  await visit(page, '/customers');
  await page.getByRole('searchbox').first().fill(name);
  await expect(page).toHaveURL(/q=/);
  const rows = page.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText(name);
  await rows.nth(1).getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/q=/);
  await expect(rows).toHaveCount(2);
});

test('the state of a list is saved under a name, shared, found again and deleted', async ({ open, operatorPage: page }) => {
  const name = unique('View');
  await visit(page, '/customers?status=paying&sort=-mrr');
  const views = page.getByRole('button', { name: 'Views' });
  const panel = page.getByRole('dialog', { name: 'Views' });
  await views.click();
  await panel.getByLabel('Name of this view').fill(name);
  await panel.getByLabel('For everyone here').last().check();
  await panel.getByRole('button', { name: 'Save view' }).click();
  await expect(page.getByText('View saved')).toBeVisible();

  const { operator } = await import('../support/people');
  const other = await open(operator, '/customers');
  await other.getByRole('button', { name: 'Views' }).click();
  await other.getByRole('dialog', { name: 'Views' }).getByRole('link', { name }).click();
  await expect(other).toHaveURL(/\/customers\?sort=-mrr&status=paying$/);
  await expect(other.getByRole('button', { name: 'Status: paying' })).toBeVisible();

  await panel.getByLabel(`Change view ${name}`).click();
  await panel.getByRole('button', { name: 'Delete view' }).click();
  await expect(panel.getByRole('link', { name })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  // A click elsewhere has closed the menu.
  await views.click();
  await expect(panel.getByRole('link', { name })).toHaveCount(1);
});

test('picked plans are archived together', async ({ operatorPage: page }) => {
  const names = [await newPlan(page, '11.00'), await newPlan(page, '12.00')];
  await visit(page, '/plans');
  for (const name of names) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  const bar = page.getByRole('region', { name: 'Selected rows' });
  await expect(bar).toContainText('2 selected');
  await bar.getByRole('button', { name: 'Archive plans' }).click();
  await page.getByRole('dialog', { name: 'Archive the picked plans' }).getByRole('button', { name: 'Archive plans' }).click();
  await expect(page.getByText('2 plans archived')).toBeVisible();
  await expect(bar).toBeHidden();
  for (const name of names) await expect(page.getByRole('row').filter({ hasText: name })).toContainText('Archived');
});

test('picked subscriptions are cancelled together, after a preview', async ({ operatorPage: page }) => {
  const plan = await newPlan(page, '21.00');
  const tenants = [await newTenant(page)];
  await subscribe(page, plan);
  tenants.push(await newTenant(page));
  await subscribe(page, plan);
  await visit(page, '/subscriptions');
  for (const tenant of tenants) await page.getByRole('checkbox', { name: `Select ${tenant}, ${plan}` }).check();
  await page.getByRole('button', { name: 'Cancel subscriptions' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel the picked subscriptions?' });
  await expect(dialog).toContainText('$42.00');
  await dialog.getByLabel('Reason').fill('closed');
  await dialog.getByRole('button', { name: 'Cancel subscriptions' }).click();
  await expect(page.getByRole('status', { name: 'News' })).toContainText('2 subscriptions cancelled');
  for (const tenant of tenants) await expect(page.getByRole('row').filter({ hasText: tenant })).toContainText('Cancelling');
});

test('a thing tells what happened to it', async ({ operatorPage: page }) => {
  const plan = await newPlan(page, '22.00');
  const tenant = await newTenant(page);
  const url = page.url();
  await subscribe(page, plan);
  await expect(page.getByRole('main')).toContainText('Subscription created by');
  await visit(page, url);
  await page.getByRole('navigation', { name: tenant }).getByRole('link', { name: 'Activity' }).click();
  await expect(page).toHaveURL(/\/activity$/);
  await expect(page.getByRole('main')).toContainText('Customer created by');
  await expect(page.getByRole('main')).toContainText('Subscription created by');
});

test('pointing at a link fetches the code of its page, and none of its data', async ({ operatorPage: page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const chunk = page.waitForRequest((request) => /\.wasm/.test(request.url()));
  await page.getByRole('navigation').getByRole('link', { name: 'Plans' }).hover();
  await chunk;
  expect(asked.filter((url) => url.includes('/api/app/plans/'))).toEqual([]);
});

test('notifications are dismissed alone and together, and come back', async ({ operatorPage: page }) => {
  const plan = await newPlan(page, '23.00');
  for (let n = 0; n < 2; n++) {
    await newTenant(page);
    await subscribe(page, plan);
  }
  await visit(page, '/notifications');
  await expect(page.getByRole('row').filter({ hasText: plan })).toHaveCount(2);
  const news = page.getByRole('status', { name: 'News' });
  const row = page.getByRole('table').getByRole('row').nth(1);
  await row.getByRole('button', { name: /^Dismiss/ }).click();
  await expect(news.getByText('Notification dismissed')).toHaveCount(1);
  await news.getByRole('button', { name: 'Undo' }).click();
  // Its return moves the rows.
  await expect(page.getByRole('row').filter({ hasText: plan })).toHaveCount(2);
  for (const n of [1, 2]) await page.getByRole('table').getByRole('row').nth(n).getByRole('checkbox').check();
  await page.getByRole('region', { name: 'Selected rows' }).getByRole('button', { name: 'Dismiss' }).click();
  await expect(news).toContainText('2 notifications dismissed');
  await news.getByRole('button', { name: 'Undo' }).click();
});

test('the palette finds pages by keyboard alone', async ({ operatorPage: page }) => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('audit');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /^Audit log/ })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page.getByRole('heading', { level: 1, name: /^Tenants/ })).toBeVisible();
});

test('the audit log says who did what', async ({ operatorPage: page }) => {
  const plan = await newPlan(page, '30.00');
  await visit(page, '/audit');
  const row = page.getByRole('table').getByRole('row').filter({ hasText: plan }).first();
  await expect(row).toContainText('Plan created');
  const export_ = page.getByRole('link', { name: /Export/ });
  const [download] = await Promise.all([page.waitForEvent('download'), export_.click()]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
});

test('jobs show their schedules and runs', async ({ operatorPage: page }) => {
  await visit(page, '/jobs');
  await expect(page.getByRole('heading', { level: 1, name: /^Jobs/ })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/schedule/i);
});

test('revenue shows movements by month, and the customers behind a figure', async ({ operatorPage: page }) => {
  await visit(page, '/revenue');
  const table = page.getByRole('table', { name: /movements/i }).first();
  await expect(table).toBeVisible();
  await table.getByRole('link').first().click();
  await expect(page.getByRole('table').first()).toBeVisible();
  await expect(page).toHaveURL(/month=|day_from=|kind=/);
});

test('the theme is chosen and stays', async ({ operatorPage: page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await background();
  await page.getByRole('button', { name: /theme/i }).first().click();
  const dark = page.getByRole('menuitem', { name: 'Dark' }).or(page.getByRole('menuitemradio', { name: 'Dark' }));
  if (await dark.count()) await dark.first().click();
  await expect.poll(background).not.toBe(before);
  const chosen = await background();
  await page.reload();
  await hydrated(page);
  expect(await background()).toBe(chosen);
});

test('a chart tells the amounts of its table, with the sign before the currency', async ({ operatorPage: page }) => {
  await visit(page, '/revenue');
  const plot = page.getByRole('img', { name: /^Movements by month/ });
  await plot.scrollIntoViewIfNeeded();
  await expect(plot).toHaveAttribute('data-drawn', '');
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect(plot).toContainText(/New\s*\$[\d,]+\.\d\d/);
  await expect(plot).not.toContainText('$-');
});

test('the sidebar says how much waits', async ({ operatorPage: page }) => {
  const main = page.getByRole('navigation', { name: 'Main' });
  await expect(main.getByRole('link', { name: /^Dunning\s+\d+ waiting$/ })).toBeVisible();
});

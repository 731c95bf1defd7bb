// An invoice that is not paid: the board, a case, a promise, a pause, a policy.
import { accessible, expect, test, unique, visit } from '../support/test';

test('the board says who owes what, and a case why', async ({ operatorPage: page }) => {
  await visit(page, '/dunning');
  for (const label of ['Money at risk', 'Promised', 'Recovered in 90 days', 'Recovery rate']) {
    await expect(page.getByRole('group', { name: label })).toBeVisible();
  }
  const first = page.getByRole('table', { name: 'Cases', exact: true }).getByRole('row').nth(1).getByRole('link').first();
  await expect(first).toBeVisible();
  await first.click();
  await expect(page).toHaveURL(/\/dunning\/dun_/);
  await expect(page.getByRole('region', { name: 'Steps' })).toContainText('Suspend the service');
  await expect(page.getByRole('region', { name: 'What happened' })).toContainText('Case opened');
  await accessible(page);
});

test('the page of an overdue invoice says how it is followed up, and lives', async ({ operatorPage: page }) => {
  await visit(page, '/dunning?status=open');
  await page.getByRole('table', { name: 'Cases', exact: true }).getByRole('row').nth(1).getByRole('link').first().click();
  const invoice = await page.getByRole('main').getByRole('link', { name: /^INV-/ }).first().getAttribute('href');
  await visit(page, invoice!);
  await expect(page.getByRole('note').filter({ hasText: 'It is followed up' })).toBeVisible();
  await page.getByRole('button', { name: 'Mark uncollectible' }).click();
  await expect(page.getByRole('dialog', { name: 'Mark invoice uncollectible?' })).toBeVisible();
});

test('a promise makes the steps wait, a pause stops them', async ({ operatorPage: page }) => {
  await visit(page, '/dunning?status=open');
  await page.getByRole('table', { name: 'Cases', exact: true }).getByRole('row').nth(1).getByRole('link').first().click();
  await page.getByRole('button', { name: 'Promise to pay' }).click();
  const dialog = page.getByRole('dialog', { name: 'Promise to pay' });
  const day = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
  await dialog.getByLabel('Will pay by').fill(day);
  await dialog.getByRole('button', { name: 'Record promise' }).click();
  await expect(page.getByText('A promise to pay')).toBeVisible();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const pause = page.getByRole('dialog', { name: 'Pause case?' });
  await pause.getByLabel('Reason').fill('Disputed');
  await pause.getByRole('button', { name: 'Pause case' }).click();
  await expect(page.getByText('It is paused')).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('It is paused')).toBeHidden();
});

test('a policy of its own is made and refused without a warning', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/422/);
  const name = unique('Policy');
  await visit(page, '/dunning/policies');
  await expect(page.getByRole('region', { name: 'Standard' })).toContainText('Send a reminder');
  await page.getByRole('link', { name: 'New policy' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Step 1: what is done').selectOption('suspend');
  await page.getByLabel('Step 3: what is done').selectOption('retry');
  await page.getByRole('button', { name: 'Create policy' }).click();
  await expect(page.getByText(/must send a reminder before/).first()).toBeVisible();
  await page.getByLabel('Step 1: what is done').selectOption('email');
  await page.getByRole('button', { name: 'Create policy' }).click();
  await expect(page.getByRole('region', { name })).toBeVisible();
});

test('a service is slowed down by hand, suspended and given back', async ({ operatorPage: page }) => {
  await visit(page, '/subscriptions?status=active');
  await page.getByRole('table', { name: 'Subscriptions', exact: true }).getByRole('row').nth(1).getByRole('link').first().click();
  const card = page.getByRole('region', { name: 'Service and billing' });
  const turn = async (verb: string, reason: string) => {
    await card.getByRole('button', { name: verb }).click();
    const dialog = page.getByRole('dialog', { name: verb });
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByRole('button', { name: verb }).click();
  };
  await turn('Slow service down', 'Over its fair use');
  await expect(card).toContainText(/Slowed down since .*: Over its fair use/);
  await turn('Suspend service', 'A complaint');
  await expect(card).toContainText(/Suspended since .*: A complaint/);
  await turn('Give service back', '');
  await expect(card).toContainText('In service');
  await expect(page.getByRole('region', { name: 'Activity' })).toContainText('throttled');
});

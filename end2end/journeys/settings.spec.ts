// The own account and the organization: members, API keys that machines use, a second factor from set-up to sign-in.
import { expect, hydrated, test, unique, visit } from '../support/test';
import { totp } from '../support/totp';

test('an API key is made, used and revoked', async ({ operatorPage: page, request, baseURL }) => {
  const name = unique('Key');
  await visit(page, '/api-keys');
  await page.getByRole('button', { name: 'New API key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create API key' }).click();
  const key = (await page.getByText(/^tk_live_\S{20,}$/).first().innerText()).trim();
  const list = () => request.get(`${baseURL}/api/v1/customers?limit=1`, { headers: { Authorization: `Bearer ${key}` } });
  expect((await list()).status()).toBe(200);
  const write = await request.post(`${baseURL}/api/v1/customers`, { headers: { Authorization: `Bearer ${key}` }, data: { name: 'x' } });
  expect(write.status()).toBe(403);
  await page.reload();
  await hydrated(page);
  await expect(page.getByText(key)).toHaveCount(0);
  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke API key' }).click();
  await expect(page.getByRole('row').filter({ hasText: name })).toContainText('Revoked');
  expect((await list()).status()).toBe(401);
});

test('who is invited joins, sets up a second factor, and signs in with it', async ({ operatorPage: page, browser, baseURL }) => {
  const email = `${unique('member').replace(' ', '.')}@tenantry.example`;
  const password = 'correct horse battery staple';
  await visit(page, '/settings/members');
  await page.getByRole('button', { name: 'Invite member' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite member' });
  await dialog.getByLabel('Name').fill('A colleague');
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByRole('button', { name: 'Make invitation' }).click();
  const link = (await page.locator('code').filter({ hasText: '/invitation?token=' }).innerText()).trim();
  await expect(page.getByRole('table', { name: 'Invitations' })).toContainText(email);

  const context = await browser.newContext({ baseURL });
  const own = await context.newPage();
  const signIn = async () => {
    await visit(own, '/sign-in');
    await own.getByLabel('E-mail').fill(email);
    await own.getByLabel(/^Password/).fill(password);
    await own.getByRole('button', { name: 'Sign in' }).click();
  };
  await visit(own, new URL(link).pathname + new URL(link).search);
  await own.getByLabel(/^Password/).fill(password);
  await own.getByRole('button', { name: 'Join' }).click();
  await expect(own).toHaveURL(/dashboard/);
  await expect(page.getByRole('table', { name: 'Members' })).toContainText(email);
  await visit(own, new URL(link).pathname + new URL(link).search);
  await expect(own.getByText('This invitation does not hold any more')).toBeVisible();
  await visit(own, '/settings/second-factor');
  await own.getByRole('button', { name: 'Set up second factor' }).click();
  const secret = await own.locator('code').first().innerText();
  await own.getByRole('textbox', { name: 'Code', exact: true }).fill(totp(secret));
  await own.getByRole('button', { name: 'Switch on' }).click();
  await expect(own.getByText('Recovery codes left')).toBeVisible();

  await own.getByRole('button', { name: /^Account of/ }).click();
  await own.getByRole('button', { name: 'Sign out' }).or(own.getByRole('menuitem', { name: 'Sign out' })).first().click();
  await expect(own).toHaveURL(/sign-in/);
  await signIn();
  await expect(own).toHaveURL(/second-factor/);
  await hydrated(own);
  await own.getByRole('textbox', { name: 'Code', exact: true }).fill('000000');
  await own.getByRole('button', { name: 'Continue' }).first().click();
  await expect(own).toHaveURL(/second-factor/);
  // A code counts once: the one of the set-up is spent, the next step's is taken.
  await own.getByRole('textbox', { name: 'Code', exact: true }).fill(totp(secret, Date.now() + 30_000));
  await own.getByRole('button', { name: 'Continue' }).first().click();
  await expect(own).not.toHaveURL(/sign-in/);
  await context.close();
});

test('a page whose session is ended elsewhere asks to sign in, and comes back', async ({ operatorPage: page, browser, baseURL }) => {
  const email = `${unique('ended').replace(' ', '.')}@tenantry.example`;
  const password = 'correct horse battery staple';
  await visit(page, '/settings/members');
  await page.getByRole('button', { name: 'Invite member' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite member' });
  await dialog.getByLabel('Name').fill('Twice here');
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByRole('button', { name: 'Make invitation' }).click();
  const link = new URL((await page.locator('code').filter({ hasText: '/invitation?token=' }).innerText()).trim());

  const [here, there] = [await browser.newContext({ baseURL }), await browser.newContext({ baseURL })];
  const [first, second] = [await here.newPage(), await there.newPage()];
  await visit(first, link.pathname + link.search);
  await first.getByLabel(/^Password/).fill(password);
  await first.getByRole('button', { name: 'Join' }).click();
  await expect(first).toHaveURL(/dashboard/);
  await visit(second, '/sign-in');
  await second.getByLabel('E-mail').fill(email);
  await second.getByLabel(/^Password/).fill(password);
  await second.getByRole('button', { name: 'Sign in' }).click();
  await expect(second).toHaveURL(/dashboard/);
  await visit(second, '/customers');

  await visit(first, '/settings/sessions');
  await first.getByRole('button', { name: 'End all other sessions' }).click();
  await expect(second).toHaveURL(/sign-in\?next=%2Fcustomers/, { timeout: 15_000 });
  await here.close();
  await there.close();
});

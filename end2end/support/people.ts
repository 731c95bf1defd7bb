// Who lives in the demo world.
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';

export type Person = { name: string; email: string; password: string };

export const operator: Person = { name: 'operator', email: 'operator@tenantry.example', password: 'tenantry-demo' };
export const staff: Person = { name: 'staff', email: 'staff@nilewave.example', password: 'tenantry-demo' };
export const PEOPLE = [operator, staff];

/** Where the session that the set-up began is kept. */
export function stateOf(person: Person): string {
  return join(process.env.TENANTRY_STATES!, `${person.name}.json`);
}

/** Signs in by the form, as people do. */
export async function signIn(page: Page, person: Person, path = '/sign-in') {
  await page.goto(path);
  await hydrated(page);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel(/^Password/).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).not.toHaveURL(/sign-in/);
  await hydrated(page);
}

/** Waits until clicks count. */
export async function hydrated(page: Page) {
  await page.locator('body[data-hydrated]').waitFor({ state: 'attached' });
}

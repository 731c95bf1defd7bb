// What every journey is written with: pages of signed-in people that fail the journey on any error in the console.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { hydrated, operator, staff, stateOf, type Person } from './people';

export { expect, hydrated, operator, staff };
export type { Page };

/** A list that fills with whatever goes wrong in a page. */
function watch(page: Page, wrongs: string[]) {
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const where = message.location().url;
    // A browser reports each answer of 400 and above as an error of its own; journeys that expect one say so below.
    wrongs.push(`${message.type()}: ${message.text()} (${where || page.url()})`);
  });
  page.on('pageerror', (error) => wrongs.push(`page error: ${error.message}\n${error.stack ?? ''}`));
}

type Fixtures = {
  /** Opens the console for a person, in a browser of its own. */
  open: (person: Person, path?: string) => Promise<Page>;
  /** What is expected to go wrong: texts of console messages that are no failure in this journey. */
  expectWrong: (pattern: RegExp) => void;
  operatorPage: Page;
  staffPage: Page;
};

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => { await use(process.env.TENANTRY_URL); },
  expectWrong: async ({}, use, info) => {
    const patterns: RegExp[] = [];
    (info as { expected?: RegExp[] }).expected = patterns;
    await use((pattern) => { patterns.push(pattern); });
  },
  open: async ({ browser, contextOptions, baseURL, expectWrong: _ }, use, info) => {
    const contexts: BrowserContext[] = [];
    const wrongs: string[] = [];
    await use(async (person, path = '/dashboard') => {
      const context = await contextOf(browser, { ...contextOptions, baseURL }, person);
      contexts.push(context);
      const page = await context.newPage();
      watch(page, wrongs);
      await visit(page, path, info.project.use.javaScriptEnabled !== false);
      return page;
    });
    await Promise.all(contexts.map((context) => context.close()));
    const expected = (info as { expected?: RegExp[] }).expected ?? [];
    expect(wrongs.filter((wrong) => !expected.some((pattern) => pattern.test(wrong)))).toEqual([]);
  },
  operatorPage: async ({ open }, use) => { await use(await open(operator)); },
  staffPage: async ({ open }, use) => { await use(await open(staff)); },
});

async function contextOf(browser: Browser, options: object, person: Person) {
  return browser.newContext({ ...options, storageState: stateOf(person) });
}

/** Goes to a page and waits until it lives. */
export async function visit(page: Page, path: string, lives = true) {
  const answer = await page.goto(path);
  if (lives) await hydrated(page);
  return answer;
}

/** axe finds nothing on the page as it stands. */
export async function accessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  const found = violations.map((v) => `${v.id}: ${v.help}\n` + v.nodes.slice(0, 5).map((n) => `    ${n.target.join(' ')}: ${n.failureSummary?.split('\n')[1]?.trim()}`).join('\n'));
  expect(found, page.url()).toEqual([]);
}

/** A name that no other journey uses. */
export function unique(noun: string): string {
  return `${noun} ${Math.random().toString(36).slice(2, 8)}`;
}

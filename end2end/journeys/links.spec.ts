// Whoever follows links, one of each kind, comes to pages that are there, live and say nothing in the browser's console.
import { ACCOUNT, CONSOLE, kindOf } from '../support/pages';
import { expect, operator, staff, test, type Page } from '../support/test';

test.describe.configure({ mode: 'parallel' });
// A trace of so many pages would take longer than the pages.
test.use({ trace: 'off' });

/** Pages looked at for one person; a demo world has fewer kinds of links than that. */
const ENOUGH = 300;

for (const { person, first } of [{ person: operator, first: CONSOLE }, { person: staff, first: [...ACCOUNT, { path: '/dashboard' }] }]) {
  test(`every kind of link that ${person.name === 'staff' ? 'tenant staff' : 'an operator'} can see leads to a live page`, async ({ open, expectWrong }) => {
    test.setTimeout(600_000);
    // Journeys beside this one throw away what they made, and links to such a thing lead nowhere.
    expectWrong(/status of 404/);
    const page = await open(person);
    const seen = new Set<string>();
    const queue: string[] = [];
    const found = (links: Link[]) => {
      for (const { href, state } of links) {
        const kind = kindOf(href);
        if (kind === null || seen.has(`${kind} ${state}`)) continue;
        seen.add(`${kind} ${state}`);
        queue.push(href);
      }
    };
    found(first.map(({ path }) => ({ href: path, state: '' })));
    let visited = 0;
    for (let href = queue.shift(); href; href = queue.shift()) {
      expect(++visited, `more than ${ENOUGH} kinds of links: ${[...seen].slice(-5)}`).toBeLessThan(ENOUGH);
      await test.step(href, async () => {
        const answer = await page.goto(href!);
        expect(kindOf(href!)!.includes(':id') ? [200, 404] : [200]).toContain(answer?.status());
        await page.locator('body[data-hydrated]').waitFor({ state: 'attached' });
        await expect(page.getByRole('main').locator('.skeleton')).toHaveCount(0);
        found(await linksOf(page));
      });
    }
    expect(visited).toBeGreaterThan(first.length);
  });
}

type Link = { href: string; state: string };

/** Where the page leads to; with the state of what stands in the link's row, for each state may be shown otherwise. */
function linksOf(page: Page): Promise<Link[]> {
  return page.evaluate(() => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('main a[href]:not([download]):not([target])')];
    const here = links.filter((link) => link.origin === location.origin && !/^\/(api|sign-in)/.test(link.pathname));
    return here.map((link) => ({
      href: link.pathname + link.search,
      state: link.closest('tr')?.querySelector('.badge')?.textContent?.trim() ?? '',
    }));
  });
}

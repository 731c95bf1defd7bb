// axe finds nothing on any page, in either theme.
import { accessible, expect, hydrated, operator, staff, test, visit } from '../support/test';
import { CONSOLE, DETAILS, TABS } from '../support/pages';

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ contextOptions: { colorScheme: theme, reducedMotion: 'reduce' } });

    for (const { path, heading } of CONSOLE) {
      test(`${path} is accessible`, async ({ open }) => {
        const page = await open(operator, path);
        await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
        await settled(page);
        await accessible(page);
      });
    }

    for (const path of DETAILS) {
      test(`the first of ${path} is accessible`, async ({ open }) => {
        const page = await open(operator, path);
        await page.getByRole('table').getByRole('row').nth(1).getByRole('link').first().click();
        await expect(page).toHaveURL(new RegExp(`${path}/.+`));
        await settled(page);
        await accessible(page);
      });
    }

    test('every part of a customer\u2019s page is accessible', async ({ open }) => {
      const page = await open(operator, '/customers');
      await page.getByRole('table').getByRole('row').nth(1).getByRole('link').first().click();
      await expect(page).toHaveURL(/customers\/.+/);
      const base = new URL(page.url()).pathname;
      for (const tab of TABS) {
        await visit(page, `${base}/${tab}`);
        await settled(page);
        await accessible(page);
      }
    });

    test('the sign-in page is accessible', async ({ page }) => {
      await visit(page, '/sign-in');
      await accessible(page);
    });

    test('a page that does not exist is accessible', async ({ open, expectWrong }) => {
      expectWrong(/404/);
      const page = await open(operator, '/nowhere');
      await expect(page.getByRole('heading', { level: 1, name: 'Not found' })).toBeVisible();
      await accessible(page);
    });

    test('the palette is accessible', async ({ operatorPage: page }) => {
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
      await accessible(page);
    });

    test('the bell and the account menu are accessible', async ({ operatorPage: page }) => {
      await page.getByRole('button', { name: /^Notifications/ }).click();
      await expect(page.getByRole('link', { name: 'All notifications' })).toBeVisible();
      await accessible(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Account of/ }).click();
      await accessible(page);
    });
  });
}

test('a thing that does not exist is accessible', async ({ open, expectWrong }) => {
  expectWrong(/404/);
  const page = await open(operator, '/plans/pln_00000000000000000000000000');
  await accessible(page);
});

test('the staff of a tenant have an accessible console too', async ({ open }) => {
  const page = await open(staff, '/dashboard');
  await settled(page);
  await accessible(page);
});

/** Skeletons are gone. */
async function settled(page: import('@playwright/test').Page) {
  await hydrated(page);
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

// The import wizard: a small book with a bad row, the good rows chosen, the report; and what is no book at all.
import { expect, test, unique, visit } from '../support/test';

const HEAD = 'Kunde,customer_name,subscription_id,plan,interval,currency,amount,started_on';

function book(mark: string): string {
  const rows = [1, 2, 3].map((n) => `${mark}-C${n},${mark} ${n},${mark}-S${n},${mark} Fibre,month,USD,${n}0.00,2026-01-0${n}`);
  return [HEAD, ...rows, `${mark}-C4,${mark} 4,${mark}-S4,${mark} Fibre,month,USD,40.00,2026-02-30`].join('\n') + '\n';
}

test('a book goes in by the wizard', async ({ operatorPage: page }) => {
  const mark = unique('Book').replace(' ', '-');
  await visit(page, '/imports/new');
  await page.getByLabel('CSV file').setInputFiles({ name: `${mark}.csv`, mimeType: 'text/csv', buffer: Buffer.from(book(mark)) });
  await page.getByRole('button', { name: 'Upload file' }).click();
  await expect(page).toHaveURL(/\/imports\/imp_/);

  // One column has another name.
  await page.getByRole('combobox').first().selectOption({ label: 'Kunde' });
  await page.getByRole('button', { name: 'Check the file' }).click();
  await expect(page.getByRole('heading', { name: 'First rows' })).toBeVisible({ timeout: 20_000 });
  const errors = page.getByRole('table', { name: 'Errors' });
  await expect(errors).toContainText('5');
  await expect(errors).toContainText('started_on');

  await page.getByLabel('The good rows only').check();
  await page.getByRole('button', { name: 'Start import' }).click();
  await expect(page.getByText('Imported', { exact: true }).first()).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole('table', { name: 'Report of the import' })).toBeVisible();

  await visit(page, `/customers?q=${mark}`);
  await expect(page.getByRole('table').getByRole('row')).toHaveCount(4);
});

test('a file that is no book is refused, and says why', async ({ operatorPage: page, expectWrong }) => {
  expectWrong(/422/);
  await visit(page, '/imports/new');
  await page.getByLabel('CSV file').setInputFiles({ name: 'book.csv', mimeType: 'text/csv', buffer: Buffer.from('PK\u0003\u0004 not a book') });
  await page.getByRole('button', { name: 'Upload file' }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await expect(page).toHaveURL(/\/imports\/new/);
});

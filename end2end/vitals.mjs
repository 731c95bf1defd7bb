// What a person feels, in Chromium on loopback: LCP, INP and CLS of the console's pages, beside an empty page of the same
// server. `node vitals.mjs PROGRAM`; part of `make bench`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';

const PAGES = ['/dashboard', '/customers', '/subscriptions', '/revenue', '/audit'];
const VISITS = 7;
const port = 3917;
const base = `http://127.0.0.1:${port}`;
const data = mkdtempSync(join(tmpdir(), 'tenantry-vitals-'));
const env = { ...process.env, TENANTRY_ADDR: `127.0.0.1:${port}`, TENANTRY_DATA: data };
for (const name of ['DATABASE_URL', 'TENANTRY_PUBLIC_URL', 'TENANTRY_NO_DEMO', 'LEPTOS_SITE_ROOT']) delete env[name];
const program = spawn(process.argv[2], ['serve'], { env, stdio: ['ignore', 'ignore', 'inherit'], cwd: data });
const ended = new Promise((done) => program.once('exit', done));
ended.then(() => { program.gone = true; });
const answers = () => fetch(`${base}/readyz`).then((answer) => answer.ok, () => false);
for (let n = 0; !(await answers()); n += 1) {
  if (program.gone || n > 1200) throw new Error(`${process.argv[2]} does not serve`);
  await new Promise((later) => setTimeout(later, 100));
}

/** Runs in the page before its own scripts. */
function watch() {
  window.vitals = { lcp: 0, cls: 0, inp: 0 };
  const on = (type, take, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...options });
  on('largest-contentful-paint', (entry) => { window.vitals.lcp = entry.startTime; });
  on('layout-shift', (entry) => { if (!entry.hadRecentInput) window.vitals.cls += entry.value; });
  on('event', (entry) => { if (entry.interactionId) window.vitals.inp = Math.max(window.vitals.inp, entry.duration); }, { durationThreshold: 16 });
}

const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const context = await browser.newContext({ baseURL: base, viewport: { width: 1440, height: 900 } });
  await context.addInitScript(watch);
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.waitForSelector('body[data-hydrated]');
  await page.getByLabel('E-mail').fill('operator@tenantry.example');
  await page.getByLabel('Password').fill('tenantry-demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/dashboard*');

  const visit = async (path, act) => {
    const seen = [];
    for (let n = 0; n < VISITS; n += 1) {
      await page.goto(path);
      if (act) {
        await page.waitForSelector('body[data-hydrated]');
        await act();
      }
      await page.waitForTimeout(400);
      seen.push(await page.evaluate(() => window.vitals));
    }
    return { lcp: median(seen.map((s) => s.lcp)), inp: Math.max(...seen.map((s) => s.inp)), cls: Math.max(...seen.map((s) => s.cls)) };
  };
  // Something of each kind that a person does on every page.
  const act = async () => {
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('rev');
    await page.keyboard.press('Escape');
  };
  const raw = await visit('/healthz');
  console.log(`In Chromium ${browser.version()}, demo world, ${VISITS} visits: median LCP, worst INP, worst CLS`);
  for (const path of PAGES) {
    const { lcp, inp, cls } = await visit(path, act);
    console.log(`  ${path.padEnd(18)} LCP ${lcp.toFixed(0).padStart(4)} ms   INP ${inp.toFixed(0).padStart(4)} ms   CLS ${cls.toFixed(3)}`);
  }
  console.log(`  ${'a line of text'.padEnd(18)} LCP ${raw.lcp.toFixed(0).padStart(4)} ms`);
} finally {
  await browser.close();
  program.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
}

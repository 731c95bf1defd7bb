// The journeys run against the built program, in Chromium, over a demo world of their own.
//   make test            builds everything and runs them
//   npx playwright test  runs them against TENANTRY_PROGRAM, else the program that `make build` made last
import { defineConfig } from '@playwright/test';

const chromium = {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
};

export default defineConfig({
  testDir: 'journeys',
  outputDir: 'results',
  globalSetup: './support/program.ts',
  // One program and one demo world for all: journeys that change it make things of their own to change.
  workers: Number(process.env.TENANTRY_WORKERS || 2),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // A journey that passes only the second time is reported as flaky, with its trace.
  retries: 1,
  forbidOnly: !!process.env.CI,
  reporter: [['line'], ['json', { outputFile: 'results/report.json' }]],
  use: {
    browserName: 'chromium',
    launchOptions: chromium,
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'console', testIgnore: ['reading.spec.ts', 'phone.spec.ts'] },
    { name: 'phone', testMatch: 'phone.spec.ts', use: { viewport: { width: 360, height: 740 }, hasTouch: true } },
    { name: 'without JavaScript', testMatch: 'reading.spec.ts', use: { javaScriptEnabled: false } },
  ],
});

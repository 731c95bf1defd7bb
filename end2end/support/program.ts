// Starts the program on a free port with a data folder of its own, signs everybody in once, and ends it afterwards.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type FullConfig } from '@playwright/test';
import { PEOPLE, stateOf, signIn } from './people';

function program(): string {
  const target = process.env.CARGO_TARGET_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tenantry/target');
  const path = process.env.TENANTRY_PROGRAM || join(target, 'debug/tenantry');
  if (!existsSync(path)) throw new Error(`There is no program at ${path}: run make build, or set TENANTRY_PROGRAM.`);
  return path;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function ready(url: string, child: ChildProcess, said: () => string) {
  // The first start makes the demo world.
  for (const end = Date.now() + 180_000; Date.now() < end; ) {
    if (child.exitCode !== null) throw new Error(`The program ended with ${child.exitCode}:\n${said()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error(`The program did not answer:\n${said()}`);
}

export default async function start(config: FullConfig) {
  const data = mkdtempSync(join(tmpdir(), 'tenantry-journeys-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = { ...process.env, TENANTRY_ADDR: `127.0.0.1:${port}`, TENANTRY_DATA: data };
  for (const name of ['DATABASE_URL', 'TENANTRY_PUBLIC_URL', 'TENANTRY_NO_DEMO', 'TENANTRY_NO_WORK', 'LEPTOS_SITE_ROOT']) delete environment[name];
  const child = spawn(program(), ['serve'], { env: environment, cwd: data, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { log = (log + text).slice(-20_000); });
  const end = () => { child.kill('SIGKILL'); };
  process.once('exit', end);
  await ready(url, child, () => log);

  process.env.TENANTRY_URL = url;
  process.env.TENANTRY_STATES = join(data, 'states');
  mkdirSync(process.env.TENANTRY_STATES);
  const { launchOptions } = config.projects[0].use;
  const browser = await chromium.launch(launchOptions);
  for (const person of PEOPLE) {
    const context = await browser.newContext({ baseURL: url });
    await signIn(await context.newPage(), person);
    await context.storageState({ path: stateOf(person) });
    await context.close();
  }
  await browser.close();

  return async () => {
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const late = setTimeout(end, 40_000);
    await gone;
    clearTimeout(late);
    if (log.includes('panicked')) console.error(log);
    rmSync(data, { recursive: true, force: true });
  };
}

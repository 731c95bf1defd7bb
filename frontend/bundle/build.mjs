// Makes the folder that the server serves to browsers: `SITE/pkg/HASH/…`, each file with its brotli twin, and
// `SITE/pkg.txt`, which names that folder. HASH covers every file in it, so a browser may keep them for good.
//
//   node build.mjs --wasm FRONTEND.wasm --bundler PROGRAM --site FOLDER [--fast]
//
// --fast leaves out what only makes files smaller, for `make dev`. Nothing happens if no input changed.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import * as esbuild from "esbuild";
import { budget } from "./budget.mjs";

const { values: given } = parseArgs({
  options: { wasm: { type: "string" }, bundler: { type: "string" }, site: { type: "string" }, fast: { type: "boolean" } },
});
const frontend = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");
const style = path.join(frontend, "../style");
const site = path.resolve(given.site);
const work = path.join(site, ".work");
const optimized = path.join(site, ".optimized");
const OLD_BUNDLES_KEPT = 2;
const SHARED_BY = 3;

const hash = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash("sha256")).digest("hex").slice(0, 16);

/** The files below `folder`, as sorted relative paths. */
async function files(folder) {
  const found = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name))).sort();
}

async function hashOf(folder) {
  const parts = [];
  for (const file of await files(folder)) parts.push(file, "\0", await fs.readFile(path.join(folder, file)));
  return hash(...parts);
}

/** Runs a program; what it says matters only if it fails. */
async function run(program, ...args) {
  await promisify(execFile)(program, args, { maxBuffer: 1 << 26 });
}

/** Runs `task` on every item, as many at a time as there are cores. */
async function inParallel(items, task) {
  const waiting = [...items];
  await Promise.all(Array.from({ length: os.availableParallelism() }, async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await task(item);
  }));
}

/** Shrinks WASM files in place. Results are kept by content: few of the files change from one build to the next. */
async function shrinkWasm(files) {
  const shrinker = path.join(frontend, "bundle/shrink.mjs");
  const how = await fs.readFile(shrinker);
  const kept = new Map();
  for (const file of files) kept.set(file, path.join(optimized, `${hash(await fs.readFile(file), how)}.wasm`));
  const there = new Set((await fs.readdir(optimized)).map((name) => path.join(optimized, name)));
  const missing = files.filter((file) => !there.has(kept.get(file)));
  const size = new Map(await Promise.all(missing.map(async (file) => [file, (await fs.stat(file)).size])));
  missing.sort((a, b) => size.get(b) - size.get(a));
  // Dealt out by size, so that each core gets about as much to do.
  const hands = Array.from({ length: os.availableParallelism() }, () => ({ bytes: 0, pairs: [] }));
  for (const file of missing) {
    const hand = hands.reduce((least, other) => (other.bytes < least.bytes ? other : least));
    hand.bytes += size.get(file);
    hand.pairs.push(file, kept.get(file));
  }
  await Promise.all(hands.filter(({ pairs }) => pairs.length).map(({ pairs }) => run(process.execPath, shrinker, ...pairs)));
  for (const file of files) await fs.copyFile(kept.get(file), file);
  const used = new Set(kept.values());
  for (const file of there) if (!used.has(file)) await fs.rm(file);
}

async function shrinkScript(file) {
  const { code } = await esbuild.transform(await fs.readFile(file, "utf8"), { minify: true, format: "esm", target: "es2022" });
  await fs.writeFile(file, code);
}

/**
 * A tab that was opened before this server was replaced may ask for a page that is gone. It then loads itself anew, unless
 * it was only just loaded: then something else is wrong, and it would go on for ever.
 */
async function reloadWhenOutdated(file) {
  const script = await fs.readFile(file, "utf8");
  const failed = "console.error(e);";
  if (script.split(failed).length !== 2) throw new Error(`${file} no longer reports failed loads as it used to`);
  await fs.writeFile(file, script.replace(failed, `${failed} if (performance.now() > 10000) location.reload();`));
}

/**
 * The splitter makes a file for every set of pages that share some code: some hundred for each page. Those that at least
 * `SHARED_BY` pages need become one, `shared.wasm`, which is fetched once; the others are fetched with their page.
 */
async function packShared(script) {
  const manifest = JSON.parse(await fs.readFile(path.join(work, "__wasm_split_manifest.json"), "utf8"));
  const uses = new Map();
  for (const part of Object.values(manifest).flat()) uses.set(part, (uses.get(part) ?? 0) + 1);
  const shared = [...uses].filter(([, pages]) => pages >= SHARED_BY).map(([part]) => `${part}.wasm`).sort();
  let text = await fs.readFile(script, "utf8"), offset = 0;
  const parts = [];
  for (const file of shared) {
    const fetched = `fetch(new URL("./${file}", import.meta.url))`;
    if (text.split(fetched).length !== 2) throw new Error(`${script} no longer fetches ${file} as it used to`);
    const bytes = await fs.readFile(path.join(work, file));
    text = text.replace(fetched, `shared(${offset}, ${bytes.length})`);
    offset += bytes.length;
    parts.push(bytes);
    await fs.rm(path.join(work, file));
  }
  await fs.writeFile(path.join(work, "shared.wasm"), Buffer.concat(parts));
  await fs.writeFile(script, `${text}
let all;
async function shared(start, length) {
    all ??= fetch(new URL("./shared.wasm", import.meta.url)).then((answer) => {
        if (!answer.ok) throw new Error("shared.wasm: " + answer.status);
        return answer.arrayBuffer();
    });
    const bytes = await all.catch((error) => { all = undefined; throw error; });
    return new Response(new Uint8Array(bytes, start, length), { headers: { "content-type": "application/wasm" } });
}
`);
  // Leptos asks the browser to preload what the manifest names; what is in the pack is no file any more.
  const left = Object.entries(manifest).map(([page, parts]) => [page, ["shared", ...parts.filter((part) => !shared.includes(`${part}.wasm`))]]);
  await fs.writeFile(path.join(work, "__wasm_split_manifest.json"), JSON.stringify(Object.fromEntries(left)));
}

/** Charts and styles, with the fonts that the styles name. */
async function bundleAssets() {
  const common = { bundle: true, minify: !given.fast, logLevel: "warning", absWorkingDir: frontend, target: "es2022" };
  await esbuild.build({ ...common, entryPoints: ["charts.js"], format: "esm", outdir: work, legalComments: "none" });
  await esbuild.build({
    ...common,
    stdin: { contents: '@import "./fonts.css"; @import "../style/index.css";', resolveDir: frontend, loader: "css" },
    target: ["chrome120", "firefox121", "safari17"],
    outfile: path.join(work, "tenantry.css"),
    assetNames: "fonts/[name]",
    loader: { ".woff2": "file", ".svg": "dataurl" },
  });
  for (const file of await files(style)) {
    if (file.endsWith(".css")) continue;
    await fs.mkdir(path.dirname(path.join(work, file)), { recursive: true });
    await fs.copyFile(path.join(style, file), path.join(work, file));
  }
}

async function compress(file) {
  if (/\.(woff2|png|jpg|webp|br)$/.test(file)) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: given.fast ? 4 : 11 };
  await fs.writeFile(`${file}.br`, await promisify(brotliCompress)(await fs.readFile(file), { params }));
}

/** Moves the finished folder to its name and forgets all but the last few: a tab opened before may still want its files. */
async function publish() {
  const pkg = path.join(site, "pkg");
  const name = await hashOf(work);
  await fs.mkdir(pkg, { recursive: true });
  await fs.rm(path.join(pkg, name), { recursive: true, force: true });
  await fs.rename(work, path.join(pkg, name));
  await fs.writeFile(path.join(site, "pkg.txt"), `pkg/${name}\n`);
  const others = (await fs.readdir(pkg)).filter((other) => other !== name);
  const dated = await Promise.all(others.map(async (other) => [(await fs.stat(path.join(pkg, other))).mtimeMs, other]));
  for (const [, other] of dated.sort(([a], [b]) => b - a).slice(OLD_BUNDLES_KEPT)) {
    await fs.rm(path.join(pkg, other), { recursive: true });
  }
}

/** Everything the result depends on. */
async function inputs() {
  const own = ["charts.js", "fonts.css", "package-lock.json", "bundle/build.mjs", "bundle/shrink.mjs"].map((file) => path.join(frontend, file));
  const parts = await Promise.all([given.wasm, given.bundler, ...own].map((file) => fs.readFile(file)));
  return hash(String(given.fast), await hashOf(style), ...parts);
}

const stamp = path.join(site, ".inputs");
const key = await inputs();
if (await fs.readFile(stamp, "utf8").catch(() => "") === key) process.exit(0);

const started = Date.now();
await fs.rm(stamp, { force: true });
await fs.rm(work, { recursive: true, force: true });
await fs.mkdir(work, { recursive: true });
await fs.mkdir(optimized, { recursive: true });
await run(given.bundler, given.wasm, work);
const splitScript = path.join(work, "__wasm_split.______________________.js");
await reloadWhenOutdated(splitScript);
await bundleAssets();
if (given.fast) await packShared(splitScript);
if (!given.fast) {
  const made = (await files(work)).map((file) => path.join(work, file));
  await shrinkWasm(made.filter((file) => file.endsWith(".wasm")));
  await packShared(splitScript);
  await inParallel(made.filter((file) => file.endsWith(".js") && !file.endsWith("charts.js")), shrinkScript);
}
await inParallel((await files(work)).map((file) => path.join(work, file)), compress);
await publish();
await fs.writeFile(stamp, key);
console.log(`The browser bundle took ${Math.round((Date.now() - started) / 1000)} s.`);
if (!given.fast) await budget(site);

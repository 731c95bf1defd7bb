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
import { compact, importedNames } from "./compact.mjs";

const { values: given } = parseArgs({
  options: { wasm: { type: "string" }, bundler: { type: "string" }, site: { type: "string" }, fast: { type: "boolean" } },
});
const frontend = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");
const style = path.join(frontend, "../style");
const site = path.resolve(given.site);
const work = path.join(site, ".work");
const optimized = path.join(site, ".optimized");
const OLD_BUNDLES_KEPT = 2;
const FRAME = "console_frame";
const SHARED_BY = 1 / 14;
const OUTSIDE_FRAME = ["sign_in_page", "second_factor_page", "invitation_page", "pay_demo_page", "pay_thanks_page"];

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

/** Takes out of the WASM files what no browser needs, and gives what they import names of a few letters, here and there. */
async function compactWasm(files) {
  const main = path.join(work, "tenantry.wasm"), script = path.join(work, "tenantry.js");
  const short = new Map(importedNames(await fs.readFile(main)).map((name, i) => [name, `_${i.toString(36)}`]));
  for (const file of files) await fs.writeFile(file, compact(await fs.readFile(file), short));
  const code = (await fs.readFile(script, "utf8")).replace(/\b__wb\w+/g, (name) => short.get(name) ?? name);
  await fs.writeFile(script, importOnce(code));
}

/** wasm-bindgen imports the script of the pages anew for each of them, and names it as often; the last name counts. */
function importOnce(code) {
  const named = [...code.matchAll(/"\.\/__wasm_split\._+\.js": (import\d+),/g)].map(([, name]) => name);
  const [last] = named.slice(-1);
  const other = (name) => named.includes(name) && name !== last;
  return code.split("\n").filter((line) => {
    const [, name] = /^import \* as (import\d+) from "\.\/__wasm_split\./.exec(line) ?? /^\s*"\.\/__wasm_split\._+\.js": (import\d+),$/.exec(line) ?? [];
    return !name || !other(name);
  }).join("\n");
}

async function shrinkScript(file) {
  const { code } = await esbuild.transform(await fs.readFile(file, "utf8"), { minify: true, format: "esm", target: "es2022" });
  await fs.writeFile(file, code);
}

/** One file of several parts, as `load.js` takes it apart. */
async function writePack(name, parts) {
  const codes = await Promise.all(parts.map((part) => fs.readFile(path.join(work, `${part}.wasm`))));
  // Most parts are called by a number.
  const short = (part) => Number(part.replace(/^chunk_/, "")) || part;
  const list = Buffer.from(JSON.stringify(parts.flatMap((part, i) => [short(part), codes[i].length])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(list.length);
  await fs.writeFile(path.join(work, `${name}.wasm`), Buffer.concat([length, list, ...codes]));
}

/**
 * The splitter makes a part for every set of pages that share some code: some hundred for each page. Those that the frame
 * needs, or at least a share of `SHARED_BY` of the pages, go into `shared.wasm`, which is fetched once; the rest into one
 * file for each page, so that a page costs two requests and little that it does not need. A page outside of the frame, such
 * as the one to sign in, has its own copy of what it needs of that instead.
 */
async function packPages(script) {
  const manifest = Object.entries(JSON.parse(await fs.readFile(path.join(work, "__wasm_split_manifest.json"), "utf8")));
  const uses = new Map();
  for (const part of manifest.flatMap(([, parts]) => parts)) uses.set(part, (uses.get(part) ?? 0) + 1);
  const [, ofFrame] = manifest.find(([key]) => key.includes(FRAME)) ?? [];
  if (!ofFrame) throw new Error(`no page is called ${FRAME}`);
  const many = [...uses.keys()].filter((part) => uses.get(part) >= manifest.length * SHARED_BY);
  const shared = new Set([...many, ...ofFrame]);
  await writePack("shared", [...shared].sort());
  // Leptos asks the browser to preload what the manifest names.
  const preload = {}, pages = [], made = await fs.readFile(script, "utf8");
  for (const [key, parts] of manifest) {
    const name = key.replace(/^_+/, "");
    const framed = !OUTSIDE_FRAME.some((page) => name.startsWith(page));
    const own = parts.filter((part) => !framed || !shared.has(part)).sort();
    if (own.length) await writePack(name, own);
    preload[key] = [...(framed ? ["shared"] : []), ...(own.length ? [name] : [])];
    const split = `__wasm_split_load_${key}`;
    if (!made.includes(split)) throw new Error(`the splitter no longer exports ${split}`);
    const usual = framed && own.length > 0;
    pages.push(`export const ${split} = page("${key}"${usual ? "" : `, ${JSON.stringify(preload[key])}`});`);
  }
  for (const part of uses.keys()) await fs.rm(path.join(work, `${part}.wasm`));
  const loader = await fs.readFile(path.join(frontend, "bundle/load.js"), "utf8");
  await fs.writeFile(script, `${loader}${pages.join("\n")}\n`);
  await fs.writeFile(path.join(work, "__wasm_split_manifest.json"), JSON.stringify(preload));
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
  const bytes = await fs.readFile(file);
  const packed = (postfix, direct) => promisify(brotliCompress)(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: given.fast ? 4 : 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      [constants.BROTLI_PARAM_NPOSTFIX]: postfix,
      [constants.BROTLI_PARAM_NDIRECT]: direct,
    },
  });
  // Of WASM's distances the low bits say more than brotli takes for granted; how many, differs from file to file.
  const ways = file.endsWith(".wasm") && !given.fast ? [[2, 0], [3, 32], [0, 1]] : [[0, 0]];
  const tried = [];
  for (const way of ways) tried.push(await packed(...way));
  await fs.writeFile(`${file}.br`, tried.reduce((least, other) => (other.length < least.length ? other : least)));
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
  const own = ["charts.js", "fonts.css", "package-lock.json", "bundle/build.mjs", "bundle/compact.mjs", "bundle/load.js", "bundle/shrink.mjs"].map((file) => path.join(frontend, file));
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
await bundleAssets();
const made = (await files(work)).map((file) => path.join(work, file));
const wasm = made.filter((file) => file.endsWith(".wasm"));
if (!given.fast) {
  await shrinkWasm(wasm);
  await compactWasm(wasm);
}
await packPages(splitScript);
if (!given.fast) await inParallel(made.filter((file) => file.endsWith(".js") && !file.endsWith("charts.js")), shrinkScript);
await inParallel((await files(work)).map((file) => path.join(work, file)), compress);
await publish();
await fs.writeFile(stamp, key);
console.log(`The browser bundle took ${Math.round((Date.now() - started) / 1000)} s.`);
if (!given.fast) await budget(site);

// Prints what the browser bundle weighs on the wire, and fails when a part is over its budget: `node budget.mjs SITE`.
import fs from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const KB = 1000;
const BUDGET = { first: 200 * KB, frame: 235 * KB, page: 40 * KB, charts: 200 * KB };

/** Prints the sizes (brotli) of what `site` serves; returns a sentence for each part that is too big. */
export async function budget(site) {
  const pkg = path.join(site, (await fs.readFile(path.join(site, "pkg.txt"), "utf8")).trim());
  const names = (await fs.readdir(pkg, { recursive: true })).filter((name) => name.endsWith(".br"));
  const size = new Map(await Promise.all(names.map(async (name) => [name.slice(0, -3), (await fs.stat(path.join(pkg, name))).size])));
  const manifest = JSON.parse(await fs.readFile(path.join(pkg, "__wasm_split_manifest.json"), "utf8"));
  const total = (some) => some.reduce((sum, name) => sum + size.get(name), 0);
  const filesOf = (page) => {
    const [key, names] = Object.entries(manifest).find(([key]) => key.includes(page)) ?? [];
    if (!key) throw new Error(`no page is called ${page}`);
    return names.map((name) => `${name}.wasm`);
  };
  const framed = Object.values(manifest).filter((names) => names.includes("shared"));
  const pages = framed.flatMap((names) => names.filter((name) => name !== "shared"))
    .map((name) => ({ page: name.replace(/_view_\d+$/, ""), file: `${name}.wasm` }))
    .sort((a, b) => size.get(b.file) - size.get(a.file));
  const ofPages = new Set(["charts.js", ...Object.values(manifest).flat().map((name) => `${name}.wasm`)]);
  // Whoever comes for the first time is asked to sign in.
  const always = [...size.keys()].filter((name) => /\.(js|wasm)$/.test(name) && !ofPages.has(name));
  const first = [...always, ...filesOf("sign_in_page")];

  const over = [];
  const line = (what, bytes, limit) => {
    console.log(`  ${what.padEnd(44)} ${(bytes / KB).toFixed(1).padStart(7)} KB${limit ? ` of ${limit / KB}` : ""}`);
    if (limit && bytes > limit) over.push(`${what} is ${(bytes / KB).toFixed(1)} KB; its budget is ${limit / KB} KB`);
  };
  console.log("Sizes as sent, brotli:");
  line("first visit (wasm and js)", total(first), BUDGET.first);
  for (const name of first) line(`  ${name}`, size.get(name));
  line("the frame of the console, and what pages share", size.get("shared.wasm"), BUDGET.frame);
  line("charts.js", size.get("charts.js"), BUDGET.charts);
  line("tenantry.css", size.get("tenantry.css"));
  for (const { page, file } of pages) line(page, size.get(file), BUDGET.page);
  return over;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const over = await budget(path.resolve(process.argv[2]));
  for (const sentence of over) console.error(`Over budget: ${sentence}.`);
  process.exitCode = over.length ? 1 : 0;
}

// Prints what the browser bundle weighs on the wire, and fails when a part is over its budget: `node budget.mjs SITE`.
import fs from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const KB = 1000;
const BUDGET = { "first visit": 200 * KB, page: 40 * KB, charts: 200 * KB };

/** Prints the sizes (brotli) of what `site` serves; returns a sentence for each part that is too big. */
export async function budget(site) {
  const pkg = path.join(site, (await fs.readFile(path.join(site, "pkg.txt"), "utf8")).trim());
  const names = (await fs.readdir(pkg, { recursive: true })).filter((name) => name.endsWith(".br"));
  const size = new Map(await Promise.all(names.map(async (name) => [name.slice(0, -3), (await fs.stat(path.join(pkg, name))).size])));
  const ofPages = (name) => /^(split|chunk)_.*\.wasm$/.test(name);
  const total = (some) => some.reduce((sum, name) => sum + size.get(name), 0);
  const first = [...size.keys()].filter((name) => /\.(js|wasm)$/.test(name) && !ofPages(name) && name !== "charts.js");
  const pages = [...size.keys()].filter(ofPages).sort((a, b) => size.get(b) - size.get(a));

  const over = [];
  const line = (what, bytes, limit) => {
    console.log(`  ${what.padEnd(44)} ${(bytes / KB).toFixed(1).padStart(7)} KB${limit ? ` of ${limit / KB}` : ""}`);
    if (limit && bytes > limit) over.push(`${what} is ${(bytes / KB).toFixed(1)} KB; its budget is ${limit / KB} KB`);
  };
  console.log("Sizes as sent, brotli:");
  line("first visit (wasm and js)", total(first), BUDGET["first visit"]);
  line("charts.js", size.get("charts.js"), BUDGET.charts);
  line("tenantry.css", size.get("tenantry.css"));
  line(`pages, all ${pages.length} files`, total(pages));
  for (const name of pages) line(`  ${name.replace(/^split_/, "").replace(/_\d+\.wasm$|\.wasm$/, "")}`, size.get(name), BUDGET.page);
  return over;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const over = await budget(path.resolve(process.argv[2]));
  for (const sentence of over) console.error(`Over budget: ${sentence}.`);
  process.exitCode = over.length ? 1 : 0;
}

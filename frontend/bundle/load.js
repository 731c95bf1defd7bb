// Loads pages: `build.mjs` adds a line for each, and the program calls it by that name with what to call back.
//
// A page is made of parts, each a WASM module, which are packed into one or two files: the parts that many pages need, and
// the rest of its own. A file starts with the length of its list, then the list of names and lengths in turn, then the parts.
import { initSync } from "./tenantry.js";

const instances = new Map();
const packs = new Map();

/** What `make` promises, once for each key; what failed is tried again when asked again. */
function once(kept, key, make) {
  if (!kept.has(key)) {
    const made = make();
    kept.set(key, made);
    made.catch(() => kept.delete(key));
  }
  return kept.get(key);
}

async function fetchPack(file) {
  const answer = await fetch(new URL(`./${file}.wasm`, import.meta.url));
  if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
  const bytes = await answer.arrayBuffer();
  let at = 4 + new DataView(bytes).getUint32(0, true);
  const list = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, at - 4)));
  const parts = [];
  for (let i = 0; i < list.length; at += list[i + 1], i += 2) parts.push({ name: list[i], code: new Uint8Array(bytes, at, list[i + 1]) });
  return parts;
}

const start = ({ name, code }) => once(instances, name, () => WebAssembly.instantiate(code, { __wasm_split: initSync() }));

async function load(files, own) {
  const parts = (await Promise.all(files.map((file) => once(packs, file, () => fetchPack(file))))).flat();
  const last = parts.find(({ name }) => name === own);
  await Promise.all(parts.filter((part) => part !== last).map(start));
  await start(last);
  // What runs needs its bytes no more; a part that is in the files of many pages is there in each.
  for (const part of parts) part.code = undefined;
}

const page = (key, files = ["shared", key.replace(/^_+/, "")]) => async (callback, data) => {
  let loaded = false;
  try {
    await load(files, `split_${key}`);
    loaded = true;
  } catch (error) {
    console.error(error);
    // A tab that was opened before this server was replaced may ask for a page that is gone. It then loads itself anew,
    // unless it was only just loaded: then something else is wrong, and it would go on for ever.
    if (performance.now() > 10000) location.reload();
  }
  initSync().__indirect_function_table.get(callback)(data, loaded);
};

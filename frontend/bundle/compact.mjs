// What a WASM file says that no browser needs: notes on how it was made, the emptiness of table places that are empty anyway
// (the splitter sets the places of each page to null), and long names of what is imported from JavaScript.

const CUSTOM = 0, IMPORT = 2, ELEMENTS = 9;
const REF_NULL = 0xd0, I32_CONST = 0x41, END = 0x0b;

/** Reads the numbers of a section one after the other. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  byte() {
    return this.bytes[this.at++];
  }
  number() {
    let number = 0, shift = 0, byte;
    do {
      byte = this.byte();
      number |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    return number >>> 0;
  }
  name() {
    const length = this.number();
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }
  expect(byte) {
    if (this.byte() !== byte) throw new Error(`no ${byte} at ${this.at - 1} of a section`);
  }
}

function number(n) {
  const bytes = [];
  do {
    bytes.push((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
    n >>>= 7;
  } while (n);
  return Buffer.from(bytes);
}

const name = (text) => Buffer.concat([number(Buffer.byteLength(text)), Buffer.from(text)]);

/** What is imported: a function, table, memory, global or tag, with its type. */
function skipImported(section) {
  const kind = section.byte();
  const limits = () => {
    const flags = section.number();
    section.number();
    if (flags & 1) section.number();
  };
  if (kind === 0) section.number();
  else if (kind === 1) section.byte(), limits();
  else if (kind === 2) limits();
  else if (kind === 3) section.at += 2;
  else throw new Error(`an import of kind ${kind}`);
}

/** The imports, those of `short` under their short names. */
function imports(bytes, short) {
  const section = new Reader(bytes);
  const made = [number(section.number())];
  while (section.at < bytes.length) {
    const [module, field, start] = [section.name(), section.name(), section.at];
    skipImported(section);
    made.push(name(module), name(short.get(field) ?? field), bytes.subarray(start, section.at));
  }
  return Buffer.concat(made);
}

/** The active segments of table 0 without those that hold nothing but null. */
function elements(bytes) {
  const section = new Reader(bytes);
  const kept = [];
  for (let segments = section.number(); segments > 0; segments--) {
    const start = section.at, kind = section.number();
    if (kind !== 0 && kind !== 4) throw new Error(`a segment of kind ${kind}`);
    section.expect(I32_CONST);
    section.number();
    section.expect(END);
    let empty = true;
    for (let places = section.number(); places > 0; places--) {
      if (kind === 0) section.number(), empty = false;
      else if (section.byte() === REF_NULL) section.byte(), section.expect(END);
      else section.number(), section.expect(END), empty = false;
    }
    if (!empty) kept.push(bytes.subarray(start, section.at));
  }
  return Buffer.concat([number(kept.length), ...kept]);
}

/** The names of the functions that `wasm` imports from wasm-bindgen's JavaScript. */
export function importedNames(wasm) {
  for (const { id, bytes } of sections(wasm)) {
    if (id !== IMPORT) continue;
    const section = new Reader(bytes);
    const names = [];
    for (let count = section.number(); count > 0; count--) {
      section.name();
      names.push(section.name());
      skipImported(section);
    }
    return names.filter((name) => name.startsWith("__wb"));
  }
  return [];
}

function* sections(wasm) {
  const file = new Reader(wasm);
  file.at = 8;
  while (file.at < wasm.length) {
    const id = file.byte(), length = file.number();
    yield { id, bytes: wasm.subarray(file.at, file.at + length) };
    file.at += length;
  }
}

/** `wasm` without what is not needed, and with the names of `short` (a Map) for what it imports. */
export function compact(wasm, short = new Map()) {
  const made = [wasm.subarray(0, 8)];
  for (const { id, bytes } of sections(wasm)) {
    if (id === CUSTOM) continue;
    const section = id === IMPORT ? imports(bytes, short) : id === ELEMENTS ? elements(bytes) : bytes;
    made.push(Buffer.from([id]), number(section.length), section);
  }
  return Buffer.concat(made);
}

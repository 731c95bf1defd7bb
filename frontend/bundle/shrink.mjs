// Shrinks WASM files: `node shrink.mjs FROM TO FROM TO …`. One process for many files: loading the optimizer takes longer
// than most of them do.
import fs from "node:fs/promises";
import binaryen from "binaryen";

// The features that rustc switches on by default, named: with all of them Chromium refuses the result.
const { Features } = binaryen;
const FEATURES = Features.BulkMemory | Features.BulkMemoryOpt | Features.NontrappingFPToInt | Features.ReferenceTypes | Features.Multivalue
  | Features.MutableGlobals | Features.SignExt;

binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
binaryen.setDebugInfo(false);
// rustc puts the stack first, so nothing that is pointed at lies below: offsets may be folded into loads and stores.
binaryen.setLowMemoryUnused(true);
for (let at = 2; at < process.argv.length; at += 2) {
  const [from, to] = process.argv.slice(at, at + 2);
  const module = binaryen.readBinary(await fs.readFile(from));
  module.setFeatures(FEATURES);
  module.optimize();
  await fs.writeFile(`${to}.new`, module.emitBinary());
  module.dispose();
  await fs.rename(`${to}.new`, to);
}

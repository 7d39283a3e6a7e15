// Copies the few ES modules that the console loads, and the licence text of each package, out of
// node_modules into static/vendor/, which git ignores. Run by `npm run vendor`, after `npm ci`.
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// Named .js, because not every server knows the type of .mjs.
const FILES = {
  'preact.js': 'preact/dist/preact.mjs',
  'preact-hooks.js': 'preact/hooks/dist/hooks.mjs',
  'preact.LICENSE.txt': 'preact/LICENSE',
  'htm.js': 'htm/dist/htm.module.js',
  'htm.LICENSE.txt': 'htm/LICENSE',
  'signals.js': '@preact/signals/dist/signals.module.js',
  'signals.LICENSE.txt': '@preact/signals/LICENSE',
  'signals-core.js': '@preact/signals-core/dist/signals-core.module.js',
  'signals-core.LICENSE.txt': '@preact/signals-core/LICENSE',
};

const root = new URL('..', import.meta.url);
const target = new URL('static/vendor/', root);
await mkdir(target, { recursive: true });
for (const [name, source] of Object.entries(FILES)) {
  await copyFile(new URL(`node_modules/${source}`, root), new URL(name, target));
}
for (const name of await readdir(target)) {
  // What an older version left here would go into the wheel.
  if (!(name in FILES)) await rm(new URL(name, target));
}
console.log(`${Object.keys(FILES).length} browser files in ${fileURLToPath(target)}`);

// Copies the few ES modules that the console loads out of node_modules into static/vendor/,
// which git ignores. Run by `npm run vendor`, after `npm ci`.
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);

// Named .js, because not every server knows the type of .mjs.
const FILES = {
  'preact.js': 'preact/dist/preact.mjs',
  'preact-hooks.js': 'preact/hooks/dist/hooks.mjs',
  'htm.js': 'htm/dist/htm.module.js',
  'signals.js': '@preact/signals/dist/signals.module.js',
  'signals-core.js': '@preact/signals-core/dist/signals-core.module.js',
};

const target = new URL('static/vendor/', root);
await mkdir(target, { recursive: true });
for (const [name, source] of Object.entries(FILES)) {
  await copyFile(new URL(`node_modules/${source}`, root), new URL(name, target));
}
console.log(`${Object.keys(FILES).length} browser modules in ${fileURLToPath(target)}`);

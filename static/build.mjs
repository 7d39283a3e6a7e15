// Joins the console's scripts and styles for browsers, into static/built/, which git ignores: a hash of the content in
// each name, each also in its brotli and its gzip form, and manifest.json, which says what a page loads. Run by
// `npm run build`, after `npm ci`; the server makes nothing of this when it runs.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}static/built/`;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  charset: 'utf8',
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  format: 'esm',
  legalComments: 'none', // the licence texts lie in static/vendor
  metafile: true,
  minify: true,
  outdir: 'static/built',
  splitting: true,
  target: 'esnext', // what the sources are written in
  write: false,
};

const made = new Map(); // name of a file → its content

// Adds the files that begin with `entry`; what they are, by the source that each was made from.
async function join(entry) {
  const { outputFiles, metafile } = await build({ ...OPTIONS, entryPoints: [entry] });
  for (const { path, contents } of outputFiles) made.set(basename(path), contents);
  const outputs = Object.entries(metafile.outputs);
  const namedBy = (source) => outputs.find(([, { entryPoint }]) => entryPoint === source)?.[0];
  // The file itself, then every one that it cannot do without.
  const needs = (name, found = new Set()) => {
    if (found.has(name)) return [];
    found.add(name);
    const then = metafile.outputs[name].imports.filter(({ kind }) => kind === 'import-statement');
    return [name, ...then.flatMap(({ path }) => needs(path, found))];
  };
  return (source) => needs(namedBy(source)).map((name) => basename(name));
}

// Every source, in the order of the names: a test compares it, so that an old build is not taken for a new one.
async function digest() {
  const hash = createHash('sha256');
  for (const folder of ['css', 'js']) {
    const names = await readdir(`${root}static/${folder}`, { recursive: true });
    for (const name of names.filter((each) => /\.(css|js)$/.test(each)).sort()) {
      hash.update(`${folder}/${name}\n`).update(await readFile(`${root}static/${folder}/${name}`));
    }
  }
  return hash.digest('hex');
}

const [main, signIn] = [await join('static/js/main.js'), await join('static/js/sign-in.js')];
const style = await join('static/css/console.css');
const icon = await readFile(`${root}static/icon.svg`, 'utf8');
const first = main('static/js/main.js');
const manifest = {
  scripts: { main: first, 'sign-in': signIn('static/js/sign-in.js') },
  others: main('static/js/pages/others.js').filter((name) => !first.includes(name)),
  words: { 'zh-CN': main('static/js/words/zh.js')[0], en: main('static/js/words/en.js')[0] },
  style: style('static/css/console.css')[0],
  icon: `data:image/svg+xml,${encodeURIComponent(icon.trim())}`,
  files: [...made.keys()].sort(),
  sources: await digest(),
};

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
for (const [name, content] of made) {
  await writeFile(target + name, content);
  await writeFile(`${target + name}.br`, brotliCompressSync(content, BROTLI));
  await writeFile(`${target + name}.gz`, gzipSync(content, { level: 9 }));
}
await writeFile(`${target}manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`${made.size} files for browsers in ${target}`);

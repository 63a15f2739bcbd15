// node scripts/split.mjs PUBLIC TOOL: splits the wasm of a release that dx left in PUBLIC in what a start needs and the rest.
// scripts/split is the program that does it and scripts/split/later.txt the list of what is moved (`make split-list`).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { fileURLToPath } from 'node:url';

const [folder, tool] = process.argv.slice(2);
const here = fileURLToPath(new URL('split/', import.meta.url));
const assets = join(folder, 'assets');
const page = join(folder, 'index.html');

/** The one file of that name and kind, as dx names it: `name-dxh<hash>.kind`. */
const one = (pattern) => {
  const found = readdirSync(assets).filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Error(`${assets}: expected one ${pattern}, found ${found.length}`);
  return found[0];
};

/** Names a file by its content, as dx does, and puts its brotli form beside it. */
const keep = (name, content) => {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const named = name.replace(/-dxh[0-9a-f]+\./, `-dxh${hash}.`);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(join(assets, named), content);
  writeFileSync(join(assets, `${named}.br`), brotliCompressSync(content, { params }));
  return named;
};

const wasm = one(/^lavender_bg-dxh[0-9a-f]+\.wasm$/);
const script = one(/^lavender-dxh[0-9a-f]+\.js$/);
const [first, later] = ['first.wasm', 'later.wasm'].map((name) => join(folder, name));
execFileSync(tool, ['split', join(assets, wasm), join(here, 'later.txt'), first, later], { stdio: 'inherit' });

const text = readFileSync(join(assets, script), 'utf8');
const html = readFileSync(page, 'utf8');
for (const name of [wasm, script]) for (const end of ['', '.br']) rmSync(join(assets, name + end), { force: true });
const names = { first: keep(wasm, readFileSync(first)), later: keep('later-dxh0.wasm', readFileSync(later)) };
for (const file of [first, later]) rmSync(file);
// Where it is, as the script names the first file.
const path = text.match(/"([^"]*\/)lavender_bg-dxh[0-9a-f]+\.wasm"/)?.[1];
if (!path) throw new Error(`${script} does not name ${wasm}`);
const before = readFileSync(join(here, 'later.js'), 'utf8').replace(/^ *\/\/.*\n/gm, '').replaceAll('LATER', JSON.stringify(path + names.later));
const started = keep(script, Buffer.from(before + text.replaceAll(wasm, names.first)));
if (!html.includes(script)) throw new Error(`${page} does not name ${script}`);
const dressed = html.replaceAll(script, started).replaceAll(wasm, names.first);
writeFileSync(page, dressed);
rmSync(`${page}.br`, { force: true });

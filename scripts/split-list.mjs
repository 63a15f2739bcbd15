// node scripts/split-list.mjs OUT: goes through what happens in the first seconds of a visit, on a build whose wasm tells which
// functions run (scripts/split-list.sh), and writes their indices to OUT.
import { writeFile } from 'node:fs/promises';
import { PASSWORD, composer, connect, launch, message, newPage, open, register, say, serve, tick } from '../tests/browser/support.mjs';

const [out] = process.argv.slice(2);
const ended = [];
const t = { after: (end) => ended.unshift(end) };
const all = new Set();
/** Takes what ran on a page so far; before every navigation of its own. */
const take = async ({ page }) => {
  const ran = await page.evaluate(() => globalThis.__lavenderRan?.() ?? []);
  for (const index of ran) all.add(index);
};
/** A page that is left has no time to wait for anything. */
const leave = async (person) => {
  await person.page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true });
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('blur'));
    window.dispatchEvent(new PageTransitionEvent('pagehide'));
    window.dispatchEvent(new Event('beforeunload'));
  });
  await take(person);
};
const visit = async (person, path, ready) => {
  await leave(person);
  const before = person.watch.synced;
  await person.page.goto(path);
  await person.watch.live(before);
  await ready?.(person.page);
  await take(person);
};

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const TEXTS = [
  'A short one',
  'With a link: https://example.org/path?x=1 and *stress*, **weight**, ~~no~~ and `code`.',
  'Several\nlines\n\nand a pause',
  '😀 👍🏽',
  '> said before\n\n- one\n- two\n\n1. first\n2. second',
  '```js\nconst a = 1; // why\n```',
  '||hidden|| for @benno and others',
];

try {
  const server = await serve(t);
  const browser = await launch(t);
  for (const path of ['/login', '/register']) {
    const visitor = await open(browser, server);
    await visitor.page.goto(path);
    await visitor.page.waitForFunction(() => globalThis.__dx_mainWasm);
    // Too short, easy to guess, and good.
    for (const password of ['abc', 'something', PASSWORD]) await visitor.page.getByLabel('Password', { exact: true }).fill(password);
    await visitor.page.getByLabel('Password', { exact: true }).press('Tab');
    await take(visitor);
    await visitor.context.close();
  }
  const ann = await register(browser, server, 'Annie');
  await take(ann);
  const ben = await register(browser, server, 'Benno', { colorScheme: 'dark' });
  const room = await connect(ann, ben);
  await visit(ann, `/r/${room}`);
  await say(ann.page, TEXTS[0]);
  await tick(ann.page, TEXTS[0], 'sent', 'delivered');
  await take(ann);
  // Both talk. A plain text may be written and sent at once, and anything may come; what else writing needs comes after a start.
  await visit(ben, `/r/${room}`, (page) => message(page, TEXTS[0]).waitFor());
  for (let n = 0; n < 3; n += 1) {
    await say(ben.page, `And back ${n}`);
    await message(ann.page, `And back ${n}`).waitFor();
    await say(ann.page, `Over there ${n}`);
    await tick(ann.page, `Over there ${n}`, 'sent', 'delivered', 'read');
  }
  await take(ann);
  for (const [at, text] of TEXTS.slice(1).entries()) {
    await composer(ann.page).pressSequentially('typing');
    await ben.page.getByTestId('typing').first().waitFor();
    await say(ann.page, text);
    await ben.page.getByTestId('message').nth(at + 8).waitFor();
  }
  for (let n = 0; n < 90; n += 1) await say(ann.page, `Line ${n}`);
  await tick(ann.page, 'Line 89', 'sent', 'delivered', 'read');
  await ann.page.locator('input[type=file]').first().setInputFiles([
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('Notes of today') },
    { name: 'dot.png', mimeType: 'image/png', buffer: Buffer.from(DOT, 'base64') },
  ]);
  await ann.page.getByTestId('tray-item').nth(1).waitFor();
  await ann.page.getByRole('button', { name: 'Send', exact: true }).click();
  await ben.page.getByTestId('file').first().waitFor();
  await take(ben);
  // The first page of a visit, in other places, sizes and states.
  const late = await newPage(ann.context);
  Object.assign(ann, { page: late.page, watch: late.watch });
  await visit(ann, '/', (page) => page.getByTestId('room').first().waitFor());
  await say(ben.page, 'While you look at the list');
  await ann.page.getByText('While you look at the list').first().waitFor();
  await take(ann);
  await ann.page.getByTestId('room').first().click();
  await message(ann.page, 'While you look').waitFor();
  await take(ann);
  await visit(ann, `/r/${room}`, (page) => message(page, 'While you look').waitFor());
  await tick(ben.page, 'While you look', 'read');
  const phone = await open(browser, server, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await phone.page.goto('/login');
  await phone.page.getByRole('textbox', { name: 'Username or e-mail' }).fill('benno');
  await phone.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await phone.page.getByRole('button', { name: 'Sign in' }).click();
  await phone.page.waitForURL((url) => url.pathname === '/');
  await phone.watch.live();
  await phone.page.getByTestId('room').first().click();
  await composer(phone.page).waitFor();
  await take(phone);
  await visit(phone, `/r/${room}`);
  await visit(phone, '/requests');
} finally {
  for (const end of ended) await end();
}
await writeFile(out, [...all].join('\n'));
console.error(`${all.size} functions ran`);

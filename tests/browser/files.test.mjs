// Files from the page: chosen, dropped, pasted; refused with a sentence; sent through bad networks; seen by the other person.
//
// With SHOTS (a folder) it leaves pictures of what it saw there.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { attach, carried, drawn, file, items, paste, pdf, png, problems, slow, tray } from './files.support.mjs';
import {
  STORAGES, STORES, axe, call, composer, connect, launch, message, newPage, register, say, serve, steps, storageIs,
  storedIn, tick, without, withoutStorage,
} from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' };
const shots = process.env.SHOTS;
const shot = async (page, name) => shots && (await page.screenshot({ path: join(shots, `files-${name}.png`), animations: 'disabled' }));
const gone = (locator) => locator.waitFor({ state: 'detached' });
const cat = () => file('cat.png', 'image/png', png(640, 400, 1));
const dog = () => file('dog.png', 'image/png', png(500, 500, 2));
const permit = () => file('visitor-permit-june.pdf', 'application/pdf', pdf(240_000));
/** A picture of so many megabytes: it takes its time on a slow network. */
const large = (name, megabytes = 3) => file(name, 'image/png', png(1_000, Math.round(megabytes * 333), 5, true));
const send = (page) => page.getByRole('button', { name: 'Send', exact: true }).click();
const text = (locator) => locator.innerText();

/** Two people in a room, both in it. */
async function two(t, options = {}, env = {}) {
  const server = await serve(t, 'sqlite', env);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', options);
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben);
  for (const { page, watch } of [ann, ben]) {
    const before = watch.synced;
    await page.goto(`/r/${room}`);
    await watch.live(before);
    await composer(page).waitFor();
  }
  return { server, browser, ann, ben, room, step: steps(t, server, [ann, ben]) };
}

const chosen = async (t, storage) => {
  const env = { LAVENDER_FILE_MAX_MB: '5', ...storedIn(storage) };
  const { ann, ben, server, step } = await two(t, { viewport: { width: 1280, height: 800 } }, env);
  const { page } = ann;

  await step('two pictures and a PDF with a caption reach the other person', async () => {
    await attach(page, cat(), dog(), permit());
    await items(page).nth(2).waitFor();
    assert.equal(await items(page).count(), 3);
    await composer(page).fill('From the garden');
    await shot(page, 'tray-light');
    await axe(page);
    await composer(page).press('Enter');
    await gone(tray(page));
    await tick(page, 'From the garden', 'sent', 'delivered', 'read');
    const seen = message(ben.page, 'From the garden');
    await seen.getByTestId('album').waitFor();
    await seen.getByTestId('file').getByText('visitor-permit-june').waitFor();
    await drawn(seen);
    assert.equal(await seen.locator('img.sharp').count(), 2);
    await shot(page, 'album-light');
    await shot(ben.page, 'album-other');
  });

  await step('what was sent can be kept byte by byte', async () => {
    const download = ben.page.waitForEvent('download');
    await message(ben.page, 'From the garden').getByRole('link', { name: /^Download visitor-permit-june.pdf/ }).click();
    const stream = await (await download).createReadStream();
    const parts = [];
    for await (const part of stream) parts.push(part);
    assert.deepEqual(Buffer.concat(parts), permit().buffer);
  });

  await step('a picture in words', async () => {
    await attach(page, cat());
    await items(page).getByRole('button', { name: 'Alt text of cat.png', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Describe the picture' });
    await dialog.getByRole('textbox').fill('A cat on a fence');
    await shot(page, 'alt-light');
    await axe(page);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await gone(dialog);
    await items(page).getByRole('button', { name: 'Alt text of cat.png: A cat on a fence' }).waitFor();
    await send(page);
    await ben.page.getByRole('button', { name: 'A cat on a fence' }).waitFor();
  });

  await step('files are dropped on the room', async () => {
    const dataTransfer = await carried(page, dog());
    await page.dispatchEvent('#messages', 'dragover', { dataTransfer });
    await page.getByTestId('drop-veil').waitFor();
    await shot(page, 'dragging-light');
    await page.dispatchEvent('#messages', 'drop', { dataTransfer });
    await gone(page.getByTestId('drop-veil'));
    await items(page).waitFor();
    // Beside the room they go nowhere, and the page stays.
    await page.dispatchEvent('.pane-list', 'drop', { dataTransfer: await carried(page, cat()) });
    await page.getByRole('status').filter({ hasText: '1 file added.' }).waitFor();
    assert.equal(await items(page).count(), 1);
    await say(page, 'Dropped');
    await message(ben.page, 'Dropped').getByTestId('photo').waitFor();
  });

  await step('pictures are pasted', async () => {
    await composer(page).focus();
    await paste(page, file('image.png', 'image/png', png(300, 200, 3)));
    await items(page).waitFor();
    await say(page, 'Pasted');
    await message(ben.page, 'Pasted').getByTestId('photo').waitFor();
  });

  await step('what cannot be sent is said, and the rest stays', async () => {
    await attach(
      page,
      file('report.zip', 'application/zip', Buffer.alloc(6_200_000, 1)),
      file('setup.exe', 'application/octet-stream', Buffer.from('MZ\x90\0')),
      file('empty.txt', 'text/plain', Buffer.alloc(0)),
      cat(),
    );
    await problems(page).waitFor();
    assert.match(await text(problems(page)), /report\.zip is 6\.2 MB, the limit is 5 MB\./);
    assert.match(await text(problems(page)), /setup\.exe is a program\. Programs can't be sent here\./);
    assert.match(await text(problems(page)), /empty\.txt is empty\./);
    assert.equal(await items(page).count(), 1);
    await shot(page, 'refused-light');
    await axe(page);
    await attach(page, ...Array.from({ length: 12 }, (_, n) => file(`${n}.txt`, 'text/plain', Buffer.from(`${n}`))));
    await problems(page).getByText('10 files fit into one message. 3 were left out.').waitFor();
    assert.equal(await items(page).count(), 10);
    await problems(page).getByRole('button', { name: 'Close' }).click();
    await gone(problems(page));
  });

  await step('the tray by keyboard', async () => {
    await composer(page).focus();
    await page.keyboard.press('Shift+Tab');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'attach');
    await page.keyboard.press('Shift+Tab');
    const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    assert.match(await focused(), /^Remove 8\.txt/);
    await page.keyboard.press('ArrowLeft');
    assert.match(await focused(), /^Remove 7\.txt/);
    await page.keyboard.press('Delete');
    await page.getByRole('status').filter({ hasText: '7.txt removed. 9 files of at most 10 to send.' }).waitFor();
    assert.match(await focused(), /^Remove 8\.txt/);
    for (let left = 9; left > 0; left -= 1) {
      await page.keyboard.press('Delete');
      await page.waitForFunction((left) => document.querySelectorAll('.tray-item').length === left, left - 1);
    }
    assert.equal(await page.evaluate(() => document.activeElement.id), 'composer');
  });

  await step('a file that the server refuses stays, with its reason and ways out', async () => {
    await attach(page, file('photo.png', 'image/png', Buffer.from('<html>not a picture</html>')), permit());
    await items(page).nth(1).waitFor();
    await say(page, 'Two of them');
    const row = message(page, 'Two of them');
    const why = row.getByRole('alert');
    await why.getByText("Not sent. photo.png isn't a PNG picture, whatever its name says.").waitFor();
    await shot(page, 'failed-light');
    await axe(page);
    await why.getByRole('button', { name: 'Send without it' }).click();
    await tick(page, 'Two of them', 'sent', 'delivered', 'read');
    const seen = message(ben.page, 'Two of them');
    await seen.getByTestId('file').waitFor();
    assert.equal(await seen.getByTestId('photo').count(), 0);
  });

  await step('while a message is changed files are refused aloud, and what failed is not made a part of it', async () => {
    await attach(page, file('photo.png', 'image/png', Buffer.from('<html>not a picture</html>')));
    await items(page).waitFor();
    await say(page, 'Words with it');
    const row = message(page, 'Words with it');
    await row.getByRole('alert').getByText(/^Not sent/).waitFor();
    await composer(page).press('ArrowUp');
    const changing = page.getByTestId('writing-bar').filter({ hasText: 'Edit message' });
    await changing.waitFor();
    assert.equal(await composer(page).inputValue(), 'Two of them');
    await composer(page).focus();
    await paste(page, cat());
    await problems(page).getByText('Finish editing first, then add files.').waitFor();
    assert.equal(await tray(page).count(), 0);
    await row.getByRole('button', { name: 'Edit', exact: true }).click();
    await gone(changing);
    await gone(problems(page));
    await gone(row);
    await page.waitForFunction(() => document.getElementById('composer').value === 'Words with it');
    await items(page).getByRole('button', { name: /^Remove photo\.png/ }).click();
    await gone(tray(page));
    await composer(page).press('Enter');
    await tick(page, 'Words with it', 'sent', 'delivered', 'read');
    await message(ben.page, 'Words with it').waitFor();
    assert.equal(await message(ben.page, 'Two of them').count(), 1, 'the other one is as it was');
  });

  await step('pages report no trouble', () => {
    // A refused upload is a failed request; that is how it should be.
    ann.watch.trouble = ann.watch.trouble.filter((line) => !/status of 422/.test(line));
    ann.watch.check();
    ben.watch.check();
  });

  await step('the disk of the server holds nothing when there is a bucket', async () => {
    const kept = await readdir(join(server.folder, 'data'), { recursive: true, withFileTypes: true });
    const files = kept.filter((entry) => entry.isFile() && join(entry.parentPath ?? entry.path, '/').includes('/blobs/'));
    assert.equal(files.length > 0, storage === 'folder', files.map(({ name }) => name).join());
  });
};
for (const storage of STORAGES) {
  const set = { timeout: 300_000, skip: withoutStorage(storage) };
  test(`files are chosen, dropped and pasted, looked at, and sent, in a ${storage}`, set, (t) => chosen(t, storage));
}

test('files are taken before the server has said how much it takes', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben);
  const { page, watch } = ann;
  const asked = [];
  await page.route('**/api/files/usage*', (route) => void asked.push(route));
  const before = watch.synced;
  await page.goto(`/r/${room}`);
  await watch.live(before);
  await ben.page.goto(`/r/${room}`);

  await attach(page, cat());
  // Sooner than a question without an answer is given up.
  await items(page).waitFor({ timeout: 3_000 });
  await say(page, 'At once');
  await message(ben.page, 'At once').getByTestId('photo').waitFor();

  await attach(page, cat(), file('notes.txt', 'text/plain', Buffer.from('short')));
  await items(page).nth(1).waitFor({ timeout: 3_000 });
  const answer = { used: 0, quota: 1_000_000, file_max: 1_000, is_down: false };
  for (const route of asked.splice(0)) await route.fulfill({ json: answer });
  await problems(page).getByText(/^cat\.png is .*, the limit is 1 KB\.$/).waitFor();
  await items(page).getByRole('button', { name: /^Remove notes\.txt/ }).waitFor();
  assert.equal(await items(page).count(), 1);
  watch.check();
});

test('uploads survive what networks and people do', { timeout: 300_000 }, async (t) => {
  const { ann, ben, room, step } = await two(t);
  const { page, context } = ann;
  const uploading = (text) => message(page, text).getByRole('button', { name: /^Cancel uploading/ });
  const begun = (text) =>
    message(page, text).getByRole('button', { name: /^Cancel uploading .*, [1-9][0-9]? percent done/ }).waitFor();

  await step('a cancelled file is gone, with its message', async () => {
    await slow(page, 100_000);
    await attach(page, large('slow.png'));
    await items(page).waitFor();
    await say(page, 'Never mind');
    await begun('Never mind');
    await drawn(message(page, 'Never mind'));
    await shot(page, 'uploading-light');
    await axe(page);
    await uploading('Never mind').click();
    // The words stay, without the file.
    await tick(page, 'Never mind', 'sent', 'delivered', 'read');
    assert.equal(await message(ben.page, 'Never mind').getByTestId('photo').count(), 0);
    await attach(page, large('slow.png'));
    await items(page).waitFor();
    await send(page);
    const alone = page.getByTestId('message').filter({ has: page.getByRole('button', { name: /^Cancel uploading slow/ }) });
    await alone.getByRole('button', { name: /percent done/ }).click();
    await gone(alone);
    await slow(page, 0);
  });

  await step('a reload in the middle loses nothing and doubles nothing', async () => {
    await slow(page, 150_000);
    await attach(page, large('reloaded.png'), permit());
    await items(page).nth(1).waitFor();
    await say(page, 'Across a reload');
    await begun('Across a reload');
    const before = ann.watch.synced;
    ann.watch.outage = true;
    await page.reload();
    await ann.watch.live(before);
    ann.watch.outage = false;
    await message(page, 'Across a reload').waitFor();
    await slow(page, 0);
    await tick(page, 'Across a reload', 'sent', 'delivered', 'read');
    const seen = message(ben.page, 'Across a reload');
    await seen.getByTestId('photo').waitFor();
    await drawn(seen);
    await seen.getByTestId('file').waitFor();
    assert.equal(await seen.count(), 1);
  });

  await step('offline it waits, online it goes', async () => {
    ann.watch.outage = true;
    await context.setOffline(true);
    await attach(page, cat());
    await items(page).waitFor();
    await say(page, 'From the tunnel');
    const row = message(page, 'From the tunnel');
    await row.getByText(/^Waiting/).waitFor();
    await drawn(row);
    await shot(page, 'waiting-light');
    await context.setOffline(false);
    await tick(page, 'From the tunnel', 'sent', 'delivered', 'read');
    ann.watch.outage = false;
    await message(ben.page, 'From the tunnel').getByTestId('photo').waitFor();
  });

  await step('a page that was closed goes on later', async () => {
    await slow(page, 80_000);
    await attach(page, large('closed.png'));
    await items(page).waitFor();
    await say(page, 'Closed meanwhile');
    await begun('Closed meanwhile');
    await page.goto('about:blank');
    await slow(page, 0);
    const before = ann.watch.synced;
    await page.goto(`/r/${room}`);
    await ann.watch.live(before);
    await tick(page, 'Closed meanwhile', 'sent', 'delivered', 'read');
    await message(ben.page, 'Closed meanwhile').getByTestId('photo').waitFor();
    assert.equal(await message(ben.page, 'Closed meanwhile').count(), 1);
  });

  await step('of two tabs one sends it, and the other takes over when the first is closed', async () => {
    const first = await newPage(context);
    await first.page.goto(`/r/${room}`);
    await first.watch.live();
    await slow(first.page, 60_000);
    await attach(first.page, large('shared.png'));
    await items(first.page).waitFor();
    await say(first.page, 'From two tabs');
    await message(first.page, 'From two tabs')
      .getByRole('button', { name: /^Cancel uploading .*, [1-9][0-9]? percent done/ })
      .waitFor();
    // The other tab looks at what is on the disk, and leaves it alone.
    const before = ann.watch.synced;
    await page.reload();
    await ann.watch.live(before);
    await say(page, 'A word between');
    await tick(page, 'A word between', 'sent', 'delivered', 'read');
    assert.equal(await message(page, 'From two tabs').count(), 0);
    await first.page.close();
    await tick(page, 'From two tabs', 'sent', 'delivered', 'read');
    await message(ben.page, 'From two tabs').getByTestId('photo').waitFor();
    assert.equal(await message(ben.page, 'From two tabs').count(), 1);
  });

  await step('pages report no trouble', () => {
    ann.watch.check();
    ben.watch.check();
  });
});

const withoutIt = async (t, storage) => {
  const { server, ann, ben, step } = await two(t, {}, storedIn(storage));
  const { page } = ann;

  await step('the button says so, texts go', async () => {
    await attach(page, cat());
    await items(page).waitFor();
    await storageIs(false, server, storage);
    if (storage === 'bucket') t.after(() => storageIs(true, server, storage));
    ann.watch.outage = true;
    await say(page, 'When it is back');
    await page.getByRole('button', { name: 'Uploads are unavailable' }).waitFor();
    await message(page, 'When it is back').getByText(/^Waiting/).waitFor();
    // It can be pressed all the same, to hear why.
    await page.getByRole('button', { name: 'Uploads are unavailable' }).press('Enter');
    await page.getByText('Uploads are unavailable right now.').waitFor();
    await shot(page, 'unavailable-light');
    await axe(page);
  });

  await step('and the file goes by itself', async () => {
    await storageIs(true, server, storage);
    await tick(page, 'When it is back', 'sent', 'delivered', 'read');
    await message(ben.page, 'When it is back').getByTestId('photo').waitFor();
    await page.getByRole('button', { name: 'Attach files' }).waitFor();
    await say(page, 'And a text');
    await tick(page, 'And a text', 'sent', 'delivered', 'read');
  });
};
for (const storage of STORAGES) {
  const set = { timeout: 180_000, skip: withoutStorage(storage) };
  test(`without its ${storage} texts go, and files wait`, set, (t) => withoutIt(t, storage));
}

test('files from a phone', { timeout: 180_000 }, async (t) => {
  const { ann, ben, step } = await two(t, PHONE);
  const { page } = ann;

  await step('the button asks what is wanted', async () => {
    await page.getByTestId('attach').tap();
    const menu = page.getByRole('menu', { name: 'Attach' });
    await menu.waitFor();
    await shot(page, 'menu-phone');
    await axe(page);
    assert.equal(await page.locator('#attach-camera').getAttribute('capture'), 'environment');
    const asked = page.waitForEvent('filechooser');
    await menu.getByRole('menuitem', { name: 'Photos and videos' }).tap();
    await (await asked).setFiles([cat(), dog(), permit()]);
    await items(page).nth(2).waitFor();
    await shot(page, 'tray-phone');
    await axe(page);
  });

  await step('a finger can press everything', async () => {
    for (const box of await Promise.all((await page.locator('.tray button').all()).map((button) => button.boundingBox()))) {
      assert.ok(box.width >= 29 && box.height >= 29, `a button of ${box.width} by ${box.height}`);
    }
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the phone');
  });

  await step('going up, and seen by the other', async () => {
    await slow(page, 60_000);
    await attachMore(page);
    await composer(page).fill('From the phone');
    await page.getByRole('button', { name: 'Send', exact: true }).tap();
    await message(page, 'From the phone').getByRole('button', { name: /^Cancel uploading/ }).first().waitFor();
    await shot(page, 'uploading-phone');
    await axe(page);
    await slow(page, 0);
    await tick(page, 'From the phone', 'sent', 'delivered', 'read');
    await message(ben.page, 'From the phone').getByTestId('album').waitFor();
    await drawn(message(page, 'From the phone'));
    await shot(page, 'album-phone');
  });

  await step('pages report no trouble', () => {
    ann.watch.check();
    ben.watch.check();
  });
});

async function attachMore(page) {
  await page.getByTestId('attach').tap();
  const asked = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'Files' }).tap();
  await (await asked).setFiles([large('river.png', 1)]);
  await items(page).nth(3).waitFor();
}

for (const store of STORES) {
  test(`files outlive the server, with ${store}`, { timeout: 180_000, skip: without(store) }, async (t) => {
    const server = await serve(t, store);
    const browser = await launch(t);
    const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
    const room = await connect(ann, ben);
    for (const { page } of [ann, ben]) await page.goto(`/r/${room}`);
    await attach(ann.page, cat(), permit());
    await items(ann.page).nth(1).waitFor();
    await say(ann.page, 'To be kept');
    await tick(ann.page, 'To be kept', 'sent', 'delivered', 'read');
    const { messages } = await call(ben.page, 'GET', `/api/rooms/${room}/messages`);
    const ids = messages.at(-1).attachments.map(({ id }) => id);
    assert.equal(ids.length, 2);
    /** All bytes of the picture, in its sizes, and of the document. */
    const bytes = () =>
      Promise.all([...ids, `${ids[0]}?v=preview`, `${ids[0]}?v=grid`].map(async (id) => {
        const answer = await ben.context.request.get(`/files/${id}`);
        assert.equal(answer.status(), 200, id);
        return answer.body();
      }));
    const before = await bytes();
    assert.deepEqual(before[1], permit().buffer);

    ann.watch.outage = ben.watch.outage = true;
    assert.equal(await server.stop(), 0, 'it ends in order');
    await server.start();
    assert.deepEqual(await bytes(), before);
    await ben.page.reload();
    const seen = message(ben.page, 'To be kept');
    await seen.getByTestId('file').getByText('visitor-permit-june').waitFor();
    await drawn(seen);
    for (const { watch } of [ann, ben]) watch.check();
  });
}

// What the assistant keeps of a room, what a model saw, what is hidden from it, and what was missed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { scripted } from './model.support.mjs';
import { axe, call, composer, connect, launch, message, register, say, serve, steps, STORES, without } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' };
const shot = async (page, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `memory-${name}.png`) });
};
const cards = (page) => page.getByTestId('note-card');
const notes = (page) => page.getByTestId('panel').getByTestId('note');

/** Three in a group: two people and the assistant. */
async function group(ann, ben) {
  await connect(ann, ben);
  const [bot] = await call(ann.page, 'GET', '/api/people?query=lavender');
  const [friend] = await call(ann.page, 'GET', '/api/people?query=benno');
  const id = crypto.randomUUID();
  await call(ann.page, 'POST', '/api/rooms', { room_id: id, name: 'Trip', description: '', members: [friend.person.id, bot.person.id] });
  for (const { page } of [ann, ben]) {
    await page.goto(`/r/${id}`);
    await composer(page).waitFor();
  }
  return id;
}

async function openMemory(page) {
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  await page.getByTestId('panel').getByRole('button', { name: 'Memory' }).click();
  await page.getByTestId('memory').waitFor();
}

const menu = async (page, text, name) => {
  await message(page, text).click({ button: 'right' });
  await page.getByRole('menuitem', { name }).click();
};

for (const store of STORES) test(`the memory of a room on ${store}`, { skip: without(store), timeout: 240_000 }, async (t) => {
  const server = await serve(t, store, { LAVENDER_LIMIT_SCALE: '1000' });
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  const room = await group(ann, ben);

  await step('a note is kept in the words of who asked, and undone', async () => {
    await say(ann.page, '@lavender remember that Kim is vegetarian');
    for (const { page } of [ann, ben]) await cards(page).getByText('Kim is vegetarian').waitFor();
    await axe(ann.page);
    await shot(ann.page, 'card');
    assert.equal(await ben.page.getByRole('button', { name: 'Undo' }).count(), 0, 'not for others');
    await ann.page.getByRole('button', { name: 'Undo' }).click();
    for (const { page } of [ann, ben]) await page.getByText('This note is not kept any more.').waitFor();
  });

  await step('the panel shows, adds, edits, pins and forgets, on every device', async () => {
    await openMemory(ann.page);
    await ann.page.getByText('Nothing is kept').waitFor();
    await ann.page.getByText('by fixed rules, on this server').waitFor();
    await shot(ann.page, 'empty');
    await axe(ann.page);
    await ann.page.getByLabel('Add a note').fill('The picnic is on Saturday at the lake, behind the old mill with the red door');
    await ann.page.getByRole('button', { name: 'Add', exact: true }).click();
    await notes(ann.page).getByText('The picnic is on Saturday').waitFor();
    await say(ann.page, '@lavender remember that Benno brings the salad');
    await notes(ann.page).getByText('Benno brings the salad').waitFor();
    await openMemory(ben.page);
    await notes(ben.page).getByText('Benno brings the salad').waitFor();
    await axe(ben.page);
    await shot(ben.page, 'phone-dark');
    await shot(ann.page, 'panel');
    const first = notes(ann.page).first();
    await first.getByRole('button', { name: 'Pin' }).click();
    await first.getByRole('button', { name: 'Unpin' }).waitFor();
    await first.getByRole('button', { name: 'Edit' }).click();
    await ann.page.getByLabel('Note', { exact: true }).fill('The picnic is on Sunday');
    await ann.page.getByRole('button', { name: 'Save' }).click();
    await notes(ben.page).getByText('The picnic is on Sunday').waitFor();
    // It names Benno, so he may have it forgotten; the other one is not his.
    assert.equal(await notes(ben.page).first().getByRole('button', { name: 'Forget' }).count(), 0);
    await notes(ben.page).nth(1).getByRole('button', { name: 'Forget' }).click();
    await notes(ann.page).getByText('Benno brings the salad').waitFor({ state: 'detached' });
    const download = ann.page.waitForEvent('download');
    await ann.page.getByRole('link', { name: 'Export' }).click();
    const [, content] = await Promise.all([download, call(ann.page, 'GET', `/api/rooms/${room}/memory`)]);
    assert.equal(content.memory.notes[0].text, 'The picnic is on Sunday');
  });

  await step('too long is said before it is sent', async () => {
    await ann.page.getByLabel('Add a note').fill('x'.repeat(201));
    await ann.page.getByText('201 of 200').waitFor();
    assert.ok(await ann.page.getByRole('button', { name: 'Add', exact: true }).isDisabled());
    await shot(ann.page, 'too-long');
    await ann.page.getByLabel('Add a note').fill('');
  });

  await step('it is switched off by who leads, and all is forgotten at once', async () => {
    assert.equal(await ben.page.getByRole('switch', { name: /Keep a memory/ }).count(), 0);
    await ann.page.getByRole('switch', { name: /Keep a memory/ }).click();
    await ben.page.getByText('An admin has switched the memory of this room off.').waitFor();
    await ann.page.getByRole('switch', { name: /Keep a memory/ }).click();
    await ann.page.getByRole('button', { name: 'Forget everything' }).click();
    await ann.page.getByRole('alertdialog').getByRole('button', { name: 'Forget everything' }).click();
    for (const { page } of [ann, ben]) await page.getByText('Nothing is kept').waitFor();
  });

  await step('what was missed comes in the words of those who wrote it', async () => {
    await ben.page.goto('/');
    for (const text of ['ok', 'sure', 'Who brings the bread on Sunday?', 'hm', 'fine', 'well', 'yes', 'Benno, we meet at nine tomorrow', 'good']) await say(ann.page, text);
    await ben.page.goto(`/r/${room}`);
    await ben.page.getByRole('button', { name: 'Catch me up' }).click();
    const sheet = ben.page.getByTestId('catch-up');
    await sheet.getByText('Who brings the bread on Sunday?').waitFor();
    await sheet.getByText('Only you see this.').waitFor();
    await axe(ben.page);
    await shot(ben.page, 'catch-up-phone-dark');
    await sheet.getByText('Who brings the bread on Sunday?').click();
    await sheet.waitFor({ state: 'detached' });
    await message(ben.page, 'Who brings the bread on Sunday?').waitFor();
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
});

test('what a model saw, and what is hidden from it', { timeout: 180_000 }, async (t) => {
  const model = await scripted(t);
  const server = await serve(t, 'sqlite', { LAVENDER_MODEL_URL: model.url, LAVENDER_MODEL: 'scripted', LAVENDER_LIMIT_SCALE: '1000' });
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  await group(ann, ben);
  const answered = async (text) => {
    await say(ann.page, `@lavender ${text}`);
    const asked = await model.asked();
    asked.say('The picnic.');
    asked.finish();
    return JSON.stringify(asked.body.messages);
  };

  await step('an answer says what it saw, and leads there', async () => {
    await say(ann.page, 'The barn is red');
    await say(ann.page, '@lavender remember that Kim is vegetarian');
    await cards(ann.page).waitFor();
    await answered('what is new?');
    const saw = ann.page.getByTestId('saw').last();
    await saw.getByText('1 note').waitFor();
    await shot(ann.page, 'saw');
    await axe(ann.page);
    await saw.click();
    const sheet = ann.page.getByTestId('seen');
    await sheet.getByText('Kim is vegetarian', { exact: true }).waitFor();
    await sheet.getByText('The barn is red').waitFor();
    await sheet.getByText('scripted, on this server').waitFor();
    await axe(ann.page);
    await shot(ann.page, 'seen');
    await sheet.getByText('The barn is red').click();
    await sheet.waitFor({ state: 'detached' });
    await ben.page.getByTestId('saw').last().click();
    await ben.page.getByTestId('seen').getByText('The barn is red').waitFor();
    await shot(ben.page, 'seen-phone-dark');
    await axe(ben.page);
    await ben.page.keyboard.press('Escape');
  });

  await step('a message is hidden from it, and shown again', async () => {
    await menu(ann.page, 'The barn is red', 'Hide from the assistant');
    for (const { page } of [ann, ben]) await message(page, 'The barn is red').getByTitle('Hidden from the assistant').waitFor();
    await shot(ann.page, 'hidden');
    assert.doesNotMatch(await answered('and now?'), /barn is red/);
    await menu(ann.page, 'The barn is red', 'Let the assistant read it');
    await message(ben.page, 'The barn is red').getByTitle('Hidden from the assistant').waitFor({ state: 'detached' });
    assert.match(await answered('and then?'), /barn is red/);
  });

  await step('who does not want it to read along is left out', async () => {
    await openMemory(ben.page);
    await ben.page.getByText('scripted, on this server').waitFor();
    await ben.page.getByRole('switch', { name: /reads what I write/ }).click();
    await ben.page.getByTestId('hiders').waitFor();
    await ben.page.getByRole('button', { name: 'Back' }).click();
    await ben.page.getByRole('button', { name: 'Close details' }).click();
    await say(ben.page, 'My secret is a tulip');
    await message(ann.page, 'My secret is a tulip').waitFor();
    const asked = await answered('what did Benno say?');
    assert.match(asked, /\[hidden\]/);
    assert.doesNotMatch(asked, /tulip/);
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
});

test('what answers take, and what is not there', { timeout: 120_000 }, async (t) => {
  const model = await scripted(t);
  const server = await serve(t, 'sqlite', {
    LAVENDER_MODEL_URL: model.url,
    LAVENDER_MODEL: 'scripted',
    LAVENDER_MODEL_PER_PERSON: '1',
    LAVENDER_MODEL_PRICES: '1000,1000',
  });
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', { colorScheme: 'dark' });
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  await group(ann, ben);

  await step('a day has so many answers, and says so', async () => {
    await say(ann.page, `@lavender ${'tell me more about it '.repeat(12)}`);
    const asked = await model.asked();
    asked.say(`Averylongwordthatnobodysays${'w'.repeat(200)} and then ${'some words '.repeat(60)}`);
    asked.finish();
    await ann.page.getByTestId('saw').waitFor();
    await shot(ann.page, 'long-dark');
    await say(ann.page, '@lavender and once more?');
    for (const { page } of [ann, ben]) await page.getByText("That's all the answers for today.").waitFor();
    await shot(ben.page, 'spent-phone-dark');
    await axe(ben.page);
  });

  await step('the admins see what they took', async () => {
    await ann.page.getByRole('button', { name: 'Menu' }).first().click();
    await ann.page.getByRole('menuitem', { name: 'Administration' }).click();
    await ann.page.getByTestId('admin').getByRole('button', { name: 'Assistant' }).click();
    await ann.page.getByTestId('model').getByText("on this server's own machine").waitFor();
    const today = ann.page.getByTestId('usage').locator('tbody tr').first().locator('td');
    assert.equal(await ann.page.getByTestId('usage').locator('tbody tr').count(), 7);
    const [answers, read, written, cost] = await today.allTextContents();
    assert.equal(answers, '1');
    assert.ok(Number(read.replaceAll(',', '')) > 100 && Number(written) > 10, `${read} ${written}`);
    assert.match(cost, /^\$0\.\d{4}$/);
    await axe(ann.page);
    await shot(ann.page, 'admin-dark');
    await ann.page.setViewportSize({ width: 390, height: 844 });
    const right = await ann.page.getByTestId('usage').evaluate((table) => table.getBoundingClientRect().right);
    assert.ok(right <= 390, `the table ends at ${right}`);
    await shot(ann.page, 'admin-phone-dark');
    await axe(ann.page);
    await ann.page.setViewportSize({ width: 1280, height: 720 });
  });

  await step('what does not come is said, and asked for again', async () => {
    let fails = true;
    await ben.page.route('**/memory', (route) => (fails ? route.abort() : route.continue()));
    ben.watch.outage = true;
    await ben.page.getByRole('button', { name: 'Details', exact: true }).click();
    await ben.page.getByTestId('panel').getByRole('button', { name: 'Memory' }).click();
    const again = ben.page.getByTestId('panel').getByRole('button', { name: 'Try again' });
    await again.waitFor();
    await axe(ben.page);
    await shot(ben.page, 'error-phone-dark');
    fails = false;
    await again.click();
    await ben.page.getByTestId('memory').waitFor();
    ben.watch.outage = false;
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
});

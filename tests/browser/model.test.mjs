// A language model behind the assistant: its answers grow for everybody, are stopped, fail, and outlive a killed server. Once with a
// real small model, for what it does, and once with a server that says what the test tells it to.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { scripted } from './model.support.mjs';
import { axe, call, composer, connect, launch, message, register, say, serve, steps, STORES, within, without } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' };
const shot = async (page, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `model-${name}.png`) });
};
/** The newest answer of the assistant that a model writes. */
const answer = (page) => page.locator('[data-testid="message"][data-ai]').last();
const growing = (page) => answer(page).and(page.locator('[aria-busy="true"]'));
const text = (page) => answer(page).locator('.bubble').evaluate((bubble) =>
  [...bubble.querySelectorAll(':scope > p')].map((p) => [...p.childNodes].filter((node) => node.nodeType !== Node.COMMENT_NODE && !node.classList?.contains('meta')).map((node) => node.textContent).join('')).join('\n').trim());
const ended = (page) => answer(page).getByTestId('answer-end');
const act = (page, name) => answer(page).getByRole('button', { name, exact: true });

/** Three in a group: two people and the assistant. */
async function group(ann, ben) {
  await connect(ann, ben);
  const [bot] = await call(ann.page, 'GET', '/api/people?query=lavender');
  const [friend] = await call(ann.page, 'GET', '/api/people?query=benno');
  const id = crypto.randomUUID();
  const members = [friend.person.id, bot.person.id];
  await call(ann.page, 'POST', '/api/rooms', { room_id: id, name: 'Trip', description: '', members });
  for (const { page } of [ann, ben]) {
    await page.goto(`/r/${id}`);
    await composer(page).waitFor();
  }
  return id;
}

for (const store of STORES) test(`answers of a model on ${store}`, { skip: without(store), timeout: 240_000 }, async (t) => {
  const model = await scripted(t);
  const server = await serve(t, store, { LAVENDER_MODEL_URL: model.url, LAVENDER_MODEL: 'scripted', LAVENDER_LIMIT_SCALE: '1000' });
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  const room = await group(ann, ben);

  await step('it grows for everybody, also for who comes in the middle', async () => {
    await say(ann.page, '@lavender where does lavender grow?');
    const asked = await model.asked();
    assert.match(JSON.stringify(asked.body.messages), /where does lavender grow\?/);
    for (const { page } of [ann, ben]) await growing(page).getByTestId('thinking').waitFor();
    await axe(ann.page);
    await shot(ann.page, 'thinking');
    asked.say('On dry, sunny **hills**, ');
    for (const { page } of [ann, ben]) await growing(page).getByText('sunny hills').waitFor();
    const before = ben.watch.synced;
    await ben.page.reload();
    await ben.watch.live(before);
    await growing(ben.page).getByText('sunny hills').waitFor();
    asked.say('as in Provence.');
    for (const { page } of [ann, ben]) await growing(page).getByText('Provence').waitFor();
    await axe(ben.page);
    await shot(ben.page, 'growing-phone-dark');
    await shot(ann.page, 'growing');
    asked.finish();
    for (const { page } of [ann, ben]) {
      await answer(page).and(page.locator(':not([aria-busy])')).waitFor();
      assert.equal(await text(page), 'On dry, sunny hills, as in Provence.');
      assert.equal(await ended(page).count(), 0);
    }
  });

  await step('who asked stops it, on any device, and its text stays', async () => {
    await say(ann.page, '@lavender tell me more');
    const asked = await model.asked();
    asked.say('There are many kinds of it, ');
    await growing(ben.page).getByText('many kinds').waitFor();
    assert.equal(await act(ben.page, 'Stop').count(), 0, 'not for others');
    await act(ann.page, 'Stop').click();
    await within('the model is told', asked.closed);
    for (const { page } of [ann, ben]) {
      await ended(page).getByText('Stopped.').waitFor();
      assert.equal(await text(page), 'There are many kinds of it,');
    }
    await shot(ann.page, 'stopped');
    await axe(ann.page);
  });

  await step('what it said before stays among its earlier versions', async () => {
    await act(ann.page, 'Retry').click();
    const asked = await model.asked();
    asked.say('Some forty kinds.');
    asked.finish();
    for (const { page } of [ann, ben]) {
      await answer(page).getByText('Some forty kinds.').waitFor();
      await ended(page).waitFor({ state: 'detached' });
    }
    await answer(ann.page).click({ button: 'right' });
    await ann.page.getByRole('menuitem', { name: 'Earlier versions' }).click();
    await ann.page.getByRole('dialog').getByText('There are many kinds of it,').waitFor();
    await ann.page.keyboard.press('Escape');
  });

  await step('what goes wrong is said in a line', async () => {
    await say(ann.page, '@lavender and in winter?');
    (await model.asked()).refuse(404, { message: 'no such model' });
    for (const { page } of [ann, ben]) await ended(page).getByText("The model's server refuses.").waitFor();
    await shot(ben.page, 'failed-phone-dark');
    await axe(ben.page);
    await act(ann.page, 'Retry').click();
    (await model.asked()).refuse(400, { code: 'context_length_exceeded' });
    await ended(ann.page).getByText('more than the model can read').waitFor();
  });

  await step('killed in the middle it is interrupted, and can be had anew', async () => {
    await act(ann.page, 'Retry').click();
    const asked = await model.asked();
    asked.say('In winter it sleeps ');
    await growing(ben.page).getByText('it sleeps').waitFor();
    // Stored as well: that takes a second at most.
    const stored = async () => {
      const page = await call(ann.page, 'GET', `/api/rooms/${room}/messages`);
      return page.messages.at(-1).body;
    };
    await within('its text is stored', (async () => {
      while (!/^In winter it sleeps/.test(await stored()));
    })());
    for (const { watch } of [ann, ben]) watch.outage = true;
    const synced = [ann, ben].map(({ watch }) => watch.synced);
    await server.kill();
    await server.start();
    await Promise.all([ann, ben].map(({ watch }, n) => watch.live(synced[n])));
    for (const { watch } of [ann, ben]) watch.outage = false;
    for (const { page } of [ann, ben]) {
      // Its process said that it writes it for 15 seconds more.
      await ended(page).getByText('Interrupted: the server stopped.').waitFor({ timeout: 40_000 });
      assert.match(await text(page), /^In winter it sleeps/);
    }
    await shot(ann.page, 'interrupted');
    await act(ann.page, 'Retry').click();
    const again = await model.asked();
    again.say('In winter it rests.');
    again.finish();
    await answer(ben.page).getByText('In winter it rests.').waitFor();
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
});

test('a real model answers two at once', { skip: !process.env.TEST_MODEL_URL && 'TEST_MODEL_URL is not set', timeout: 180_000 }, async (t) => {
  const server = await serve(t, 'sqlite', {
    LAVENDER_MODEL_URL: process.env.TEST_MODEL_URL,
    LAVENDER_MODEL_KEY: process.env.TEST_MODEL_KEY,
    LAVENDER_MODEL: process.env.TEST_MODEL_NAME,
    LAVENDER_MODEL_ANSWER: '100',
  });
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  await group(ann, ben);

  await step('its words come as it writes them, to both, and are the same in the end', async () => {
    await say(ben.page, '@lavender write some lines about a garden');
    for (const { page } of [ann, ben]) await growing(page).waitFor();
    for (const { page } of [ann, ben]) await answer(page).and(page.locator(':not([aria-busy])')).waitFor({ timeout: 90_000 });
    const [one, two] = await Promise.all([ann, ben].map(({ page }) => text(page)));
    assert.ok(one.length > 0 && one === two, `${one}\n---\n${two}`);
    await shot(ann.page, 'real');
  });

  await step('it is stopped, and what it has said stays', async () => {
    await say(ann.page, '@lavender write a very long story about a garden, with all that grows in it');
    await growing(ben.page).waitFor();
    await act(ann.page, 'Stop').click();
    for (const { page } of [ann, ben]) await ended(page).getByText(/^Stopped/).waitFor();
  });

  await step('a note is kept, and is among what it saw the next time', async () => {
    await say(ben.page, '@lavender please remember that the shed is green');
    for (const { page } of [ann, ben]) await page.getByTestId('note-card').getByText('the shed is green').waitFor();
    await say(ben.page, '@lavender tell me about the shed');
    await answer(ben.page).getByTestId('saw').getByText('1 note').waitFor({ timeout: 90_000 });
    assert.equal(await ben.page.getByTestId('note-card').count(), 1);
  });

  await step('acts go by rules, without it', async () => {
    await say(ann.page, '@lavender send me a gif of a party');
    for (const { page } of [ann, ben]) await page.getByTestId('gif').last().waitFor();
    await say(ann.page, '@lavender flip a coin');
    await ben.page.locator('[data-testid="coin"][data-face="heads"], [data-testid="coin"][data-face="tails"]').waitFor();
    await say(ann.page, '@lavender thank you!');
    await message(ann.page, '@lavender thank you!').getByRole('button', { name: /💜/ }).waitFor();
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
  assert.ok(!server.log().includes(process.env.TEST_MODEL_KEY), 'the key is in no log');
});

// The assistant that comes with the server: found, asked, played against; on a desktop and on a phone.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { axe, call, composer, connect, launch, message, register, say, serve, steps, STORES, tick, without } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' };

const shot = async (page, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `assistant-${name}.png`) });
};
/** What the assistant wrote, without what it does beside texts. */
const answers = (page) => page.locator('[data-testid="message"]:not([data-own])').locator('.bubble');
const board = (page) => page.getByTestId('ttt').last();

for (const store of STORES) test(`the assistant on ${store}`, { skip: without(store), timeout: 240_000 }, async (t) => {
  const server = await serve(t, store);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  const { page } = ann;

  await step('it is offered where chats begin, and answers the first word', async () => {
    await page.goto('/new');
    const offered = page.getByRole('list', { name: 'Assistant' });
    await offered.getByText('Bot', { exact: true }).waitFor();
    await shot(page, 'offered');
    await axe(page);
    await offered.getByRole('button', { name: 'Write' }).click();
    await page.getByRole('textbox', { name: 'Introduction' }).fill('Hello!');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.waitForURL(/\/r\//);
    await message(page, 'Hello!').waitFor();
    await answers(page).first().waitFor();
    await tick(page, 'Hello!', 'read');
  });

  await step('it says what it is', async () => {
    await say(page, 'Are you an AI?');
    await message(page, 'language model').waitFor();
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByTestId('panel').getByText('without a language model').waitFor();
    await shot(page, 'profile');
    await axe(page);
    await page.keyboard.press('Escape');
  });

  await step('it rolls, flips, sends a GIF and reacts', async () => {
    await say(page, 'Roll a d20');
    await page.getByTestId('roll').getByRole('status').filter({ hasText: /^\d+ of 20$/ }).waitFor();
    await say(page, 'flip a coin');
    await page.locator('[data-testid="coin"][data-face="heads"], [data-testid="coin"][data-face="tails"]').waitFor();
    assert.equal(await page.getByTestId('coin').getByTestId('proof').getAttribute('data-fair'), 'true');
    await say(page, 'send me a party gif');
    await page.getByTestId('gif').waitFor();
    await say(page, 'Thank you!');
    await message(page, 'Thank you!').getByRole('button', { name: /💜/ }).waitFor();
    await shot(page, 'acts');
  });

  await step('it plays, and does not lose', async () => {
    await say(page, '/ttt');
    await board(page).getByTestId('standing').filter({ hasText: 'Your turn' }).waitFor();
    for (let turn = 0; turn < 5; turn += 1) {
      const free = board(page).locator('.ttt > button:not([data-v]):enabled').first();
      await free.click();
      await board(page).getByTestId('standing').filter({ hasText: /Your turn|won|draw/i }).waitFor();
      if (!/Your turn/.test(await board(page).getByTestId('standing').innerText())) break;
    }
    assert.doesNotMatch(await board(page).getByTestId('standing').innerText(), /You won|Your turn/);
    await shot(page, 'game');
    await axe(page);
  });

  await step('in a group it speaks when it is meant, for all at once', async () => {
    const [hit] = await call(page, 'GET', '/api/people?query=lavender');
    assert.equal(hit.person.is_bot, true);
    await connect(ann, ben);
    const [friend] = await call(page, 'GET', '/api/people?query=benno');
    const id = crypto.randomUUID();
    await call(page, 'POST', '/api/rooms', { room_id: id, name: 'Trip', description: '', members: [friend.person.id, hit.person.id] });
    for (const one of [ann, ben]) {
      await one.page.goto(`/r/${id}`);
      await composer(one.page).waitFor();
    }
    await say(ben.page, 'flip a coin');
    await say(ben.page, '@lavender roll a die');
    for (const one of [ann, ben]) {
      await one.page.getByTestId('roll').getByRole('status').filter({ hasText: /^\d of 6$/ }).waitFor();
      assert.equal(await one.page.getByTestId('coin').count(), 0);
    }
    await ben.page.locator('.from').filter({ hasText: 'Lavender' }).getByText('Bot').first().waitFor();
    await shot(ben.page, 'group-phone-dark');
    await axe(ben.page);
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked|could not answer/);
});

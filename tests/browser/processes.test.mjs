// Two processes of one installation, a person at each, and Redis between them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { redis, withoutRedis } from './redis.support.mjs';
import { axe, composer, connect, launch, message, prepare, register, say, steps, tick, without } from './support.mjs';

const options = { timeout: 180_000, skip: without('mongodb') || withoutRedis() };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'dark' };

test('people at two processes talk as at one, with Redis and without', options, async (t) => {
  const between = await redis(t);
  const here = await prepare(t, 'mongodb', { REDIS_URL: between.url });
  const data = join(here.folder, 'data');
  await here.start();
  const { MONGODB_URI } = here.env;
  const there = await prepare(t, 'sqlite', { REDIS_URL: between.url, MONGODB_URI, LAVENDER_DATA: data });
  await there.start();
  const browser = await launch(t);
  const ann = await register(browser, here, 'Annie');
  const ben = await register(browser, there, 'Benno', phone);
  const step = steps(t, here, [ann, ben]);
  const delayed = (page) => page.locator('[data-testid="connection"][data-state="delayed"]');
  let room;

  await step('a request and its answer cross over', async () => {
    room = await connect(ann, ben, 'From process to process');
    await ann.page.goto(`/r/${room}`);
    await ben.page.goto(`/r/${room}`);
    for (const { page } of [ann, ben]) await message(page, 'From process to process').waitFor();
  });

  await step('messages, ticks, typing and presence', async () => {
    await ann.page.getByTestId('presence').filter({ hasText: /online/i }).first().waitFor();
    for (let n = 0; n < 5; n += 1) {
      await say(ann.page, `There ${n}`);
      await message(ben.page, `There ${n}`).waitFor();
      await say(ben.page, `And back ${n}`);
      await message(ann.page, `And back ${n}`).waitFor();
    }
    await tick(ann.page, 'There 4', 'read');
    await composer(ben.page).pressSequentially('typing…');
    await ann.page.getByText(/typing/i).first().waitFor();
    await composer(ben.page).fill('');
  });

  await step('when Redis goes, the page says that it is slower, and all arrives', async () => {
    await between.stop();
    for (const { page } of [ann, ben]) await delayed(page).waitFor();
    assert.match(await delayed(ben.page).innerText(), /Live updates are delayed\. Nothing is lost\./);
    await say(ann.page, 'Without a wire');
    await tick(ann.page, 'Without a wire', 'sent', 'delivered', 'read');
    await message(ben.page, 'Without a wire').waitFor();
    await tick(ann.page, 'Without a wire', 'read');
    await axe(ann.page);
    if (process.env.SHOTS) {
      await ann.page.screenshot({ path: join(process.env.SHOTS, 'delayed.png') });
      await ben.page.screenshot({ path: join(process.env.SHOTS, 'delayed-phone.png') });
    }
  });

  await step('whoever comes meanwhile is told, too', async () => {
    await ben.page.reload();
    await delayed(ben.page).waitFor();
  });

  await step('and when it is back, it is as before', async () => {
    await between.start();
    for (const { page } of [ann, ben]) await delayed(page).waitFor({ state: 'detached' });
    await say(ben.page, 'Wired again');
    await message(ann.page, 'Wired again').waitFor();
    await tick(ben.page, 'Wired again', 'read');
  });

  await step('a process that is killed takes nobody with it', async () => {
    ben.watch.outage = true;
    await there.kill();
    await say(ann.page, 'Are you there?');
    await tick(ann.page, 'Are you there?', 'sent');
    await there.start();
    await message(ben.page, 'Are you there?').waitFor();
    await tick(ann.page, 'Are you there?', 'read');
    ben.watch.outage = false;
  });

  await step('nothing went wrong on the way', async () => {
    for (const { watch } of [ann, ben]) watch.check();
    for (const server of [here, there]) assert.doesNotMatch(server.log(), /panicked|internal error/);
  });
});

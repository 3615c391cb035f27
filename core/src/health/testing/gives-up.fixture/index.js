import { definePlugin, z } from '@jackfield/core/sdk';

/** Everything fails until `POST /mend`; `GET /done` tells what went well since. */
export default definePlugin({
  setup(ctx) {
    let broken = true;
    const done = [];
    const work = (what) => {
      if (broken) throw new Error(`${what} is out of order`);
      done.push(what);
    };
    const sweep = ctx.jobs.define('sweep', {
      data: z.object({}),
      attempts: 1,
      run: async () => work('the job'),
    });
    ctx.events.on('gives-up:asked', () => work('the event'));
    const open = { signedIn: true };
    ctx.routes.post('/ask', open, async () => {
      await ctx.events.publish('gives-up:asked', {});
      await sweep.enqueue({});
    });
    ctx.routes.post('/mend', open, () => {
      broken = false;
    });
    ctx.routes.get('/done', { ...open, response: z.array(z.string()) }, () => done);
    ctx.routes.get('/work', { ...open, response: z.string() }, () => {
      work('the route');
      return 'well';
    });
  },
});
